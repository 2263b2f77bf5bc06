// An operating system that remembers what it was asked and lets the test decide how children end.

import { openSync } from 'node:fs';
import type { ChildSocket, OpenedSocket } from '../../src/base/child-socket.ts';
import type { ExitStatus, SignalOrder, SpawnOrder, SpawnResult } from '../../src/base/child.ts';
import type { Host } from '../../src/process/host.ts';
import type { OpenedChannels, ProcessChannels } from '../../src/process/channels.ts';

export class FakeHost implements Host {
  readonly spawned: SpawnOrder[] = [];
  readonly signals: { pid: number; signal: number; to: string }[] = [];
  /** Answered to the next spawns instead of a child. */
  spawnError: string | null = null;
  signalError: string | null = null;
  readonly listened: ChildSocket[] = [];
  listenError: string | null = null;
  /** Thrown by the next spawns. */
  bug: Error | null = null;
  #nextPid = 100;
  readonly #living = new Map<number, (status: ExitStatus) => void>();

  findCommand(command: string): ReturnType<Host['findCommand']> {
    if (command.startsWith('/nope')) return { error: `can't find command '${command}'`, fault: 'NO_FILE' };
    return { file: command.split(' ')[0] ?? '', argv: command.split(' ') };
  }

  spawn(order: SpawnOrder, onExit: (status: ExitStatus) => void): SpawnResult {
    if (this.bug !== null) throw this.bug;
    if (this.spawnError !== null) return { error: this.spawnError };
    this.spawned.push(order);
    const pid = this.#nextPid;
    this.#nextPid += 1;
    this.#living.set(pid, onExit);
    return { child: { pid, stdin: null, stdout: null, stderr: null } };
  }

  readonly resizePipe = null;

  listen(socket: ChildSocket): OpenedSocket {
    this.listened.push(socket);
    if (this.listenError !== null) return { error: this.listenError };
    return { fd: openSync('/dev/null', 'r') };
  }

  signal(order: SignalOrder): string | null {
    this.signals.push(order);
    return this.signalError;
  }

  /** Answered for every file that somebody is to read. */
  unreadable: string | null = null;

  readProblem(): string | null {
    return this.unreadable;
  }

  /** Trees whose rest was to be ended; `done` is the test's to call where something is left. */
  readonly endedTrees: { pid: number; mark: number | null; done: (killed: number) => void }[] = [];
  leavesNothing = true;

  endTree(tree: { readonly pid: number; readonly mark: number | null }, done: (killed: number) => void): void {
    this.endedTrees.push({ ...tree, done });
    if (this.leavesNothing) done(0);
  }

  /** The child with this pid ends. */
  end(pid: number, status: ExitStatus): void {
    const onExit = this.#living.get(pid);
    if (onExit === undefined) throw new Error(`no child with pid ${pid}`);
    this.#living.delete(pid);
    onExit(status);
  }

  get living(): number[] {
    return [...this.#living.keys()];
  }
}

/** Channels that go nowhere. */
export function fakeChannels(
  opened: OpenedChannels = { stdout: 'null', stderr: 'null' },
): ProcessChannels & { calls: string[] } {
  const calls: string[] = [];
  const note = (name: string) => (): void => void calls.push(name);
  return {
    calls,
    stdoutLog: null,
    stderrLog: null,
    lostLogBytes: 0,
    open: () => opened,
    attach: note('attach'),
    readOn: note('readOn'),
    finish: note('finish'),
    writeStdin: () => false,
    stdinWaiting: 0,
    clear: note('clear'),
    reopen: note('reopen'),
    close: note('close'),
  };
}
