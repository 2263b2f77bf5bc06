import { appendFileSync, writeFileSync } from 'node:fs';
import { createHook } from 'node:async_hooks';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { Fault } from '../../src/base/errors.ts';
import type { HttpDeps } from '../../src/http/deps.ts';
import { openServers, type OpenServers } from '../../src/http/server.ts';
import { readResult, writeCall, type XmlRpcValue } from '../../src/rpc/xmlrpc.ts';
import { fakeGroup, fakeProcess, fakeSupervisor } from '../rpc/fakes.ts';
import { fakeMetrics } from '../support/fake-metrics.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { ask } from '../support/rpc.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const errorPage = (code: number, reason: string): string =>
  ['<head>', '<title>Error response</title>', '</head>', '<body>', '<h1>Error response</h1>']
    .concat(`<p>Error code ${code}.`, `<p>Message: ${reason}.`, '</body>', '')
    .join('\r\n');

const status = async (answer: Promise<{ status: number }>): Promise<number> => (await answer).status;

describe('the HTTP server', () => {
  const path = useTempFolder();
  let servers: OpenServers;
  let clock: FakeClock;
  let log: string[];
  let unready: string[];
  const sockets: Socket[] = [];
  let answers: (method: string) => Promise<XmlRpcValue>;

  async function open(credentials = { username: '', password: '' }): Promise<void> {
    clock = new FakeClock();
    log = [];
    unready = [];
    answers = (method) => Promise.resolve(method);
    writeFileSync(path('log'), 'a line\n');
    const say = (level: string) => (text: string) => void log.push(`${level} ${text.split('\n')[0]}`);
    const supervisor = fakeSupervisor([fakeGroup(fakeProcess({ stdoutLog: path('log') }))]);
    const deps: HttpDeps = {
      rpc: { interfaces: ['supervisor'], call: ({ method }) => answers(method) },
      pageRpc: { interfaces: ['supervisor'], call: ({ method }) => answers(method) },
      pageFiles: path('pages'),
      supervisor,
      unready: () => unready,
      metrics: fakeMetrics(),
      mainLog: { path: path('log') },
      logger: {
        crit: say('CRIT'),
        error: say('ERRO'),
        info: say('INFO'),
        warn: say('WARN'),
        trace: say('TRAC'),
        isEnabled: () => true,
      },
      clock,
      pid: process.pid,
      ownName: 'this-machine',
      peerOf: null,
      userName: () => null,
      stderr: say('stderr'),
    };
    const file = path('s');
    servers = await openServers(
      [
        {
          kind: 'unix',
          section: 'unix_http_server',
          file,
          chmod: 0o700,
          chown: null,
          getActions: false,
          ...credentials,
        },
      ],
      deps,
    );
  }

  const get = (target: string, more: { method?: string; headers?: Record<string, string> } = {}) =>
    ask({ socketPath: path('s') }, { path: target, ...more });
  const post = (body: string, headers: Record<string, string> = {}, target = '/RPC2') =>
    ask({ socketPath: path('s') }, { path: target, method: 'POST', body: Buffer.from(body), headers });

  /** A raw connection and what came over it so far. */
  async function raw(text: string): Promise<{ socket: Socket; received: () => string }> {
    let received = '';
    const socket = connect({ path: path('s'), allowHalfOpen: true });
    socket.on('data', (chunk) => (received += chunk.toString()));
    socket.on('error', () => undefined);
    sockets.push(socket);
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    socket.write(text);
    return { socket, received: () => received };
  }

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    const closed = servers.close();
    clock.advance(1000);
    await closed;
  });

  describe('without authentication', () => {
    beforeEach(() => open());

    it('says so in the log', () => {
      expect(log).to.deep.equal([
        `INFO RPC interface 'supervisor' initialized`,
        `CRIT Server 'unix_http_server' running without any HTTP authentication checking`,
      ]);
    });

    it('answers a call', async () => {
      const answer = await post(writeCall('a.b', []));
      expect(answer.status).to.equal(200);
      expect(answer.headers).to.include({ server: 'Medusa/1.12', 'content-type': 'text/xml' });
      expect(answer.headers['content-length']).to.equal(String(answer.body.length));
      expect(readResult(answer.body)).to.equal('a.b');
    });

    it('answers a fault with status 200', async () => {
      answers = () => Promise.reject(new Fault('BAD_NAME', 'x'));
      const answer = await post(writeCall('a.b', []));
      expect(answer.status).to.equal(200);
      expect(() => readResult(answer.body)).to.throw('BAD_NAME: x');
    });

    it('answers 500 for a bug, and logs it', async () => {
      answers = () => Promise.reject(new Error('oops'));
      const answer = await post(writeCall('a.b', []));
      expect(answer.status).to.equal(500);
      expect(answer.body.toString()).to.equal(errorPage(500, 'Internal Server Error'));
      expect(log.at(-1) ?? '').to.match(/^TRAC localhost:0 - - \[.*\] "POST \/RPC2 HTTP\/1.1" 500 \d+$/);
      expect(log.join('\n')).to.match(/^CRIT Handling XML-RPC request with data "<\?xml .* exception: Error: oops$/m);
    });

    it('answers 400 for what is no call, and logs it', async () => {
      expect(await status(post("it's"))).to.equal(400);
      expect(log).to.include(`ERRO XML-RPC request data "it's" is invalid: unmarshallable`);
      expect(await status(post('<methodCall/>'))).to.equal(400);
      expect(log).to.include(`ERRO XML-RPC request data '<methodCall/>' is invalid: no method name`);
    });

    const refused: readonly (readonly [string, number, () => Promise<{ status: number }>])[] = [
      ['GET /RPC2', 400, () => get('/RPC2')],
      ['an unknown address', 404, () => get('/nope')],
      ['a file that no page has', 404, () => get('/images/nope.png')],
      ['a method that no page has', 400, () => get('/nope', { method: 'PUT' })],
      [
        'a body without its length',
        411,
        () => get('/RPC2', { method: 'POST', headers: { 'Transfer-Encoding': 'chunked' } }),
      ],
      ['a page of another site', 403, () => post(writeCall('a.b', []), { Origin: 'http://evil.example' })],
      [
        'a page of another site, by its mark',
        403,
        () => post(writeCall('a.b', []), { 'Sec-Fetch-Site': 'cross-site' }),
      ],
      ['POST /mainlogtail', 400, () => post('', {}, '/mainlogtail')],
      ['the log of nobody', 404, () => get('/logtail/nope')],
      ['the log of a group', 404, () => get('/logtail/p:*')],
      ['an unknown channel', 404, () => get('/logtail/p/stdlog')],
      ['a channel without a log', 404, () => get('/logtail/p/stderr')],
      ['no name at all', 404, () => get('/logtail')],
    ];
    for (const [what, code, asked] of refused) {
      it(`answers ${code} for ${what}`, async () => expect(await status(asked())).to.equal(code));
    }

    it('answers 413 for a body that is too big, before it is sent', async () => {
      const { received } = await raw('POST /RPC2 HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n');
      await waitUntil(() => received().startsWith('HTTP/1.1 413 Request Entity Too Large\r\n'), { what: 'an answer' });
    });

    const tooLong = {
      head: `GET /livez HTTP/1.1\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`,
      status: '431 Request Header Fields Too Large',
    };
    const odd: readonly { readonly what: string; readonly head: string; readonly status: string }[] = [
      { what: 'a head that is too long', ...tooLong },
      { what: 'CONNECT', head: 'CONNECT x:80 HTTP/1.1\r\n\r\n', status: '400 Bad Request' },
      { what: 'an expectation that nobody has', head: 'GET /livez HTTP/1.1\r\nExpect: more\r\n\r\n', status: '200 OK' },
      { what: 'a name in UTF-8', head: 'GET /logtail/né HTTP/1.1\r\n\r\n', status: '404 Not Found' },
      {
        what: 'a wish to upgrade',
        head: 'GET /livez HTTP/1.1\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
        status: '200 OK',
      },
    ];
    for (const { what, head, status: wanted } of odd) {
      it(`answers ${wanted} to ${what}`, async () => {
        const { received } = await raw(head);
        await waitUntil(() => received().startsWith(`HTTP/1.1 ${wanted}\r\n`), { what: () => `not ${received()}` });
      });
    }

    it('lets a client go on that waits for it, and answers once', async () => {
      const body = writeCall('a.b', []);
      const { socket, received } = await raw(
        `POST /RPC2 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`,
      );
      await waitUntil(() => received() === 'HTTP/1.1 100 Continue\r\n\r\n', { what: 'a go-ahead' });
      socket.write(body);
      await waitUntil(() => received().includes('<string>a.b</string>'), { what: 'an answer' });
      expect(received().match(/^HTTP/gm)).to.have.length(2);
    });

    it('refuses a body that is too big before it lets the client go on', async () => {
      const { received } = await raw('POST /RPC2 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n');
      await waitUntil(() => received().includes('</body>'), { what: 'an answer' });
      expect(received()).to.match(/^HTTP\/1.1 413 /);
    });

    it('tells HTTP/1.0 that a connection stays, when it was asked to keep it', async () => {
      const { received } = await raw('GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
      await waitUntil(() => received().endsWith('ok\n'), { what: 'an answer' });
      expect(received()).to.match(/^Connection: Keep-Alive\r$/m);
    });

    it('lets a client go that leaves without a word', async () => {
      const { socket } = await raw('');
      const over = new Promise<void>((resolve) => socket.once('end', resolve));
      socket.end();
      await over;
    });

    it('lets newcomers in however many are there', async () => {
      for (let index = 0; index < 300; index += 1)
        await raw(index % 2 === 0 ? '' : 'POST /RPC2 HTTP/1.1\r\nContent-Length: 9\r\n\r\n');
      expect(await status(get('/livez'))).to.equal(200);
    });

    it('takes requests that are sent together one after another', async () => {
      const finish: ((value: XmlRpcValue) => void)[] = [];
      answers = () => new Promise((resolve) => void finish.push(resolve));
      const body = writeCall('a.b', []);
      const { received } = await raw(`POST /RPC2 HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`.repeat(2));
      await waitUntil(() => finish.length === 1, { what: 'the first call' });
      await get('/livez');
      expect(finish).to.have.length(1);
      finish[0]?.('one');
      await waitUntil(() => finish.length === 2, { what: 'the second call' });
      finish[1]?.('two');
      await waitUntil(() => received().includes('two'), { what: 'both answers' });
    });

    it('answers 400 for what is no HTTP and closes', async () => {
      const { socket, received } = await raw('rubbish\r\n\r\n');
      await new Promise<void>((resolve) => socket.once('end', resolve));
      expect(received()).to.match(/^HTTP\/1.1 400 Bad Request\r\n/);
    });

    it('keeps a connection for the next request, also when the client has stopped sending', async () => {
      const { socket, received } = await raw('GET /livez HTTP/1.1\r\n\r\nGET /livez HTTP/1.1\r\n\r\n');
      await waitUntil(() => received().split('200 OK').length === 3, { what: 'two answers' });
      expect(received()).not.to.match(/^connection:/im);
      socket.end('GET /readyz HTTP/1.0\r\n\r\n');
      await waitUntil(() => received().split('200 OK').length === 4, { what: 'a third answer' });
    });

    it('answers a client that has closed its half before the answer was ready, and then closes', async () => {
      let finish: ((value: XmlRpcValue) => void) | undefined;
      answers = () => new Promise((resolve) => (finish = resolve));
      const body = writeCall('supervisor.stopProcess', ['p']);
      const { socket, received } = await raw(`POST /RPC2 HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      let isOver = false;
      socket.on('end', () => (isOver = true));
      await waitUntil(() => finish !== undefined, { what: 'the call' });
      socket.end();
      // Another client's answer: by then the end of the first one's half has been seen.
      await get('/livez');
      finish?.('stopped');
      await waitUntil(() => received().includes('stopped'), { what: 'the answer' });
      await waitUntil(() => isOver, { what: 'the end of the connection' });
    });

    it('ends the stream of a log that says nothing when its reader has closed its half', async () => {
      const { socket, received } = await raw('GET /mainlogtail HTTP/1.1\r\n\r\n');
      await waitUntil(() => received().includes('a line'), { what: 'the first chunk' });
      socket.end();
      await waitUntil(() => clock.pending === 0, { what: 'the end of following' });
    });

    it('leaves no timer of node:http behind once nobody is connected', async () => {
      const timers = new Map<number, NodeJS.Timeout>();
      const hook = createHook({
        init: (id, _type, _trigger, resource) => void (isTimer(resource) && timers.set(id, resource)),
        destroy: (id) => void timers.delete(id),
      }).enable();
      await get('/livez');
      // Those of the test hold the loop open, those of node:http do not.
      const left = (): boolean => [...timers.values()].some((timer) => !timer.hasRef());
      expect(left()).to.equal(true);
      await waitUntil(() => !left(), { what: 'the end of the timers of node:http' });
      hook.disable();
    });

    it('streams a log from its end on, as it grows', async () => {
      writeFileSync(path('log'), `${'x'.repeat(2000)}\n`);
      const { socket, received } = await raw('GET /logtail/p:p/stdout HTTP/1.1\r\n\r\n');
      await waitUntil(() => received().includes('\r\n400\r\n'), { what: 'the first chunk' });
      expect(received())
        .to.match(/^Content-Type: text\/plain;charset=utf-8\r$/m)
        .and.to.match(/^X-Accel-Buffering: no\r$/m);
      expect(received())
        .to.match(/^Last-Modified: .* GMT\r$/m)
        .and.to.match(/^Transfer-Encoding: chunked\r$/m);
      appendFileSync(path('log'), 'more\n');
      clock.advance(100);
      await waitUntil(() => received().endsWith('5\r\nmore\n\r\n'), { what: 'the growth' });
      socket.destroy();
      await waitUntil(() => clock.pending === 0, { what: 'the end of following' });
    });

    it('ends streams when it closes, waits for answers, and takes its socket away', async () => {
      let finish: ((value: XmlRpcValue) => void) | undefined;
      answers = () => new Promise((resolve) => (finish = resolve));
      const stream = await raw('GET /mainlogtail HTTP/1.1\r\n\r\n');
      const idle = await raw('GET /livez HTTP/1.1\r\n\r\n');
      const waiting = post(writeCall('a.b', []));
      await waitUntil(() => log.some((line) => line.startsWith('TRAC XML-RPC method called')), { what: 'the call' });
      await waitUntil(() => stream.received().includes('a line') && idle.received() !== '', { what: 'the streams' });
      const closed = servers.close();
      await waitUntil(() => stream.received().endsWith('0\r\n\r\n'), { what: 'the end of the stream' });
      finish?.('done');
      expect(readResult((await waiting).body)).to.equal('done');
      await closed;
      expect(await get('/livez').catch((error: unknown) => error)).to.have.property('code', 'ENOENT');
    });

    it('answers the probes', async () => {
      expect((await get('/livez')).body.toString()).to.equal('ok\n');
      expect(await status(get('/readyz'))).to.equal(200);
      unready = ['web: 1 of 2 ready', 'a\u202eb', 'c', 'd', 'e'];
      const answer = await get('/readyz');
      expect(answer.status).to.equal(503);
      expect(answer.body.toString()).to.equal('not ready: web: 1 of 2 ready, a\\u202eb, c, 2 more\n');
      expect((await get('/livez')).body.toString()).to.equal('ok\n');
      expect(await status(get('/livez', { method: 'HEAD' }))).to.equal(200);
    });
  });

  describe('with authentication', () => {
    beforeEach(() => open({ username: 'user', password: 'secret' }));
    const login = { Authorization: `Basic ${Buffer.from('user:secret').toString('base64')}` };

    it('says nothing of it in the log', () =>
      expect(log).to.deep.equal([`INFO RPC interface 'supervisor' initialized`]));

    it('turns a client away before it lets it send its body', async () => {
      const { received } = await raw('POST /RPC2 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n');
      await waitUntil(() => received().includes('</body>'), { what: 'an answer' });
      expect(received()).to.match(/^HTTP\/1.1 401 /);
    });

    it('turns a client away that says it will send a body and does not', async () => {
      const { received } = await raw('POST /RPC2 HTTP/1.1\r\nContent-Length: 10\r\n\r\n');
      await waitUntil(() => received().includes('</body>'), { what: 'an answer' });
      expect(received()).to.match(/^HTTP\/1.1 401 /);
    });

    for (const target of ['/RPC2', '/', '/nope', '/mainlogtail', '/logtail/p', '/livez/x', '/%52PC2']) {
      it(`lets nobody unknown at ${target}`, async () => {
        const answer = await get(target);
        expect(answer.status).to.equal(401);
        expect(answer.headers).to.include({ 'www-authenticate': 'Basic realm="default"', connection: 'close' });
        expect(answer.body.toString()).to.equal(errorPage(401, 'Unauthorized'));
      });
    }

    it('makes no call for somebody unknown', async () => {
      let calls = 0;
      answers = (method) => {
        calls += 1;
        return Promise.resolve(method);
      };
      expect(await status(post(writeCall('a.b', [])))).to.equal(401);
      expect(await status(post(writeCall('a.b', []), { Authorization: 'Basic /w==' }))).to.equal(400);
      expect(calls).to.equal(0);
      expect(readResult((await post(writeCall('a.b', []), login)).body)).to.equal('a.b');
      expect(calls).to.equal(1);
    });

    it('answers the probes to anybody', async () => {
      expect(await status(get('/livez'))).to.equal(200);
      expect(await status(get('/readyz'))).to.equal(200);
    });
  });
});

function isTimer(resource: object): resource is NodeJS.Timeout {
  return 'hasRef' in resource && 'refresh' in resource;
}
