// One server: its connections, and the way of a request from the gate to its route. node:http is loaded when the first
// client comes. Every address but those marked open in routes.ts stands behind the gate. Idle connections are kept, as
// supervisord keeps them.

import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { stackOf } from '../base/errors.ts';
import type { ServerConfig } from '../config/servers.ts';
import type { Caller } from '../rpc/context.ts';
import { accessLine } from './access-line.ts';
import type { ActionToken } from './action-guard.ts';
import { answerError, type Exchange } from './answers.ts';
import { isProtected } from './auth.ts';
import { awaitsContinue, dropBody } from './body.ts';
import { callerOf, type Client, clientOf, describeClient } from './clients.ts';
import { Connections } from './connections.ts';
import type { HttpDeps } from './deps.ts';
import { awaitFirstBytes } from './first-bytes.ts';
import { Gate } from './gate.ts';
import type { Listening } from './listen.ts';
import type { Streams } from './log-stream.ts';
import { headTimeoutMs, makeHttp } from './node-http.ts';
import { findRoute } from './routes.ts';
import type { RpcSurroundings } from './rpc-route.ts';
import { TroubleLog } from './trouble-log.ts';

const maxConnections = 256;
const closingMs = 1000;
/** A client that takes nothing more of its answer for so long has gone, or never meant to read it. */
const stalledMs = 30_000;

/** What all servers have in common. */
export interface Shared extends RpcSurroundings {
  readonly token: ActionToken;
}

/** Answers on one socket until it is closed. */
export class OneServer {
  readonly #config: ServerConfig;
  readonly #deps: HttpDeps;
  readonly #shared: Shared;
  readonly #listening: Listening;
  readonly #connections: Connections;
  readonly #streams: Streams = new Set();
  readonly #clients = new WeakMap<Socket, Client>();
  readonly #trouble: TroubleLog;
  readonly #gate: Gate;
  #http: HttpServer | null = null;
  #closed: (() => void) | null = null;

  constructor(config: ServerConfig, around: Shared & { readonly listening: Listening }) {
    this.#config = config;
    this.#deps = around.deps;
    this.#shared = around;
    const { clock, logger, ownName } = around.deps;
    this.#trouble = new TroubleLog({ section: config.section, clock, warn: (text) => logger.warn(text) });
    this.#connections = new Connections(maxConnections, {
      clock,
      onGivenUp: (socket) =>
        this.#note(`closed a connection to make room for others (${maxConnections} are kept)`, socket),
    });
    this.#gate = new Gate({ server: config, clock, trouble: this.#trouble, ownName });
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
    this.#trouble.close();
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
      onLate: () => this.#noteLate(socket),
      take: (bytes) => {
        this.#http ??= makeHttp({
          serve: (request, response) => this.#serve(request, response),
          onLate: (late) => this.#noteLate(late),
        });
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
    const onStalled = (): void =>
      this.#note(`closed a connection that took nothing of its answer for ${stalledMs / 1000} s`, socket);
    const isWaiting = response.writableEnded && socket.writableLength > 0;
    if (isWaiting) socket.setTimeout(stalledMs, onStalled);
    await over;
    if (isWaiting) socket.setTimeout(0).off('timeout', onStalled);
    if (this.#deps.logger.isEnabled('trace')) {
      const sent = { bytes: socket.bytesWritten - written, wallMs: this.#deps.clock.wall() };
      this.#deps.logger.trace(accessLine(exchange, sent));
    }
  }

  async #answer(exchange: Exchange): Promise<void> {
    const { request, response } = exchange;
    const path = pathOf(request.url ?? '');
    const route = findRoute(path);
    const isIn = route.access === 'anybody' || this.#admits(exchange);
    if (isIn !== true && !(await isIn)) return undefined;
    const takesBody = route.readsBody === true && request.method === 'POST';
    if (takesBody && awaitsContinue(request)) response.writeContinue();
    if (!takesBody) await dropBody(request);
    // Not spread: that is slow, and done for each request.
    const { deps, token, turns, largeAnswers, loopDelay, requests } = this.#shared;
    return route.answer(exchange, {
      deps,
      token,
      turns,
      largeAnswers,
      loopDelay,
      requests,
      path,
      streams: this.#streams,
      server: this.#config,
      caller: this.#callerOf(exchange),
      trouble: this.#trouble,
    });
  }

  #admits(exchange: Exchange): true | Promise<boolean> {
    const { socket } = exchange.request;
    const client = this.#clientOf(socket);
    return this.#gate.admits({
      exchange,
      client,
      who: () => this.#describe(client),
      // It is worth nothing while it waits.
      onWait: () => this.#connections.mark(socket, 'idle'),
    });
  }

  #callerOf(exchange: Exchange): Caller {
    return callerOf(exchange, {
      client: this.#clientOf(exchange.request.socket),
      username: isProtected(this.#config) ? this.#config.username : null,
      nameOf: (uid) => this.#deps.userName(uid),
    });
  }

  /** By address or user, so that those who come again and again are one. */
  #note(what: string, socket: Socket): void {
    const client = this.#clientOf(socket);
    this.#trouble.note(what, client.kind === 'inet' ? client.address : this.#describe(client));
  }

  #noteLate(socket: Socket): void {
    this.#note('closed a connection whose request did not come in time', socket);
  }

  #describe(client: Client): string {
    return describeClient(client, (uid) => this.#deps.userName(uid));
  }

  /** Noted when it was accepted. */
  #clientOf(socket: Socket): Client {
    return this.#clients.get(socket) ?? clientOf(socket, { kind: this.#config.kind, peerOf: this.#deps.peerOf });
  }
}

/** The path alone, percent signs resolved where that is possible. */
function pathOf(url: string): string {
  if (/^[\w/.-]*$/.test(url)) return url;
  const [path = ''] = url.split(/[?#;]/, 1);
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
