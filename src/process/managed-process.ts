// One supervised process: feeds events to the machine and carries out what it answers. It decides nothing itself;
// what it adds is what must live somewhere: the state, the one timer, the child's pipes and what clients read later.
// The state is stored before its effects run, so whoever is told of a change sees it.

import type { CommandLookup, ExitStatus, RunOutcome } from '../base/child.ts';
import type { Timer } from '../base/clock.ts';
import { Fault } from '../base/errors.ts';
import type { ProbeResult } from '../base/health-check.ts';
import { isSignallable, isStopped, type ProcessStateName } from '../base/states.ts';
import type { ProcessConfig } from '../config/programs.ts';
import type { WatchdogReason } from '../events/events.ts';
import { ChildRuns } from './child-runs.ts';
import { History, type Wish } from './history.ts';
import { step } from './machine.ts';
import { runBeside, startBeside, type StartedBeside } from './run-beside.ts';
import { ProcessRecord } from './record.ts';
import type { Effect, Event, Policy, State } from './state.ts';
import type { Moment, ProcessSurroundings } from './surroundings.ts';

/** What the last probe of a run found. */
export interface ProbeReport {
  readonly outcome: ProbeResult['outcome'];
  /** What was answered, or why it was not, in words. */
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** Failures in a row that count. */
  readonly failures: number;
}

const nothingPassed: Moment = { wasReady: false, wasCompleted: false };

/** What may wait for a child that does not read its stdin. */
const stdinLimit = 1024 * 1024;

export class ManagedProcess {
  readonly config: ProcessConfig;
  readonly group: string;
  /** How its last runs ended. */
  readonly history: History;
  readonly #around: ProcessSurroundings;
  readonly #runs: ChildRuns;
  readonly #record: ProcessRecord;
  #timer: Timer | null = null;
  #timerAtMs = 0;
  #restarts = 0;
  /** By whose wish it is in STOPPING. */
  #stopWish: Wish = 'person';
  /** Why the watchdog wanted it. */
  #stopReason = '';
  #lastProbe: ProbeReport | null = null;
  readonly #watchdogRestarts: Record<WatchdogReason, number> = { health: 0, memory: 0 };
  #stoppedByPerson = false;
  /** Seconds that a roll gives it to end, where that is more than stopwaitsecs. */
  #patience = 0;
  #isOnTrial = false;
  #waiting: (() => void)[] = [];
  #failedDependency: ManagedProcess | null = null;
  /** How many events are being answered, one inside the other, and the changes of state so far. */
  #depth = 0;
  #moment: Moment = nothingPassed;

  constructor(config: ProcessConfig, around: ProcessSurroundings) {
    this.config = config;
    this.group = around.group;
    this.history = new History(config.options.exitcodes);
    this.#around = around;
    this.#record = new ProcessRecord(around.clock);
    this.#runs = new ChildRuns(config, around);
  }

  /** Another one whenever something that clients read is another, but for `waitingFor` and what time makes of it. */
  get revision(): number {
    return this.#record.revision;
  }

  get wireState(): ProcessStateName {
    return this.#record.wireState;
  }

  /** Takes part: up and, with `health`, a probe has succeeded since its start; without it, RUNNING. */
  get isReady(): boolean {
    if (this.config.options.health === null) return this.#state.is === 'RUNNING';
    return (this.#state.is === 'RUNNING' || this.#state.is === 'STARTING') && this.#state.healthy === true;
  }

  /** STARTING or RUNNING with a child, which has not ended. */
  get isUp(): boolean {
    return this.pid !== 0 && this.#state.is !== 'STOPPING' && this.#state.is !== 'UNKNOWN' && !this.#runs.isBuried;
  }

  /** The last probe of the present run; null where there was none. */
  get lastProbe(): ProbeReport | null {
    return this.#lastProbe;
  }

  /** By whose wish it is in STOPPING, with the watchdog's reason ('' for others); null in other states. */
  get stopWish(): { readonly by: Wish; readonly because: string } | null {
    if (this.#state.is !== 'STOPPING') return null;
    return { by: this.#stopWish, because: this.#stopWish === 'watchdog' ? this.#stopReason : '' };
  }

  /** How often the watchdog has restarted it, by reason, since it was made. */
  get watchdogRestarts(): Readonly<Record<WatchdogReason, number>> {
    return this.#watchdogRestarts;
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
    return this.#record.pid;
  }

  /** Epoch seconds of the last start, 0 = never. */
  get startedAt(): number {
    return this.#record.startedAt;
  }

  /**
   * Milliseconds since the beginning of the second of its last start, as supervisord counts by whole seconds; whatever was
   * done to the wall clock meanwhile.
   */
  get uptimeMs(): number {
    return this.#record.uptimeMs;
  }

  /** Epoch seconds of the last end, 0 = never. */
  get stoppedAt(): number {
    return this.#record.stoppedAt;
  }

  /** Why the last start failed or the last run ended badly; '' when nothing is wrong. */
  get spawnError(): string {
    return this.#record.spawnError;
  }

  /** What it waits for before it is started again, in words; '' when it does not wait, or a start failed. */
  get waitNote(): string {
    return this.#record.waitNote;
  }

  /** The last recorded exit code, -1 for a death by signal, 0 when none is recorded. */
  get exitStatus(): number {
    return this.#record.exitStatus;
  }

  /** Ended the way it should: EXITED with one of its exitcodes. */
  get endedAsExpected(): boolean {
    return this.#state.is === 'EXITED' && this.#state.expected;
  }

  /** STOPPED because somebody asked for it, not because it was never started. */
  get stoppedByPerson(): boolean {
    return this.#state.is === 'STOPPED' && this.#stoppedByPerson;
  }

  /** Stopped, or about to be, because somebody asked for it: to stay down. */
  get isStopAsked(): boolean {
    return (this.#state.is === 'STOPPED' || this.#state.is === 'STOPPING') && this.#stoppedByPerson;
  }

  /** Started by a roll, and not ready since: that it fails is the roll's affair. */
  get isOnTrial(): boolean {
    return this.#isOnTrial;
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

  /** Bytes of its output that could not be written to its logs. */
  get lostLogBytes(): number {
    return this.#around.channels.lostLogBytes;
  }

  get stdoutLog(): string | null {
    return this.#around.channels.stdoutLog;
  }

  get stderrLog(): string | null {
    return this.#around.channels.stderrLog;
  }

  /** Looks for the command as the next start would, with the fault that a start request answers when it is not there. */
  findCommand(): CommandLookup {
    return this.#runs.findCommand();
  }

  /** Somebody asked for it. */
  start(): void {
    if (this.#state.is === 'STOPPING') {
      // supervisord answers the same way: its spawn does nothing while a pid is there.
      this.#around.logger.warn(`process '${this.config.name}' already running`);
      return;
    }
    this.#isOnTrial = false;
    this.#start({ isAskedFor: true });
  }

  /** The daemon, or a process that depends on it, wants it. */
  autostart(): void {
    this.#isOnTrial = false;
    this.#start({ isAskedFor: false });
  }

  /** The second half of its turn in a roll. */
  startForRoll(): void {
    this.#isOnTrial = true;
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

  /** `by` goes into the history: the first wish counts, but the watchdog's less than any other. */
  stop(by: Wish = 'person'): void {
    this.#stoppedByPerson = by !== 'roll';
    if (this.#state.is !== 'STOPPING' || this.#stopWish === 'watchdog') this.#stopWish = by;
    this.#feed({ type: 'stop' });
  }

  /** The first half of its turn in a roll: it gets `seconds` to end before SIGKILL, or stopwaitsecs where that is more. */
  stopForRoll(seconds: number): void {
    this.#patience = seconds;
    this.stop('roll');
  }

  /** One wish kept in the daemon: stop, then start again. */
  restart(): void {
    this.#stopWish = 'person';
    this.#feed({ type: 'restart' });
  }

  /** A probe of the present run is over. */
  probed(report: ProbeReport): void {
    // What a run left behind may still answer in its place.
    if (!this.isUp) return;
    this.#lastProbe = report;
    if (report.outcome === 'healthy') this.#feed({ type: 'healthy' });
  }

  /** The watchdog wants another run instead of the present one. */
  giveUpRun(why: { readonly reason: WatchdogReason; readonly text: string }): void {
    if (this.isUp) this.#feed({ type: 'unhealthy', ...why });
  }

  /** As part of a shutdown: stops it, or gives it up while it waits for a retry or for what it depends on. */
  stopForShutdown(): void {
    if (this.#state.is === 'BACKOFF' || this.isWaiting) this.#feed({ type: 'give-up' });
    else if (this.#state.is === 'STARTING' || this.#state.is === 'RUNNING') this.stop('shutdown');
    else if (this.#state.is === 'STOPPING' && this.#patience > 0) this.#hurry();
  }

  /** The time for a shutdown is over: SIGKILL to what lives, whatever it was at. */
  kill(): void {
    if (this.#state.is !== 'STOPPING') this.#stopWish = 'shutdown';
    this.#feed({ type: 'kill' });
  }

  /** Sends a client's signal to the process alone, never to its group; throws Fault NOT_RUNNING. */
  signal(signal: number): void {
    if (this.isWaiting || !isSignallable(this.wireState)) throw new Fault('NOT_RUNNING');
    this.#signalled(this.#runs.signal(this.pid, signal));
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

  /** Runs another command once, as this process would run: its user, environment, directory and umask. */
  runBeside(command: string, deadlineMs: number): Promise<RunOutcome> {
    const { name, options } = this.config;
    return runBeside({ name, command, deadlineMs, options }, this.#around);
  }

  /** Starts one as above, but without output: `onExit` hears once how it ended, and `kill` ends it, with its group. */
  startBeside(command: string, onExit: (status: ExitStatus) => void): StartedBeside {
    const { name, options } = this.config;
    return startBeside({ name, command, options }, { ...this.#around, onExit });
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

  get #state(): State {
    return this.#record.state;
  }

  #start(options: { readonly isAskedFor: boolean }): void {
    const { order } = this.#around;
    const wait = isStopped(this.wireState) && this.#around.mayStart() ? order.prepare(this, options) : null;
    this.#feed(wait === null ? { type: 'start' } : { type: 'wait', text: wait });
  }

  /** Takes back what a roll gave: from now on it has stopwaitsecs like everybody else. */
  #hurry(): void {
    this.#patience = 0;
    const waitMs = this.config.options.stopwaitsecs * 1000;
    if ((this.timeLeftMs ?? 0) > waitMs) this.#setTimer(waitMs);
  }

  #setTimer(ms: number): void {
    this.#timer?.cancel();
    this.#timerAtMs = this.#around.clock.now() + ms;
    this.#timer = this.#around.clock.after(ms, () => {
      this.#timer = null;
      this.#patience = 0;
      this.#feed({ type: 'timer' });
    });
  }

  #feed(event: Event): void {
    const before = this.#state.is;
    const { state, effects } = step(this.#policy(), this.#state, event);
    this.#record.become(state);
    this.#depth += 1;
    const isByItself = before !== 'STOPPING' || this.#stopWish === 'watchdog';
    const isUnasked = event.type === 'timer' || (event.type === 'exited' && isByItself);
    if (isUnasked && effects.some((effect) => effect.do === 'spawn')) this.#restarts += 1;
    for (const effect of effects) this.#around.mishaps.guard(() => this.#carryOut(effect));
    this.#depth -= 1;
    if (this.#depth > 0) return;
    const moment = this.#moment;
    this.#moment = nothingPassed;
    this.#around.mishaps.guard(() => this.#around.watchdog?.settled(this));
    this.#around.mishaps.guard(() => this.#around.order.settled(this, moment));
  }

  #policy(): Policy {
    const { startsecs, startretries, autorestart, exitcodes } = this.config.options;
    const { stopsignal, health_stopwaitsecs } = this.config.options;
    const stopwaitsecs = Math.max(this.config.options.stopwaitsecs, this.#patience);
    const { restart_delay, restart_delay_max, restart_limit } = this.config.options;
    const { name } = this.config;
    const mayStart = this.#around.mayStart();
    const starts = { startsecs, startretries, autorestart, exitcodes, restart_delay, restart_delay_max, restart_limit };
    return { name, mayStart, stopsignal, stopwaitsecs, health_stopwaitsecs, ...starts };
  }

  #carryOut(effect: Effect): void {
    switch (effect.do) {
      case 'announce': {
        this.#moment = {
          wasReady: this.#moment.wasReady || (effect.change.to === 'RUNNING' && this.config.options.health === null),
          wasCompleted: this.#moment.wasCompleted || (effect.change.to === 'EXITED' && effect.change.expected),
        };
        if (effect.change.from === 'FATAL') this.#failedDependency = null;
        if (this.isReady) this.#isOnTrial = false;
        this.#timer?.cancel();
        this.#timer = null;
        const waiting = this.#waiting;
        this.#waiting = [];
        try {
          if (effect.change.to === 'FATAL') this.#runs.releaseSocket();
          this.#around.emit({ type: 'PROCESS_STATE', process: this.config.name, group: this.group, ...effect.change });
        } finally {
          for (const resolve of waiting) resolve();
        }
        return;
      }
      case 'record':
        this.#record.note(effect);
        return;
      case 'log':
        this.#around.logger[effect.level](effect.text);
        return;
      case 'timer':
        this.#setTimer(effect.ms);
        return;
      case 'signal':
        this.#signalled(this.#runs.end(effect));
        return;
      case 'spawn':
        this.#spawn();
        return;
      case 'ready':
        this.#moment = { ...this.#moment, wasReady: true };
        this.#isOnTrial = false;
        this.#around.emit({ type: 'PROCESS_READY', process: this.config.name, group: this.group });
        return;
      case 'give-up-run': {
        const { pid, reason, text } = effect;
        this.#stopWish = 'watchdog';
        this.#stopReason = text;
        this.#watchdogRestarts[reason] += 1;
        this.#around.emit({ type: 'PROCESS_HEALTH', process: this.config.name, group: this.group, pid, reason, text });
        return;
      }
    }
  }

  #spawn(): void {
    const { clock } = this.#around;
    this.#stoppedByPerson = false;
    this.#lastProbe = null;
    this.#patience = 0;
    this.#record.started();
    const made = this.#runs.make((status) => this.#exited(status));
    if ('child' in made) return this.#feed({ type: 'spawned', pid: made.child.pid });
    this.history.add({ atMs: clock.wall(), ranMs: 0, state: 'STARTING', by: 'itself', how: { error: made.error } });
    this.#feed({ type: 'spawn-failed', error: made.error });
    return this.#runs.releaseSocket();
  }

  /** ESRCH: it has died and is about to be buried; its exit decides. */
  #signalled(error: string | null): void {
    if (error !== null && error !== 'ESRCH') this.#feed({ type: 'signal-failed', error });
  }

  #exited(status: ExitStatus): void {
    const { clock } = this.#around;
    const [atMs, wallMs, { ranMs }] = [clock.now(), clock.wall(), this.#record];
    this.#record.stopped();
    this.#remember(status, { ranMs, wallMs });
    // Nothing is due any more, also while what it left behind is waited for.
    this.#timer?.cancel();
    this.#runs.bury(this.pid, () => {
      this.#feed({ type: 'exited', status, atMs, ranMs });
      this.#runs.releaseSocket();
    });
  }

  #remember(how: ExitStatus, { ranMs, wallMs }: { readonly ranMs: number; readonly wallMs: number }): void {
    const is = this.wireState;
    // What the machine makes of an end that comes before the timer that was due.
    const state = is === 'STARTING' && ranMs >= this.config.options.startsecs * 1000 ? 'RUNNING' : is;
    const by = is === 'STOPPING' ? this.#stopWish : 'itself';
    const because = by === 'watchdog' ? { because: this.#stopReason } : {};
    this.history.add({ atMs: wallMs, ranMs, state, by, how, ...because });
  }
}
