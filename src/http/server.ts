// The HTTP servers of [unix_http_server] and [inet_http_server]: sockets are opened at once, node:http is loaded when
// the first client comes. Every address but those marked open in routes.ts stands behind the server's authentication.
// Idle connections are kept, as supervisord keeps them; when there are too many the longest idle one makes room.

import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { stackOf } from '../base/errors.ts';
import { errorCode } from '../base/system-error.ts';
import type { ServerConfig } from '../config/servers.ts';
import { accessLine } from './access-line.ts';
import { ActionToken } from './action-guard.ts';
import { answerError, type Exchange, rawError } from './answers.ts';
import { isProtected, judge } from './auth.ts';
import { dropBody } from './body.ts';
import type { HttpDeps } from './deps.ts';
import { listen, type Listening } from './listen.ts';
import type { Streams } from './log-stream.ts';
import { findRoute } from './routes.ts';

/** All servers of one daemon. */
export interface OpenServers {
  /** Ends listening and removes the sockets; what is being answered gets a second to end. */
  close(): Promise<void>;
}

/** A client must have sent its head, and then its whole request, within these; how long an answer takes is not limited. */
const headTimeoutMs = 20_000;
const requestTimeoutMs = 120_000;
const maxConnections = 256;
const closingMs = 1000;

/** Opens the sockets in order and answers from then on; throws ConfigError with supervisord's text, and then none is open. */
export async function openServers(servers: readonly ServerConfig[], deps: HttpDeps): Promise<OpenServers> {
  const open: OneServer[] = [];
  const token = new ActionToken();
  const close = async (): Promise<void> => {
    await Promise.all(open.map((server) => server.close()));
  };
  try {
    for (const config of servers) {
      open.push(new OneServer(config, { deps, token, listening: await listen(config, deps) }));
      for (const name of deps.rpc.interfaces) deps.logger.info(`RPC interface '${name}' initialized`);
      if (!isProtected(config)) {
        deps.logger.crit(`Server '${config.section}' running without any HTTP authentication checking`);
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

class OneServer {
  readonly #config: ServerConfig;
  readonly #deps: HttpDeps;
  readonly #token: ActionToken;
  readonly #listening: Listening;
  /** How many answers are due on each connection; those without are kept in the order in which they fell idle. */
  readonly #due = new Map<Socket, number>();
  readonly #streams: Streams = new Set();
  #http: HttpServer | null = null;
  #closed: (() => void) | null = null;

  constructor(
    config: ServerConfig,
    around: { readonly deps: HttpDeps; readonly token: ActionToken; readonly listening: Listening },
  ) {
    this.#config = config;
    this.#deps = around.deps;
    this.#token = around.token;
    this.#listening = around.listening;
    this.#listening.server.on('connection', (socket) => this.#accept(socket));
    // accept() failed, for example for want of descriptors: the next client may have more luck.
    this.#listening.server.on('error', (error) => this.#deps.logger.error(`${config.section}: ${error.message}`));
  }

  async close(): Promise<void> {
    this.#listening.server.close();
    this.#listening.remove();
    const allClosed = new Promise<void>((resolve) => {
      this.#closed = resolve;
    });
    for (const response of this.#streams) response.end();
    for (const [socket, due] of this.#due) if (due === 0) socket.destroy();
    if (this.#due.size > 0) {
      const timer = this.#deps.clock.after(closingMs, () => {
        for (const socket of this.#due.keys()) socket.destroy();
      });
      await allClosed;
      timer.cancel();
    }
    this.#http?.close();
  }

  #accept(socket: Socket): void {
    if (this.#due.size >= maxConnections && !this.#makeRoom()) {
      socket.destroy();
      return;
    }
    this.#due.set(socket, 0);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#due.delete(socket);
      if (this.#due.size === 0) this.#rest();
    });
    this.#http ??= this.#makeHttp();
    this.#http.emit('connection', socket);
  }

  /** Nobody is connected: node:http's watch over its time-outs, an interval, would wake the daemon for nothing. */
  #rest(): void {
    this.#http?.close();
    this.#http = null;
    this.#closed?.();
  }

  #makeRoom(): boolean {
    for (const [socket, due] of this.#due) {
      if (due > 0) continue;
      socket.destroy();
      this.#due.delete(socket);
      return true;
    }
    return false;
  }

  #makeHttp(): HttpServer {
    // Synchronous, and no import: bytes that came with the connection must find the parser in place.
    const { createServer } = process.getBuiltinModule('node:http');
    const http = createServer({
      headersTimeout: headTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: 5000,
      keepAliveTimeout: 0,
      requireHostHeader: false,
      noDelay: true,
    });
    // An answer that takes its time still goes to a client that has said all it will (socat, nc -N). The property is
    // older than Node's types (Node 20, _http_server.js socketOnEnd).
    Object.assign(http, { httpAllowHalfOpen: true });
    http.on('request', (request, response) => this.#serve(request, response));
    http.on('clientError', (error, socket) => {
      const late = errorCode(error) === 'ERR_HTTP_REQUEST_TIMEOUT';
      if (socket.writable) socket.end(rawError(late ? 408 : 400), () => socket.destroy());
      else socket.destroy();
    });
    // Not listening itself, it would otherwise not watch over its time-outs (Node 20, _http_server.js setupConnectionsTracking).
    http.emit('listening');
    return http;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const exchange: Exchange = { request, response };
    const written = socket.bytesWritten;
    this.#due.set(socket, (this.#due.get(socket) ?? 0) + 1);
    if (this.#closed !== null) response.shouldKeepAlive = false;
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    response.on('close', () => {
      if (this.#deps.logger.isEnabled('trace')) {
        this.#deps.logger.trace(
          accessLine(exchange, { bytes: socket.bytesWritten - written, wallMs: this.#deps.clock.wall() }),
        );
      }
      this.#answered(socket);
    });
    // A bug in a route must not end the daemon: it is logged, and the client is told.
    this.#answer(exchange).catch((error: unknown) => {
      this.#deps.logger.error(`Server Error: ${request.method} ${request.url}: ${stackOf(error)}`);
      answerError(exchange, 500);
    });
  }

  async #answer(exchange: Exchange): Promise<void> {
    const { request } = exchange;
    const path = pathOf(request.url ?? '');
    const route = findRoute(path);
    const verdict = route.access === 'anybody' || !isProtected(this.#config) ? 'allowed' : this.#judge(request);
    const takesBody = verdict === 'allowed' && route.readsBody === true && request.method === 'POST';
    if (!takesBody) await dropBody(request);
    if (verdict === 'allowed') {
      const [server, token] = [this.#config, this.#token];
      return route.answer(exchange, { path, deps: this.#deps, streams: this.#streams, server, token });
    }
    if (verdict === 'malformed') return answerError(exchange, 400);
    return answerError(exchange, 401, [
      ['Connection', 'close'],
      ['WWW-Authenticate', 'Basic realm="default"'],
    ]);
  }

  #judge(request: IncomingMessage): 'allowed' | 'denied' | 'malformed' {
    return judge(request.headers.authorization, this.#config);
  }

  /** Puts a connection that has nothing due at the end of the idle ones, or ends it when nothing can come any more. */
  #answered(socket: Socket): void {
    const due = (this.#due.get(socket) ?? 0) - 1;
    if (due < 0) return;
    this.#due.delete(socket);
    this.#due.set(socket, due);
    if (due === 0 && (this.#closed !== null || socket.readableEnded)) socket.destroySoon();
  }
}

/** The path alone, percent signs resolved where that is possible. */
function pathOf(url: string): string {
  const [path = ''] = url.split(/[?#;]/, 1);
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
