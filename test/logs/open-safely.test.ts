import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  lchownSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { expect } from 'chai';
import { errorCode } from '../../src/base/system-error.ts';
import { openLog } from '../../src/logs/open-log.ts';
import { openSafely } from '../../src/logs/open-safely.ts';
import { readLog, tailLog } from '../../src/logs/read-log.ts';
import { describeWith } from '../support/requirements.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const { O_APPEND, O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY } = constants;
const writing = O_WRONLY | O_APPEND | O_CREAT;
const theirs = 65534;

/** Opens, writes a word if that is what it is for, and answers how it went. */
function outcome(path: string, flags = writing): string {
  let fd: number;
  try {
    fd = openSafely(path, flags);
  } catch (error) {
    return errorCode(error);
  }
  if (flags !== O_RDONLY) writeSync(fd, 'word');
  closeSync(fd);
  return 'opened';
}

describeWith(['root'], 'a log in a directory of others', () => {
  const path = useTempFolder();

  beforeEach(() => {
    mkdirSync(path('etc'));
    writeFileSync(path('etc/shadow'), 'secret\n');
    mkdirSync(path('log'));
    chownSync(path('log'), theirs, theirs);
  });

  /** A link that the directory's unprivileged owner has made. */
  const linkOfTheirs = (target: string, at = 'log/app.log'): string => {
    symlinkSync(target, path(at));
    lchownSync(path(at), theirs, theirs);
    return path(at);
  };

  for (const [how, flags] of [
    ['written to', writing],
    ['emptied', writing | O_TRUNC],
    ['read', O_RDONLY],
  ] as const) {
    it(`is not ${how} through a link of theirs to what is not theirs`, () => {
      expect(outcome(linkOfTheirs(path('etc/shadow')), flags)).to.equal('EACCES');
      expect(readFileSync(path('etc/shadow'), 'utf8')).to.equal('secret\n');
    });
  }

  it('is not made through a link of theirs in a directory that is not theirs', () => {
    expect(outcome(linkOfTheirs(path('etc/cron'), 'log/app.log'))).to.equal('EACCES');
    expect(existsSync(path('etc/cron'))).to.equal(false);
  });

  it('is not written through a link of theirs to one of root, nor the other way round', () => {
    symlinkSync(path('etc/shadow'), path('etc/link'));
    expect(outcome(linkOfTheirs(path('etc/link')))).to.equal('EACCES');
    linkOfTheirs(path('etc/shadow'), 'log/second.log');
    symlinkSync('second.log', path('log/first.log'));
    expect(outcome(path('log/first.log'))).to.equal('EACCES');
  });

  it('is not a device, nor a descriptor of the daemon, through a link of theirs', () => {
    expect(outcome(linkOfTheirs('/dev/full'))).to.equal('EACCES');
    expect(() => openLog(linkOfTheirs('/proc/self/fd/2', 'log/two.log'), 0o666)).to.throw();
  });

  it('may be a link of theirs to what is theirs, or to nowhere', () => {
    writeFileSync(path('etc/own'), '');
    chownSync(path('etc/own'), theirs, theirs);
    expect(outcome(linkOfTheirs(path('etc/own')))).to.equal('opened');
    mkdirSync(path('data'));
    chownSync(path('data'), theirs, theirs);
    expect(outcome(linkOfTheirs('../data/new.log', 'log/b.log'))).to.equal('opened');
    expect(readFileSync(path('data/new.log'), 'utf8')).to.equal('word');
    expect(outcome(linkOfTheirs('../data/new.log', 'log/c.log'), writing | O_TRUNC)).to.equal('opened');
    expect(statSync(path('data/new.log')).size).to.equal(4);
    expect(outcome(linkOfTheirs('/dev/null', 'log/d.log'))).to.equal('opened');
  });

  it('may be a link that root has made, to wherever it leads', () => {
    symlinkSync('../etc/shadow', path('log/app.log'));
    expect(outcome(path('log/app.log'))).to.equal('opened');
    expect(outcome(path('log/app.log'), O_RDONLY)).to.equal('opened');
  });

  it('may be of theirs where it stands', () => {
    writeFileSync(path('log/app.log'), '');
    chownSync(path('log/app.log'), theirs, theirs);
    expect(outcome(path('log/app.log'))).to.equal('opened');
  });

  it('is missing where there is none to be read', () => {
    expect(outcome(path('log/none'), O_RDONLY)).to.equal('ENOENT');
    expect(outcome(linkOfTheirs('nowhere'), O_RDONLY)).to.equal('ENOENT');
  });

  it('is not read back or tailed through such a link', () => {
    const log = linkOfTheirs(path('etc/shadow'));
    expect(() => readLog(log, { offset: 0, length: 0 })).to.throw('FAILED');
    expect(tailLog(log, { offset: 0, length: 100 }).data.toString()).to.equal('');
  });

  describe('that all may write to', () => {
    beforeEach(() => {
      mkdirSync(path('tmp'));
      chmodSync(path('tmp'), 0o1777);
    });

    it('is not a link of others, even to what is theirs', () => {
      writeFileSync(path('log/own'), '');
      chownSync(path('log/own'), theirs, theirs);
      expect(outcome(linkOfTheirs(path('log/own'), 'tmp/daemon.log'))).to.equal('EACCES');
    });

    it('is not a file of others', () => {
      writeFileSync(path('tmp/daemon.log'), 'what was there\n');
      chownSync(path('tmp/daemon.log'), theirs, theirs);
      expect(outcome(path('tmp/daemon.log'), writing | O_TRUNC)).to.equal('EACCES');
      expect(readFileSync(path('tmp/daemon.log'), 'utf8')).to.equal('what was there\n');
    });

    it('is one of our own', () => {
      expect(outcome(path('tmp/daemon.log'))).to.equal('opened');
      expect(outcome(path('tmp/daemon.log'))).to.equal('opened');
      symlinkSync('daemon.log', path('tmp/link'));
      expect(outcome(path('tmp/link'))).to.equal('opened');
    });
  });
});
