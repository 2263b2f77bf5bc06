// The embedded reverse proxy: picks a ready member, tries another when one refuses, holds requests while nobody is ready
// and answers with a plain page when nobody comes (docs/serving.md). passer.ts does the passing.
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { forwardHeaders } from './forwarded.ts';
import { candidates, type MemberPool, type PoolMember } from './member-pool.ts';
import { createPasser, hasBody, type Outcome } from './passer.ts';
import { type Trouble, troublePage } from './trouble-page.ts';

export interface ProxyParts {
  readonly pool: MemberPool;
  readonly clock: Clock;
  /** How long a request is held while no member is ready. */
  readonly holdMs: number;
  /** How long a member may be silent. */
  readonly silenceMs: number;
  /** Told of each request when it is over, and of each WebSocket when it is passed on. */
  readonly onRequest: (seen: RequestSeen) => void;
}

/** One line of the access log. */
export interface RequestSeen {
  readonly client: string;
  readonly method: string;
  readonly url: string;
  /** 499 when the client went before it was answered, as nginx writes it. */
  readonly status: number;
  readonly ms: number;
  /** Who answered; '' for nobody. */
  readonly member: string;
}

export interface Proxy {
  readonly server: http.Server;
  /** From now on these are the members. */
  replaceMembers(members: readonly PoolMember[]): void;
  /** Stops listening, finishes what is in flight, and in the end cuts what does not finish. */
  close(): Promise<void>;
}

/** How long a silent connection is kept at the end: a request may be on its way, as seen from the client. */
const cutIdleMs = 500;
/** When WebSockets are cut at the end, and then everything; within supervisord's usual stopwaitsecs of 10. */
const cutWebSocketsMs = 1_000;
const cutAllMs = 8_000;

const nobody: ReadonlySet<string> = new Set();

/** Makes the proxy; the caller lets its server listen. */
export function createProxy({ pool, clock, holdMs, silenceMs, onRequest }: ProxyParts): Proxy {
  let closing = false;
  let cutsIdle = false;
  const passer = createPasser({ silenceMs, keepAlive: () => !closing });
  const upgraded = new Set<Duplex>();
  const holding = { clock, holdMs, mayWait: () => !closing };

  // No requestTimeout: how long an upload may take is not for a proxy to say.
  const server = http.createServer({ keepAliveTimeout: 70_000, requestTimeout: 0 }, (request, response) => {
    const since = clock.now();
    const { method = '', url = '' } = request;
    const client = request.socket.remoteAddress ?? '';
    let member = '';
    response.on('close', () => {
      const status = response.headersSent ? response.statusCode : 499;
      onRequest({ client, method, url, status, ms: Math.round(clock.now() - since), member });
      if (cutsIdle) setImmediate(() => server.closeIdleConnections());
    });
    try {
      serve(request, { client, response, chosen: (name) => (member = name) });
    } catch {
      // A bug, or a request that http-proxy chokes on: it is this client's loss alone.
      response.destroy();
    }
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
    socket.on('error', () => socket.destroy());
    upgrade(request, { socket, head }).catch(() => socket.destroy());
  });
  server.on('clientError', (_error, socket) => socket.destroy());

  /** Without a promise as long as nothing goes wrong: this is done for every request. */
  function serve(
    request: IncomingMessage,
    { client, response, chosen }: { client: string; response: ServerResponse; chosen: (name: string) => void },
  ): void {
    forwardHeaders(request, { client, upgrade: false });
    let losses = 0;
    let next: ReturnType<typeof candidates> | null = null;
    const first = pool.next(nobody);
    if (first === null) again();
    else attempt(first);

    function again(): void {
      next ??= candidates(pool, { ...holding, refused: first });
      next()
        .then(attempt)
        .catch(() => response.destroy());
    }

    function attempt(member: PoolMember | null): void {
      if (response.destroyed) return;
      if (member === null) return answerTrouble(response, 503);
      chosen(member.name);
      // One that ended has left other connections behind that are just as dead, but not all of them are seen to be yet.
      passer.pass(member, { request, response, anew: losses > 0, onOutcome });
    }

    function onOutcome(outcome: Outcome): void {
      if (outcome === 'answered' || response.destroyed) return;
      if (outcome === 'silent') return answerTrouble(response, 504);
      if (outcome === 'lost') losses += 1;
      // Twice lost is enough: it may be the request itself that ends workers.
      if (outcome === 'lost' && (losses > 1 || !isRepeatable(request))) return answerTrouble(response, 502);
      chosen('');
      again();
    }
  }

  async function upgrade(request: IncomingMessage, { socket, head }: { socket: Duplex; head: Buffer }): Promise<void> {
    if (request.method !== 'GET' || request.headers.upgrade?.toLowerCase() !== 'websocket') {
      socket.end('HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    const since = clock.now();
    const client = request.socket.remoteAddress ?? '';
    forwardHeaders(request, { client, upgrade: true });
    const next = candidates(pool, holding);
    for (;;) {
      const member = await next();
      if (socket.destroyed) return;
      if (member === null) {
        socket.end(troublePage(503).raw);
        return;
      }
      if (!(await passer.passUpgrade(member, { request, socket, head }))) continue;
      onRequest({
        client,
        method: 'GET',
        url: request.url ?? '',
        status: 101,
        ms: Math.round(clock.now() - since),
        member: member.name,
      });
      return;
    }
  }

  return {
    server,
    replaceMembers(members) {
      passer.rest(members);
      pool.replace(members);
    },
    async close() {
      closing = true;
      const timers = [
        clock.after(cutIdleMs, () => {
          cutsIdle = true;
          server.closeIdleConnections();
        }),
        clock.after(cutWebSocketsMs, () => cut(upgraded)),
        clock.after(cutAllMs, () => {
          server.closeAllConnections();
          cut(upgraded);
        }),
      ];
      pool.wake();
      await emptyQueue(clock);
      // Not http.Server's own close(): that cuts idle connections at once (since Node 19).
      await new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
      for (const timer of timers) timer.cancel();
      passer.close();
    },
  };
}

/** A turn of the loop that took no longer had nothing to do, not even connections to accept. */
const idleTurnMs = 0.05;
/** How long such a turn is waited for. */
const emptyQueueMs = 250;

/** Resolves when nobody waits to be accepted: who does would be reset when the last listener closes. */
async function emptyQueue(clock: Clock): Promise<void> {
  const until = clock.now() + emptyQueueMs;
  for (let began = -Infinity, now = clock.now(); now - began > idleTurnMs && now < until;) {
    began = now;
    await new Promise((resolve) => void setImmediate(resolve));
    now = clock.now();
  }
}

function cut(sockets: ReadonlySet<Duplex>): void {
  for (const socket of sockets) socket.destroy();
}

/** Whether a request that a member may have seen can go to another: doing it twice is as doing it once, and it has no body. */
function isRepeatable(request: IncomingMessage): boolean {
  const { method = '' } = request;
  return ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'].includes(method) && !hasBody(request);
}

function answerTrouble(response: ServerResponse, trouble: Trouble): void {
  const { status, headers, body } = troublePage(trouble);
  response.writeHead(status, headers);
  response.end(body);
}
