// One supervised process: feeds events to the machine and carries out what it answers. It decides nothing itself;
// what it adds is what must live somewhere: the state, the one timer, the child's pipes and what clients read later.
// The state is stored before its effects run, so whoever is told of a change sees it.

import type { CommandLookup, ExitStatus, SpawnResult } from '../base/child.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { Fault } from '../base/errors.ts';
import { signalName } from '../base/signal-names.ts';
import { isSignallable, isStopped, type ProcessStateName } from '../base/states.ts';
import type { ProcessConfig } from '../config/programs.ts';
import type { SupervisorEvent } from '../events/events.ts';
import type { Logger } from '../logs/logger.ts';
import type { Mishaps } from '../logs/mishaps.ts';
import { History, type Wish } from './history.ts';
import type { Host } from './host.ts';
import { endLeftovers } from './leftovers.ts';
import { step } from './machine.ts';
import {
  type Effect,
  type Event,
  noteOf,
  pidOf,
  type Policy,
  type State,
  type StateChange,
  wireName,
} from './state.ts';
import type { ProcessChannels } from './channels.ts';
import type { SharedSocket } from './shared-socket.ts';

/** The order among processes, as one of them asks for it. */
export interface StartOrder {
  /**
   * Before a start: sees to it that what the process depends on is started, and answers in words what it must wait for;
   * null when there is nothing. Those that have failed are tried once more only when somebody asked for this start.
   */
  prepare(process: ManagedProcess, options: { readonly isAskedFor: boolean }): string | null;
  /** What it waits for now, in words; '' when it does not wait. */
  describeWait(process: ManagedProcess): string;
  /** An event was answered to its end: what follows from it for others can follow now. `passed` are its changes of state. */
  settled(process: ManagedProcess, passed: readonly StateChange[]): void;
}

/** What a process is given by the one who makes it. */
export interface ProcessSurroundings {
  readonly group: string;
  readonly host: Host;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A bug on the way of one effect does not keep the others from happening. */
  readonly mishaps: Pick<Mishaps, 'guard'>;
  readonly channels: ProcessChannels;
  /** What becomes the child's stdin; null for a pipe. */
  readonly socket: Pick<SharedSocket, 'acquire' | 'release'> | null;
  /** The whole environment of the child, made at each start, or why it cannot be. */
  readonly environment: () => { readonly variables: Readonly<Record<string, string>> } | { readonly error: string };
  /** What the next run and all of its descendants carry; null where no option asks for its tree. */
  readonly newMark: (() => number) | null;
  readonly order: StartOrder;
  /** False while the daemon shuts down or restarts. */
  mayStart(): boolean;
  emit(event: SupervisorEvent): void;
}

/** What may wait for a child that does not read its stdin. */
const stdinLimit = 1024 * 1024;

export class ManagedProcess {
  readonly config: ProcessConfig;
  readonly group: string;
  /** How its last runs ended. */
  readonly history = new History();
  readonly #around: ProcessSurroundings;
  #state: State = { is: 'STOPPED', tries: 0 };
  #timer: Timer | null = null;
  #timerAtMs = 0;
  #restarts = 0;
  /** By whose wish it is in STOPPING. */
  #stopWish: Wish = 'person';
  #spawnError: string | null = null;
  #exitStatus: number | null = null;
  #startedAtMs = 0;
  #startedWallMs = 0;
  #stoppedWallMs = 0;
  #stoppedByPerson = false;
  /** What runs that have ended held of the socket: let go once it is clear that no new run follows at once. */
  #endedHolds = 0;
  #waiting: (() => void)[] = [];
  /** It has ended, and what it left behind is waited for. */
  #isBuried = false;
  #mark: number | null = null;
  #failedDependency: ManagedProcess | null = null;
  /** How many events are being answered, one inside the other, and the changes of state so far. */
  #depth = 0;
  #passed: StateChange[] = [];

  constructor(config: ProcessConfig, around: ProcessSurroundings) {
    this.config = config;
    this.group = around.group;
    this.#around = around;
  }

  get wireState(): ProcessStateName {
    return wireName(this.#state);
  }

  /** Takes part: alive and, as long as nothing looks closer, RUNNING. */
  get isReady(): boolean {
    return this.#state.is === 'RUNNING';
  }

  /** STARTING, but without a child until what it depends on is there. */
  get isWaiting(): boolean {
    return this.#state.is === 'WAITING';
  }

  /** What it waits for, as `waiting for db to be ready`; '' when it does not wait. */
  get waitingFor(): string {
    return this.isWaiting ? this.#around.order.describeWait(this) : '';
  }

  /** FATAL because of this other process: the one that failed first. */
  get failedDependency(): ManagedProcess | null {
    return this.#state.is === 'FATAL' ? this.#failedDependency : null;
  }

  /** 0 when no process lives. */
  get pid(): number {
    return pidOf(this.#state);
  }

  /** Epoch seconds of the last start, 0 = never. */
  get startedAt(): number {
    return Math.floor(this.#startedWallMs / 1000);
  }

  /** Milliseconds since the last start, whatever was done to the wall clock meanwhile. */
  get uptimeMs(): number {
    return this.#around.clock.now() - this.#startedAtMs;
  }

  /** Epoch seconds of the last end, 0 = never. */
  get stoppedAt(): number {
    return Math.floor(this.#stoppedWallMs / 1000);
  }

  /** Why the last start failed or the last run ended badly; '' when nothing is wrong. */
  get spawnError(): string {
    return this.#spawnError ?? '';
  }

  /** What it waits for before it is started again, in words; '' when it does not wait, or a start failed. */
  get waitNote(): string {
    return noteOf(this.#state);
  }

  /** The last recorded exit code, -1 for a death by signal, 0 when none is recorded. */
  get exitStatus(): number {
    return this.#exitStatus ?? 0;
  }

  /** Ended the way it should: EXITED with one of its exitcodes. */
  get endedAsExpected(): boolean {
    return this.#state.is === 'EXITED' && this.#state.expected;
  }

  /** STOPPED because somebody asked for it, not because it was never started. */
  get stoppedByPerson(): boolean {
    return this.#state.is === 'STOPPED' && this.#stoppedByPerson;
  }

  /** How often it was started again without being asked to, since it was made. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Failed starts in a row. */
  get tries(): number {
    return 'tries' in this.#state ? this.#state.tries : 0;
  }

  /** How long the present state lasts at most: until RUNNING, the next try or SIGKILL; null where nothing is timed. */
  get timeLeftMs(): number | null {
    return this.#timer === null ? null : Math.max(0, this.#timerAtMs - this.#around.clock.now());
  }

  get stdoutLog(): string | null {
    return this.#around.channels.stdoutLog;
  }

  get stderrLog(): string | null {
    return this.#around.channels.stderrLog;
  }

  /** Looks for the command as the next start would, with the fault that a start request answers when it is not there. */
  findCommand(): CommandLookup {
    const { command, environment } = this.config.options;
    return this.#around.host.findCommand(command, environment['PATH']);
  }

  /** Somebody asked for it. */
  start(): void {
    if (this.#state.is === 'STOPPING') {
      // supervisord answers the same way: its spawn does nothing while a pid is there.
      this.#around.logger.warn(`process '${this.config.name}' already running`);
      return;
    }
    this.#start({ isAskedFor: true });
  }

  /** The daemon, or a process that depends on it, wants it. */
  autostart(): void {
    this.#start({ isAskedFor: false });
  }

  /** What it waited for is there. */
  proceed(): void {
    this.#feed({ type: 'proceed' });
  }

  /** What it waited for will never be there, because `root` failed; `error` says so. */
  failForDependency(root: ManagedProcess, error: string): void {
    this.#failedDependency = root;
    this.#feed({ type: 'dependency-failed', error });
  }

  /** `by` goes into the history: the first wish counts. */
  stop(by: Wish = 'person'): void {
    this.#stoppedByPerson = true;
    if (this.#state.is !== 'STOPPING') this.#stopWish = by;
    this.#feed({ type: 'stop' });
  }

  /** One wish kept in the daemon: stop, then start again. */
  restart(): void {
    this.#stopWish = 'person';
    this.#feed({ type: 'restart' });
  }

  /** As part of a shutdown: stops it, or gives it up while it waits for a retry or for what it depends on. */
  stopForShutdown(): void {
    if (this.#state.is === 'BACKOFF' || this.isWaiting) this.#feed({ type: 'give-up' });
    else if (this.#state.is === 'STARTING' || this.#state.is === 'RUNNING') this.stop('shutdown');
  }

  /** The time for a shutdown is over: SIGKILL to what lives, whatever it was at. */
  kill(): void {
    if (this.#state.is !== 'STOPPING') this.#stopWish = 'shutdown';
    this.#feed({ type: 'kill' });
  }

  /** Sends a client's signal to the process alone, never to its group; throws Fault NOT_RUNNING. */
  signal(signal: number): void {
    if (this.isWaiting || !isSignallable(this.wireState)) throw new Fault('NOT_RUNNING');
    const pid = this.pid;
    this.#around.logger.debug(`sending ${this.config.name} (pid ${pid}) sig ${signalName(signal)}`);
    if (this.#isBuried) return;
    const error = this.#around.host.signal({ pid, signal, to: 'process' });
    if (error !== null && error !== 'ESRCH') this.#feed({ type: 'signal-failed', error });
  }

  /** Throws Fault NOT_RUNNING, NO_FILE (its stdin is closed) or FAILED (too much that was written was not read yet). */
  writeStdin(bytes: Buffer): void {
    if (this.pid === 0 || this.#state.is === 'STOPPING') throw new Fault('NOT_RUNNING');
    const waiting = this.#around.channels.stdinWaiting;
    // A single write may be longer: where nothing waits, each is taken.
    if (waiting > 0 && waiting + bytes.length > stdinLimit) {
      throw new Fault('FAILED', `stdin of ${this.config.name} is not read, ${waiting} bytes wait for it already`);
    }
    if (!this.#around.channels.writeStdin(bytes)) throw new Fault('NO_FILE');
  }

  /** Sends an event to a listener; false when its stdin is closed. */
  sendEvent(bytes: Buffer): boolean {
    return this.#around.channels.writeStdin(bytes);
  }

  /** Whether something that was written to its stdin waits to be read. */
  get isStdinBusy(): boolean {
    return this.#around.channels.stdinWaiting > 0;
  }

  /** Empties the logs that a living process has open; those of a stopped one stay as they are, as under supervisord. */
  clearLogs(): void {
    this.#around.channels.clear();
  }

  reopenLogs(): void {
    this.#around.channels.reopen();
  }

  /** The process is no longer wanted: forgets its AUTO logs and descriptors. */
  dispose(): void {
    this.#timer?.cancel();
    this.#around.channels.close();
  }

  /** Resolves at the next change of state. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #start(options: { readonly isAskedFor: boolean }): void {
    const { order } = this.#around;
    const wait = isStopped(this.wireState) && this.#around.mayStart() ? order.prepare(this, options) : null;
    this.#feed(wait === null ? { type: 'start' } : { type: 'wait', text: wait });
  }

  #feed(event: Event): void {
    const before = this.#state.is;
    const { state, effects } = step(this.#policy(), this.#state, event);
    this.#state = state;
    this.#depth += 1;
    const isUnasked = event.type === 'timer' || (event.type === 'exited' && before !== 'STOPPING');
    if (isUnasked && effects.some((effect) => effect.do === 'spawn')) this.#restarts += 1;
    for (const effect of effects) this.#around.mishaps.guard(() => this.#carryOut(effect));
    this.#depth -= 1;
    if (this.#depth > 0) return;
    const passed = this.#passed;
    this.#passed = [];
    this.#around.mishaps.guard(() => this.#around.order.settled(this, passed));
  }

  #policy(): Policy {
    const { startsecs, startretries, autorestart, exitcodes, stopsignal, stopwaitsecs } = this.config.options;
    const { restart_delay, restart_delay_max, restart_limit } = this.config.options;
    const { name } = this.config;
    const mayStart = this.#around.mayStart();
    const starts = { startsecs, startretries, autorestart, exitcodes, restart_delay, restart_delay_max, restart_limit };
    return { name, mayStart, stopsignal, stopwaitsecs, ...starts };
  }

  #carryOut(effect: Effect): void {
    switch (effect.do) {
      case 'announce': {
        this.#passed.push(effect.change);
        if (effect.change.from === 'FATAL') this.#failedDependency = null;
        this.#timer?.cancel();
        this.#timer = null;
        const waiting = this.#waiting;
        this.#waiting = [];
        try {
          if (effect.change.to === 'FATAL') this.#releaseSocket();
          this.#around.emit({ type: 'PROCESS_STATE', process: this.config.name, group: this.group, ...effect.change });
        } finally {
          for (const resolve of waiting) resolve();
        }
        return;
      }
      case 'record':
        if (effect.spawnError !== undefined) this.#spawnError = effect.spawnError;
        if (effect.exitStatus !== undefined) this.#exitStatus = effect.exitStatus;
        return;
      case 'log':
        this.#around.logger[effect.level](effect.text);
        return;
      case 'timer':
        this.#timer?.cancel();
        this.#timerAtMs = this.#around.clock.now() + effect.ms;
        this.#timer = this.#around.clock.after(effect.ms, () => {
          this.#timer = null;
          this.#feed({ type: 'timer' });
        });
        return;
      case 'signal':
        this.#send(effect);
        return;
      case 'spawn':
        this.#spawn();
        return;
    }
  }

  #send({ pid, signal, final }: Extract<Effect, { do: 'signal' }>): void {
    // Its pid may be somebody else's by now; what it left behind is about to end.
    if (this.#isBuried) return;
    const { stopasgroup, killasgroup, stopastree, killastree } = this.config.options;
    const [asGroup, asTree] = final ? [killasgroup, killastree] : [stopasgroup, stopastree];
    const { logger, host, mishaps } = this.#around;
    const mark = this.#mark;
    const to = asTree ? 'tree' : asGroup ? 'group' : 'process';
    const whole = { tree: 'process tree ', group: 'process group ', process: '' }[to];
    mishaps.guard(() =>
      logger.debug(`killing ${this.config.name} (pid ${pid}) ${whole}with signal ${signalName(signal)}`),
    );
    const error = host.signal({ pid, signal, to, ...(mark !== null && { mark }) });
    // ESRCH: it has died and is about to be buried; its exit decides.
    if (error !== null && error !== 'ESRCH') this.#feed({ type: 'signal-failed', error });
  }

  #spawn(): void {
    const { clock, channels } = this.#around;
    this.#stoppedByPerson = false;
    this.#startedAtMs = clock.now();
    this.#startedWallMs = clock.wall();
    const held = this.#acquireSocket();
    const made = held !== null && 'error' in held ? held : this.#makeChild(held?.fd ?? null);
    if ('error' in made) {
      this.#around.mishaps.guard(() => channels.finish());
      if (held !== null && 'fd' in held) this.#endedHolds += 1;
      this.history.add({ atMs: clock.wall(), ranMs: 0, state: 'STARTING', by: 'itself', how: { error: made.error } });
      this.#feed({ type: 'spawn-failed', error: made.error });
      return this.#releaseSocket();
    }
    // It lives, even if nobody can read what it says.
    this.#around.mishaps.guard(() => channels.attach(made.child));
    return this.#feed({ type: 'spawned', pid: made.child.pid });
  }

  #acquireSocket(): ReturnType<SharedSocket['acquire']> | null {
    try {
      return this.#around.socket?.acquire() ?? null;
    } catch (error) {
      return this.#bug(error);
    }
  }

  #releaseSocket(): void {
    for (; this.#endedHolds > 0; this.#endedHolds -= 1) this.#around.socket?.release();
  }

  /** A bug on the way to a child costs this start and is logged; it does not end the daemon. */
  #makeChild(socket: number | null): SpawnResult {
    const { host, channels, environment, newMark } = this.#around;
    try {
      const found = this.findCommand();
      if ('error' in found) return found;
      const surrounding = environment();
      if ('error' in surrounding) return surrounding;
      const opened = channels.open();
      if ('error' in opened) return opened;
      const { user, umask, directory } = this.config.options;
      const { name } = this.config;
      const { file, argv } = found;
      const stdin = socket === null ? ('pipe' as const) : { socket };
      this.#mark = newMark === null ? null : newMark();
      const marked = this.#mark === null ? opened : { ...opened, mark: this.#mark };
      const order = { name, file, argv, environment: surrounding.variables, directory, umask, user, stdin, ...marked };
      return host.spawn(order, (status) => this.#exited(status));
    } catch (error) {
      return this.#bug(error);
    }
  }

  #bug(error: unknown): { readonly error: string } {
    const { message, stack = message } = error instanceof Error ? error : new Error(String(error));
    this.#around.logger.crit(`unexpected problem spawning ${this.config.name}: ${stack}`);
    return { error: `unexpected problem spawning '${this.config.name}': ${message}` };
  }

  #exited(status: ExitStatus): void {
    // What the child wrote before it died comes before the news of its death.
    this.#around.mishaps.guard(() => this.#around.channels.finish());
    this.#stoppedWallMs = this.#around.clock.wall();
    if (this.#around.socket !== null) this.#endedHolds += 1;
    const atMs = this.#around.clock.now();
    const ranMs = atMs - this.#startedAtMs;
    this.#remember(status, ranMs);
    if (!this.config.options.killastree) return this.#ended({ type: 'exited', status, atMs, ranMs });
    this.#isBuried = true;
    this.#timer?.cancel();
    const { host, clock, logger, mishaps } = this.#around;
    const mark = this.#mark;
    return mishaps.guard(() =>
      endLeftovers({ name: this.config.name, pid: this.pid, mark, host, clock, logger }, () => {
        this.#isBuried = false;
        this.#ended({ type: 'exited', status, atMs, ranMs });
      }),
    );
  }

  #ended(exited: Event): void {
    this.#feed(exited);
    this.#releaseSocket();
  }

  #remember(how: ExitStatus, ranMs: number): void {
    const is = this.wireState;
    // What the machine makes of an end that comes before the timer that was due.
    const state = is === 'STARTING' && ranMs >= this.config.options.startsecs * 1000 ? 'RUNNING' : is;
    const by = is === 'STOPPING' ? this.#stopWish : 'itself';
    this.history.add({ atMs: this.#stoppedWallMs, ranMs, state, by, how });
  }
}
