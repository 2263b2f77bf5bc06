// What a spawner is, and supervisord's words for what can go wrong with one.

import type { ExitStatus, SpawnOrder, SpawnResult } from '../base/child.ts';

/** Makes a child in this same tick; `onExit` is called once, never before `spawn` has returned. */
export type Spawn = (order: SpawnOrder, onExit: (status: ExitStatus) => void) => SpawnResult;

/** The sentence for descriptors that could not be made (supervisord's process.py `spawn`). */
export function descriptorsError(name: string, code: string): string {
  return code === 'EMFILE'
    ? `too many open files to spawn '${name}'`
    : `unknown error making dispatchers for '${name}': ${code}`;
}

/** The sentence for a process that could not be made. */
export function forkError(name: string, code: string): string {
  return code === 'EAGAIN'
    ? `Too many processes in process table to spawn '${name}'`
    : `unknown error during fork for '${name}': ${code}`;
}

/**
 * What supervisord's forked child would say on its stderr before it exits 127. As we learn of the failure before there is
 * a child, a shell with the same descriptors takes its place: pid, log and states are then the same.
 */
export function standIn(order: SpawnOrder, problem: string): SpawnOrder {
  const say = 'printf "%s\\n" "$1" "$2" >&2; exit 127';
  return {
    ...order,
    file: '/bin/sh',
    argv: ['/bin/sh', '-c', say, 'sh', `supervisor: ${problem}`, 'supervisor: child process was not spawned'],
    // It needs none, and one that is too large (E2BIG) would keep the shell from starting, too.
    environment: {},
    directory: null,
    user: null,
  };
}
