// The image's nginx.conf, in a folder of the test, in front of workers with corevisor/worker: what a client of the
// container sees while workers come and go.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { dirname, resolve } from 'node:path';
import { expect } from 'chai';
import { renderUpstream } from '../../src/upstream/nginx.ts';
import { freePorts } from '../support/free-port.ts';
import { describeWith } from '../support/requirements.ts';
import {
  connectionsTo,
  endServersAfterwards,
  fetchOnce,
  type Load,
  paths,
  refuses,
  type Server,
  startLoad,
  startServer,
  upgrade,
} from '../support/serving.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const original = resolve(paths.root, 'conf/nginx.conf');
const environment = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };

describeWith(['nginx'], 'nginx in front of the workers', () => {
  endServersAfterwards();
  const path = useTempFolder();
  let nginx: ChildProcess | null = null;
  afterEach(async () => {
    const child = nginx;
    nginx = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await new Promise((done) => child.once('exit', done));
  });

  for (const count of [0, 1, 2, 8]) {
    it(`accepts the servers of ${count} workers`, () => {
      const servers = Array.from({ length: count }, (_, index) => `127.0.0.1:${8000 + index}`);
      write({ port: 8081, servers });
      const stdio = ['ignore', openSync(path('output'), 'a'), 'pipe'] as const;
      const { status, stderr } = spawnSync('nginx', [...words(2), '-t'], {
        env: environment,
        encoding: 'utf8',
        stdio: [...stdio],
      });
      expect(stderr).to.include('test is successful').and.not.include('[warn]');
      expect(status).to.equal(0);
    });
  }

  it('tells the worker who asked, for what host and how', async () => {
    const front = await start(await serve());
    const headers = { Host: 'example.org:8080', 'X-Forwarded-For': '198.51.100.7' };
    const { body } = await fetchOnce({ port: front, path: '/headers?a=%20b//c', headers });
    expect(JSON.parse(body)).to.include({
      url: '/headers?a=%20b//c',
      host: 'example.org:8080',
      'x-real-ip': '127.0.0.1',
      'x-forwarded-for': '198.51.100.7, 127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'example.org:8080',
    });
    const behindTls = await fetchOnce({ port: front, path: '/headers', headers: { 'X-Forwarded-Proto': 'https' } });
    expect(JSON.parse(behindTls.body)).to.include({ 'x-forwarded-proto': 'https' });
  });

  it('keeps its connections to the workers open', async () => {
    const worker = await serve();
    const front = await start(worker);
    for (let turn = 0; turn < 50; turn += 1) expect((await fetchOnce({ port: front })).status).to.equal(200);
    expect(await connectionsTo(worker.port)).to.be.within(1, 2);
  });

  it('carries WebSockets', async () => {
    const front = await start(await serve({ options: ['websocket'] }));
    const socket = await upgrade(front);
    expect(socket.answer).to.match(/^HTTP\/1\.1 101 /);
    expect(await socket.say('hello')).to.equal('hello');
    socket.close();
  });

  it('tries the next worker when one refuses, also for a POST', async () => {
    const [dead = 0] = await freePorts(1);
    const front = await start({ port: dead }, await serve());
    for (let turn = 0; turn < 10; turn += 1) {
      const answer = await fetchOnce({ port: front, path: '/echo', method: 'POST', body: 'whole' });
      expect([answer.status, answer.body]).to.deep.equal([200, 'whole']);
    }
  });

  it('tries the next worker for a GET when one breaks off, and never sends a POST twice', async () => {
    const workers = [await serve(), await serve()];
    const front = await start(...workers);
    expect((await fetchOnce({ port: front, path: '/drop', method: 'POST', body: 'x' })).status).to.equal(502);
    expect((await fetchOnce({ port: front })).status).to.equal(200);
  });

  it('loses no GET and no POST while the workers are restarted one after the other', async () => {
    const workers = [await serve(), await serve()];
    const front = await start(...workers);
    const loads = [
      startLoad({ port: front, connections: 8 }),
      startLoad({ port: front, connections: 8, method: 'POST', body: 'x'.repeat(2000) }),
    ];
    await served(loads, 300);
    for (const worker of [...workers, ...workers]) {
      await restart(worker);
      await served(loads, 300);
    }
    await stopped(loads);
    expect(loads.flatMap(({ failures }) => failures)).to.deep.equal([]);
  });

  it('loses no GET of 32 connections while a worker is killed', async () => {
    const workers = [await serve(), await serve()];
    const front = await start(...workers);
    const load = startLoad({ port: front, connections: 32 });
    await served([load], 500);
    for (const worker of workers) {
      worker.server.signal('SIGKILL');
      await worker.server.ended;
      worker.server = (await serve({ port: worker.port })).server;
      await served([load], 500);
    }
    await stopped([load]);
    expect(load.failures).to.deep.equal([]);
  });

  it('finishes what is in flight on QUIT', async () => {
    const worker = await serve();
    const front = await start(worker);
    const answer = fetchOnce({ port: front, path: '/slow' });
    await waitUntil(async () => (await connectionsTo(worker.port)) > 0, { what: 'the request at the worker' });
    nginx?.kill('SIGQUIT');
    expect((await answer).body).to.equal('slow');
    await waitUntil(() => nginx?.exitCode === 0, { what: 'the end of nginx' });
  });

  it('passes health checks on to the supervisor’s socket, and nothing else', async () => {
    const front = await start(await serve());
    const supervisor = http.createServer((request, response) => response.end(`supervisor ${request.url}`));
    await new Promise<void>((done) => supervisor.listen(path('supervisor.sock'), done));
    try {
      expect((await fetchOnce({ port: front, path: '/livez' })).body).to.equal('supervisor /livez');
      expect((await fetchOnce({ port: front, path: '/readyz' })).body).to.equal('supervisor /readyz');
      expect((await fetchOnce({ port: front, path: '/RPC2' })).body).not.to.match(/^supervisor/);
    } finally {
      supervisor.close();
      supervisor.closeAllConnections();
    }
  });

  it('writes its access log to stdout, one JSON object per line', async () => {
    const front = await start(await serve());
    await fetchOnce({ port: front, path: '/?quote=%22' });
    const line = await waitUntil(() => /^\{.*quote.*$/m.exec(readFileSync(path('output'), 'utf8'))?.[0], {
      what: 'the line',
    });
    expect(JSON.parse(line)).to.include({ process: 'nginx', status: 200, client: '127.0.0.1' });
  });

  /** Starts nginx in front of these, and answers its port. */
  async function start(...workers: readonly { port: number }[]): Promise<number> {
    const [port = 0] = await freePorts(1);
    write({ port, servers: workers.map((worker) => `127.0.0.1:${worker.port}`) });
    // A file, as the pipes that Node makes for a child are sockets, which cannot be opened as /dev/stdout.
    const output = openSync(path('output'), 'a');
    const child = spawn('nginx', words(2), { env: environment, stdio: ['ignore', output, output] });
    nginx = child;
    await waitUntil(async () => child.exitCode !== null || !(await refuses(port)), { what: 'nginx' });
    expect(child.exitCode, readFileSync(path('output'), 'utf8')).to.equal(null);
    return port;
  }

  /** The image's file with this test's folder and port. */
  function write({ port, servers }: { port: number; servers: readonly string[] }): void {
    const text = readFileSync(original, 'utf8');
    const folder = dirname(path('nginx.conf'));
    const moved = text.replaceAll('/run/corevisor', folder).replaceAll(/\blisten 80\b/g, `listen 127.0.0.1:${port}`);
    expect(moved).not.to.equal(text);
    writeFileSync(path('nginx.conf'), moved);
    writeFileSync(path('upstream-web.conf'), renderUpstream('web', servers));
  }

  function words(processes: number): string[] {
    // As root nginx would give its own processes another user, who may not enter the test's folder.
    const user = process.getuid?.() === 0 ? 'user root; ' : '';
    return ['-c', path('nginx.conf'), '-e', 'stderr', '-g', `${user}worker_processes ${processes}; daemon off;`];
  }
});

interface Worker {
  readonly port: number;
  server: Server;
}

/** A server that knows nothing of Corevisor, with corevisor/worker preloaded. */
async function serve({ port = 0, options = [] }: { port?: number; options?: readonly string[] } = {}): Promise<Worker> {
  const server = await startServer({
    words: ['--require', paths.worker, paths.server, ...options],
    port: /^listening (\d+)/m,
    environment: { PORT: String(port) },
  });
  return { port: server.port, server };
}

async function restart(worker: Worker): Promise<void> {
  worker.server.signal('SIGTERM');
  expect(await worker.server.ended).to.deep.equal({ code: 0, signal: null });
  worker.server = (await serve({ port: worker.port })).server;
}

/** Waits for that many more answers of each load. */
async function served(loads: readonly Load[], more: number): Promise<void> {
  const goals = loads.map((load) => load.answered() + more);
  await waitUntil(
    () => loads.every((load, index) => load.failures.length > 0 || load.answered() >= (goals[index] ?? 0)),
    {
      what: () => `${more} more answers; failed: ${loads.flatMap(({ failures }) => failures).join(', ')}`,
    },
  );
}

async function stopped(loads: readonly Load[]): Promise<void> {
  for (const load of loads) load.stop();
  await Promise.all(loads.map((load) => load.over));
}
