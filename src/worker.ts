// `corevisor/worker`: imported or preloaded, it gives every node:http and node:https server of the process the drain that
// a restart without losses needs (docs/serving.md): on SIGTERM stop listening, answer what is in flight and what still
// arrives on open connections with `Connection: close`, close idle connections late, exit 0 when all are closed.
// Stands alone: it imports nothing of ours, nothing of ours imports it, and it changes only what it must in a foreign
// process: net.Server.prototype.listen, and a few methods of each HTTP server that listens.
import type http from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type https from 'node:https';
import { createRequire } from 'node:module';
import net from 'node:net';
import { isMainThread } from 'node:worker_threads';

/** Above the 60 s after which nginx drops an idle upstream connection, so that it is never us who closes first. */
const keepAliveMs = 70_000;
/** Node's default up to version 24; a server that has another value was told so by its application. */
const nodesKeepAliveMs = 5_000;
/**
 * How long a connection must be quiet after SIGTERM before we close it. nginx reuses its most recent connections first,
 * so one that is quiet for so long is hardly one that a request is being written to at this very moment.
 */
const quietMs = 1_000;
const lookEveryMs = 100;
/** A turn of the loop that took no longer had nothing to do. */
const idleTurnMs = 0.05;
/** How long such a turn is waited for before the listeners are closed. */
const stopListeningMs = 250;
/** When connections are cut that do not end; the supervisor's own SIGKILL after stopwaitsecs usually comes first. */
const drainMs = drainTime(process.env['COREVISOR_DRAIN_TIMEOUT']);

interface Connection {
  readonly socket: net.Socket;
  readonly responses: Set<ServerResponse>;
  /** Handed over to a WebSocket or a tunnel: whether something is in flight cannot be seen any more. */
  upgraded: boolean;
  quietSince: number;
  bytesWhenQuiet: number;
}

/** What is known of one server that listens or listened. */
interface Tracked {
  readonly server: Server;
  readonly connections: Map<net.Socket, Connection>;
}

/** The drain of this process. */
interface Drain {
  /** The servers that are not closed. */
  readonly open: Set<Tracked>;
  begun: boolean;
  /** Nobody listens any more, and every answer says that its connection closes. */
  announcing: boolean;
  /** Called when a server is closed, before its own listeners hear of it. */
  onClosed(): void;
}

install();

function install(): void {
  const installed = Symbol.for('corevisor.worker');
  if (!isMainThread || installed in process) return;
  Object.defineProperty(process, installed, { value: true });

  const drain: Drain = { open: new Set(), begun: false, announcing: false, onClosed: () => undefined };
  const known = new WeakMap<net.Server, Tracked>();
  let handling = false;
  const listen: unknown = Reflect.get(net.Server.prototype, 'listen');
  hide(net.Server.prototype, 'listen', function (this: net.Server, ...args: unknown[]): unknown {
    try {
      prepare(this);
    } catch (error) {
      // A server that cannot be drained is better than none.
      process.emitWarning(`corevisor/worker cannot drain a server: ${String(error)}`);
    }
    return call(listen, this, args);
  });

  function prepare(server: net.Server): void {
    if (!isHttp(server)) return;
    const tracked = known.get(server) ?? track(server, drain);
    known.set(server, tracked);
    drain.open.add(tracked);
    // Not before there is a server: a process without one dies of SIGTERM as ever. First in line, so that an
    // application's own handler, which may close its server, finds the drain begun.
    if (!handling) process.prependListener('SIGTERM', onTerm);
    handling = true;
  }

  function onTerm(): void {
    const alone = othersListening(onTerm) === 0;
    const isBusy = [...drain.open].some(({ server, connections }) => server.listening || connections.size > 0);
    if (isBusy && !drain.begun) {
      begin(drain);
      // Someone else's handler decides for itself when to exit and how long it may take.
      if (alone) exitWhenClosed(drain);
    } else if (alone && !isBusy) {
      // Nothing left to drain: die of the signal, as the process would have done without us. So do frameworks that, when
      // their server is closed, take their own handler away and send themselves the signal once more.
      process.removeListener('SIGTERM', onTerm);
      process.kill(process.pid, 'SIGTERM');
    }
  }
}

/**
 * Both are loaded only when something listens: NODE_OPTIONS is inherited, and every process that this module is preloaded into
 * (npm, a compiler, a script) would start some milliseconds later.
 */
const loaded: { http?: typeof http; https?: typeof https } = {};

function nodeHttp(): typeof http {
  return (loaded.http ??= hasBuiltins() ? process.getBuiltinModule('node:http') : oldWay('node:http'));
}

function nodeHttps(): typeof https {
  return (loaded.https ??= hasBuiltins() ? process.getBuiltinModule('node:https') : oldWay('node:https'));
}

/** A program may run on a Node that is older than the daemon's: before 20.16 there is no getBuiltinModule. */
function hasBuiltins(): boolean {
  return typeof Reflect.get(process, 'getBuiltinModule') === 'function';
}

function oldWay(id: string): ReturnType<NodeJS.Require> {
  return createRequire(process.execPath)(id);
}

function isHttp(server: net.Server): server is Server {
  return server instanceof nodeHttp().Server || server instanceof nodeHttps().Server;
}

/** Follows a server's connections and requests from before it listens, and makes its `close` gentle while it drains. */
function track(server: Server, drain: Drain): Tracked {
  const tracked: Tracked = { server, connections: new Map() };
  if (server.keepAliveTimeout === nodesKeepAliveMs) server.keepAliveTimeout = keepAliveMs;

  // Seen through `emit` and not through listeners: a listener for 'upgrade' or 'checkContinue' would change what Node does.
  const emit = override(server, 'emit');
  hide(server, 'emit', (event: string, ...args: unknown[]): unknown => {
    observe(tracked, { event, args, drain });
    return emit(event, ...args);
  });

  // Node closes idle connections at once in `close`, and a request that is on its way on one of them is lost. While we
  // drain, listening ends without the application's doing; its own handler only has to be told when all is closed.
  const close = override(server, 'close');
  hide(server, 'close', (callback?: () => void): unknown => {
    if (!drain.begun || !drain.open.has(tracked)) return close(callback);
    if (typeof callback === 'function') server.once('close', () => callback());
    return server;
  });
  const closeIdleConnections = override(server, 'closeIdleConnections');
  hide(server, 'closeIdleConnections', (): unknown => (drain.begun ? undefined : closeIdleConnections()));
  return tracked;
}

function observe(tracked: Tracked, seen: { event: string; args: readonly unknown[]; drain: Drain }): void {
  const [first, second] = seen.args;
  switch (seen.event) {
    // An HTTPS connection is announced twice and followed from the second on, when it can carry a request.
    case 'connection':
    case 'secureConnection':
      if (seen.event === 'connection' && !(tracked.server instanceof nodeHttp().Server)) return;
      if (first instanceof net.Socket) follow(tracked, first);
      return;
    case 'request':
    case 'checkContinue':
    case 'checkExpectation': {
      const connection = connectionOf(tracked, first);
      if (connection === undefined || !(second instanceof nodeHttp().ServerResponse)) return;
      if (connection.responses.has(second)) return;
      connection.responses.add(second);
      second.once('close', () => {
        connection.responses.delete(second);
        restQuiet(connection);
      });
      if (seen.drain.announcing) announceClose(second);
      return;
    }
    case 'upgrade':
    case 'connect': {
      const connection = connectionOf(tracked, first);
      if (connection !== undefined) connection.upgraded = true;
      return;
    }
    case 'close':
      seen.drain.open.delete(tracked);
      seen.drain.onClosed();
      return;
  }
}

function connectionOf({ connections }: Tracked, request: unknown): Connection | undefined {
  return request instanceof nodeHttp().IncomingMessage ? connections.get(request.socket) : undefined;
}

function follow(tracked: Tracked, socket: net.Socket): void {
  const connection = {
    socket,
    responses: new Set<ServerResponse>(),
    upgraded: false,
    quietSince: 0,
    bytesWhenQuiet: 0,
  };
  restQuiet(connection);
  tracked.connections.set(socket, connection);
  socket.once('close', () => tracked.connections.delete(socket));
}

function restQuiet(connection: Connection): void {
  connection.quietSince = performance.now();
  connection.bytesWhenQuiet = connection.socket.bytesRead;
}

/** Without a `Connection` header of the application's own, Node then writes `Connection: close` and means it. */
function announceClose(response: ServerResponse): void {
  if (!response.headersSent) response.shouldKeepAlive = false;
}

/** Begins the drain of all open servers. */
function begin(drain: Drain): void {
  drain.begun = true;
  stopListening(drain, performance.now() + stopListeningMs);
  setInterval(() => setImmediate(() => closeQuiet(drain)), lookEveryMs).unref();
}

/** For a process where nobody else handles SIGTERM. */
function exitWhenClosed(drain: Drain): void {
  drain.onClosed = () => {
    if (drain.open.size === 0) exitSoon();
  };
  setTimeout(() => {
    for (const { connections } of drain.open) for (const socket of connections.keys()) socket.destroy();
    exitSoon();
  }, drainMs).unref();
}

/**
 * Closes the listeners, then begins to announce it; in this order, because a client that is told to close opens another
 * connection at once. What the kernel has completed but we have not accepted is reset with the listener, and a POST that
 * was sent on it is lost: so it is done after a turn of the loop that had nothing to do, which has just seen an empty
 * queue. A server that never rests closes when the time for that is over.
 */
function stopListening(drain: Drain, until: number): void {
  const turnBegan = performance.now();
  setImmediate(() => {
    const now = performance.now();
    if (now - turnBegan > idleTurnMs && now < until) return stopListening(drain, until);
    for (const { server } of drain.open) net.Server.prototype.close.call(server);
    drain.announcing = true;
    for (const connection of [...drain.open].flatMap(({ connections }) => [...connections.values()])) {
      restQuiet(connection);
      connection.responses.forEach(announceClose);
    }
  });
}

/** A turn later, so that the application's own 'close' listeners have run. */
function exitSoon(): void {
  setImmediate(() => process.exit());
}

/** Run after the loop has read what had arrived, so that a request that is here already is not cut off. */
function closeQuiet({ open, announcing }: Drain): void {
  if (!announcing) return;
  const before = performance.now() - quietMs;
  for (const { connections } of open) {
    for (const { socket, responses, upgraded, quietSince, bytesWhenQuiet } of connections.values()) {
      const quiet = responses.size === 0 && !upgraded && socket.bytesRead === bytesWhenQuiet;
      if (quiet && quietSince <= before) socket.destroy();
    }
  }
}

/** Handlers of SIGTERM besides ours; the package signal-exit's do nothing where there is another one, so they do not count. */
function othersListening(ours: () => void): number {
  const idle = ['__signal_exit_emitter__', Symbol.for('signal-exit emitter')].map((name) => {
    const emitter: { count?: number } | undefined = Reflect.get(process, name);
    return emitter?.count ?? 0;
  });
  const others = process.listeners('SIGTERM').filter((listener) => listener !== ours).length;
  return others - idle.reduce((sum, count) => sum + count, 0);
}

/** Seconds, as the daemon hands [upstream:x] drain_timeout over where it is not 30. */
function drainTime(seconds = ''): number {
  const longestTimeoutMs = 2 ** 31 - 1;
  return /^\d+(\.\d+)?$/.test(seconds) ? Math.min(Number(seconds) * 1000, longestTimeoutMs) : 30_000;
}

/** The method as it is without us: the object's own if it has one, else its class's at the time of each call. */
function override(target: Server, name: 'emit' | 'close' | 'closeIdleConnections'): (...args: unknown[]) => unknown {
  const own: unknown = Object.getOwnPropertyDescriptor(target, name)?.value;
  return (...args) => call(own ?? Reflect.get(Object.getPrototypeOf(target), name), target, args);
}

function call(method: unknown, target: object, args: readonly unknown[]): unknown {
  return typeof method === 'function' ? Reflect.apply(method, target, args) : undefined;
}

/** Puts a method in place as a class would have it: not among the enumerable keys. */
function hide(target: object, name: string, method: (...args: never[]) => unknown): void {
  Object.defineProperty(target, name, { value: method, configurable: true, writable: true, enumerable: false });
}
