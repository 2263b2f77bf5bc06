import { expect } from 'chai';
import type { SpawnOrder } from '../../src/base/child.ts';
import { dyingWithDaemon } from '../../src/os/parent-death.ts';

describe('a child that dies with the daemon', () => {
  const order: SpawnOrder = {
    name: 'web',
    file: '/app/web',
    argv: ['web', '--port', '80'],
    environment: { A: 'b' },
    directory: '/app',
    umask: 0o22,
    user: { uid: 33, gid: 33, name: 'www-data' },
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'same-as-stdout',
  };

  it('is started through setpriv and is the same otherwise', () => {
    expect(dyingWithDaemon(order, '/usr/bin/setpriv')).to.deep.equal({
      ...order,
      file: '/usr/bin/setpriv',
      argv: ['setpriv', '--pdeathsig', 'KILL', '--', '/app/web', '--port', '80'],
    });
  });

  it('is not searched for in its own PATH', () => {
    const { argv } = dyingWithDaemon({ ...order, file: 'web' }, '/usr/bin/setpriv');
    expect(argv.slice(4)).to.deep.equal(['./web', '--port', '80']);
  });
});
