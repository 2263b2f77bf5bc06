import { expect } from 'chai';
import {
  existsSync,
  lstatSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { dirname } from 'node:path';
import { ConfigError } from '../../src/base/errors.ts';
import type { ServerConfig } from '../../src/config/servers.ts';
import { listen, type Listening } from '../../src/http/listen.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const inUse =
  'Another program is already listening on a port that one of our HTTP servers is configured to use.  Shut this program down first before starting supervisord.';

function unix(file: string, chmod = 0o700): ServerConfig {
  const common = { section: 'unix_http_server', username: null, password: null, getActions: false };
  return { kind: 'unix', file, chmod, chown: null, ...common };
}

function connects(file: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(file, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

describe('listening on a unix socket', () => {
  const path = useTempFolder();
  const open: (Listening | { server: Server })[] = [];
  const said: string[] = [];

  const start = async (config: ServerConfig): Promise<Listening> => {
    const listening = await listen(config, { pid: 42, stderr: (text) => void said.push(text) });
    listening.server.on('connection', (socket) => socket.destroy());
    open.push(listening);
    return listening;
  };
  const problem = async (config: ServerConfig): Promise<string> => {
    const error = await start(config).catch((thrown: unknown) => thrown);
    if (!(error instanceof ConfigError)) throw new Error('it listens');
    return error.message;
  };

  afterEach(() => {
    for (const { server } of open.splice(0)) server.close();
    said.length = 0;
  });

  for (const mode of [0o700, 0o770, 0o666]) {
    it(`gives the socket the mode ${mode.toString(8)} and leaves no other file and no other umask`, async () => {
      const before = process.umask();
      await start(unix(path('s'), mode));
      expect(statSync(path('s')).mode & 0o7777).to.equal(mode);
      expect(readdirSync(path('.'))).to.deep.equal(['s']);
      expect(process.umask()).to.equal(before);
      expect(await connects(path('s'))).to.equal(true);
    });
  }

  it('takes the socket away at the end, unless it is no longer ours', async () => {
    const first = await start(unix(path('s')));
    first.server.close();
    first.remove();
    expect(existsSync(path('s'))).to.equal(false);
    const second = await start(unix(path('s')));
    unlinkSync(path('s'));
    const third = await start(unix(path('s')));
    second.server.close();
    second.remove();
    expect(await connects(path('s'))).to.equal(true);
    third.remove();
    third.remove();
    expect(existsSync(path('s'))).to.equal(false);
  });

  it('refuses when somebody listens there, who keeps the socket', async () => {
    await start(unix(path('s')));
    const { ino } = lstatSync(path('s'));
    expect(await problem(unix(path('s')))).to.equal(inUse);
    expect(lstatSync(path('s')).ino).to.equal(ino);
    expect(said).to.deep.equal([]);
  });

  it('replaces a socket that nobody listens on, and says so', async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(path('other'), resolve));
    renameSync(path('other'), path('s'));
    await new Promise((resolve) => gone.close(resolve));
    await start(unix(path('s')));
    expect(await connects(path('s'))).to.equal(true);
    expect(said).to.deep.equal([`Unlinking stale socket ${path('s')}\n`]);
  });

  it('is one of many that want the place of a socket that nobody listens on', async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(path('other'), resolve));
    renameSync(path('other'), path('s'));
    await new Promise((resolve) => gone.close(resolve));
    const tries = Array.from({ length: 8 }, (_, pid) =>
      listen(unix(path('s')), { pid, stderr: () => undefined }).catch(() => null),
    );
    const won = (await Promise.all(tries)).filter((listening) => listening !== null);
    for (const listening of won) {
      listening.server.on('connection', (socket) => socket.destroy());
      open.push(listening);
    }
    expect(won).to.have.length(1);
    expect(await connects(path('s'))).to.equal(true);
    expect(readdirSync(path('.'))).to.deep.equal(['s']);
  });

  it('does not remove a link, wherever it leads, nor listen behind it', async () => {
    await start(unix(path('elsewhere')));
    symlinkSync('elsewhere', path('s'));
    symlinkSync('nowhere', path('t'));
    for (const name of ['s', 't']) {
      expect(await problem(unix(path(name)))).to.equal(
        `Cannot open an HTTP server: ${path(name)} exists and is not a socket`,
      );
    }
    expect(await connects(path('elsewhere'))).to.equal(true);
    expect(readdirSync(path('.')).toSorted()).to.deep.equal(['elsewhere', 's', 't']);
  });

  it('does not remove what is no socket', async () => {
    writeFileSync(path('s'), 'precious');
    expect(await problem(unix(path('s')))).to.equal(
      `Cannot open an HTTP server: ${path('s')} exists and is not a socket`,
    );
    expect(existsSync(path('s'))).to.equal(true);
    expect(readdirSync(path('.'))).to.deep.equal(['s']);
  });

  it('says which error it met', async () => {
    expect(await problem(unix(path('no/s')))).to.equal(
      'Cannot open an HTTP server: socket.error reported errno.ENOENT (2)',
    );
    expect(await problem(unix(path('s'.repeat(150))))).to.equal(
      'Cannot open an HTTP server: socket.error reported AF_UNIX path too long',
    );
    expect(dirname(path('s'))).to.satisfy(existsSync);
  });
});
