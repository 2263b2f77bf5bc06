// The embedded proxy as a process of its own, in front of servers that know nothing of it.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { Socket } from 'node:net';
import { expect } from 'chai';
import { freePorts } from '../support/free-port.ts';
import {
  connectionsTo,
  endServersAfterwards,
  fetchOnce,
  keepAliveAgent,
  paths,
  type Server,
  startLoad,
  startServer,
  upgrade,
} from '../support/serving.ts';
import { waitUntil } from '../support/wait-until.ts';

interface Front {
  readonly server: Server;
  readonly port: number;
  tell(...members: readonly { port: number; ready?: boolean }[]): void;
}

describe('the embedded proxy', () => {
  endServersAfterwards();

  it('lets every ready member answer in turn, and nobody else', async () => {
    const [a, b, c] = [await serve(), await serve(), await serve()];
    const front = await startFront();
    front.tell(a, b, { port: c.port, ready: false });
    const answers = [];
    for (let turn = 0; turn < 6; turn += 1) answers.push((await fetchOnce({ port: front.port })).body.split(' ')[0]);
    expect(new Set(answers)).to.deep.equal(new Set([String(a.pid), String(b.pid)]));
  });

  it('tells the worker who asked, for what host and how', async () => {
    const front = await startFront();
    front.tell(await serve());
    const headers = { Host: 'example.org:8080', 'X-Forwarded-For': '198.51.100.7' };
    const answer = await fetchOnce({ port: front.port, path: '/headers?a=%20b//c', headers });
    expect(JSON.parse(answer.body)).to.include({
      url: '/headers?a=%20b//c',
      host: 'example.org:8080',
      'x-forwarded-for': '198.51.100.7, 127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'example.org:8080',
    });
  });

  it('passes on as it is what is no address, and lives', async () => {
    const worker = http.createServer((request, response) => response.end(request.url)).listen(0, '127.0.0.1');
    await once(worker, 'listening');
    const address = worker.address();
    const front = await startFront();
    front.tell({ port: typeof address === 'object' ? (address?.port ?? 0) : 0 });
    const upgraded = { Connection: 'Upgrade', Upgrade: 'websocket' };
    try {
      for (const headers of [{}, upgraded]) {
        for (const path of ['/ok', 'http://[::1/x', 'http://host:99999999/', '//[', '/%zz']) {
          const answer = await fetchOnce({ port: front.port, path, headers });
          expect(answer.body.replaceAll(/(?<!:)\/+/g, '/'), path).to.equal(path.replaceAll(/(?<!:)\/+/g, '/'));
        }
      }
    } finally {
      worker.close();
    }
  });

  it('keeps connections open on both sides', async () => {
    const front = await startFront();
    const server = await serve();
    front.tell(server);
    const agent = keepAliveAgent();
    const answers = [];
    for (let turn = 0; turn < 5; turn += 1) answers.push(await fetchOnce({ port: front.port, agent }));
    expect(answers.map(({ headers }) => headers.connection)).to.deep.equal(answers.map(() => 'keep-alive'));
    expect(Object.values(agent.freeSockets).flat()).to.have.length(1);
    expect(await connectionsTo(server.port)).to.equal(1);
    agent.destroy();
  });

  it('turns to another member when one refuses, with the body whole', async () => {
    const [dead = 0] = await freePorts(1);
    const server = await serve();
    const front = await startFront();
    front.tell({ port: dead }, server);
    const body = randomBytes(3_000_000);
    for (let turn = 0; turn < 4; turn += 1) {
      const answer = await fetchOnce({ port: front.port, path: '/echo', method: 'POST', body });
      expect(answer.status).to.equal(200);
      expect(digest(Buffer.from(answer.body, 'latin1'))).to.equal(digest(body));
    }
  });

  it('streams big answers without a loss', async () => {
    const front = await startFront();
    front.tell(await serve());
    const { status, body } = await fetchOnce({ port: front.port, path: '/big/50' });
    expect([status, body.length]).to.deep.equal([200, 50 * 1024 * 1024]);
  });

  it('passes the first half of an answer on before there is a second', async () => {
    const front = await startFront();
    front.tell(await serve());
    const chunks: string[] = [];
    const whole = await new Promise<string>((done, fail) => {
      http
        .get({ host: '127.0.0.1', port: front.port, path: '/stream', agent: false }, (answer) => {
          answer.on('data', (bytes: Buffer) => chunks.push(bytes.toString()));
          answer.on('end', () => done(chunks.join('')));
        })
        .on('error', fail);
    });
    expect(whole).to.equal('one two');
    expect(chunks[0]).to.equal('one ');
  });

  it('answers 502 when a worker breaks off, tries a GET once more, and never a POST', async () => {
    const [a, b, c] = [await serve(), await serve(), await serve()];
    const front = await startFront();
    front.tell(a, b, c);
    const post = await fetchOnce({ port: front.port, path: '/drop', method: 'POST', body: 'x' });
    expect([post.status, post.headers['content-type']]).to.deep.equal([502, 'text/plain; charset=utf-8']);
    expect((await fetchOnce({ port: front.port, path: '/drop' })).status).to.equal(502);
    expect((await fetchOnce({ port: front.port })).status).to.equal(200);
  });

  it('tries a GET that was lost once more over a new connection, as others that it keeps open may be dead too', async () => {
    const asked = new WeakSet<Socket>();
    const worker = http.createServer((request, response) => {
      if (asked.has(request.socket)) return request.socket.destroy();
      asked.add(request.socket);
      return setTimeout(() => response.end('answered'), 100);
    });
    await once(worker.listen(0, '127.0.0.1'), 'listening');
    const address = worker.address();
    const front = await startFront();
    front.tell({ port: typeof address === 'object' ? (address?.port ?? 0) : 0 });
    try {
      await Promise.all([1, 2, 3].map(() => fetchOnce({ port: front.port })));
      expect((await fetchOnce({ port: front.port })).body).to.equal('answered');
    } finally {
      worker.close();
    }
  });

  it('holds a request until a member is ready', async () => {
    const front = await startFront();
    const server = await serve();
    const answer = fetchOnce({ port: front.port });
    await waitUntil(async () => (await connectionsTo(front.port)) === 1, { what: 'the request at the proxy' });
    front.tell({ port: server.port, ready: false });
    front.tell({ port: server.port, ready: true });
    expect((await answer).status).to.equal(200);
  });

  it('holds a request while the only member that is said to be ready refuses', async () => {
    const front = await startFront();
    const [port = 0] = await freePorts(1);
    front.tell({ port });
    const answer = fetchOnce({ port: front.port, method: 'POST', body: 'x' });
    await waitUntil(async () => (await connectionsTo(front.port)) === 1, { what: 'the request at the proxy' });
    const server = await serve({ PORT: String(port) });
    expect((await answer).body).to.equal(`${server.pid} 1`);
  });

  it('answers 503 with a plain page to what it still holds when it ends', async () => {
    const front = await startFront();
    front.tell({ port: 1, ready: false });
    const answer = fetchOnce({ port: front.port });
    await waitUntil(async () => (await connectionsTo(front.port)) === 1, { what: 'the request at the proxy' });
    front.server.signal('SIGTERM');
    const { status, body } = await answer;
    expect([status, body]).to.deep.equal([
      503,
      '503 Service Unavailable\nNo worker is ready. Try again in a moment.\n',
    ]);
    expect(await front.server.ended).to.deep.equal({ code: 0, signal: null });
  });

  it('carries WebSockets, also past a member that refuses', async () => {
    const [dead = 0] = await freePorts(1);
    const server = await serve({}, 'websocket');
    const front = await startFront();
    front.tell({ port: dead }, server);
    for (let turn = 0; turn < 2; turn += 1) {
      const socket = await upgrade(front.port);
      expect(socket.answer).to.match(/^HTTP\/1\.1 101 /);
      expect(await socket.say('hello')).to.equal('hello');
      socket.close();
    }
  });

  it('passes a refusal of a WebSocket on as it is', async () => {
    const front = await startFront();
    front.tell(await serve());
    const socket = await upgrade(front.port);
    expect(socket.answer).to.match(/^HTTP\/1\.1 200 /);
    expect(socket.answer).not.to.match(/transfer-encoding/i);
  });

  it('loses no request while one of two workers is killed and comes back', async () => {
    const ports = await freePorts(2);
    const servers = await Promise.all(ports.map((port) => serve({ PORT: String(port) })));
    const front = await startFront();
    front.tell(...ports.map((port) => ({ port })));
    const load = startLoad({ port: front.port, connections: 16 });
    await waitUntil(() => load.answered() > 200, { what: 'a busy proxy' });
    servers[0]?.signal('SIGKILL');
    await servers[0]?.ended;
    await serve({ PORT: String(ports[0]) });
    const before = load.answered();
    await waitUntil(() => load.answered() > before + 200, { what: 'more answers' });
    load.stop();
    await load.over;
    expect(load.failures).to.deep.equal([]);
  });

  it('finishes what is in flight on SIGTERM and exits with 0', async () => {
    const front = await startFront();
    front.tell(await serve({}, 'websocket'));
    const socket = await upgrade(front.port);
    const answers = ['/slow', '/stream'].map((path) => fetchOnce({ port: front.port, path }));
    await waitUntil(async () => (await connectionsTo(front.port)) === 3, { what: 'the requests at the proxy' });
    front.server.signal('SIGTERM');
    expect((await Promise.all(answers)).map(({ body }) => body)).to.deep.equal(['slow', 'one two']);
    expect(await front.server.ended).to.deep.equal({ code: 0, signal: null });
    socket.close();
  });

  it('ends by itself when the daemon is gone', async () => {
    const front = await startFront();
    front.server.endInput();
    expect(await front.server.ended).to.deep.equal({ code: 0, signal: null });
  });

  it('writes an access log of one JSON object per line', async () => {
    const front = await startFront();
    front.tell(await serve());
    await fetchOnce({ port: front.port, path: '/headers' });
    const line = await waitUntil(() => /^.*"message":"GET \/headers".*$/m.exec(front.server.output())?.[0], {
      what: 'the line',
    });
    expect(JSON.parse(line)).to.include({
      level: 'info',
      proxy: 'web',
      status: 200,
      member: 'web-0',
      client: '127.0.0.1',
    });
  });

  it('explains a port that is taken, and wrong words', async () => {
    const front = await startFront();
    const second = await startServer({
      words: [paths.proxy, '--listen', `127.0.0.1:${front.port}`, '--upstream', 'web'],
      port: /never/,
    });
    expect(await second.ended).to.deep.equal({ code: 1, signal: null });
    expect(second.output()).to.include(
      `cannot listen on 127.0.0.1:${front.port}: another process listens there already`,
    );
    const third = await startServer({ words: [paths.proxy, '--listen', 'nowhere'], port: /never/ });
    expect(await third.ended).to.deep.equal({ code: 2, signal: null });
    expect(third.output()).to.include('--listen nowhere is not HOST:PORT');
  });
});

function serve(environment: Readonly<Record<string, string>> = {}, ...options: readonly string[]): Promise<Server> {
  return startServer({ words: [paths.server, ...options], port: /^listening (\d+)/m, environment });
}

async function startFront(): Promise<Front> {
  const [port = 0] = await freePorts(1);
  const words = [paths.proxy, '--listen', `127.0.0.1:${port}`, '--upstream', 'web'];
  const server = await startServer({ words, port: /listening on 127\.0\.0\.1:(\d+)/ });
  return {
    server,
    port,
    tell(...members) {
      const told = members.map((member, index) => ({
        name: `web-${index}`,
        host: '127.0.0.1',
        port: member.port,
        ready: member.ready ?? true,
      }));
      server.write(`${JSON.stringify({ members: told })}\n`);
    },
  };
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
