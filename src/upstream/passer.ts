// Passes one request or WebSocket on to one member, through http-proxy; what http-proxy leaves open is seen to here: a
// body that must not be lost when a member refuses, workers that break off or fall silent, clients that go.
import http, { type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import net from 'node:net';
import { type Duplex, Stream } from 'node:stream';
import httpProxy from 'http-proxy';
import { MemberAgent } from './member-agent.ts';
import type { PoolMember } from './member-pool.ts';
import { isLastOf, pairsOf, passAnswer } from './returning.ts';

/**
 * How it went: `answered` also when the client did not wait for it, `refused` when the member has not seen anything of
 * the request, `lost` when it broke off and `silent` when it took too long before it answered.
 */
export type Outcome = 'answered' | 'refused' | 'lost' | 'silent';

export interface Passer {
  /** `anew`: over a new connection, not over one that was kept open. */
  pass(
    member: PoolMember,
    exchange: {
      readonly request: IncomingMessage;
      readonly response: ServerResponse;
      readonly anew: boolean;
      /** Called once. */
      readonly onOutcome: (outcome: Outcome) => void;
    },
  ): void;
  /** Answers false when the member refused and nothing has happened yet. */
  passUpgrade(member: PoolMember, order: { request: IncomingMessage; socket: Duplex; head: Buffer }): Promise<boolean>;
  /** Keeps connections open to the members that are ready, and to no others. */
  rest(members: readonly PoolMember[]): void;
  close(): void;
}

/** `silenceMs`: how long a member may be silent. `keepAlive`: whether clients' connections are to be kept open. */
export function createPasser({ silenceMs, keepAlive }: { silenceMs: number; keepAlive: () => boolean }): Passer {
  const agents = new Map<string, { readonly agent: MemberAgent; readonly target: Target }>();
  const placeOf = (member: PoolMember): { readonly agent: MemberAgent; readonly target: Target } => {
    const target = targetOf(member);
    const key = target.socketPath ?? `${target.host}:${target.port}`;
    const known = agents.get(key);
    if (known !== undefined) return known;
    const place = { agent: new MemberAgent(Math.min(silenceMs, keptMs)), target };
    agents.set(key, place);
    return place;
  };
  // The address is passed on as it came. Parsed by url.parse, one such as `http://[` would be an exception.
  const proxy = httpProxy.createProxyServer({ toProxy: true, selfHandleResponse: true });
  // A tick later, when http-proxy has put its own listener in place.
  proxy.on('proxyReqWs', (outgoing, _request, socket) => process.nextTick(passRefusal, outgoing, socket));

  return {
    pass(member, { request, response, anew, onOutcome }) {
      const sending: Sending = { outgoing: null, sent: false, silent: false };
      const end = (outcome: Outcome): void => {
        response.off('close', onClose);
        // http-proxy's own, one pair for each attempt.
        request.removeAllListeners('aborted').removeAllListeners('error');
        onOutcome(outcome);
      };
      function onClose(): void {
        if (response.writableFinished) return onOutcome('answered');
        sending.outgoing?.destroy();
        end('answered');
      }
      response.on('close', onClose);
      const onAnswer = (answer: IncomingMessage): void => {
        if (!keepAlive()) response.shouldKeepAlive = false;
        passAnswer(answer, response);
      };
      const { agent, target } = placeOf(member);
      const ownTime = anew || silenceMs !== keptMs ? silenceMs : null;
      const buffer = lateBody(request, { sending, silenceMs: ownTime, onAnswer });
      proxy.web(request, response, { target, buffer, agent: anew ? false : agent, ignorePath: true }, () => {
        // Once the answer is on its way, its own end or breaking off decides.
        if (!response.headersSent) end(!sending.sent ? 'refused' : sending.silent ? 'silent' : 'lost');
      });
    },

    async passUpgrade(member, { request, socket, head }) {
      // Connected first: http-proxy ends the client's socket when a member refuses.
      const connection = await connect(member);
      if (connection === null) return false;
      const own = Object.assign(new http.Agent(), { createConnection: () => connection });
      socket.once('close', () => connection.destroy());
      proxy.ws(request, socket, head, { target: targetOf(member), agent: own }, () => socket.destroy());
      return true;
    },

    rest(members) {
      const ready = new Set(members.filter((member) => member.ready).map((member) => placeOf(member)));
      for (const [key, place] of agents) {
        place.agent.isResting = !ready.has(place);
        if (!ready.has(place) && Object.keys(place.agent.sockets).length === 0) agents.delete(key);
      }
    },

    close() {
      for (const { agent } of agents.values()) agent.destroy();
    },
  };
}

/** Shorter than the 65 to 75 s after which a worker closes an idle connection, so that it is never the worker who does. */
const keptMs = 60_000;

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
function lateBody(request: IncomingMessage, { sending, silenceMs, onAnswer }: BodyParts): Stream {
  const pipe = (outgoing: ClientRequest): ClientRequest => {
    const send = (): void => {
      sending.sent = true;
      sendBody(request, outgoing);
    };
    sending.outgoing = outgoing;
    // As the client wrote it: http-proxy's own way through URLs changes some.
    outgoing.path = request.url ?? '/';
    const onSilence = (): void => {
      sending.silent = true;
      outgoing.destroy();
    };
    if (silenceMs === null) outgoing.on('timeout', onSilence);
    else outgoing.setTimeout(silenceMs, onSilence);
    outgoing.on('response', onAnswer);
    outgoing.on('socket', (socket) => {
      if (socket.connecting) socket.once('connect', send);
      else send();
    });
    return outgoing;
  };
  return Object.assign(new Stream(), { pipe });
}

interface BodyParts {
  readonly sending: Sending;
  /** Null where the agent's connections have their time already: setting it for each request is expensive. */
  readonly silenceMs: number | null;
  readonly onAnswer: (answer: IncomingMessage) => void;
}

function sendBody(request: IncomingMessage, outgoing: ClientRequest): void {
  if (!hasBody(request)) return void outgoing.end();
  // By hand: pipe() costs a tenth of a small request, and does not know trailers.
  request.on('data', (bytes: Buffer) => {
    if (outgoing.destroyed || outgoing.writableEnded) return;
    if (isLastOf(request)) return void outgoing.end(bytes);
    if (outgoing.write(bytes)) return;
    request.pause();
    outgoing.once('drain', () => request.resume());
  });
  request.on('end', () => {
    if (outgoing.writableEnded) return;
    if (request.rawTrailers.length > 0) outgoing.addTrailers(pairsOf(request.rawTrailers));
    outgoing.end();
  });
}

/** Whether a request brings a body, be it empty (RFC 9112, 6.3). */
export function hasBody({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

interface Target {
  readonly host: string;
  readonly port: number;
  readonly socketPath?: string;
}

function targetOf(member: PoolMember): Target {
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
