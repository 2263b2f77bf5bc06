// The operating system as a supervised process uses it. daemon.ts hands in the real one, tests a recorder.

import type { ChildUser, CommandLookup, ExitStatus, SignalOrder, SpawnOrder, SpawnResult } from '../base/child.ts';
import type { ChildSocket, OpenedSocket } from '../base/child-socket.ts';

export interface Host {
  /** Splits the command line and finds the program (`path` is the program's own PATH, if it sets one). */
  findCommand(command: string, path: string | undefined): CommandLookup;
  /** Makes the child in this same tick; `onExit` is called once, later, with how it ended. */
  spawn(order: SpawnOrder, onExit: (status: ExitStatus) => void): SpawnResult;
  /** Sends a signal to a pid, to its group, or to it and all its descendants; answers an errno name, or null when it was sent. */
  signal(order: SignalOrder): string | null;
  /**
   * Kills what is left of the tree of a process that has ended; `done` is told how many there were once all of them are buried,
   * at once where there was nobody.
   */
  endTree(tree: { readonly pid: number; readonly mark: number | null }, done: (killed: number) => void): void;
  /** Why this user (null: the daemon's own) cannot read a file, as an errno name; null when it can. */
  readProblem(path: string, user: ChildUser | null): string | null;
  /** Gives a pipe this many bytes of room; false when the system refuses, null where that cannot be done. */
  readonly resizePipe: ((fd: number, bytes: number) => boolean) | null;
  /** Opens a socket that listens, for children to accept on; null where that cannot be done. */
  readonly listen: ((socket: ChildSocket) => OpenedSocket) | null;
}
