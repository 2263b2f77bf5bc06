// The children of one process, one run after the other: made with its channels, its environment and its socket, signalled,
// and buried with what they leave behind. What belongs to a run alone lives here: the mark of its tree, its hold of the socket.

import type { CommandLookup, ExitStatus, SpawnOrder, SpawnResult } from '../base/child.ts';
import { signalName } from '../base/signal-names.ts';
import type { ProcessConfig } from '../config/programs.ts';
import { endLeftovers } from './leftovers.ts';
import type { SharedSocket } from './shared-socket.ts';
import type { Effect } from './state.ts';
import type { ProcessSurroundings } from './surroundings.ts';

/** The daemon's socket, as the next child gets it. */
interface GivenSocket {
  readonly fd: number;
  readonly becomes: SharedSocket['becomes'];
}

/** Tells a child that its descriptor of this number listens. */
const listenFd = 'COREVISOR_LISTEN_FD';

export class ChildRuns {
  readonly #config: ProcessConfig;
  readonly #around: ProcessSurroundings;
  #mark: number | null = null;
  #isBuried = false;
  /** What runs that have ended held of the socket: let go once it is clear that no new run follows at once. */
  #endedHolds = 0;

  constructor(config: ProcessConfig, around: ProcessSurroundings) {
    this.#config = config;
    this.#around = around;
  }

  /** Looks for the command as the next start would, with the fault that a start request answers when it is not there. */
  findCommand(): CommandLookup {
    const { command, environment } = this.#config.options;
    return this.#around.host.findCommand(command, environment['PATH']);
  }

  /** Makes a child whose output is read from now on; `onExit` hears once how it ended, all of its output being read. */
  make(onExit: (status: ExitStatus) => void): SpawnResult {
    const { channels, mishaps } = this.#around;
    const held = this.#acquireSocket();
    const made = held !== null && 'error' in held ? held : this.#makeChild(this.#given(held), onExit);
    if ('error' in made) {
      mishaps.guard(() => channels.finish());
      if (held !== null && 'fd' in held) this.#endedHolds += 1;
      return made;
    }
    // It lives, even if nobody can read what it says.
    mishaps.guard(() => channels.attach(made.child));
    return made;
  }

  /** The child has ended, and what it left behind is waited for. */
  get isBuried(): boolean {
    return this.#isBuried;
  }

  /** Sends a client's signal to the process alone; answers an errno name, or null. */
  signal(pid: number, signal: number): string | null {
    this.#around.logger.debug(`sending ${this.#config.name} (pid ${pid}) sig ${signalName(signal)}`);
    // Its pid may be somebody else's by now.
    return this.#isBuried ? null : this.#around.host.signal({ pid, signal, to: 'process' });
  }

  /** Sends stopsignal, or SIGKILL in the end, to whom the options name; answers an errno name, or null. */
  end({ pid, signal, final }: Extract<Effect, { do: 'signal' }>): string | null {
    // What it left behind is about to end.
    if (this.#isBuried) return null;
    const { stopasgroup, killasgroup, stopastree, killastree } = this.#config.options;
    const [asGroup, asTree] = final ? [killasgroup, killastree] : [stopasgroup, stopastree];
    const { logger, host, mishaps, channels } = this.#around;
    mishaps.guard(() => channels.readOn());
    const mark = this.#mark;
    const to = asTree ? 'tree' : asGroup ? 'group' : 'process';
    const whole = { tree: 'process tree ', group: 'process group ', process: '' }[to];
    mishaps.guard(() =>
      logger.debug(`killing ${this.#config.name} (pid ${pid}) ${whole}with signal ${signalName(signal)}`),
    );
    return host.signal({ pid, signal, to, ...(mark !== null && { mark }) });
  }

  /** Calls `then` once nothing of an ended run is left that had to go with it: in this same turn, unless it left a tree. */
  bury(pid: number, then: () => void): void {
    if (!this.#config.options.killastree) return then();
    this.#isBuried = true;
    const { host, clock, logger, mishaps } = this.#around;
    const mark = this.#mark;
    return mishaps.guard(() =>
      endLeftovers({ name: this.#config.name, pid, mark, host, clock, logger }, () => {
        this.#isBuried = false;
        then();
      }),
    );
  }

  /** Lets go of what ended runs held of the socket. */
  releaseSocket(): void {
    for (; this.#endedHolds > 0; this.#endedHolds -= 1) this.#around.socket?.release();
  }

  #given(held: { readonly fd: number } | null): GivenSocket | null {
    const { socket } = this.#around;
    return held === null || socket === null ? null : { fd: held.fd, becomes: socket.becomes };
  }

  #acquireSocket(): ReturnType<SharedSocket['acquire']> | null {
    try {
      return this.#around.socket?.acquire() ?? null;
    } catch (error) {
      return this.#bug(error);
    }
  }

  /** A bug on the way to a child costs this start and is logged; it does not end the daemon. */
  #makeChild(socket: GivenSocket | null, onExit: (status: ExitStatus) => void): SpawnResult {
    const { host, channels, environment, newMark } = this.#around;
    try {
      const found = this.findCommand();
      if ('error' in found) return found;
      const surrounding = environment();
      if ('error' in surrounding) return surrounding;
      const opened = channels.open();
      if ('error' in opened) return opened;
      const { user, umask, directory } = this.#config.options;
      const { name } = this.#config;
      const { file, argv } = found;
      const given = socket === null ? { stdin: 'pipe' as const } : streamsOf(socket);
      this.#mark = newMark === null ? null : newMark();
      const marked = this.#mark === null ? opened : { ...opened, mark: this.#mark };
      const variables = { ...surrounding.variables, ...('listening' in given && { [listenFd]: '3' }) };
      const order = { name, file, argv, environment: variables, directory, umask, user, ...given, ...marked };
      return host.spawn(order, (status) => this.#ended(status, onExit));
    } catch (error) {
      return this.#bug(error);
    }
  }

  #bug(error: unknown): { readonly error: string } {
    const { message, stack = message } = error instanceof Error ? error : new Error(String(error));
    this.#around.logger.crit(`unexpected problem spawning ${this.#config.name}: ${stack}`);
    return { error: `unexpected problem spawning '${this.#config.name}': ${message}` };
  }

  /** What the child wrote before it died comes before the news of its death. */
  #ended(status: ExitStatus, onExit: (status: ExitStatus) => void): void {
    this.#around.mishaps.guard(() => this.#around.channels.finish());
    if (this.#around.socket !== null) this.#endedHolds += 1;
    onExit(status);
  }
}

function streamsOf({ fd, becomes }: GivenSocket): Pick<SpawnOrder, 'stdin' | 'listening'> {
  return becomes === 'stdin' ? { stdin: { socket: fd } } : { stdin: 'pipe', listening: fd };
}
