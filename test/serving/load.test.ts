// The load generator finds what it is there to find: each way to lose or spoil a request, from a server that does it.
import { createHash } from 'node:crypto';
import net, { type Socket } from 'node:net';
import { expect } from 'chai';
import type { Kind, Plan, Report } from './load/plan.ts';
import { answersOf } from './load/plan.ts';
import { Load } from './load/start-load.ts';

const id = /\/([\da-f]{6}-\d+)/;

describe('the load generator', function () {
  this.timeout(60_000);

  it('takes right answers for right', async () => {
    const report = await load({ mix: { plain: 1 } }, (request, socket) => socket.write(answer(request)));
    expect([report.failed, answersOf(report)]).to.deep.equal([0, 40]);
  });

  const wrongs: readonly { what: string; kind?: Exclude<Kind, 'websocket'>; does: Server; reason: string | RegExp }[] =
    [
      {
        what: 'a 5xx',
        does: (_, socket) => socket.write('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n'),
        reason: 'status 502',
      },
      {
        what: 'another request’s answer',
        does: (_, socket) => socket.write(answer('/plain/abcdef-9')),
        reason: /^the answer to abcdef-9/,
      },
      {
        what: 'another body',
        does: (request, socket) => socket.write(answer(request, 'something')),
        reason: 'another body',
      },
      {
        what: 'a body that is cut, with a length to match',
        kind: 'post',
        does: (request, socket) => socket.write(answer(request, request.split('\r\n\r\n')[1]?.slice(0, 10))),
        reason: 'a truncated body',
      },
      {
        what: 'an answer that breaks off',
        does: (request, socket) => socket.end(answer(request).slice(0, -20)),
        reason: 'closed',
      },
      { what: 'a connection that is reset', does: (_, socket) => socket.resetAndDestroy(), reason: 'ECONNRESET' },
      { what: 'silence', does: () => undefined, reason: 'no answer for 300 ms' },
    ];
  for (const { what, kind = 'plain', does, reason } of wrongs) {
    it(`counts ${what}`, async () => {
      const report = await load({ mix: { [kind]: 1 }, total: 4, timeoutMs: 300 }, does);
      expect([report.failed, answersOf(report)]).to.deep.equal([4, 0]);
      for (const failure of report.failures)
        expect(failure.reason).to.match(typeof reason === 'string' ? new RegExp(`^${reason}$`) : reason);
    });
  }

  it('counts that nobody listens', async () => {
    const report = await new Load({
      port: 1,
      connections: { keepAlive: 1, websocket: 1 },
      mix: { plain: 1 },
      total: 6,
    }).over();
    expect(report.failures.map(({ reason }) => reason)).to.deep.equal(Array.from({ length: 6 }, () => 'ECONNREFUSED'));
  });

  it('tries once more on a reused connection that was closed before the answer, only if it is told to', async () => {
    // Each connection is closed upon its second request.
    const served = new WeakSet<Socket>();
    const does: Server = (request, socket) => {
      if (served.has(socket)) {
        socket.destroy();
      } else {
        served.add(socket);
        socket.write(answer(request));
      }
    };
    const strict = await load({ mix: { plain: 1 }, total: 10 }, does);
    expect([strict.failed, strict.retried, answersOf(strict)]).to.deep.equal([5, 0, 5]);
    expect(strict.failures.every(({ begun, reused }) => !begun && reused)).to.equal(true);
    const lenient = await load({ mix: { plain: 1 }, total: 10, retryReused: true }, does);
    expect([lenient.failed, answersOf(lenient)]).to.deep.equal([0, 10]);
    expect(lenient.retried).to.be.greaterThan(5);
  });

  it('counts a WebSocket that breaks off', async () => {
    const report = await load({ connections: { keepAlive: 0, websocket: 1 }, mix: {}, total: 2 }, (request, socket) => {
      const key = /^sec-websocket-key: (.*)$/im.exec(request)?.[1] ?? '';
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      if (key === '') socket.destroy();
      else socket.write(`HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    });
    expect(report.failures.map(({ reason, begun }) => [reason, begun])).to.deep.equal([
      ['closed', true],
      ['closed', true],
    ]);
  });
});

/** What a server does with the text of a request. */
type Server = (request: string, socket: Socket) => void;

/** A load of 40 requests over one connection on a server that treats each piece that comes as a request. */
async function load(plan: Partial<Plan>, does: Server): Promise<Report> {
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => does(bytes.toString('latin1'), socket));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  try {
    return await new Load({ port, connections: { keepAlive: 1 }, mix: {}, total: 40, ...plan }).over();
  } finally {
    server.close();
  }
}

/** The answer to this request, by default the one that belongs to it. */
function answer(request: string, body?: string): string {
  const [, its = ''] = id.exec(request) ?? [];
  const text = body ?? `${its} ${'.'.repeat(200)}`;
  return `HTTP/1.1 200 OK\r\nX-Id: ${its}\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
}
