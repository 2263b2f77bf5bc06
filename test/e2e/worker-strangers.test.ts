// node_preload's module in servers that know nothing of it, written in all the ways that people write them: under load none of
// them loses a request when it is told to end.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { spawn } from 'node:child_process';
import { expect } from 'chai';
import { cleanEnvironment } from '../support/run-supervisord.ts';
import {
  endServersAfterwards,
  followServer,
  paths,
  type Request,
  type Server,
  startLoad,
  startServer,
} from '../support/serving.ts';
import { waitUntil } from '../support/wait-until.ts';

const port = /^listening (\d+) \d+$/m;
const environment = { NODE_OPTIONS: `--require ${paths.worker}` };
const key = Buffer.from('not a secret');
const tls = {
  ciphers: 'PSK+HIGH',
  maxVersion: 'TLSv1.2',
  pskCallback: () => ({ psk: key, identity: 'client' }),
  checkServerIdentity: () => undefined,
} as const;
const module = resolve(paths.root, 'test/fixtures/children/serves-http.mjs');

interface Way {
  readonly words: readonly string[];
  readonly ends: { readonly code: number | null; readonly signal: NodeJS.Signals | null };
  readonly place?: NonNullable<Request['place']>;
}

describe('a server that knows nothing of the worker module', () => {
  endServersAfterwards();
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'corevisor-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const ways: Readonly<Record<string, (folder: string) => Way>> = {
    'without a handler of its own': () => ({ words: [paths.server], ends: { code: 0, signal: null } }),
    'that closes on SIGTERM and exits': () => ({
      words: [paths.server, 'own-handler'],
      ends: { code: 3, signal: null },
    }),
    'that closes on SIGTERM and sends itself the signal again': () => ({
      words: [paths.server, 'framework', 'busy'],
      ends: { code: null, signal: 'SIGTERM' },
    }),
    'over TLS': () => ({ words: [paths.server, 'tls'], ends: { code: 0, signal: null }, place: { tls } }),
    'on a unix socket': (path) => ({
      words: [paths.server, `unix=${path}/web.sock`],
      ends: { code: 0, signal: null },
      place: { socketPath: `${path}/web.sock` },
    }),
    'that is an ES module': () => ({ words: [module], ends: { code: 0, signal: null } }),
    'with a worker thread': () => ({ words: [paths.server, 'thread'], ends: { code: 0, signal: null } }),
    'with a child that inherits NODE_OPTIONS': () => ({
      words: [paths.server, 'child'],
      ends: { code: 0, signal: null },
    }),
    'under node --watch': () => ({ words: ['--watch', paths.server], ends: { code: 0, signal: null } }),
    'on a Node without getBuiltinModule': () => ({ words: [paths.server, 'old'], ends: { code: 0, signal: null } }),
    'over TLS on a Node without getBuiltinModule': () => ({
      words: [paths.server, 'old', 'tls'],
      ends: { code: 0, signal: null },
      place: { tls },
    }),
  };
  for (const [title, way] of Object.entries(ways)) {
    it(`loses no request: one ${title}`, async () => {
      const { words, ends, place } = way(folder);
      const server = await startServer({ words, port, environment });
      await endUnderLoad(server, place);
      expect(await server.ended).to.deep.equal(ends);
    });
  }

  it('loses no request: one started by npm, which the module does not disturb', async () => {
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'x', scripts: { start: `exec ${process.execPath} ${paths.server}` } }),
    );
    const npm = spawn('npm', ['start', '--silent'], {
      cwd: folder,
      env: { ...cleanEnvironment(), ...environment, npm_config_update_notifier: 'false' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const server = await followServer(npm, port);
    await endUnderLoad(server);
    expect((await server.ended).signal).to.equal(null);
    expect(server.output()).not.to.match(/npm|Error/);
  });

  it('is started all the same when it cannot be drained, with a warning', async () => {
    const breaks = `Object.defineProperty(require('node:http').Server.prototype, 'keepAliveTimeout', {
      get() { throw new Error('not as expected') },
      set() {},
    })`;
    writeFileSync(join(folder, 'breaks.cjs'), breaks);
    const words = ['--require', join(folder, 'breaks.cjs'), '--require', paths.worker, '-e', serves];
    const server = await startServer({ words, port: /^listening (\d+)$/m });
    expect(server.port).to.be.greaterThan(0);
    expect(server.output()).to.include('corevisor/worker cannot drain a server: Error: not as expected');
  });
});

const serves = `const server = Object.create(require('node:http').Server.prototype);
require('node:http').Server.call(server, (request, response) => response.end());
server.listen(0, '127.0.0.1', () => console.log('listening ' + server.address().port));`;

/** As nginx: busy connections that turn elsewhere once the server says that it closes them. */
async function endUnderLoad(server: Server, place?: Request['place']): Promise<void> {
  const order = { port: server.port, connections: 8, follow: true, ...(place !== undefined && { place }) };
  const loads = [startLoad({ ...order, method: 'POST', body: 'x'.repeat(1000) }), startLoad(order)];
  await waitUntil(() => loads.every((load) => load.answered() > 200), {
    what: () => `a busy server: ${loads.map((load) => load.failures.join()).join()}; ${server.output()}`,
  });
  server.signal('SIGTERM');
  await Promise.all(loads.map((load) => load.over));
  expect(loads.flatMap((load) => load.failures)).to.deep.equal([]);
}
