import { once } from 'node:events';
import http, { type RequestListener } from 'node:http';
import net from 'node:net';
import { expect } from 'chai';
import { statusOf } from '../../src/ctl/probe-url.ts';

describe('asking a URL for its status', () => {
  const open = new Set<net.Server>();
  async function listen(server: net.Server): Promise<URL> {
    open.add(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return new URL(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/path?query=1`);
  }
  const serve = (answer: RequestListener): Promise<URL> => listen(http.createServer(answer));
  afterEach(() => {
    for (const server of open) {
      server.close();
      if (server instanceof http.Server) server.closeAllConnections();
    }
    open.clear();
  });

  it('asks with path and query, and with the name and password that stand in it', async () => {
    const asked: unknown[] = [];
    const url = await serve(({ method, url: path, headers }, response) => {
      asked.push([method, path, headers.authorization]);
      response.end();
    });
    expect(await statusOf(url, 5000)).to.equal(200);
    url.username = 'user';
    url.password = 'p%20w';
    await statusOf(url, 5000);
    expect(asked).to.deep.equal([
      ['GET', '/path?query=1', undefined],
      ['GET', '/path?query=1', `Basic ${Buffer.from('user:p w').toString('base64')}`],
    ]);
  });

  it('follows no redirection', async () => {
    const url = await serve((_request, response) => response.writeHead(302, { Location: 'http://192.0.2.1/' }).end());
    expect(await statusOf(url, 5000)).to.equal(302);
  });

  it('waits for no body', async () => {
    const url = await serve((_request, response) => void response.write('the beginning of an endless stream'));
    expect(await statusOf(url, 60_000)).to.equal(200);
  });

  it('gives up a server that says nothing', async () => {
    const url = await listen(net.createServer());
    expect(await failure(statusOf(url, 50))).to.equal('no answer within 0.05 s');
  });

  it('fails with the address where nobody listens, and where no HTTP is spoken', async () => {
    const silent = await listen(
      net.createServer((socket) =>
        socket
          .on('error', () => undefined)
          .resume()
          .end('SSH-2.0-x\r\n'),
      ),
    );
    expect(await failure(statusOf(silent, 5000))).to.match(/^Parse Error/);
    const [server] = open;
    server?.close();
    await new Promise<void>((resolve) => void server?.once('close', resolve));
    expect(await failure(statusOf(silent, 5000))).to.equal(`connect ECONNREFUSED ${silent.host}`);
  });
});

function failure(asked: Promise<number>): Promise<string> {
  return asked.then(
    (status) => `answered ${status}`,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}
