// The HTTP servers of [unix_http_server] and [inet_http_server]: sockets are opened at once, node:http is loaded when
// the first client comes. Every address but those marked open in routes.ts stands behind the server's authentication.
// Idle connections are kept, as supervisord keeps them.

import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { stackOf } from '../base/errors.ts';
import { Turns } from '../base/turns.ts';
import type { ServerConfig } from '../config/servers.ts';
import type { Caller } from '../rpc/context.ts';
import { accessLine } from './access-line.ts';
import { ActionToken } from './action-guard.ts';
import { answerError, type Exchange } from './answers.ts';
import { isProtected, judge } from './auth.ts';
import { awaitsContinue, dropBody, refuse } from './body.ts';
import { callerOf, type Client, clientOf } from './clients.ts';
import { Connections } from './connections.ts';
import type { HttpDeps } from './deps.ts';
import { awaitFirstBytes } from './first-bytes.ts';
import { LargeAnswers } from './large-answers.ts';
import { listen, type Listening } from './listen.ts';
import type { Streams } from './log-stream.ts';
import { headTimeoutMs, makeHttp } from './node-http.ts';
import { findRoute } from './routes.ts';
import type { RpcSurroundings } from './rpc-route.ts';

/** All servers of one daemon. */
export interface OpenServers {
  /** Ends listening and removes the sockets; what is being answered gets a second to end. */
  close(): Promise<void>;
}

const maxConnections = 256;
const closingMs = 1000;
/** A client that takes nothing more of its answer for so long has gone, or never meant to read it. */
const stalledMs = 30_000;

/** Opens the sockets in order and answers from then on; throws ConfigError with supervisord's text, and then none is open. */
export async function openServers(servers: readonly ServerConfig[], deps: HttpDeps): Promise<OpenServers> {
  const open: OneServer[] = [];
  const shared: Shared = {
    deps,
    token: new ActionToken(),
    turns: new Turns(deps.clock),
    largeAnswers: new LargeAnswers(),
  };
  const close = async (): Promise<void> => {
    await Promise.all(open.map((server) => server.close()));
  };
  try {
    for (const config of servers) {
      open.push(new OneServer(config, { ...shared, listening: await listen(config, deps) }));
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

const challenge = [
  ['Connection', 'close'],
  ['WWW-Authenticate', 'Basic realm="default"'],
] as const;

/** What all servers have in common. */
interface Shared extends RpcSurroundings {
  readonly token: ActionToken;
}

class OneServer {
  readonly #config: ServerConfig;
  readonly #deps: HttpDeps;
  readonly #shared: Shared;
  readonly #listening: Listening;
  readonly #connections: Connections;
  readonly #streams: Streams = new Set();
  readonly #clients = new WeakMap<Socket, Client>();
  #http: HttpServer | null = null;
  #closed: (() => void) | null = null;

  constructor(config: ServerConfig, around: Shared & { readonly listening: Listening }) {
    this.#config = config;
    this.#deps = around.deps;
    this.#shared = around;
    this.#connections = new Connections(maxConnections, around.deps.clock);
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
    this.#connections.closeIdle();
    if (this.#connections.size > 0) {
      const timer = this.#deps.clock.after(closingMs, () => this.#connections.closeAll());
      await allClosed;
      timer.cancel();
    }
    this.#http?.close();
  }

  #accept(socket: Socket): void {
    this.#connections.admit(socket);
    this.#clients.set(socket, clientOf(socket, { kind: this.#config.kind, peerOf: this.#deps.peerOf }));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#connections.forget(socket);
      if (this.#connections.size === 0) this.#rest();
    });
    awaitFirstBytes(socket, {
      timeoutMs: headTimeoutMs,
      take: (bytes) => {
        this.#http ??= makeHttp((request, response) => this.#serve(request, response));
        this.#http.emit('connection', socket);
        socket.unshift(bytes);
      },
    });
  }

  /** Nobody is connected: node:http's watch over its time-outs, an interval, would wake the daemon for nothing. */
  #rest(): void {
    this.#http?.close();
    this.#http = null;
    this.#closed?.();
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    this.#connections.enqueue(socket, {
      work: () => this.#exchange({ request, response }),
      whenIdle: () => {
        // Nothing can come any more.
        if (this.#closed !== null || socket.readableEnded) socket.destroySoon();
      },
    });
  }

  /** One request and its answer; done when the answer is sent, or the client has left. */
  async #exchange(exchange: Exchange): Promise<void> {
    const { request, response } = exchange;
    const { socket } = request;
    const written = socket.bytesWritten;
    const over = new Promise<void>((resolve) => {
      response.on('close', resolve);
    });
    if (this.#closed !== null) response.shouldKeepAlive = false;
    request.once('end', () => this.#connections.mark(socket, 'answering'));
    try {
      await this.#answer(exchange);
    } catch (error) {
      // A bug in a route must not end the daemon: it is logged, and the client is told.
      this.#deps.logger.error(`Server Error: ${request.method} ${request.url}: ${stackOf(error)}`);
      answerError(exchange, 500);
    }
    if (this.#streams.has(response)) this.#connections.mark(socket, 'following');
    // node:http ends the connection when this time is over without a byte taken.
    if (response.writableEnded && !response.writableFinished) socket.setTimeout(stalledMs);
    await over;
    socket.setTimeout(0);
    if (this.#deps.logger.isEnabled('trace')) {
      const sent = { bytes: socket.bytesWritten - written, wallMs: this.#deps.clock.wall() };
      this.#deps.logger.trace(accessLine(exchange, sent));
    }
  }

  async #answer(exchange: Exchange): Promise<void> {
    const { request, response } = exchange;
    const path = pathOf(request.url ?? '');
    const route = findRoute(path);
    const verdict = route.access === 'anybody' || !isProtected(this.#config) ? 'allowed' : this.#judge(request);
    const takesBody = verdict === 'allowed' && route.readsBody === true && request.method === 'POST';
    if (verdict === 'malformed') return refuse(exchange, { status: 400, headers: [] });
    if (verdict === 'denied') return refuse(exchange, { status: 401, headers: challenge });
    if (takesBody && awaitsContinue(request)) response.writeContinue();
    if (!takesBody) await dropBody(request);
    return route.answer(exchange, {
      ...this.#shared,
      path,
      streams: this.#streams,
      server: this.#config,
      caller: this.#callerOf(exchange),
    });
  }

  #callerOf(exchange: Exchange): Caller {
    return callerOf(exchange, {
      client: this.#clientOf(exchange.request.socket),
      username: isProtected(this.#config) ? this.#config.username : null,
      nameOf: (uid) => this.#deps.userName(uid),
    });
  }

  /** Noted when it was accepted. */
  #clientOf(socket: Socket): Client {
    return this.#clients.get(socket) ?? clientOf(socket, { kind: this.#config.kind, peerOf: this.#deps.peerOf });
  }

  #judge(request: IncomingMessage): 'allowed' | 'denied' | 'malformed' {
    return judge(request.headers.authorization, this.#config);
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
