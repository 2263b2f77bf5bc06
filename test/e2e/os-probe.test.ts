// Probes over real sockets: what is sent, what counts as an answer, and that a probe that was given up is quiet.
import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect } from 'chai';
import type { NetworkCheck, ProbeResult } from '../../src/base/health-check.ts';
import { healthCheck } from '../../src/config/health.ts';
import { probe } from '../../src/os/probe.ts';
import { fakeValueContext } from '../support/make-config.ts';
import { freePorts } from '../support/free-port.ts';
import { waitUntil } from '../support/wait-until.ts';

function check(text: string): NetworkCheck {
  const read = healthCheck.read(text, fakeValueContext());
  if (read.kind === 'exec') throw new Error('no network');
  return read;
}

const ask = (text: string): Promise<ProbeResult> =>
  new Promise((resolve) => {
    probe(check(text), resolve);
  });

describe('a probe over the network', () => {
  const servers: (Server | HttpServer)[] = [];
  const open = async (server: Server | HttpServer, host = '127.0.0.1'): Promise<number> => {
    servers.push(server);
    server.listen(0, host);
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('no port');
    return address.port;
  };
  const raw = (talk: (socket: Socket) => void, host?: string): Promise<number> =>
    open(
      createServer((socket) => {
        socket.on('error', () => undefined);
        talk(socket);
      }),
      host,
    );
  const http = (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> =>
    open(createHttpServer(answer));

  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
    }
  });

  it('asks Node’s own HTTP server what it takes for a request', async () => {
    let asked: IncomingMessage | undefined;
    const port = await http((request, response) => {
      asked = request;
      response.end('ok');
    });
    expect(await ask(`http://u:p%20w@127.0.0.1:${port}/a/b?c=d&e`)).to.deep.equal({
      outcome: 'healthy',
      text: 'answered 200',
    });
    expect(asked).to.include({ method: 'GET', url: '/a/b?c=d&e', httpVersion: '1.1' });
    expect(asked?.headers).to.deep.equal({
      host: `127.0.0.1:${port}`,
      'user-agent': 'corevisor/0.1.0 (health)',
      accept: '*/*',
      connection: 'close',
      authorization: `Basic ${Buffer.from('u:p w').toString('base64')}`,
    });
  });

  for (const [status, outcome] of [
    [204, 'healthy'],
    [302, 'healthy'],
    [399, 'healthy'],
    [400, 'unhealthy'],
    [503, 'unhealthy'],
  ] as const) {
    it(`calls ${status} ${outcome}, and follows no redirect`, async () => {
      let count = 0;
      const port = await http((_, response) => {
        count += 1;
        response.writeHead(status, { location: '/elsewhere' }).end();
      });
      expect(await ask(`http://127.0.0.1:${port}/`)).to.deep.equal({ outcome, text: `answered ${status}` });
      expect(count).to.equal(1);
    });
  }

  it('reaches IPv6 addresses and names', async () => {
    const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));
    const port = hasIpv6 ? await raw((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'), '::1') : 9;
    expect((await ask(`http://[::1]:${port}/`)).outcome === 'healthy').to.equal(hasIpv6);
    expect((await ask(`tcp://[::1]:${port}`)).outcome === 'healthy').to.equal(hasIpv6);
    const other = await http((_, response) => response.end());
    expect(await ask(`http://localhost:${other}/`)).to.include({ outcome: 'healthy' });
  });

  it('reads an answer that comes in pieces, after an interim one', async () => {
    const port = await raw((socket) => {
      socket.setNoDelay(true);
      const pieces = ['HTTP/1.1 103 Early', ' Hints\r\nLink: x\r\n', '\r', '\nHTTP/1.1 2', '00 OK\r\nA: b\r\n\r\n'];
      const next = (): void => {
        const piece = pieces.shift();
        if (piece !== undefined) socket.write(piece, () => setImmediate(next));
      };
      next();
    });
    expect(await ask(`http://127.0.0.1:${port}/`)).to.deep.equal({ outcome: 'healthy', text: 'answered 200' });
  });

  it('says why there is no answer', async () => {
    const silent = await raw((socket) => socket.end());
    expect(await ask(`http://127.0.0.1:${silent}/`)).to.deep.equal({
      outcome: 'unhealthy',
      text: 'closed the connection without an answer',
    });
    const rude = await raw((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(await ask(`http://127.0.0.1:${rude}/`)).to.deep.equal({
      outcome: 'unhealthy',
      text: 'broke the connection off',
    });
    const other = await raw((socket) => socket.end('220 mail.example ESMTP\r\n'));
    expect(await ask(`http://127.0.0.1:${other}/`)).to.deep.equal({
      outcome: 'unhealthy',
      text: 'answered, but not with HTTP',
    });
    const [closed = 0] = await freePorts(1);
    for (const scheme of ['http', 'tcp']) {
      expect(await ask(`${scheme}://127.0.0.1:${closed}`)).to.deep.equal({
        outcome: 'unhealthy',
        text: 'refused the connection',
      });
    }
  });

  it('is heard of no more once it is given up, and its connection is closed', async () => {
    const sockets: Socket[] = [];
    const port = await raw((socket) => void sockets.push(socket));
    const heard: ProbeResult[] = [];
    const giveUp = probe(check(`http://127.0.0.1:${port}/`), (result) => heard.push(result));
    const [socket] = await waitUntil(() => (sockets.length > 0 ? sockets : null), { what: 'a connection' });
    socket?.resume();
    giveUp();
    giveUp();
    await waitUntil(() => socket?.destroyed === true || socket?.readableEnded === true, { what: 'its end' });
    expect(heard).to.deep.equal([]);
  });
});
