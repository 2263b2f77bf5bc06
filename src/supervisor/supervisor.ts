// What should run: the groups, the last loaded configuration, and whether the daemon is running, restarting or
// shutting down. Requests change wishes at once; nothing here waits.

import type { Clock, Timer } from '../base/clock.ts';
import { ConfigError, Fault, oneLine } from '../base/errors.ts';
import type { SupervisorStateName } from '../base/states.ts';
import { type ConfigDiff, diffConfig } from '../config/diff.ts';
import type { Config } from '../config/load.ts';
import type { GroupConfig, ProcessConfig } from '../config/programs.ts';
import type { EventBus } from '../events/events.ts';
import type { ListenerPools } from '../events/listener-pools.ts';
import type { Logger } from '../logs/logger.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import { Group } from './group.ts';
import { inStartOrder } from './order.ts';

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
}

/** How the daemon's life ended: gone for good, or to begin anew with a fresh configuration. */
export type Outcome = 'shutdown' | 'restart';

/** supervisord repeats who it waits for every three seconds. */
const reportEveryMs = 3000;

export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #groups = new Map<string, Group>();
  #config: Config;
  #state: SupervisorStateName = 'RUNNING';
  /** Groups still to be stopped, the next one last. */
  #stopping: Group[] | null = null;
  #report: Timer | null = null;
  #end: (outcome: Outcome) => void = () => undefined;
  /** Resolves once everything is stopped after `shutdown` or `restart`. */
  readonly ended: Promise<Outcome>;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
    this.#config = parts.config;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    parts.bus.subscribe((event) => {
      if (event.type === 'PROCESS_STATE' && this.#stopping !== null) this.#continueStopping();
    });
  }

  get state(): SupervisorStateName {
    return this.#state;
  }

  /** The configuration that was last loaded, which is not always the one that runs. */
  get config(): Config {
    return this.#config;
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

  /** Starts everything that starts by itself. */
  start(): void {
    this.#parts.bus.emit({ type: 'SUPERVISOR_STATE_CHANGE', state: 'RUNNING' });
    for (const group of this.groups()) group.autostart();
  }

  mayStart(): boolean {
    return this.#state === 'RUNNING';
  }

  /** Loads the file anew and compares it with what runs; throws ConfigError and then nothing has changed. */
  reread(): ConfigDiff {
    const config = this.#parts.load();
    this.#config = config;
    const running = [...this.#groups.values()].map((group) => group.config);
    const diff = diffConfig(running, config.groups);
    for (const { group, reasons } of diff.changed)
      this.#parts.logger.info(`${group.name}: changed (${reasons.join('; ')})`);
    return diff;
  }

  /** Adds a group of the last loaded configuration and starts it; throws Fault ALREADY_ADDED, BAD_NAME or FAILED. */
  addGroup(name: string): void {
    const config = this.#config.groups.find((group) => group.name === name);
    if (config === undefined) throw new Fault('BAD_NAME', name);
    if (this.#groups.has(name)) throw new Fault('ALREADY_ADDED', name);
    this.#makeGroupOrFault(config).autostart();
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
  }

  /** Stops everything in order, then ends; turns a restart under way into a shutdown. */
  shutdown(): void {
    this.#stopAll('SHUTDOWN');
  }

  /** Stops everything in order, then begins anew; false while a shutdown is under way. */
  restart(): boolean {
    if (this.#state === 'SHUTDOWN') return false;
    this.#stopAll('RESTARTING');
    return true;
  }

  /** /readyz in its plain form. */
  isReady(): boolean {
    return this.#state === 'RUNNING' && [...this.#groups.values()].every((group) => group.isReady());
  }

  /** Lets go of every group; for the end of a life, when everything is stopped. */
  dispose(): void {
    for (const group of this.#groups.values()) group.dispose();
    this.#groups.clear();
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
    if (this.#stopping !== null) return;
    this.#stopping = inStartOrder(this.#groups.values());
    this.#parts.bus.emit({ type: 'SUPERVISOR_STATE_CHANGE', state });
    this.#stopLast();
    this.#reportWaiting();
    this.#continueStopping();
  }

  /** The next group is signalled only when the one before is fully stopped. */
  #continueStopping(): void {
    const groups = this.#stopping;
    if (groups === null) return;
    while (groups.length > 0 && groups.at(-1)?.unstopped().length === 0) {
      groups.pop();
      this.#stopLast();
    }
    if (groups.length > 0) return;
    this.#report?.cancel();
    this.#end(this.#state === 'RESTARTING' ? 'restart' : 'shutdown');
  }

  /** A listener first answers what it was told so far: it is stopped last so that it hears of the others. */
  #stopLast(): void {
    const group = this.#stopping?.at(-1);
    if (group?.config.kind !== 'eventlistener') return group?.stopForShutdown();
    this.#parts.pools.whenSettled(group.config.name, () => group.stopForShutdown());
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
