// Servers as real processes, and clients that use them as nginx does: over connections that are kept open.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { resolve } from 'node:path';
import { waitUntil } from './wait-until.ts';

const root = resolve(import.meta.dirname, '../..');

/** The built bundles and the programs that the tests of this part start. */
export const paths = {
  root,
  worker: resolve(root, 'dist/worker.cjs'),
  proxy: resolve(root, 'dist/proxy.cjs'),
  service: resolve(root, 'service/server.js'),
  server: resolve(import.meta.dirname, '../fixtures/children/serves-http.cjs'),
};

export interface Server {
  readonly pid: number;
  readonly port: number;
  /** All of its stdout and stderr so far. */
  output(): string;
  write(text: string): void;
  endInput(): void;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Starts `node` with these words and waits until its output has said a port, by the first group of `port`. */
export async function startServer(order: {
  words: readonly string[];
  port: RegExp;
  environment?: Readonly<Record<string, string>>;
}): Promise<Server> {
  const { COREVISOR_CPUS: _cpus, PORT: _port, NODE_OPTIONS: _options, ...environment } = process.env;
  const child = spawn(process.execPath, order.words, {
    cwd: root,
    env: { ...environment, ...order.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return followServer(child, order.port);
}

/** The same for a child that is there already. */
export async function followServer(child: ChildProcess, port: RegExp): Promise<Server> {
  let output = '';
  child.stdout?.on('data', (bytes: Buffer) => (output += bytes.toString()));
  child.stderr?.on('data', (bytes: Buffer) => (output += bytes.toString()));
  child.stdin?.on('error', () => undefined);
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done) => {
    child.once('close', (code, signal) => done({ code, signal }));
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const said = await waitUntil(() => port.exec(output) ?? child.exitCode !== null, {
    what: () => `a server's port; it said ${output}`,
  });
  return {
    pid: child.pid ?? 0,
    port: typeof said === 'boolean' ? 0 : Number(said[1]),
    output: () => output,
    write: (text) => void child.stdin?.write(text),
    endInput: () => void child.stdin?.end(),
    signal: (name) => void child.kill(name),
    ended,
  };
}

const running = new Set<ChildProcess>();

/** Call it in a `describe`: what a failed test left behind is ended. */
export function endServersAfterwards(): void {
  afterEach(() => {
    for (const child of running) child.kill('SIGKILL');
  });
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface Request {
  readonly port: number;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly agent?: http.Agent;
  /** Another place than the port: a unix socket, or over TLS. */
  readonly place?: { readonly socketPath: string } | { readonly tls: https.AgentOptions };
}

/** One request, over a connection of its own if no agent is given. */
export function fetchOnce(request: Request): Promise<Answer> {
  const { port, path = '/', method = 'GET', headers = {}, body, agent, place } = request;
  return new Promise((done, fail) => {
    const tls = place !== undefined && 'tls' in place ? place.tls : null;
    const to = place !== undefined && 'socketPath' in place ? place : { host: '127.0.0.1', port };
    // An agent has been told already: one that is told per request by whom to be convinced keeps no connection (Node 22).
    const options = { ...to, ...(agent === undefined ? tls : null), path, method, headers, agent: agent ?? false };
    const outgoing = (tls === null ? http : https).request(options, (incoming) => {
      let text = '';
      incoming.setEncoding('latin1');
      incoming.on('data', (chunk: string) => (text += chunk));
      incoming.on('error', fail);
      incoming.on('end', () => done({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text }));
    });
    outgoing.on('error', fail);
    outgoing.end(body);
  });
}

/** A client's end of one connection that is kept open. */
export function keepAliveAgent(tls: https.AgentOptions | null = null): http.Agent {
  const options = { keepAlive: true, maxSockets: 1 };
  return tls === null ? new http.Agent(options) : new https.Agent({ ...tls, ...options });
}

export interface Load {
  /** How many requests were answered with 200 so far. */
  answered(): number;
  /** What went wrong so far: error codes and other statuses. */
  readonly failures: string[];
  /** Waits for the end of all connections; `stop` lets each end after its current request. */
  readonly over: Promise<void>;
  stop(): void;
}

/**
 * Requests without a pause over `connections` connections. With `follow` a connection that the server announces to close
 * is not replaced, as by a client that turns to another server; without, the next request opens another.
 */
export function startLoad(order: Request & { connections: number; follow?: boolean }): Load {
  const { connections, follow = false, ...request } = order;
  const wish = { stop: false };
  let answered = 0;
  const failures: string[] = [];
  const work = async (): Promise<void> => {
    const agent = keepAliveAgent(request.place !== undefined && 'tls' in request.place ? request.place.tls : null);
    while (!wish.stop) {
      try {
        const { status, headers } = await fetchOnce({ ...request, agent });
        if (status === 200) answered += 1;
        else failures.push(String(status));
        if (follow && headers.connection === 'close') break;
      } catch (error) {
        failures.push(error instanceof Error ? error.message : String(error));
        break;
      }
    }
    agent.destroy();
  };
  const over = Promise.all(Array.from({ length: connections }, work)).then(() => undefined);
  return { answered: () => answered, failures, over, stop: () => void (wish.stop = true) };
}

/** How many connections a port has taken, by the kernel's table. */
export async function connectionsTo(port: number): Promise<number> {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((line) => line.trim().split(/\s+/));
  return lines.filter(([, local = '', , state]) => local.endsWith(wanted) && state === '01').length;
}

/** A connection on which an upgrade to a WebSocket was asked for, and what was answered. */
export interface Upgraded {
  readonly answer: string;
  /** Writes, and answers with what comes next. */
  say(text: string): Promise<string>;
  close(): void;
}

/** Asks for an upgrade as a browser does. */
export async function upgrade(port: number): Promise<Upgraded> {
  const socket = net.connect({ host: '127.0.0.1', port });
  const say = (text: string): Promise<string> =>
    new Promise((done, fail) => {
      socket.once('data', (bytes) => done(bytes.toString()));
      socket.once('error', fail);
      socket.write(text);
    });
  const answer = await say(
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n',
  );
  return { answer, say, close: () => void socket.destroy() };
}

/** Whether nobody takes a connection on this port. */
export function refuses(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = net.connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      done(false);
    });
    socket.once('error', () => done(true));
  });
}
