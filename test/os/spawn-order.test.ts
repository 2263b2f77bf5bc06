import { expect } from 'chai';
import { errnoName } from '../../src/os/errno.ts';
import type { SpawnOrder } from '../../src/base/child.ts';
import { descriptorsError, forkError, standIn } from '../../src/os/spawn-order.ts';

describe('spawn errors', () => {
  const sentences: readonly [string, string][] = [
    [descriptorsError('web', 'EMFILE'), "too many open files to spawn 'web'"],
    [descriptorsError('web', 'ENFILE'), "unknown error making dispatchers for 'web': ENFILE"],
    [forkError('web', 'EAGAIN'), "Too many processes in process table to spawn 'web'"],
    [forkError('web', 'ENOMEM'), "unknown error during fork for 'web': ENOMEM"],
  ];
  for (const [sentence, expected] of sentences) {
    it(expected, () => expect(sentence).to.equal(expected));
  }

  const names: readonly [number, string][] = [
    [2, 'ENOENT'],
    [8, 'ENOEXEC'],
    [11, 'EAGAIN'],
    [26, 'ETXTBSY'],
    [95, 'ENOTSUP'],
    [4711, '4711'],
  ];
  for (const [number, name] of names) {
    it(`calls error ${number} ${name}`, () => expect(errnoName(number)).to.equal(name));
  }
});

describe('a stand-in for a child that could not be', () => {
  const order: SpawnOrder = {
    name: 'web',
    file: '/app/web',
    argv: ['web', '--port', '80'],
    environment: { A: 'b' },
    directory: '/nowhere',
    umask: 0o22,
    user: { uid: 33, gid: 33, name: 'www-data' },
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'same-as-stdout',
  };

  it('keeps the streams and needs neither the directory nor the user', () => {
    const { directory, user, stdout, stderr, name } = standIn(order, 'x');
    expect({ directory, user, stdout, stderr, name }).to.deep.equal({
      directory: null,
      user: null,
      stdout: 'pipe',
      stderr: 'same-as-stdout',
      name: 'web',
    });
  });

  it('hands the text over as an argument, so that nothing in it is executed', () => {
    const { argv } = standIn(order, "couldn't chdir to $(reboot): ENOENT");
    expect(argv.slice(4)).to.deep.equal([
      "supervisor: couldn't chdir to $(reboot): ENOENT",
      'supervisor: child process was not spawned',
    ]);
  });
});
