// Makes children through posix_spawn: real pipes, own process group, default signals, another user, in 0.2 ms whatever
// the daemon's size (a fork copies the page tables: 1.4 ms at 47 MB, 14 ms at 250 MB). The kernel's answer comes at once,
// so failures that supervisord's child reports itself are known before there is a child; a stand-in reports them.

import { constants, readdirSync } from 'node:fs';
import { type ChildStreams, openStreams } from './child-streams.ts';
import { errnoName, errnos } from './errno.ts';
import { asUser } from './identity.ts';
import type { Libc } from './libc.ts';
import type { Reaper } from './reaper.ts';
import type { ChildUser, SpawnOrder, SpawnResult } from '../base/child.ts';
import { descriptorsError, forkError, type Spawn, standIn } from './spawn-order.ts';
import type { Users } from './users.ts';

export interface NativeSpawning {
  readonly libc: Libc;
  readonly reaper: Reaper;
  readonly users: Users;
  /** The soft limit on open files that children get; null leaves the daemon's own, which Node has raised to the hard one. */
  readonly childOpenFiles: number | null;
}

/** A spawner; made once, as what is the same for every child is prepared here. */
export function createNativeSpawn(parts: NativeSpawning): Spawn {
  const { libc, reaper } = parts;
  keepFromChildren(libc);
  const fixed = { ...parts, attributes: makeAttributes(libc) };
  return (order, onExit) => {
    const result = spawnInto(fixed, order);
    if ('child' in result) reaper.expect(result.child.pid, onExit);
    return result;
  };
}

type Fixed = NativeSpawning & { readonly attributes: Buffer };

function spawnInto(fixed: Fixed, order: SpawnOrder): SpawnResult {
  const opened = openStreams(fixed.libc, order);
  if ('failed' in opened) return { error: descriptorsError(order.name, errnoName(opened.failed)) };
  const { streams } = opened;
  let made = spawnOne(fixed, order, streams);
  if ('problem' in made) {
    const { problem } = made;
    made = spawnOne(fixed, standIn(order, problem), streams);
    if ('problem' in made) made = { error: problem };
  }
  streams.closeChildEnds();
  if ('pid' in made) return { child: { pid: made.pid, ...streams.parent } };
  streams.closeParentEnds();
  return made;
}

/** A pid; `error` when no process could be made; `problem` when supervisord's child would have said so. */
type Made = { readonly pid: number } | { readonly error: string } | { readonly problem: string };

function spawnOne(fixed: Fixed, order: SpawnOrder, streams: ChildStreams): Made {
  const call = prepareCall(fixed, order, streams);
  if ('failed' in call) return { error: descriptorsError(order.name, errnoName(call.failed)) };
  const attempt = (): Attempt => {
    const failed = call.spawn();
    return { failed, pid: call.pid(), directory: failed === 0 ? 0 : chdirErrno(fixed.libc, order.directory) };
  };
  try {
    const becoming = becomingOf(fixed, order);
    if (becoming === null) return understood(order, withLimits(fixed, { order, action: attempt }));
    if ('refused' in becoming) return { problem: `couldn't setuid to ${becoming.uid}: ${becoming.refused}` };
    streams.openTo(becoming.user);
    const outcome = withLimits(fixed, {
      order,
      action: () => asUser(fixed.libc, { ...becoming, action: attempt }),
    });
    if ('done' in outcome) return understood(order, outcome.done);
    return { problem: `couldn't setuid to ${becoming.user.uid}: ${outcome.refused}` };
  } finally {
    call.dispose();
  }
}

/** Error numbers, 0 for success: of the spawn, and of changing the directory, which posix_spawn does not tell apart. */
interface Attempt {
  readonly failed: number;
  readonly pid: number;
  readonly directory: number;
}

function understood(order: SpawnOrder, { failed, pid, directory }: Attempt): Made {
  if (failed === 0) return { pid };
  if (failed === errnos.EAGAIN || failed === errnos.ENOMEM) return { error: forkError(order.name, errnoName(failed)) };
  if (directory !== 0) return { problem: `couldn't chdir to ${order.directory ?? ''}: ${errnoName(directory)}` };
  return { problem: `couldn't exec ${order.argv[0] ?? order.file}: ${errnoName(failed)}` };
}

/** Who to become, with all groups; null for who we are: as in supervisord that needs no privilege and changes nothing. */
function becomingOf(
  { users }: Fixed,
  { user }: SpawnOrder,
): { user: ChildUser; groups: readonly number[] } | { uid: number; refused: string } | null {
  if (user === null || user.uid === process.getuid?.()) return null;
  try {
    return { user, groups: users.groupsOf(user) };
  } catch {
    return { uid: user.uid, refused: 'Could not set groups of effective user' };
  }
}

interface Call {
  /** Answers an error number, 0 for success. */
  spawn(): number;
  pid(): number;
  dispose(): void;
}

/**
 * Makes all that posix_spawn takes, before the limit on open files is lowered: the C library refuses to note a dup2 of a
 * descriptor beyond that limit.
 */
function prepareCall({ libc, attributes }: Fixed, order: SpawnOrder, streams: ChildStreams): Call | { failed: number } {
  const pid = Buffer.alloc(4);
  const actions = Buffer.alloc(128); // 80 bytes in glibc and musl
  const argv = [...order.argv, null];
  const environment = [...Object.entries(order.environment).map(([name, value]) => `${name}=${value}`), null];
  let failed = libc.posix_spawn_file_actions_init(actions);
  // Also where both numbers are the same: dup2 is what clears close-on-exec.
  streams.child.forEach((fd, target) => (failed ||= libc.posix_spawn_file_actions_adddup2(actions, fd, target)));
  if (order.directory !== null) failed ||= libc.posix_spawn_file_actions_addchdir_np(actions, order.directory);
  const dispose = (): void => void libc.posix_spawn_file_actions_destroy(actions);
  if (failed !== 0) {
    dispose();
    return { failed };
  }
  return {
    spawn: () => libc.posix_spawn(pid, order.file, actions, attributes, argv, environment),
    pid: () => pid.readInt32LE(0),
    dispose,
  };
}

/** Sets what a child inherits for the length of one spawn: the umask, the limit on open files, the mark of its tree. */
function withLimits<T>(fixed: Fixed, { order, action }: { order: SpawnOrder; action: () => T }): T {
  const { libc, childOpenFiles } = fixed;
  const { umask, mark = null } = order;
  const restoreFiles = setSoftLimit(libc, { limit: rlimitNofile, to: childOpenFiles });
  const restoreMark = setSoftLimit(libc, { limit: rlimitLocks, to: mark });
  const ownUmask = umask === null ? null : process.umask(umask);
  try {
    return action();
  } finally {
    if (ownUmask !== null) process.umask(ownUmask);
    restoreMark();
    restoreFiles();
  }
}

/** Sets a soft limit, unless `to` is null or beyond the hard one; answers what sets it back. */
function setSoftLimit(libc: Libc, { limit, to }: { limit: number; to: number | null }): () => void {
  const own = Buffer.alloc(16);
  if (to === null || libc.prlimit(0, limit, null, own) !== 0) return () => undefined;
  const changed = Buffer.from(own);
  changed.writeBigUInt64LE(BigInt(to), 0);
  libc.prlimit(0, limit, changed, null);
  return () => void libc.prlimit(0, limit, own, null);
}

/** What chdir would fail with, asked with the rights of the moment; 0 when it would not. */
function chdirErrno(libc: Libc, directory: string | null): number {
  if (directory === null) return 0;
  if (directory === '') return errnos.ENOENT;
  // access() asks for the real user, which asUser changes too. The slash makes anything but a directory ENOTDIR.
  return libc.access(`${directory}/`, constants.X_OK) === 0 ? 0 : libc.errno();
}

/** What we were started with beyond 2 is none of a child's business; whatever is opened later is close-on-exec anyway. */
function keepFromChildren(libc: Libc): void {
  for (const name of readdirSync('/proc/self/fd')) if (Number(name) > 2) libc.fcntl(Number(name), fSetfd, fdCloexec);
}

/** The same for all children: own process group, nothing blocked, every signal at its default (Node ignores SIGPIPE). */
function makeAttributes(libc: Libc): Buffer {
  const attributes = Buffer.alloc(512); // 336 bytes in glibc and musl
  const none = Buffer.alloc(128);
  const all = Buffer.alloc(128, 0xff);
  const failed =
    libc.posix_spawnattr_init(attributes) ||
    libc.posix_spawnattr_setflags(attributes, posixSpawnSetpgroup | posixSpawnSetsigdef | posixSpawnSetsigmask) ||
    libc.posix_spawnattr_setpgroup(attributes, 0) ||
    libc.posix_spawnattr_setsigmask(attributes, none) ||
    libc.posix_spawnattr_setsigdefault(attributes, all);
  if (failed) throw new Error(`cannot prepare posix_spawn: ${errnoName(failed)}`);
  return attributes;
}

const posixSpawnSetpgroup = 0x02;
const posixSpawnSetsigdef = 0x04;
const posixSpawnSetsigmask = 0x08;
const fSetfd = 2;
const fdCloexec = 1;
const rlimitNofile = 7;
const rlimitLocks = 10;
