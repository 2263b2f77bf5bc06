// What a supervised process needs of the operating system, as the process sees it. daemon.ts hands in the real one,
// tests hand in a recorder. Expected failures are values here, never exceptions.

/** How a process ended: an exit code, or the signal that killed it. */
export type ExitStatus = { readonly code: number } | { readonly signal: number; readonly core: boolean };

/**
 * Where a child's stdout or stderr goes: a new pipe whose read end the parent gets, the daemon's own stdout or stderr
 * (passed straight through), nowhere, or, for stderr only, wherever stdout goes.
 */
export type ChildStream = 'pipe' | 'daemon-stdout' | 'daemon-stderr' | 'null' | 'same-as-stdout';

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
  readonly user: { readonly uid: number; readonly gid: number; readonly name: string } | null;
  readonly stdout: Exclude<ChildStream, 'same-as-stdout'>;
  readonly stderr: ChildStream;
}

/** A living child: its pid and the parent's ends of its pipes (null where there is none). */
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

/** The operating system as a process uses it. */
export interface Host {
  /** Splits the command line and finds the program (`path` is the program's own PATH, if it sets one). */
  findCommand(command: string, path: string | undefined): CommandLookup;
  /** Makes the child in this same tick; `onExit` is called once, later, with how it ended. */
  spawn(order: SpawnOrder, onExit: (status: ExitStatus) => void): SpawnResult;
  /** Sends a signal to a pid, to its group, or to it and all its descendants; answers an errno name, or null when it was sent. */
  signal(order: {
    readonly pid: number;
    readonly signal: number;
    readonly to: 'process' | 'group' | 'tree';
  }): string | null;
}
