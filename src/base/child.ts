// One child process, as those who ask for it (process/) and those who make it (os/) speak of it. Expected failures are
// values here, never exceptions.

import type { User } from './user.ts';

/** How a process ended: an exit code, or the signal that killed it. */
export type ExitStatus = { readonly code: number } | { readonly signal: number; readonly core: boolean };

/**
 * Where a child's stdout or stderr goes: a new pipe whose read end the parent gets, the daemon's own stdout or stderr
 * (passed straight through), nowhere, or, for stderr only, wherever stdout goes.
 */
export type ChildStream = 'pipe' | 'daemon-stdout' | 'daemon-stderr' | 'null' | 'same-as-stdout';

/** The user that a child becomes. */
export type ChildUser = Pick<User, 'uid' | 'gid' | 'name'>;

/** One child to be made. */
export interface SpawnOrder {
  /** The process's name, for error texts. */
  readonly name: string;
  /** Absolute or daemon-relative path to execute; already looked up. */
  readonly file: string;
  /** argv[0] as written in the configuration, and the arguments. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string | null;
  readonly umask: number | null;
  readonly user: ChildUser | null;
  /** A new pipe whose write end the parent gets, nothing, or a listening socket of the daemon. */
  readonly stdin: 'pipe' | 'null' | { readonly socket: number };
  readonly stdout: Exclude<ChildStream, 'same-as-stdout'>;
  readonly stderr: ChildStream;
  /** A listening socket of the daemon that becomes the child's descriptor 3. */
  readonly listening?: number;
  /** A number of its own that all its descendants carry, so that those who are left alone are found again. */
  readonly mark?: number;
}

/** A living child: its pid and the parent's ends of its pipes, all non-blocking (null where there is none). */
export interface SpawnedChild {
  readonly pid: number;
  readonly stdin: number | null;
  readonly stdout: number | null;
  readonly stderr: number | null;
}

/** `error` is supervisord's sentence (docs/compatibility.md, spawn errors). */
export type SpawnResult = { readonly child: SpawnedChild } | { readonly error: string };

/** The outcome of looking for a command: what to execute, or why not, with the fault a start request answers. */
export type CommandLookup =
  | { readonly file: string; readonly argv: readonly string[] }
  | { readonly error: string; readonly fault: 'NO_FILE' | 'NOT_EXECUTABLE' };

/** A signal to a process, to its group, or to it and all its descendants. */
export interface SignalOrder {
  readonly pid: number;
  readonly signal: number;
  readonly to: 'process' | 'group' | 'tree';
  /** That of the process's order: with it, a tree includes whom a dead parent left behind. */
  readonly mark?: number;
}

/** How a command went that was run once: its exit and what it said on stdout and stderr, `late` when it had to be killed. */
export type RunOutcome =
  | { readonly status: ExitStatus | 'late'; readonly said: string }
  /** It could not be started; supervisord's sentence. */
  | { readonly error: string };
