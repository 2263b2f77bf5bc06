import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'chai';
import { readHistory, writeHistory } from '../../src/ctl/history.ts';
import { useTempFolder } from '../support/temp-folder.ts';

describe('the history of the shell', () => {
  const path = useTempFolder();

  it('is read newest first, and empty without a file', () => {
    writeFileSync(path('history'), 'one\ntwo\n\nthree\n');
    expect(readHistory(path('history'))).to.deep.equal(['three', 'two', 'one']);
    expect(readHistory(path('missing'))).to.deep.equal([]);
    expect(readHistory(dirname(path('x')))).to.deep.equal([]);
    expect(readHistory(null)).to.deep.equal([]);
  });

  it('is written oldest first, for its owner alone', () => {
    writeHistory(path('history'), ['two', 'one']);
    expect(readFileSync(path('history'), 'utf8')).to.equal('one\ntwo\n');
    expect(statSync(path('history')).mode & 0o777).to.equal(0o600);
    writeHistory(null, ['one']);
  });

  it('keeps the permissions of the file and the link to it, and leaves nothing else behind', () => {
    writeFileSync(path('real'), 'old\n');
    chmodSync(path('real'), 0o640);
    symlinkSync(path('real'), path('history'));
    writeHistory(path('history'), ['new']);
    expect(readFileSync(path('real'), 'utf8')).to.equal('new\n');
    expect(statSync(path('real')).mode & 0o777).to.equal(0o640);
    expect(readdirSync(dirname(path('real'))).toSorted()).to.deep.equal(['history', 'real']);
  });

  it("is not written through somebody's link in the place of its draft", () => {
    writeFileSync(path('other'), 'mine\n');
    symlinkSync(path('other'), path(`history.${process.pid}`));
    writeHistory(path('history'), ['one']);
    expect(readFileSync(path('other'), 'utf8')).to.equal('mine\n');
    writeHistory(path('history'), ['one']);
    expect(readFileSync(path('history'), 'utf8')).to.equal('one\n');
  });

  it('is done without where it cannot be written', () => {
    writeHistory(path('no/such/folder'), ['one']);
    writeHistory(dirname(path('x')), ['one']);
    writeHistory('/dev/null', ['one']);
    expect(statSync('/dev/null').isCharacterDevice()).to.equal(true);
  });
});
