// Passes one request or WebSocket on to one member, through http-proxy; what http-proxy leaves open is seen to here: a
// body that must not be lost when a member refuses, workers that break off or fall silent, clients that go.
import http, { type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import net from 'node:net';
import { type Duplex, Stream } from 'node:stream';
import httpProxy from 'http-proxy';
import { returnHeaders } from './forwarded.ts';
import type { PoolMember } from './member-pool.ts';

/**
 * How it went: `answered` also when the client did not wait for it, `refused` when the member has not seen anything of
 * the request, `lost` when it broke off and `silent` when it took too long before it answered.
 */
export type Outcome = 'answered' | 'refused' | 'lost' | 'silent';

export interface Passer {
  /** `anew`: over a new connection, not over one that was kept open. */
  pass(
    member: PoolMember,
    exchange: { request: IncomingMessage; response: ServerResponse; anew: boolean },
  ): Promise<Outcome>;
  /** Answers false when the member refused and nothing has happened yet. */
  passUpgrade(member: PoolMember, order: { request: IncomingMessage; socket: Duplex; head: Buffer }): Promise<boolean>;
  close(): void;
}

/** `silenceMs`: how long a member may be silent. `keepAlive`: whether clients' connections are to be kept open. */
export function createPasser({ silenceMs, keepAlive }: { silenceMs: number; keepAlive: () => boolean }): Passer {
  // Shorter than the 65 to 75 s after which a worker closes an idle connection, so that it is never the worker who does.
  const agent = new http.Agent({ keepAlive: true, timeout: 60_000 });
  // toProxy: the address is passed on as it came. Parsed by url.parse, one such as `http://[` would be an exception.
  const proxy = httpProxy.createProxyServer({ agent, toProxy: true });
  proxy.on('proxyRes', (answer, _request, response) => {
    returnHeaders(answer, { keepAlive: response.shouldKeepAlive && keepAlive() });
    // http-proxy would leave the client waiting for the rest.
    answer.once('close', () => {
      if (!answer.complete) response.destroy();
    });
  });
  // A tick later, when http-proxy has put its own listener in place.
  proxy.on('proxyReqWs', (outgoing, _request, socket) => process.nextTick(passRefusal, outgoing, socket));

  return {
    pass: (member, { request, response, anew }) =>
      new Promise((resolve) => {
        const sending: Sending = { outgoing: null, sent: false, silent: false };
        const end = (outcome: Outcome): void => {
          response.off('close', onClose);
          if (sending.outgoing !== null) request.unpipe(sending.outgoing);
          // http-proxy's own, one pair for each attempt.
          request.removeAllListeners('aborted').removeAllListeners('error');
          resolve(outcome);
        };
        function onClose(): void {
          if (!response.writableFinished) sending.outgoing?.destroy();
          end('answered');
        }
        response.once('close', onClose);
        const buffer = lateBody(request, { sending, silenceMs });
        proxy.web(request, response, { target: targetOf(member), buffer, ...(anew ? { agent: false } : {}) }, () => {
          // Once the answer is on its way, its own end or breaking off decides.
          if (!response.headersSent) end(!sending.sent ? 'refused' : sending.silent ? 'silent' : 'lost');
        });
      }),

    async passUpgrade(member, { request, socket, head }) {
      // Connected first: http-proxy ends the client's socket when a member refuses.
      const connection = await connect(member);
      if (connection === null) return false;
      const own = Object.assign(new http.Agent(), { createConnection: () => connection });
      socket.once('close', () => connection.destroy());
      proxy.ws(request, socket, head, { target: targetOf(member), agent: own }, () => socket.destroy());
      return true;
    },

    close: () => agent.destroy(),
  };
}

/** What is known of a request on its way to a member. */
interface Sending {
  outgoing: ClientRequest | null;
  /** The member was reached, so it may have seen the request. */
  sent: boolean;
  silent: boolean;
}

/**
 * What http-proxy takes for the body: it calls `pipe` once, with the request that it has just made. This one waits for
 * the connection, so that the body of a request that is refused is still whole for the next member.
 */
function lateBody(request: IncomingMessage, { sending, silenceMs }: { sending: Sending; silenceMs: number }): Stream {
  const pipe = (outgoing: ClientRequest): ClientRequest => {
    const send = (): void => {
      sending.sent = true;
      request.pipe(outgoing);
    };
    sending.outgoing = outgoing;
    // As the client wrote it: http-proxy's own way through URLs changes some.
    outgoing.path = request.url ?? '/';
    outgoing.setTimeout(silenceMs, () => {
      sending.silent = true;
      outgoing.destroy();
    });
    outgoing.once('socket', (socket) => {
      if (socket.connecting) socket.once('connect', send);
      else send();
    });
    return outgoing;
  };
  return Object.assign(new Stream(), { pipe });
}

function targetOf(member: PoolMember): { host: string; port: number; socketPath?: string } {
  return 'path' in member
    ? { host: 'localhost', port: 80, socketPath: member.path }
    : { host: member.host, port: member.port };
}

/** A connection to a member, or null when it refuses. */
function connect(member: PoolMember): Promise<net.Socket | null> {
  return new Promise((resolve) => {
    const connection = net.connect('path' in member ? { path: member.path } : { host: member.host, port: member.port });
    connection.once('connect', () => resolve(connection));
    connection.on('error', () => {
      connection.destroy();
      resolve(null);
    });
  });
}

/** A member that answers an upgrade with a plain response: passed on whole, which http-proxy gets wrong for chunked ones. */
function passRefusal(outgoing: ClientRequest, socket: net.Socket): void {
  outgoing.removeAllListeners('response').once('response', (answer) => {
    const names = answer.rawHeaders.filter((_text, at) => at % 2 === 0);
    const headers = names
      .map((name, at) => `${name}: ${answer.rawHeaders[2 * at + 1] ?? ''}\r\n`)
      .filter((line) => !/^(connection|keep-alive|transfer-encoding):/i.test(line));
    const status = `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n`;
    socket.write(`${status}${headers.join('')}Connection: close\r\n\r\n`, 'latin1');
    answer.pipe(socket);
  });
}
