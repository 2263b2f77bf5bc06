// Who is at the other end of a unix socket, by the kernel's word (SO_PEERCRED, unix(7)): the process that connected and
// the user that it was then. No client can write anything else there.

import type { Peer } from '../base/peer.ts';
import type { Libc } from './libc.ts';

const solSocket = 1;
const soPeerCred = 17;

/** The peer of a connected unix socket; null for what is not one, or is closed already. */
export function peerOf(libc: Pick<Libc, 'getsockopt'>, fd: number): Peer | null {
  const credentials = Buffer.alloc(12);
  const length = Buffer.alloc(4);
  length.writeInt32LE(credentials.length);
  if (libc.getsockopt(fd, solSocket, soPeerCred, credentials, length) !== 0) return null;
  if (length.readInt32LE() !== credentials.length) return null;
  // Of a process outside of our pid namespace the kernel says pid 0; of a user that ours does not know, 65534.
  return { pid: credentials.readInt32LE(0), uid: credentials.readUInt32LE(4), gid: credentials.readUInt32LE(8) };
}
