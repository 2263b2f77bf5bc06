// Sockets that the daemon makes, binds and listens on for its children, and never accepts on itself: node:net would accept
// from the first moment. What exists at a unix path is handled as supervisord does it (its datatypes.py
// `UnixStreamSocketConfig`), except that only sockets and links are ever deleted.

import { closeSync, lchownSync, lstatSync, unlinkSync } from 'node:fs';
import type { ChildSocket, OpenedSocket, ProxySocket, TcpFcgiSocket, UnixFcgiSocket } from '../base/child-socket.ts';
import { errorCode } from '../base/system-error.ts';
import { errnoName } from './errno.ts';
import type { Libc } from './libc.ts';
import { afUnix, unixAddress } from './unix-address.ts';

/** Opens a blocking socket that listens and that no child inherits by accident. */
export function openListeningSocket(libc: Libc, socket: ChildSocket): OpenedSocket {
  try {
    return { fd: open(libc, socket) };
  } catch (error) {
    return { error: errorCode(error) };
  }
}

function open(libc: Libc, socket: ChildSocket): number {
  switch (socket.kind) {
    case 'unix':
      return openUnix(libc, socket);
    case 'tcp':
      return openTcp(libc, { ...socket, family: afInet });
    case 'proxy':
      return openProxy(libc, socket);
  }
}

/** A socket that cannot be made; the message is the reason, in a word or a few. */
class Refused extends Error {}

function openUnix(libc: Libc, { path, mode, owner, backlog }: UnixFcgiSocket): number {
  if (Buffer.byteLength(path) >= longestUnixPath) throw new Refused('AF_UNIX path too long');
  const address = unixAddress(path);
  removeSocket(path);
  const fd = checked(libc, libc.socket(afUnix, sockStream | sockCloexec, 0));
  let isBound = false;
  try {
    // The file is born with its mode, and gets its owner before anybody can connect: that takes listen().
    const umask = process.umask(0o777 & ~mode);
    try {
      checked(libc, libc.bind(fd, address, address.length));
    } finally {
      process.umask(umask);
    }
    isBound = true;
    if (owner !== null) changeOwner(path, owner);
    listen(libc, { fd, backlog });
    return fd;
  } catch (error) {
    closeSync(fd);
    if (isBound) removeSocket(path);
    throw error;
  }
}

/** As node:net listens: '' is every address, IPv4 and IPv6 with one socket where there is IPv6. */
function openProxy(libc: Libc, { host, port }: ProxySocket): number {
  const rest = { port, backlog: null, family: afUnspec };
  if (host !== '') return openTcp(libc, { ...rest, host });
  try {
    return openTcp(libc, { ...rest, host: '::' });
  } catch (error) {
    if (!(error instanceof Refused) || !withoutIpv6.includes(error.message)) throw error;
    return openTcp(libc, { ...rest, host: '0.0.0.0' });
  }
}

interface TcpListener extends Pick<TcpFcgiSocket, 'host' | 'port' | 'backlog'> {
  /** What addresses are looked up. */
  readonly family: number;
}

function openTcp(libc: Libc, { host, port, backlog, family: wanted }: TcpListener): number {
  const { address, family } = inetAddress(libc, { host, port, family: wanted });
  const fd = checked(libc, libc.socket(family, sockStream | sockCloexec, 0));
  try {
    setOption(libc, fd, { level: solSocket, name: soReuseaddr, value: 1 });
    if (family === afInet6) setOption(libc, fd, { level: ipprotoIpv6, name: ipv6V6only, value: 0 });
    checked(libc, libc.bind(fd, address, address.length));
    listen(libc, { fd, backlog });
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function listen(libc: Libc, { fd, backlog }: { readonly fd: number; readonly backlog: number | null }): void {
  checked(libc, libc.listen(fd, backlog ?? somaxconn));
}

function setOption(
  libc: Libc,
  fd: number,
  { level, name, value }: { readonly level: number; readonly name: number; readonly value: number },
): void {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  checked(libc, libc.setsockopt(fd, level, name, bytes, bytes.length));
}

function checked(libc: Libc, result: number): number {
  if (result < 0) throw new Refused(errnoName(libc.errno()));
  return result;
}

/** A stale socket is in the way of bind(); anything else is somebody's file. */
function removeSocket(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket() && !found.isSymbolicLink()) throw new Refused('the path exists and is not a socket');
  unlinkSync(path);
}

function changeOwner(path: string, { uid, gid }: { readonly uid: number; readonly gid: number }): void {
  try {
    // The link's own, should somebody have put one here meanwhile.
    lchownSync(path, uid, gid);
  } catch (error) {
    throw new Refused(`Could not change ownership of socket file: ${errorCode(error)}`, { cause: error });
  }
}

/** struct sockaddr_in or sockaddr_in6; a name is looked up on the spot, as supervisord does. */
function inetAddress(
  libc: Libc,
  { host, port, family }: Omit<TcpListener, 'backlog'>,
): { readonly address: Buffer; readonly family: number } {
  const hints = Buffer.alloc(48);
  hints.writeInt32LE(family, 4);
  hints.writeInt32LE(sockStream, 8);
  const answer = Buffer.alloc(8);
  if (libc.getaddrinfo(host, null, hints, answer) !== 0) throw new Refused(`no such host: ${host}`);
  const first = Number(answer.readBigUInt64LE());
  // struct addrinfo: the address's own address stands at 24, in glibc and musl.
  const found = Buffer.alloc(48);
  libc.memcpy(found, first, found.length);
  const address = Buffer.alloc(found.readInt32LE(16));
  libc.memcpy(address, Number(found.readBigUInt64LE(24)), address.length);
  libc.freeaddrinfo(first);
  // At the same place in both kinds.
  address.writeUInt16BE(port, 2);
  return { address, family: found.readInt32LE(4) };
}

const afUnspec = 0;
const afInet = 2;
const afInet6 = 10;
/** What there is where the kernel was told to do without IPv6. */
const withoutIpv6 = ['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'no such host: ::'];
const sockStream = 1;
const sockCloexec = 0o2000000;
const solSocket = 1;
const soReuseaddr = 2;
const ipprotoIpv6 = 41;
const ipv6V6only = 26;
/** What Python's SOMAXCONN is; the kernel caps it at net.core.somaxconn. */
const somaxconn = 4096;
/** sizeof(sun_path), unix(7). */
const longestUnixPath = 108;
