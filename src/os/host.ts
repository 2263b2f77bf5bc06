// The operating system as supervised processes use it (the `Host` of process/host.ts, fitted structurally): native where
// native calls can be made, else portable.

import type { ChildUser, CommandLookup, SignalOrder } from '../base/child.ts';
import type { ChildSocket, OpenedSocket } from '../base/child-socket.ts';
import { findCommand } from './command.ts';
import type { Libc } from './libc.ts';
import type { Reaper } from './reaper.ts';
import { openListeningSocket } from './listening-socket.ts';
import { dyingWithDaemon } from './parent-death.ts';
import { readProblem } from './read-problem.ts';
import { sendSignal } from './send-signal.ts';
import { createNativeSpawn } from './spawn.ts';
import type { Spawn } from './spawn-order.ts';
import { createPortableSpawn } from './spawn-portable.ts';
import { endMembers, type TreeParts } from './tree-signals.ts';
import type { Users } from './users.ts';

/** Where programs are found, started and signalled. */
export interface Host {
  findCommand(command: string, path: string | undefined): CommandLookup;
  readonly spawn: Spawn;
  signal(order: SignalOrder): string | null;
  endTree(tree: { readonly pid: number; readonly mark: number | null }, done: (killed: number) => void): void;
  /** An errno name, or null when the user can read the file. */
  readProblem(path: string, user: ChildUser | null): string | null;
  /** Null where no native calls can be made, like the next one. */
  readonly resizePipe: ((fd: number, bytes: number) => boolean) | null;
  readonly listen: ((socket: ChildSocket) => OpenedSocket) | null;
}

export interface HostParts {
  readonly libc: Libc | null;
  /** Null exactly where `libc` is. */
  readonly reaper: Reaper | null;
  readonly users: Users;
  /** The soft limit on open files that children get (limits.ts); null leaves the daemon's own. */
  readonly childOpenFiles: number | null;
  /** The setpriv (parent-death.ts) by which children die with the daemon; null lets them live on. */
  readonly deathSignaller: string | null;
}

/** The host, native if `libc` and `reaper` are there. */
export function createHost(parts: HostParts): Host {
  const { libc, reaper, users, childOpenFiles, deathSignaller } = parts;
  const { spawn, isOver } =
    libc === null || reaper === null
      ? createPortableSpawn()
      : { spawn: createNativeSpawn({ libc, reaper, users, childOpenFiles }), isOver: null };
  const trees: TreeParts = { libc, adopted: reaper };
  return {
    findCommand,
    spawn: deathSignaller === null ? spawn : (order, onExit) => spawn(dyingWithDaemon(order, deathSignaller), onExit),
    signal: (order) => (isOver?.(order.pid) ? 'ESRCH' : sendSignal(order, trees)),
    endTree: ({ pid, mark }, done) => endMembers({ root: pid, mark }, { parts: trees, done }),
    readProblem: (path, user) => readProblem(path, { user, libc, users }),
    resizePipe: libc === null ? null : (fd, bytes) => libc.fcntl(fd, fSetpipeSz, bytes) >= 0,
    listen: libc === null ? null : (socket) => openListeningSocket(libc, socket),
  };
}

const fSetpipeSz = 1031;
