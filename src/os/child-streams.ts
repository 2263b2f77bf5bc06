// The three descriptors of a child that posix_spawn makes, and the parent's ends of its pipes. Real pipes, because a child
// can reopen a pipe by name (`> /dev/stdout`) but not a socket. Everything is close-on-exec until dup2 in the child.

import { closeSync, constants, fchmodSync, fchownSync, fstatSync, openSync, readlinkSync } from 'node:fs';
import type { Libc } from './libc.ts';
import type { ChildStream, SpawnOrder } from '../base/child.ts';

export interface ChildStreams {
  /**
   * What becomes 0, 1, 2 and, where there is a listening socket, 3 in the child. All are above 2, so that those dup2 calls do
   * not overwrite each other; the one to 3 comes last.
   */
  readonly child: readonly number[];
  /** Non-blocking; null where the child's end is something else than a pipe of ours. */
  readonly parent: {
    readonly stdin: number | null;
    readonly stdout: number | null;
    readonly stderr: number | null;
  };
  /** Lets a child that runs as this user reopen its streams by name, which asks for permission. */
  openTo(user: { readonly uid: number; readonly gid: number }): void;
  closeChildEnds(): void;
  closeParentEnds(): void;
}

/** Opens what the order asks for; `failed` is the error number when there are no descriptors left. */
export function openStreams(
  libc: Libc,
  order: Pick<SpawnOrder, 'stdin' | 'stdout' | 'stderr' | 'listening'>,
): { readonly streams: ChildStreams } | { readonly failed: number } {
  const childEnds: number[] = [];
  const parentEnds: number[] = [];
  const copies: number[] = [];
  const pipe = (parentsEnd: 'read' | 'write'): { parent: number; child: number } => {
    const ends = Buffer.alloc(8);
    if (libc.pipe2(ends, oCloexec) !== 0) throw new OutOfDescriptors(libc.errno());
    const [read, write] = [ends.readInt32LE(0), ends.readInt32LE(4)];
    const [parent, child] = parentsEnd === 'read' ? [read, write] : [write, read];
    // Only ours: the child's end is another open file description and stays blocking.
    libc.fcntl(parent, fSetfl, constants.O_NONBLOCK);
    parentEnds.push(parent);
    childEnds.push(child);
    return { parent, child };
  };
  const copy = (fd: number): number => {
    const copied = fd === -1 ? openSync('/dev/null', 'r+') : libc.fcntl(fd, fDupfdCloexec, 3);
    if (copied < 0) throw new OutOfDescriptors(libc.errno());
    childEnds.push(copied);
    copies.push(copied);
    return copied;
  };
  const output = (stream: Exclude<ChildStream, 'same-as-stdout'>): { parent: number | null; child: number } =>
    stream === 'pipe' ? pipe('read') : { parent: null, child: copy(daemonsOwn[stream]) };
  try {
    const source = typeof order.stdin === 'object' ? order.stdin.socket : daemonsOwn.null;
    const stdin = order.stdin === 'pipe' ? pipe('write') : { parent: null, child: copy(source) };
    const stdout = output(order.stdout);
    const stderr = order.stderr === 'same-as-stdout' ? { ...stdout, parent: null } : output(order.stderr);
    const listening = order.listening === undefined ? [] : [copy(order.listening)];
    return {
      streams: {
        child: [stdin.child, stdout.child, stderr.child, ...listening],
        parent: { stdin: stdin.parent, stdout: stdout.parent, stderr: stderr.parent },
        openTo(user) {
          for (const fd of childEnds) openToUser(fd, { ...user, shared: copies.includes(fd) });
        },
        closeChildEnds: () => closeAll(childEnds),
        closeParentEnds: () => closeAll(parentEnds),
      },
    };
  } catch (error) {
    closeAll([...childEnds, ...parentEnds]);
    if (error instanceof OutOfDescriptors) return { failed: error.errno };
    if (error instanceof Error && 'errno' in error && typeof error.errno === 'number') return { failed: -error.errno };
    throw error;
  }
}

function closeAll(fds: readonly number[]): void {
  for (const fd of fds) closeSync(fd);
}

/** What a stream that is no pipe is a copy of; -1 is a new /dev/null. */
const daemonsOwn = { 'daemon-stdout': 1, 'daemon-stderr': 2, null: -1 } as const;

class OutOfDescriptors extends Error {
  readonly errno: number;

  constructor(errno: number) {
    super(`no descriptors (${errno})`);
    this.name = 'OutOfDescriptors';
    this.errno = errno;
  }
}

/**
 * A pipe belongs to who made it, and `> /dev/stdout` by another user is then refused. The child's own pipe is given to the
 * child; the daemon's own stdout, which others use too (`shared`), is made writable for all if it is an unnamed pipe.
 */
export function openToUser(
  fd: number,
  user: { readonly uid: number; readonly gid: number; readonly shared: boolean },
): void {
  try {
    const { mode } = fstatSync(fd);
    if ((mode & constants.S_IFMT) !== constants.S_IFIFO) return;
    if (!user.shared) fchownSync(fd, user.uid, user.gid);
    else if (readlinkSync(`/proc/self/fd/${fd}`).startsWith('pipe:')) fchmodSync(fd, mode | 0o622);
  } catch {
    // Not ours to give away (a container's stdout may belong to the engine): the child still has the open descriptor.
  }
}

const oCloexec = 0o2000000;
const fDupfdCloexec = 1030;
const fSetfl = 4;
