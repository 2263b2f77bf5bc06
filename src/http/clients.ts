// Who is at the other end of a connection, noted when it is accepted: a client that has left by the time its command is
// done stands in the log all the same.

import type { Socket } from 'node:net';
import type { Peer } from '../base/peer.ts';
import type { Caller } from '../rpc/context.ts';
import type { Exchange } from './answers.ts';

/** One end of a connection. `peer` is null where no native calls can be made. */
export type Client =
  | { readonly kind: 'unix'; readonly peer: Peer | null }
  | { readonly kind: 'inet'; readonly address: string; readonly port: number };

/** Asks the kernel about a descriptor; null where it cannot be asked. */
export type PeerLookup = ((fd: number) => Peer | null) | null;

/** Notes who has connected. */
export function clientOf(
  socket: Socket,
  { kind, peerOf }: { readonly kind: Client['kind']; readonly peerOf: PeerLookup },
): Client {
  if (kind === 'inet') {
    // Only a client that has left again already has no address.
    const { remoteAddress = 'an unknown address', remotePort = 0 } = socket;
    return { kind, address: remoteAddress.replace(/^::ffff:(?=\d+\.)/, ''), port: remotePort };
  }
  const fd = peerOf === null ? null : descriptorOf(socket);
  return { kind, peer: fd === null ? null : (peerOf?.(fd) ?? null) };
}

/** libuv's own number of it (Node's net.js keeps the handle there); there is no public way to it. */
function descriptorOf(socket: Socket): number | null {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null) return null;
  const fd: unknown = Reflect.get(handle, 'fd');
  return typeof fd === 'number' && fd >= 0 ? fd : null;
}

/** The client in words: `pid 7, uid 0 (root), gid 0` or `10.0.0.5:41234`. */
export function describeClient(client: Client, nameOf: (uid: number) => string | null): string {
  if (client.kind === 'inet') {
    return client.address.includes(':') ? `[${client.address}]:${client.port}` : `${client.address}:${client.port}`;
  }
  if (client.peer === null) return 'a client of the unix socket';
  const { pid, uid, gid } = client.peer;
  const name = nameOf(uid);
  return `pid ${pid}, uid ${uid}${name === null ? '' : ` (${name})`}, gid ${gid}`;
}

/** Whoever made this request; `username` is the one that was shown and found right, null where none is asked for. */
export function callerOf(
  { response }: Exchange,
  from: {
    readonly client: Client;
    readonly username: string | null;
    readonly nameOf: (uid: number) => string | null;
  },
): Caller {
  let words: string | null = null;
  return {
    who() {
      words ??= describeClient(from.client, from.nameOf) + (from.username === null ? '' : `, user ${from.username}`);
      return words;
    },
    // Also of a client that has only closed its half the answer is not destroyed yet.
    isGone: () => response.destroyed,
  };
}
