// corevisor/worker in real processes: what it adds to a server that knows nothing of it, and what it leaves alone.
import { existsSync } from 'node:fs';
import { expect } from 'chai';
import {
  connectionsTo,
  endServersAfterwards,
  fetchOnce,
  keepAliveAgent,
  paths,
  refuses,
  type Server,
  startLoad,
  startServer,
  upgrade,
} from '../support/serving.ts';
import { waitUntil } from '../support/wait-until.ts';

const preload = ['--require', paths.worker];

describe('the drain of a worker', () => {
  endServersAfterwards();
  before(() => expect(existsSync(paths.worker), 'the build').to.equal(true));

  const ways = {
    'preloaded by --require': { words: preload, environment: {} },
    'preloaded by --import': { words: ['--import', paths.worker], environment: {} },
    'preloaded by NODE_OPTIONS': { words: [], environment: { NODE_OPTIONS: `--require ${paths.worker}` } },
    'loaded twice': { words: [...preload, '--import', `${paths.worker}?again`], environment: {} },
  };
  for (const [way, { words, environment }] of Object.entries(ways)) {
    it(`loses no request of busy connections, ${way}`, async () => {
      const server = await serve({ words, environment, options: ['busy'] });
      const loads = [
        startLoad({ port: server.port, method: 'POST', body: 'x'.repeat(1000), connections: 8, follow: true }),
        startLoad({ port: server.port, connections: 8, follow: true }),
      ];
      await waitUntil(() => loads.every((load) => load.answered() > 300), { what: 'a busy server' });
      server.signal('SIGTERM');
      await Promise.all(loads.map((load) => load.over));
      expect(loads.flatMap((load) => load.failures)).to.deep.equal([]);
      expect(await server.ended).to.deep.equal({ code: 0, signal: null });
    });
  }

  it('finishes what is in flight, also an answer that has begun', async () => {
    const server = await serve({ options: ['busy'] });
    const answers = [
      fetchOnce({ port: server.port, path: '/slow' }),
      fetchOnce({ port: server.port, path: '/stream' }),
    ];
    await waitUntil(() => connectionsTo(server.port).then((count) => count === 2), { what: 'two connections' });
    server.signal('SIGTERM');
    expect((await Promise.all(answers)).map(({ body }) => body)).to.deep.equal(['slow', 'one two']);
    expect(await server.ended).to.deep.equal({ code: 0, signal: null });
  });

  it('cuts what is left after COREVISOR_DRAIN_TIMEOUT seconds instead of 30', async () => {
    const server = await serve({ options: ['websocket'], environment: { COREVISOR_DRAIN_TIMEOUT: '1.5' } });
    const socket = await upgrade(server.port);
    const began = performance.now();
    server.signal('SIGTERM');
    expect(await server.ended).to.deep.equal({ code: 0, signal: null });
    expect(performance.now() - began).to.be.within(1400, 20_000);
    socket.close();
  });

  it('answers what arrives on an idle connection, and says that it closes', async () => {
    const server = await serve({ options: ['busy'] });
    const agent = keepAliveAgent();
    expect((await fetchOnce({ port: server.port, agent })).headers.connection).to.equal('keep-alive');
    server.signal('SIGTERM');
    await waitUntil(() => refuses(server.port), { what: 'a server that takes no new connection' });
    const late = await fetchOnce({ port: server.port, method: 'POST', body: 'late', agent });
    expect(late.body).to.equal(`${server.pid} 4`);
    expect(late.headers.connection).to.equal('close');
    expect(await server.ended).to.deep.equal({ code: 0, signal: null });
  });

  it('closes idle connections by itself, but not at once', async () => {
    const server = await serve({ options: ['busy'] });
    const agent = keepAliveAgent();
    await fetchOnce({ port: server.port, agent });
    const since = performance.now();
    server.signal('SIGTERM');
    expect(await server.ended).to.deep.equal({ code: 0, signal: null });
    expect(performance.now() - since).to.be.within(900, 5000);
    agent.destroy();
  });

  it('ends at once when nobody is connected', async () => {
    const server = await serve({ options: ['busy'] });
    const since = performance.now();
    server.signal('SIGTERM');
    expect(await server.ended).to.deep.equal({ code: 0, signal: null });
    expect(performance.now() - since).to.be.lessThan(800);
  });

  it('keeps an open WebSocket as it is', async () => {
    const server = await serve({ options: ['websocket'] });
    const socket = await upgrade(server.port);
    expect(socket.answer).to.match(/^HTTP\/1\.1 101 /);
    server.signal('SIGTERM');
    await waitUntil(() => refuses(server.port), { what: 'a server that takes no new connection' });
    expect(await socket.say('still there')).to.equal('still there');
    socket.close();
    expect(await server.ended).to.deep.equal({ code: 0, signal: null });
  });
});

describe('what the worker module leaves alone', () => {
  endServersAfterwards();

  it('lets a process without a server die of SIGTERM', async () => {
    const server = await serve({ options: ['nothing'] });
    server.signal('SIGTERM');
    expect(await server.ended).to.deep.equal({ code: null, signal: 'SIGTERM' });
  });

  it('lets a process whose server is closed die of SIGTERM', async () => {
    const server = await serve({ options: ['closes', 'busy'] });
    server.signal('SIGTERM');
    expect(await server.ended).to.deep.equal({ code: null, signal: 'SIGTERM' });
  });

  it('lets an application’s own handler decide how to exit, and makes its close gentle', async () => {
    const server = await serve({ options: ['own-handler', 'busy'] });
    const agent = keepAliveAgent();
    await fetchOnce({ port: server.port, agent });
    server.signal('SIGTERM');
    await waitUntil(() => refuses(server.port), { what: 'a server that takes no new connection' });
    expect((await fetchOnce({ port: server.port, method: 'POST', body: 'late', agent })).body).to.equal(
      `${server.pid} 4`,
    );
    expect(await server.ended).to.deep.equal({ code: 3, signal: null });
  });

  it('lets a cluster, whose primary owns the socket, serve and die of SIGTERM as without it', async () => {
    const server = await serve({ options: ['cluster'] });
    await waitUntil(() => [...server.output().matchAll(/^listening /gm)].length === 2, { what: 'two workers' });
    expect((await fetchOnce({ port: server.port, method: 'POST', body: 'four' })).body).to.match(/^\d+ 4$/);
    server.signal('SIGTERM');
    expect(await server.ended).to.deep.equal({ code: null, signal: 'SIGTERM' });
    await waitUntil(() => refuses(server.port), { what: 'the end of its workers' });
  });

  it('raises keepAliveTimeout above nginx’s 60 s', async () => {
    expect((await serve({})).output()).to.match(/^listening \d+ 70000$/m);
  });

  it('leaves a keepAliveTimeout that the application set', async () => {
    expect((await serve({ options: ['keep-alive=1234'] })).output()).to.match(/^listening \d+ 1234$/m);
  });

  it('answers an upgrade nobody listens for as a plain request', async () => {
    const server = await serve({});
    const headers = { Connection: 'Upgrade', Upgrade: 'websocket' };
    expect((await fetchOnce({ port: server.port, headers })).status).to.equal(200);
  });
});

function serve(order: {
  words?: readonly string[];
  options?: readonly string[];
  environment?: Readonly<Record<string, string>>;
}): Promise<Server> {
  const { words = preload, options = [], environment = {} } = order;
  return startServer({ words: [...words, paths.server, ...options], port: /^listening (\d+) \d+$/m, environment });
}
