// service/, the worker of the image and of `npm start`, as a process of its own.
import { expect } from 'chai';
import {
  endServersAfterwards,
  fetchOnce,
  keepAliveAgent,
  paths,
  type Server,
  startLoad,
  startServer,
} from '../support/serving.ts';
import { waitUntil } from '../support/wait-until.ts';

describe('the service', () => {
  endServersAfterwards();

  it('names the worker that answers', async () => {
    const server = await serve({ SUPERVISOR_PROCESS_NAME: 'web-8000' });
    const { status, headers, body } = await fetchOnce({ port: server.port });
    expect(status).to.equal(200);
    expect(headers['content-type']).to.equal('application/json');
    expect(JSON.parse(body)).to.deep.equal({
      service: 'corevisor',
      process: 'web-8000',
      pid: server.pid,
      port: server.port,
    });
  });

  it('answers health checks, HEAD, and what it does not have', async () => {
    const { port } = await serve();
    expect((await fetchOnce({ port, path: '/healthz?x=1' })).status).to.equal(200);
    expect(await fetchOnce({ port, method: 'HEAD' })).to.include({ status: 200, body: '' });
    expect((await fetchOnce({ port, path: '/nothing' })).status).to.equal(404);
    const post = await fetchOnce({ port, method: 'POST', body: 'x' });
    expect([post.status, post.headers['allow']]).to.deep.equal([405, 'GET, HEAD']);
  });

  it('writes its log as one JSON object per line', async () => {
    const server = await serve({ LOG_LEVEL: 'debug' });
    await fetchOnce({ port: server.port, path: '/healthz' });
    server.signal('SIGTERM');
    await server.ended;
    const lines = server
      .output()
      .trim()
      .split('\n')
      .map((line): Record<string, unknown> => JSON.parse(line));
    expect(lines.map((line) => line['message'])).to.deep.equal(['listening', 'request', 'stopped']);
    for (const line of lines) expect(line).to.include.keys('timestamp', 'level', 'pid');
  });

  it('drains on SIGTERM without losing a request, and exits with 0', async () => {
    const server = await serve();
    const agent = keepAliveAgent();
    await fetchOnce({ port: server.port, agent });
    const load = startLoad({ port: server.port, connections: 16, follow: true });
    await waitUntil(() => load.answered() > 500, { what: 'a busy server' });
    server.signal('SIGTERM');
    await load.over;
    expect(load.failures).to.deep.equal([]);
    expect((await fetchOnce({ port: server.port, agent })).headers.connection).to.equal('close');
    expect(await server.ended).to.deep.equal({ code: 0, signal: null });
  });

  const refusals = [
    { environment: { PORT: 'http' }, told: 'cannot start: PORT=\\"http\\"; accepted: 1 to 65535' },
    { environment: { PORT: '65536' }, told: 'cannot start: PORT=\\"65536\\"' },
    {
      environment: { LOG_LEVEL: 'loud' },
      told: 'cannot start: LOG_LEVEL=\\"loud\\"; accepted: error, warn, info, debug',
    },
    { environment: { HOST: '192.0.2.1' }, told: 'this machine has no such address' },
  ];
  for (const { environment, told } of refusals) {
    it(`explains ${JSON.stringify(environment)} and exits with 1`, async () => {
      const server = await serve(environment);
      expect(await server.ended).to.deep.equal({ code: 1, signal: null });
      expect(server.output()).to.include(told);
    });
  }

  it('explains a port that is taken and exits with 1', async () => {
    const first = await serve();
    const second = await serve({ PORT: String(first.port) });
    expect(await second.ended).to.deep.equal({ code: 1, signal: null });
    expect(second.output()).to.include(
      `cannot listen on 127.0.0.1:${first.port}: another process listens there already`,
    );
  });
});

function serve(environment: Readonly<Record<string, string>> = {}): Promise<Server> {
  return startServer({ words: [paths.service], port: /"port":(\d+)/, environment: { PORT: '0', ...environment } });
}
