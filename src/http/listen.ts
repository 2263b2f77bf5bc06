// Opens the sockets that the servers listen on, with node:net alone, so that a taken port is known before any child
// starts. Texts are supervisord's (its options.py `openhttpservers`, http.py `supervisor_af_unix_http_server`).
// A unix socket is bound under a name of its own and then hard-linked to its real name: it appears with its mode and
// owner already set, and a socket that somebody listens on is never replaced.

import { chmodSync, existsSync, lchownSync, linkSync, lstatSync, renameSync, type Stats, unlinkSync } from 'node:fs';
import { connect, createServer, isIP, type ListenOptions, type Server } from 'node:net';
import { dirname } from 'node:path';
import { ConfigError, type ConfigErrorPlace } from '../base/errors.ts';
import { errorCode, isSystemError } from '../base/system-error.ts';
import type { ServerConfig } from '../config/servers.ts';

type UnixServer = Extract<ServerConfig, { kind: 'unix' }>;
type InetServer = Extract<ServerConfig, { kind: 'inet' }>;

/** A socket that listens; `remove` takes a unix socket's file away, if it is still ours. */
export interface Listening {
  readonly server: Server;
  remove(): void;
}

export interface ListenSurroundings {
  readonly pid: number;
  /** Takes whole lines for stderr; resolves when they are out, or given up. */
  stderr(text: string): void | Promise<void>;
}

const backlog = 1024;

/** sizeof(sun_path) less its closing NUL, unix(7). */
const longestUnixPath = 107;

/** Opens one server's socket; throws ConfigError with supervisord's text. */
export async function listen(server: ServerConfig, around: ListenSurroundings): Promise<Listening> {
  try {
    return await (server.kind === 'unix' ? listenUnix(server, around) : listenInet(server));
  } catch (error) {
    const problem = isSystemError(error) ? socketProblem(error) : error instanceof ConfigError ? error.message : null;
    if (problem === null) throw error;
    throw new ConfigError(problem, placeOf(server), { cause: error });
  }
}

/** Which of several servers it was: supervisord's sentences do not say. */
function placeOf(server: ServerConfig): ConfigErrorPlace {
  const { section } = server;
  return server.kind === 'unix'
    ? { section, option: 'file', value: server.file, accepted: 'the path of a socket that nobody listens on' }
    : { section, option: 'port', value: `${server.host}:${server.port}`, accepted: 'a free port of this machine' };
}

async function listenInet({ host, port }: InetServer): Promise<Listening> {
  const server = newServer();
  await listening(server, { host: await addressOf(host), port, backlog });
  return { server, remove: () => undefined };
}

/** supervisord listens on IPv4 unless told otherwise, and all addresses are those of IPv4. */
async function addressOf(host: string): Promise<string> {
  const bare = /^\[(.*)\]$/.exec(host)?.[1] ?? host;
  if (bare === '') return '0.0.0.0';
  if (isIP(bare) !== 0) return bare;
  const { lookup } = await import('node:dns/promises');
  const { address } = await lookup(bare, { family: 4 });
  return address;
}

async function listenUnix(config: UnixServer, around: ListenSurroundings): Promise<Listening> {
  const { file, chmod, chown } = config;
  const path = `${file}.${around.pid}`;
  if (Buffer.byteLength(path) > longestUnixPath)
    throw new ConfigError('Cannot open an HTTP server: socket.error reported AF_UNIX path too long');
  if (!existsSync(dirname(file))) throw errnoError('ENOENT', 2); // libuv would say EACCES
  removeIfThere(path);
  const server = newServer();
  // bind() happens within listen(): the socket never has a wider mode than it is to have.
  const umask = process.umask(0o777 & ~chmod);
  const isListening = listening(server, { path, backlog });
  process.umask(umask);
  try {
    await isListening;
    // In place already, unless the directory has a default ACL; only then something is done by name, where somebody else
    // who may write to the directory could have put a link.
    if ((lstatSync(path).mode & 0o7777) !== chmod) chmodSync(path, chmod);
    if (chown !== null) changeOwner(path, { file, ...chown });
    await putInPlace(path, { file, around });
  } catch (error) {
    server.close();
    throw error;
  } finally {
    removeIfThere(path);
  }
  const ours = lstatSync(file);
  return { server, remove: () => removeIfSame(file, ours) };
}

function newServer(): Server {
  // What http.Server sets for itself: answers may go out after the client has closed its half.
  return createServer({ allowHalfOpen: true, noDelay: true });
}

function listening(server: Server, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    open(server, options);
  });
}

/**
 * What `listen` itself calls (Node 20 to 25, lib/net.js), for a process that is no worker of a cluster: `listen` loads
 * `cluster` to find that out, and with it `child_process` and `dgram`, 3 ms before the first child.
 */
function open(server: Server, options: ListenOptions): void {
  const direct: unknown = Reflect.get(server, '_listen2');
  if (typeof direct !== 'function' || 'NODE_UNIQUE_ID' in process.env) return void server.listen(options);
  const { path, host = '', port, backlog: waiting } = options;
  const place = path === undefined ? [host, port, isIP(host)] : [path, -1, -1];
  Reflect.apply(direct, server, [...place, waiting]);
}

/** Gives a bound socket its real name, in place of a stale one if need be. */
async function putInPlace(
  path: string,
  { file, around }: { readonly file: string; readonly around: ListenSurroundings },
): Promise<void> {
  for (;;) {
    const linked = tryLink(path, file);
    if (linked === 'done') return;
    const found = statOf(file);
    if (found === null) {
      if (linked === 'taken') continue;
      renameSync(path, file);
      return;
    }
    if (!found.isSocket()) throw new ConfigError(`Cannot open an HTTP server: ${file} exists and is not a socket`);
    if (await isAlive(file)) throw errnoError('EADDRINUSE', 98);
    removeStale(file, { stale: found, aside: `${path}.stale` });
    // On the way to the background stderr is let go of.
    await around.stderr(`Unlinking stale socket ${file}\n`);
  }
}

function tryLink(path: string, file: string): 'done' | 'taken' | 'no hard links here' {
  try {
    linkSync(path, file);
    return 'done';
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST') return 'taken';
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'EOPNOTSUPP' || code === 'ENOSYS')
      return 'no hard links here';
    throw error;
  }
}

/** Somebody accepts, or might: only a refusal proves that nobody does. */
function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => resolve(!['ECONNREFUSED', 'ENOENT'].includes(errorCode(error))));
  });
}

/** Two daemons may find the same stale socket, and one of them has its own there already: that one is put back. */
function removeStale(file: string, { stale, aside }: { readonly stale: Stats; readonly aside: string }): void {
  try {
    renameSync(file, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  if (!isSame(lstatSync(aside), stale)) tryLink(aside, file);
  unlinkSync(aside);
}

function isSame(a: Stats, b: Stats): boolean {
  return a.ino === b.ino && a.dev === b.dev;
}

function removeIfSame(file: string, wanted: Stats): void {
  const found = statOf(file);
  if (found !== null && isSame(found, wanted)) removeIfThere(file);
}

/** As rmSync with `force`, which loads what removes whole trees. */
function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

function statOf(file: string): Stats | null {
  return lstatSync(file, { throwIfNoEntry: false }) ?? null;
}

function changeOwner(
  path: string,
  { file, uid, gid }: { readonly file: string; readonly uid: number; readonly gid: number },
): void {
  try {
    lchownSync(path, uid, gid);
  } catch (error) {
    if (errorCode(error) !== 'EPERM') throw error;
    const username = ownName();
    throw new ConfigError(
      `Not permitted to chown ${file} to uid/gid (${uid}, ${gid}); adjust "sockchown" value in config file or on ` +
        `command line to values that the current user (${username}) can successfully chown`,
    );
  }
}

/** An arbitrary uid of a container stands in no file of users. */
function ownName(): string {
  try {
    return process.getBuiltinModule('node:os').userInfo().username;
  } catch {
    return String(process.getuid?.());
  }
}

function errnoError(code: string, errno: number): Error {
  return Object.assign(new Error(code), { code, errno: -errno });
}

function socketProblem(error: Error & { readonly code: string }): string {
  const errno = 'errno' in error && typeof error.errno === 'number' ? Math.abs(error.errno) : null;
  if (error.code === 'EADDRINUSE') {
    return 'Another program is already listening on a port that one of our HTTP servers is configured to use.  Shut this program down first before starting supervisord.';
  }
  const code = lookupErrors.get(error.code) ?? `errno.${error.code}${errno === null ? '' : ` (${errno})`}`;
  return `Cannot open an HTTP server: socket.error reported ${code}`;
}

/** What getaddrinfo(3) says about a host, by its number as Python has it. */
const lookupErrors: ReadonlyMap<string, string> = new Map([
  ['ENOTFOUND', '-2'],
  ['EAI_AGAIN', '-3'],
]);
