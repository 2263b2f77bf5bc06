import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { readEnvFiles } from '../../src/process/env-file.ts';
import { useTempFolder } from '../support/temp-folder.ts';

describe('env_file', () => {
  const path = useTempFolder();
  const read = (...names: string[]) =>
    readEnvFiles(names.map((name) => ({ path: path(name.replace(/^-/, '')), optional: name.startsWith('-') })));
  const write = (name: string, content: string | Buffer): void => writeFileSync(path(name), content);

  it('reads KEY=value lines by the rules of Node’s parseEnv, a later file over an earlier one', () => {
    write('one', '\uFEFF# a comment\nexport A=1\r\nB="two words" # why\nC=\'a\nb\'\n\nD=\n');
    write('two', 'A=2\nE=x=y\n');
    expect(read('one', 'two')).to.deep.equal({
      variables: { A: '2', B: 'two words', C: 'a\nb', D: '', E: 'x=y' },
    });
    expect(read()).to.deep.equal({ variables: {} });
  });

  it('does without a file that may be missing', () => {
    write('one', 'A=1');
    expect(read('-nowhere', '-one/below', 'one')).to.deep.equal({ variables: { A: '1' } });
  });

  const secret = 'hunter2';
  const faults: readonly (readonly [string, (name: string) => void, (named: string) => string])[] = [
    ['is missing', () => undefined, (named) => `can't find ${named}`],
    ['is a link to nothing', (name) => symlinkSync(path('gone'), path(name)), (named) => `can't find ${named}`],
    ['is a link to itself', (name) => symlinkSync(path(name), path(name)), (named) => `can't read ${named}: ELOOP`],
    ['is a directory', (name) => mkdirSync(path(name)), (named) => `${named} is a directory`],
    [
      'is a FIFO that nobody writes to',
      (name) => void spawnSync('mkfifo', [path(name)]),
      (named) => `${named} is not a regular file`,
    ],
    ['is a device', (name) => symlinkSync('/dev/zero', path(name)), (named) => `${named} is not a regular file`],
    [
      'is larger than 1 MB',
      (name) => write(name, `A=${secret}\n`.repeat(120_000)),
      (named) => `${named} is larger than 1 MB`,
    ],
    [
      'is not UTF-8',
      (name) => write(name, Buffer.concat([Buffer.from(`A=${secret}\nB=`), Buffer.from([0xff])])),
      (named) => `${named} is not UTF-8`,
    ],
    ['holds a NUL byte', (name) => write(name, `A=${secret}\nB=x\0y\n`), (named) => `${named}:2: a NUL byte`],
    ['has a line without =', (name) => write(name, `A=1\n${secret}\nB=2\n`), (named) => `${named}:2: not KEY=VALUE`],
    [
      'has a line without a name, where Node’s parser stops',
      (name) => write(name, `A=1\n=${secret}\nB=2\n`),
      (named) => `${named}: a line without a name before its "="`,
    ],
  ];
  for (const [index, [what, make, text]] of faults.entries()) {
    it(`says without its contents that it ${what}`, () => {
      const name = `fault-${index}`;
      make(name);
      expect(read(name)).to.deep.equal({ error: text(`env_file '${path(name)}'`) });
    });
  }

  it('says that the daemon’s user may not read it', () => {
    write('closed', `A=${secret}`);
    chmodSync(path('closed'), 0o000);
    expect(asNobody(() => read('closed'))).to.deep.equal({ error: `can't read env_file '${path('closed')}': EACCES` });
  });

  it('takes an optional file for broken all the same', () => {
    mkdirSync(path('folder'));
    expect(read('-folder')).to.deep.equal({ error: `env_file '${path('folder')}' is a directory` });
  });
});

/** Root may read everything. */
function asNobody<T>(action: () => T): T {
  if (process.geteuid?.() !== 0) return action();
  process.seteuid?.(65534);
  try {
    return action();
  } finally {
    process.seteuid?.(0);
  }
}
