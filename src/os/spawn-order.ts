// What a spawner is told and what it answers. The consumer declares the same shapes (process/host.ts), because os/ may
// not import from there; TypeScript checks the fit where daemon.ts hands one to the other.

/** How a process ended: an exit code, or the signal that killed it. */
export type ExitStatus = { readonly code: number } | { readonly signal: number; readonly core: boolean };

/** Where a child's stdout or stderr goes; see process/host.ts. */
export type ChildStream = 'pipe' | 'daemon-stdout' | 'daemon-stderr' | 'null' | 'same-as-stdout';

/** The user that a child becomes. */
export interface ChildUser {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

/** One child to be made; see process/host.ts. */
export interface SpawnOrder {
  readonly name: string;
  readonly file: string;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string | null;
  readonly umask: number | null;
  readonly user: ChildUser | null;
  readonly stdout: Exclude<ChildStream, 'same-as-stdout'>;
  readonly stderr: ChildStream;
}

/** A living child: its pid and the parent's ends of its pipes, all non-blocking (null where there is none). */
export interface SpawnedChild {
  readonly pid: number;
  readonly stdin: number | null;
  readonly stdout: number | null;
  readonly stderr: number | null;
}

/** A child, or supervisord's sentence why there is none. */
export type SpawnResult = { readonly child: SpawnedChild } | { readonly error: string };

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
    directory: null,
    user: null,
  };
}
