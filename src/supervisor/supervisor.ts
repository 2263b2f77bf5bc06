// What should run: the groups, the last loaded configuration, and whether the daemon is running, restarting or
// shutting down. Requests change wishes at once; nothing here waits.

import type { Clock, Timer } from '../base/clock.ts';
import { ConfigError, Fault, oneLine } from '../base/errors.ts';
import { inPieces } from '../base/pieces.ts';
import { isStopped, type SupervisorStateName } from '../base/states.ts';
import { type ConfigDiff, diffConfig } from '../config/diff.ts';
import type { Config } from '../config/load.ts';
import type { GroupConfig, ProcessConfig } from '../config/programs.ts';
import type { EventBus } from '../events/events.ts';
import type { ListenerPools } from '../events/listener-pools.ts';
import type { Logger } from '../logs/logger.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import { setDeadline } from './deadline.ts';
import { Dependencies } from './dependencies.ts';
import { dependenciesFirst, dependentsAmong, type Edges, edgesOf } from './edges.ts';
import { Group } from './group.ts';
import { inStartOrder } from './order.ts';
import { OrderedStop } from './ordered-stop.ts';
import { countOf, type Scale, Scales } from './scales.ts';

export interface SupervisorParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly bus: EventBus;
  readonly pools: ListenerPools;
  readonly logger: Logger;
  /** Throws ConfigError for a group whose processes lack what they need before they can be started. */
  checkGroup(config: GroupConfig): void;
  makeProcess(config: ProcessConfig, group: GroupConfig): ManagedProcess;
  /** Reads the configuration anew; throws ConfigError. */
  load(): Config;
  /** Told when a configuration was loaded that runs in no part yet. */
  onReread?(): void;
}

/** How the daemon's life ended: gone for good, or to begin anew with a fresh configuration. */
export type Outcome = 'shutdown' | 'restart';

/** supervisord repeats who it waits for every three seconds. */
const reportEveryMs = 3000;

export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #groups = new Map<string, Group>();
  /** Who waits for whom. */
  readonly order = new Dependencies(() => [...this.#groups.values()]);
  readonly #scales = new Scales();
  /** As the file says, and as it counts: with the numbers of processes that were asked for since. */
  #loaded: Config;
  #config: Config;
  #state: SupervisorStateName = 'RUNNING';
  #stopping: OrderedStop | null = null;
  /** A shutdown was asked for, and all serves on for a while. */
  #predrain: Timer | null = null;
  #report: Timer | null = null;
  #deadline: Timer | null = null;
  #leftBehind: readonly ManagedProcess[] = [];
  #end: (outcome: Outcome) => void = () => undefined;
  /** Resolves once everything is stopped after `shutdown` or `restart`. */
  readonly ended: Promise<Outcome>;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
    this.#loaded = parts.config;
    this.#config = parts.config;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    parts.bus.subscribe((event) => {
      if (event.type === 'PROCESS_STATE' && isStopped(event.to)) this.#continueStopping();
    });
  }

  get state(): SupervisorStateName {
    return this.#state;
  }

  /** A shutdown was asked for, also while everything still serves on. */
  get isShuttingDown(): boolean {
    return this.#state === 'SHUTDOWN' || this.#predrain !== null;
  }

  /** A shutdown or a restart was asked for. */
  get isEnding(): boolean {
    return this.#state !== 'RUNNING' || this.#predrain !== null;
  }

  /** The configuration that was last loaded, which is not always the one that runs. */
  get config(): Config {
    return this.#config;
  }

  /** What lived on when the end came: not even SIGKILL had ended it. */
  get leftBehind(): readonly ManagedProcess[] {
    return this.#leftBehind;
  }

  /** In start order: ascending priority, then name. */
  groups(): readonly Group[] {
    return inStartOrder(this.#groups.values());
  }

  findGroup(name: string): Group | undefined {
    return this.#groups.get(name);
  }

  /** Makes the groups without starting anything yet; throws ConfigError. */
  addConfiguredGroups(): void {
    for (const group of this.#config.groups) this.#makeGroup(group);
  }

  /** Starts everything that starts by itself, piece by piece. */
  start(): void {
    this.#parts.bus.emit({ type: 'SUPERVISOR_STATE_CHANGE', state: 'RUNNING' });
    this.#autostart(this.groups().flatMap((group) => group.processes));
  }

  /** As given, but each process behind those of them that it depends on. */
  dependenciesFirst(processes: readonly ManagedProcess[]): readonly ManagedProcess[] {
    return dependenciesFirst(processes, edgesOf([...this.#groups.values()]));
  }

  /** By process, those of them that depend on it, also through others: they are to be stopped before it. */
  dependentsAmong(processes: readonly ManagedProcess[]): Edges {
    return dependentsAmong(processes, edgesOf([...this.#groups.values()]));
  }

  mayStart(): boolean {
    return this.#state === 'RUNNING';
  }

  /** Loads the file anew and compares it with what runs; throws ConfigError and then nothing has changed. */
  reread(): ConfigDiff {
    this.#loaded = this.#parts.load();
    this.#config = this.#scales.appliedTo(this.#loaded, this.#parts.logger);
    const running = [...this.#groups.values()].map((group) => group.config);
    const diff = diffConfig(running, this.#config.groups);
    for (const { group, reasons } of diff.changed)
      this.#parts.logger.info(`${group.name}: changed (${reasons.join('; ')})`);
    this.#parts.onReread?.();
    return diff;
  }

  /** Adds a group of the last loaded configuration and starts it; throws Fault ALREADY_ADDED, BAD_NAME or FAILED. */
  addGroup(name: string): void {
    const config = this.#config.groups.find((group) => group.name === name);
    if (config === undefined) throw new Fault('BAD_NAME', name);
    if (this.#groups.has(name)) throw new Fault('ALREADY_ADDED', name);
    const group = this.#makeGroupOrFault(config);
    this.#autostart(group.processes);
    this.order.groupsChanged();
  }

  /** Forgets a group that is stopped; throws Fault BAD_NAME or STILL_RUNNING. */
  removeGroup(name: string): void {
    const group = this.#groups.get(name);
    if (group === undefined) throw new Fault('BAD_NAME', name);
    if (group.unstopped().length > 0) throw new Fault('STILL_RUNNING', name);
    group.dispose();
    this.#groups.delete(name);
    if (group.config.kind === 'eventlistener') this.#parts.pools.remove(name);
    this.#parts.bus.emit({ type: 'PROCESS_GROUP_REMOVED', group: name });
    this.order.groupsChanged();
  }

  /**
   * Stops everything in order, then ends; turns a restart under way into a shutdown. The stop begins `predrain` seconds later,
   * in which all goes on as before but for /readyz, unless it is wanted `atOnce`.
   */
  shutdown({ atOnce = false }: { readonly atOnce?: boolean } = {}): void {
    const { predrain, shutdown_timeout: timeout } = this.#config.supervisord;
    const seconds = Math.min(predrain, timeout ?? predrain);
    if (atOnce || seconds === 0 || this.#state !== 'RUNNING') return this.#stopAll('SHUTDOWN');
    if (this.#predrain !== null) return;
    this.#parts.logger.info(`not ready any more: serving on for ${seconds} seconds (predrain) before the stop begins`);
    this.#predrain = this.#parts.clock.after(seconds * 1000, () => this.#stopAll('SHUTDOWN'));
    this.#setDeadline();
  }

  /** The numbers of processes that count instead of the file's, with what they come to. */
  get scales(): readonly (Scale & { readonly count: number })[] {
    return this.#scales.all.map((scale) => ({ ...scale, count: countOf(scale.section, this.#config.groups) }));
  }

  /** Has another number of processes count for a section; null for the file's. Throws ConfigError, then nothing has changed. */
  scale(section: string, asked: number | 'auto' | null): void {
    const { groups: before } = this.#config;
    this.#config = this.#scales.set({ section, asked }, { loaded: this.#loaded, before });
  }

  /** Takes over what a configuration says of a group itself; its processes stay as they are. Throws Fault BAD_NAME. */
  reconfigure(config: GroupConfig): void {
    this.#group(config.name).reconfigure(config);
    this.#membersChanged(config.name);
  }

  /** Adds a process to a group that runs, not started yet; throws Fault BAD_NAME, and ConfigError. */
  add(group: string, config: ProcessConfig): ManagedProcess {
    const found = this.#group(group);
    const order = this.#config.groups.find(({ name }) => name === group)?.processes.map(({ name }) => name) ?? [];
    const process = this.#parts.makeProcess(config, found.config);
    found.add(process, order);
    this.#membersChanged(group);
    return process;
  }

  /** Puts a process with another configuration in the place of one that is stopped; throws ConfigError. */
  replace(old: ManagedProcess, config: ProcessConfig): ManagedProcess {
    const found = this.#group(old.group);
    const process = this.#parts.makeProcess(config, found.config);
    process.history.takeOver(old.history);
    found.replace(old, process);
    this.#membersChanged(old.group);
    return process;
  }

  /** Forgets one process that is stopped. */
  drop(process: ManagedProcess): void {
    this.#group(process.group).drop(process);
    this.#membersChanged(process.group);
  }

  /**
   * Stops everything in order, then begins anew; false while a shutdown is under way. Throws ConfigError, and then nothing
   * has changed, for a file that there would be no new life with: found out later, all would be stopped and lost.
   */
  restart(): boolean {
    if (this.isShuttingDown) return false;
    if (this.#state === 'RUNNING') this.#parts.load();
    this.#stopAll('RESTARTING');
    return true;
  }

  /** Lets go of every group; for the end of a life, when everything is stopped. */
  dispose(): void {
    for (const group of this.#groups.values()) group.dispose();
    this.#groups.clear();
  }

  #autostart(processes: readonly ManagedProcess[]): void {
    const work = (process: ManagedProcess): void => {
      // Between two pieces it may have been started, or its group removed.
      const isNew = process.wireState === 'STOPPED' && process.startedAt === 0;
      const isThere = this.#groups.get(process.group)?.find(process.config.name) === process;
      if (process.config.options.autostart && isNew && isThere) process.autostart();
    };
    // Not awaited: nobody waits for it, and a bug in it is logged like any other that is not caught.
    void inPieces(this.dependenciesFirst(processes), { clock: this.#parts.clock, work });
  }

  #group(name: string): Group {
    const group = this.#groups.get(name);
    if (group === undefined) throw new Fault('BAD_NAME', name);
    return group;
  }

  #membersChanged(group: string): void {
    this.#parts.bus.emit({ type: 'PROCESS_GROUP_CHANGED', group });
    this.order.groupsChanged();
  }

  #makeGroupOrFault(config: GroupConfig): Group {
    try {
      return this.#makeGroup(config);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new Fault('FAILED', oneLine(error));
    }
  }

  #makeGroup(config: GroupConfig): Group {
    this.#parts.checkGroup(config);
    const group = new Group(config, (process) => this.#parts.makeProcess(process, config));
    this.#groups.set(config.name, group);
    // Before the news of its group: a pool's first event is that it was added.
    if (config.kind === 'eventlistener') this.#parts.pools.add(config, group.processes);
    this.#parts.bus.emit({ type: 'PROCESS_GROUP_ADDED', group: config.name });
    return group;
  }

  #stopAll(state: 'SHUTDOWN' | 'RESTARTING'): void {
    this.#state = state;
    this.#predrain?.cancel();
    if (this.#stopping !== null) return;
    const all = [...this.#groups.values()];
    this.#stopping = new OrderedStop({ groups: all, pools: this.#parts.pools });
    this.#parts.bus.emit({ type: 'SUPERVISOR_STATE_CHANGE', state });
    this.#setDeadline();
    this.#stopping.begin();
    this.#reportWaiting();
    this.#continueStopping();
  }

  /** The next group is signalled only when the one before is fully stopped. */
  #continueStopping(): void {
    if (this.#stopping?.proceed() === true) this.#finish();
  }

  #setDeadline(): void {
    const { shutdown_timeout: seconds } = this.#config.supervisord;
    if (seconds === null || this.#deadline !== null) return;
    const { clock, logger } = this.#parts;
    this.#deadline = setDeadline({
      seconds,
      clock,
      logger,
      unstopped: () => [...this.#groups.values()].flatMap((group) => group.unstopped()),
      leave: (processes) => {
        this.#leftBehind = processes;
        this.#finish();
      },
    });
  }

  #finish(): void {
    this.#report?.cancel();
    this.#deadline?.cancel();
    this.#end(this.#state === 'RESTARTING' ? 'restart' : 'shutdown');
  }

  #reportWaiting(): void {
    const names = [...this.#groups.values()].flatMap((group) =>
      group.unstopped().map((process) => process.config.name),
    );
    if (names.length === 0) return;
    this.#parts.logger.info(`waiting for ${names.join(', ')} to die`);
    this.#report = this.#parts.clock.after(reportEveryMs, () => this.#reportWaiting());
  }
}
