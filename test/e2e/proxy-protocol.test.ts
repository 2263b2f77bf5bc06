// What of HTTP goes through the embedded proxy as it is, told by a raw client on one side and a server of the test on the other.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { freePorts } from '../support/free-port.ts';
import { connectionsTo, endServersAfterwards, fetchOnce, paths, type Server, startServer } from '../support/serving.ts';
import { waitUntil } from '../support/wait-until.ts';

describe('HTTP through the embedded proxy', () => {
  endServersAfterwards();
  const workers: http.Server[] = [];
  afterEach(() => {
    for (const worker of workers.splice(0)) worker.close().closeAllConnections();
  });

  it('is answers without a body where the protocol has none, one after the other on one connection', async () => {
    const { raw } = await start((request, response) => {
      if (request.url === '/204') response.writeHead(204).end();
      else if (request.url === '/304') response.writeHead(304, { ETag: '"x"' }).end();
      else response.writeHead(200, { 'Content-Length': 5 }).end('hello');
    });
    const { answers } = await raw(
      ['HEAD /', 'GET /204', 'GET /304', 'GET /'].map((line) => `${line} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''),
      (text) => text.endsWith('hello'),
    );
    expect(answers.match(/^HTTP\/1\.1 \d+/gm)).to.deep.equal([
      'HTTP/1.1 200',
      'HTTP/1.1 204',
      'HTTP/1.1 304',
      'HTTP/1.1 200',
    ]);
    expect(answers.match(/Content-Length: 5/g)).to.have.length(2);
    expect(answers.match(/hello/g)).to.have.length(1);
    expect(answers)
      .to.include('ETag: "x"')
      .and.not.match(/transfer-encoding/i);
  });

  it('is many requests at once on one connection, answered in their order', async () => {
    const { raw } = await start((request, response) => {
      setTimeout(() => response.end(`<${request.url}>`), request.url === '/1' ? 100 : 0);
    });
    const urls = Array.from({ length: 20 }, (_, index) => `/${index + 1}`);
    const { answers } = await raw(urls.map((url) => `GET ${url} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''), (text) =>
      text.includes('</20>'),
    );
    expect([...answers.matchAll(/<(\/\d+)>/g)].map(([, url]) => url)).to.deep.equal(urls);
  });

  it('is an answer without chunks for a client of HTTP/1.0, which knows its end by the end of the connection', async () => {
    const { raw } = await start((_request, response) => {
      response.write('one ');
      setTimeout(() => response.end('two'), 50);
    });
    const { answers, isClosed } = await raw('GET / HTTP/1.0\r\n\r\n', (text) => text.endsWith('two'));
    expect(answers)
      .to.match(/\r\n\r\none two$/)
      .and.not.match(/chunked/i);
    await waitUntil(isClosed, { what: 'the end of the connection' });
  });

  it('keeps a connection of HTTP/1.0 open where both want that', async () => {
    const { raw } = await start((_request, response) => response.writeHead(200, { 'Content-Length': 2 }).end('ok'));
    const request = 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n';
    const { answers } = await raw(request + request, (text) => (text.match(/ok/g) ?? []).length === 2);
    expect(answers.match(/connection: keep-alive/gi)).to.have.length(2);
  });

  it('is chunks and trailers, both ways', async () => {
    const { raw } = await start((request, response) => {
      response.writeHead(200, { Trailer: 'X-Sum' });
      request.on('data', (bytes: Buffer) => response.write(`[${bytes.toString()}]`));
      request.on('end', () => {
        response.addTrailers({ 'X-Sum': `got ${request.trailers['x-check']}` });
        response.end();
      });
    });
    const { answers } = await raw(
      'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTrailer: X-Check\r\n\r\n' +
        '3\r\nabc\r\n2\r\nde\r\n0\r\nX-Check: 42\r\n\r\n',
      (text) => text.includes('X-Sum: got'),
    );
    expect(answers).to.include('X-Sum: got 42');
    expect(answers.replaceAll(/\r\n[0-9a-f]+\r\n|\]\[/g, ''))
      .to.include('abc')
      .and.include('de');
  });

  it('lets a client that expects 100-continue go on', async () => {
    const { raw } = await start((request, response) => {
      request.setEncoding('utf8').on('data', (text: string) => response.end(`got ${text}`));
    });
    const { answers } = await raw(
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n',
      (text) => text.includes('got'),
      (text, say) => {
        if (text.startsWith('HTTP/1.1 100')) say('body');
      },
    );
    expect(answers)
      .to.match(/^HTTP\/1\.1 100 .*\r\n\r\nHTTP\/1\.1 200 /s)
      .and.include('got body');
  });

  it('is headers in their order and spelling, also several of one name, without those of the other connection', async () => {
    const { raw } = await start((_request, response) => {
      response.sendDate = false;
      const cookies = ['X-B', '1', 'Set-Cookie', 'a=1', 'x-a', '2', 'Set-Cookie', 'b=2'];
      response.writeHead(299, 'Fine Indeed', [...cookies, 'Keep-Alive', 'timeout=1', 'Content-Length', '0']);
      response.end();
    });
    const { answers } = await raw('GET / HTTP/1.1\r\nHost: x\r\n\r\n', (text) => text.includes('\r\n\r\n'));
    expect(answers).to.match(
      /^HTTP\/1\.1 299 Fine Indeed\r\nX-B: 1\r\nSet-Cookie: a=1\r\nx-a: 2\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n/,
    );
    expect(answers).not.to.include('timeout=1\r\n');
  });

  it('is the beginning of an answer before any of its body, as events from the server need it', async () => {
    const { raw } = await start((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
    });
    const { answers } = await raw('GET / HTTP/1.1\r\nHost: x\r\n\r\n', (text) => text.includes('event-stream'));
    expect(answers).to.match(/^HTTP\/1\.1 200 /);
  });

  it('is an upload of any size at the pace of the worker, and an answer at the pace of the client', async () => {
    const size = 200 * 1024 * 1024;
    const block = Buffer.alloc(1024 * 1024, 'x');
    const { front } = await start((request, response) => {
      let bytes = 0;
      request.on('data', (chunk: Buffer) => (bytes += chunk.length));
      // It takes its time before it reads.
      request.pause();
      setTimeout(() => request.resume(), 1000);
      request.on('end', () => {
        response.writeHead(200, { 'Content-Length': size, 'X-Got': bytes });
        const more = (left: number): void => {
          if (left === 0) return void response.end();
          if (response.write(block)) setImmediate(more, left - block.length);
          else response.once('drain', () => more(left - block.length));
        };
        more(size);
      });
    });
    await fetchOnce({ port: front.port, method: 'POST', body: 'x' }).catch(() => undefined);
    const before = memoryOf(front.pid);
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, memoryOf(front.pid))), 50);
    const request = http.request({ port: front.port, host: '127.0.0.1', method: 'POST', agent: false });
    for (let left = size; left > 0; left -= block.length) if (!request.write(block)) await once(request, 'drain');
    request.end();
    const answer = await new Promise<http.IncomingMessage>((done) => request.once('response', done));
    expect(answer.headers['x-got']).to.equal(String(size));
    await delay(500);
    let received = 0;
    answer.on('data', (bytes: Buffer) => (received += bytes.length));
    await once(answer, 'end');
    clearInterval(watch);
    expect(received).to.equal(size);
    // Buffers that wait for the collector; a proxy that kept what it could not pass on would need 200 MB.
    expect(most - before).to.be.lessThan(120);
  });

  it('keeps no connection open to a member that is not ready any more', async () => {
    const { front, worker, tell } = await start((request, response) => {
      setTimeout(() => response.end('ok'), request.url === '/slow' ? 500 : 0);
    });
    await fetchOnce({ port: front.port });
    expect(await connectionsTo(worker)).to.equal(1);
    const slow = [fetchOnce({ port: front.port, path: '/slow' }), fetchOnce({ port: front.port, path: '/slow' })];
    await waitUntil(async () => (await connectionsTo(worker)) === 2, { what: 'two requests at the worker' });
    await fetchOnce({ port: front.port });
    tell(false);
    await waitUntil(async () => (await connectionsTo(worker)) === 2, { what: 'the end of what is idle' });
    expect((await Promise.all(slow)).map(({ body }) => body)).to.deep.equal(['ok', 'ok']);
    await waitUntil(async () => (await connectionsTo(worker)) === 0, { what: 'the end of what was in flight' });
    tell(true);
    expect((await fetchOnce({ port: front.port })).body).to.equal('ok');
  });

  async function start(answer: http.RequestListener) {
    const worker = http.createServer(answer);
    workers.push(worker);
    worker.listen(0, '127.0.0.1');
    await once(worker, 'listening');
    const address = worker.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const [listen = 0] = await freePorts(1);
    const front: Server = await startServer({
      words: [paths.proxy, '--listen', `127.0.0.1:${listen}`, '--upstream', 'web'],
      port: /listening on 127\.0\.0\.1:(\d+)/,
    });
    const tell = (ready: boolean): void =>
      front.write(`${JSON.stringify({ members: [{ name: 'web', host: '127.0.0.1', port, ready }] })}\n`);
    tell(true);
    return { front, worker: port, tell, raw: rawTo(front.port) };
  }
});

/** Writes `text` on a connection of its own and reads until `isAll`. */
function rawTo(port: number) {
  return async (
    text: string,
    isAll: (answers: string) => boolean,
    onMore: (answers: string, say: (more: string) => void) => void = () => undefined,
  ): Promise<{ answers: string; isClosed: () => boolean }> => {
    const socket = net.connect({ host: '127.0.0.1', port });
    let answers = '';
    let isClosed = false;
    socket.on('error', () => undefined);
    socket.on('end', () => (isClosed = true));
    socket.on('data', (bytes: Buffer) => {
      answers += bytes.toString('latin1');
      onMore(answers, (more) => void socket.write(more));
    });
    socket.write(text);
    await waitUntil(() => isAll(answers), { what: () => `the whole answer; so far: ${answers}` });
    if (!isClosed) socket.unref();
    return { answers, isClosed: () => isClosed };
  };
}

/** Its resident memory in MiB. */
function memoryOf(pid: number): number {
  const [, kib = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1024;
}
