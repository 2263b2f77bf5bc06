import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { expect } from 'chai';
import { LogFile } from '../../src/logs/log-file.ts';
import { systemClock } from '../../src/base/clock.ts';
import type { LogFileOptions } from '../../src/logs/log-file.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { useTempFolder } from '../support/temp-folder.ts';

describe('a log file', () => {
  const at = useTempFolder();
  const opened: LogFile[] = [];
  const troubles: string[] = [];

  function openLog(options: Partial<LogFileOptions> = {}): LogFile {
    const log = new LogFile({
      path: at('x.log'),
      clock: systemClock,
      maxBytes: 0,
      backups: 0,
      onTrouble: (text) => troubles.push(text),
      ...options,
    });
    opened.push(log);
    return log;
  }

  /** Contents of x.log, x.log.1, x.log.2 and so on. */
  function contents(): string[] {
    const names = ['x.log', ...Array.from({ length: 9 }, (_, index) => `x.log.${index + 1}`)];
    return names.filter((name) => existsSync(at(name))).map((name) => readFileSync(at(name), 'utf8'));
  }

  beforeEach(() => {
    troubles.length = 0;
  });

  afterEach(() => {
    for (const log of opened.splice(0)) log.close();
  });

  it('appends to what is there', () => {
    writeFileSync(at('x.log'), 'old\n');
    write(openLog(), 'new\n', 'newer\n');
    expect(contents()).to.deep.equal(['old\nnew\nnewer\n']);
  });

  it('is made readable for all less the umask, unless told otherwise', () => {
    const umask = process.umask(0o022);
    openLog();
    openLog({ path: at('auto.log'), mode: 0o600 });
    process.umask(umask);
    expect(statSync(at('x.log')).mode & 0o777).to.equal(0o644);
    expect(statSync(at('auto.log')).mode & 0o777).to.equal(0o600);
  });

  for (const [title, path, code] of [
    ['a folder', '.', 'EISDIR'],
    ['a file in a folder that does not exist', 'no/x.log', 'ENOENT'],
    ['a file in something that is no folder', 'file/x.log', 'ENOTDIR'],
  ] as const) {
    it(`cannot be ${title}, with the errno of why`, () => {
      writeFileSync(at('file'), '');
      expect(() => openLog({ path: at(path) }))
        .to.throw()
        .with.property('code', code);
    });
  }

  describe('with maxbytes', () => {
    it('is rotated after the write that reaches it', () => {
      const log = openLog({ maxBytes: 10, backups: 3 });
      write(log, '123456789');
      expect(contents()).to.deep.equal(['123456789']);
      write(log, '0');
      expect(contents()).to.deep.equal(['', '1234567890']);
    });

    it('never splits a write, however much it exceeds', () => {
      write(openLog({ maxBytes: 10, backups: 3 }), '123', 'a write of more than ten bytes', 'x');
      expect(contents()).to.deep.equal(['x', '123a write of more than ten bytes']);
    });

    it('shifts the backups and lets the last one go', () => {
      write(openLog({ maxBytes: 1, backups: 3 }), 'a', 'b', 'c', 'd', 'e');
      expect(contents()).to.deep.equal(['', 'e', 'd', 'c']);
    });

    it('keeps one backup when told to', () => {
      write(openLog({ maxBytes: 1, backups: 1 }), 'a', 'b', 'c');
      expect(contents()).to.deep.equal(['', 'c']);
    });

    it('is emptied when no backups are kept', () => {
      const log = openLog({ maxBytes: 5, backups: 0 });
      write(log, '12345');
      expect(contents()).to.deep.equal(['']);
      write(log, '678');
      expect(contents()).to.deep.equal(['678']);
    });

    it('counts what was in the file before', () => {
      writeFileSync(at('x.log'), '123456789');
      write(openLog({ maxBytes: 10, backups: 1 }), 'a');
      expect(contents()).to.deep.equal(['', '123456789a']);
    });

    it('is not rotated by opening, only by a write', () => {
      writeFileSync(at('x.log'), 'much more than that');
      const log = openLog({ maxBytes: 10, backups: 1 });
      expect(contents()).to.deep.equal(['much more than that']);
      write(log, 'x');
      expect(contents()).to.deep.equal(['', 'much more than thatx']);
    });

    it('closes a gap in the backups as supervisord does, by shifting only what is there', () => {
      writeFileSync(at('x.log.2'), 'two');
      write(openLog({ maxBytes: 1, backups: 5 }), 'a');
      expect(existsSync(at('x.log.2'))).to.equal(false);
      expect(contents()).to.deep.equal(['', 'a', 'two']);
    });

    it('survives that somebody removed the file', () => {
      const log = openLog({ maxBytes: 4, backups: 2 });
      write(log, 'ab');
      unlinkSync(at('x.log'));
      write(log, 'cd', 'ef');
      expect(contents()).to.deep.equal(['ef']);
      expect(troubles).to.deep.equal([]);
    });

    it('notices that somebody emptied the file', () => {
      const log = openLog({ maxBytes: 10, backups: 1 });
      write(log, '12345678');
      truncateSync(at('x.log'));
      write(log, 'abcdef');
      expect(contents()).to.deep.equal(['abcdef']);
    });

    it('notices what others write into the file', () => {
      const log = openLog({ maxBytes: 10, backups: 1 });
      write(log, '123');
      writeFileSync(at('x.log'), 'by another', { flag: 'a' });
      write(log, '4');
      expect(contents()).to.deep.equal(['', '123by another4']);
    });

    it('keeps the permissions of the file for the next one', () => {
      const log = openLog({ maxBytes: 1, backups: 1 });
      chmodSync(at('x.log'), 0o600);
      log.reopen();
      write(log, 'a');
      expect(statSync(at('x.log')).mode & 0o777).to.equal(0o600);
    });

    it('grows on without losing a byte when it cannot be rotated, and says so once', () => {
      mkdirSync(at('x.log.1'));
      const log = openLog({ maxBytes: 4, backups: 1 });
      write(log, 'abcd', 'e', 'f', 'g');
      expect(readFileSync(at('x.log'), 'utf8')).to.equal('abcdefg');
      expect(troubles).to.have.length(1);
      expect(troubles[0]).to.match(/^cannot rotate .*x\.log: E/);
      write(log, 'h');
      expect(troubles).to.have.length(1);
      rmdirSync(at('x.log.1'));
      write(log, 'ijkl', 'm');
      expect(contents()).to.deep.equal(['m', 'abcdefghijkl']);
      expect(troubles.slice(1)).to.deep.equal([`${at('x.log')} is rotated again`]);
    });

    it('is said once to be ignored for what is no file', () => {
      const log = openLog({ path: '/dev/zero', maxBytes: 4, backups: 1 });
      write(log, 'abcdef', 'abcdef');
      expect(troubles).to.deep.equal(['/dev/zero cannot be rotated, its maxbytes is ignored: set it to 0']);
    });

    it('is no subject for /dev/null', () => {
      write(openLog({ path: '/dev/null', maxBytes: 4, backups: 1 }), 'abcdef');
      expect(troubles).to.deep.equal([]);
    });
  });

  it('goes on in a new file when it is reopened after somebody moved it', () => {
    const log = openLog();
    write(log, 'a');
    renameSync(at('x.log'), at('moved'));
    write(log, 'b');
    log.reopen();
    write(log, 'c');
    expect(readFileSync(at('moved'), 'utf8')).to.equal('ab');
    expect(contents()).to.deep.equal(['c']);
  });

  it('goes on in the old file when it cannot be reopened', () => {
    const log = openLog();
    renameSync(at('x.log'), at('moved'));
    mkdirSync(at('x.log'));
    log.reopen();
    write(log, 'a');
    expect(readFileSync(at('moved'), 'utf8')).to.equal('a');
    expect(troubles).to.deep.equal([`cannot reopen ${at('x.log')}: EISDIR`]);
  });

  it('is a new and empty file after clearing, and keeps its backups', () => {
    const log = openLog({ maxBytes: 3, backups: 1 });
    write(log, 'abc', 'de');
    const before = statSync(at('x.log')).ino;
    writeFileSync(at('other'), '');
    log.clear();
    expect(contents()).to.deep.equal(['', 'abc']);
    expect(statSync(at('x.log')).ino).to.not.equal(before);
    write(log, 'fg');
    expect(contents()).to.deep.equal(['fg', 'abc']);
  });

  it('is made again within a second when somebody removed it, and says what was lost', () => {
    const clock = new FakeClock();
    const log = openLog({ clock });
    write(log, 'abc');
    unlinkSync(at('x.log'));
    write(log, 'de');
    expect(contents()).to.deep.equal([]);
    clock.advance(1000);
    write(log, 'f', 'g');
    expect(contents()).to.deep.equal(['fg']);
    clock.advance(1000);
    write(log, 'h');
    expect(troubles).to.deep.equal([
      `cannot write to ${at('x.log')}: ENOENT, what is written meanwhile is lost`,
      `${at('x.log')} can be written again, 5 bytes were lost`,
    ]);
  });

  it('counts what is lost until its directory is back', () => {
    const clock = new FakeClock();
    mkdirSync(at('folder'));
    const path = at('folder/x.log');
    const log = openLog({ clock, path });
    rmSync(at('folder'), { recursive: true });
    for (let second = 1; second <= 3; second += 1) {
      clock.advance(1000);
      write(log, '1234', '5678');
    }
    mkdirSync(at('folder'));
    write(log, '9');
    clock.advance(1000);
    write(log, 'a');
    clock.advance(1000);
    write(log, 'b');
    expect(readFileSync(path, 'utf8')).to.equal('ab');
    expect(troubles).to.deep.equal([
      `cannot write to ${path}: ENOENT, what is written meanwhile is lost`,
      `${path} can be written again, 25 bytes were lost`,
    ]);
  });

  it('goes on in the file that was moved away, which is not lost', () => {
    const clock = new FakeClock();
    const log = openLog({ clock });
    renameSync(at('x.log'), at('moved'));
    clock.advance(5000);
    write(log, 'a');
    expect(readFileSync(at('moved'), 'utf8')).to.equal('a');
    expect(troubles).to.deep.equal([]);
  });

  it('can be cleared when somebody removed it', () => {
    const log = openLog();
    unlinkSync(at('x.log'));
    log.clear();
    write(log, 'a');
    expect(contents()).to.deep.equal(['a']);
  });

  it('never deletes a device', () => {
    symlinkSync('/dev/zero', at('link'));
    const log = openLog({ path: at('link') });
    log.clear();
    expect(existsSync(at('link'))).to.equal(true);
  });

  it('says once that it cannot be written, and never throws', () => {
    const log = openLog({ path: '/dev/full' });
    write(log, 'a', 'b', 'c');
    expect(log.isFailing).to.equal(true);
    expect(troubles).to.deep.equal(['cannot write to /dev/full: ENOSPC, what is written meanwhile is lost']);
    log.close();
    expect(troubles[1]).to.equal('/dev/full is closed, 3 bytes were lost');
  });

  it('ignores what is written after it was closed', () => {
    const log = openLog();
    log.close();
    log.close();
    write(log, 'a');
    log.reopen();
    log.clear();
    expect(contents()).to.deep.equal(['']);
  });
});

function write(log: LogFile, ...texts: readonly string[]): void {
  for (const text of texts) log.write(Buffer.from(text));
}
