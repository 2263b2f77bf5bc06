// All rolls: who is rolled, what came of it, and whoever waits for the next piece of news. A roll belongs to the daemon, not
// to the client that asked for it. Of each group there is one at a time.

import type { Clock } from '../base/clock.ts';
import { Fault } from '../base/errors.ts';
import { processesOfName } from '../config/dependencies.ts';
import type { EventBus } from '../events/events.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import type { Draining } from './draining.ts';
import type { Group } from './group.ts';
import { type MemberProgress, type Membership, Roll, type RollOrder, type RollState } from './roll.ts';

export interface RollsParts {
  readonly supervisor: { groups(): readonly Group[] } & Membership;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly logger: { info(text: string): void; warn(text: string): void; error(text: string): void };
  readonly draining: Draining;
}

/** A roll as clients see it. Times are milliseconds since the epoch, 0 where it has not ended. */
export interface RollProgress {
  readonly id: number;
  /** What was asked for, as people write it. */
  readonly what: string;
  readonly state: RollState;
  /** Why it did not come to its end; '' otherwise. */
  readonly reason: string;
  readonly warnings: readonly string[];
  readonly maxUnavailable: number;
  readonly beganAtMs: number;
  readonly endedAtMs: number;
  /** Counts the changes. */
  readonly version: number;
  readonly members: readonly MemberProgress[];
}

export type RollOutcome = Exclude<RollState, 'running'>;

interface Entry {
  readonly id: number;
  readonly what: string;
  readonly groups: ReadonlySet<string>;
  readonly warnings: readonly string[];
  readonly maxUnavailable: number;
  readonly beganAtMs: number;
  roll: Roll;
  endedAtMs: number;
  version: number;
  waiting: (() => void)[];
}

/** Finished ones that can still be asked for. */
const kept = 50;

export class Rolls {
  readonly #parts: RollsParts;
  readonly #entries = new Map<number, Entry>();
  readonly #outcomes: Record<RollOutcome, number> = { done: 0, failed: 0, cancelled: 0 };
  #lastId = 0;

  constructor(parts: RollsParts) {
    this.#parts = parts;
    parts.bus.subscribe((event) => {
      for (const { roll } of this.#entries.values()) if (roll.state === 'running') roll.hear(event);
    });
  }

  /**
   * Begins to restart the processes that these names stand for, one after the other; answers an id. Throws Fault BAD_NAME,
   * and FAILED where one of the groups is being rolled.
   */
  restart(names: readonly string[], { maxUnavailable }: { readonly maxUnavailable: number }): number {
    const processes = [...new Set(names.flatMap((name) => this.#named(name)))];
    const orders = processes.map((process): RollOrder => ({
      task: 'restart',
      group: process.group,
      process,
      config: process.config,
    }));
    const groups = this.#parts.supervisor.groups();
    const warnings = warningsOf(processes, { groups, maxUnavailable });
    const what = `rolling restart of ${shortened(names.join(' '))}`;
    return this.#begin({ what, orders, maxUnavailable, warnings });
  }

  /** How many are under way. */
  get running(): number {
    return [...this.#entries.values()].filter(({ roll }) => roll.state === 'running').length;
  }

  /** How all that are over have ended. */
  get outcomes(): Readonly<Record<RollOutcome, number>> {
    return this.#outcomes;
  }

  /** Throws Fault BAD_NAME for an id that nobody has, or has any more. */
  progress(id: number): RollProgress {
    const { roll, what, warnings, maxUnavailable, beganAtMs, endedAtMs, version } = this.#find(id);
    const { state, reason, members } = roll;
    return { id, what, state, reason, warnings, maxUnavailable, beganAtMs, endedAtMs, version, members };
  }

  /** Resolves once there is news behind `version`; at once where there is, and when it is over. Throws as `progress`. */
  news(id: number, version: number): Promise<void> {
    const entry = this.#find(id);
    if (entry.version > version || entry.roll.state !== 'running') return Promise.resolve();
    return new Promise((resolve) => entry.waiting.push(resolve));
  }

  #find(id: number): Entry {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new Fault('BAD_NAME', `no roll ${id}`);
    return entry;
  }

  #named(name: string): readonly ManagedProcess[] {
    const found = processesOfName(name, this.#parts.supervisor.groups());
    if (found === null || name === '') throw new Fault('BAD_NAME', name);
    return found;
  }

  #begin(order: {
    readonly what: string;
    readonly orders: readonly RollOrder[];
    readonly maxUnavailable: number;
    readonly warnings: readonly string[];
  }): number {
    const { clock, logger, draining, supervisor } = this.#parts;
    const { what, orders, maxUnavailable, warnings } = order;
    const groups = new Set(orders.map(({ group }) => group));
    this.#refuseSecond(groups);
    this.#lastId += 1;
    const id = this.#lastId;
    const roll = new Roll(orders, {
      clock,
      logger,
      draining,
      membership: supervisor,
      maxUnavailable,
      changed: () => this.#changed(entry),
    });
    const entry: Entry = {
      id,
      what,
      groups,
      warnings,
      maxUnavailable,
      roll,
      beganAtMs: clock.wall(),
      endedAtMs: 0,
      version: 1,
      waiting: [],
    };
    this.#entries.set(id, entry);
    logger.info(`${what} begins (roll ${id}, ${orders.length} ${orders.length === 1 ? 'process' : 'processes'})`);
    for (const warning of warnings) logger.warn(`roll ${id}: ${warning}`);
    roll.begin();
    return id;
  }

  #refuseSecond(groups: ReadonlySet<string>): void {
    for (const other of this.#entries.values()) {
      const shared = [...other.groups].find((name) => groups.has(name));
      if (other.roll.state !== 'running' || shared === undefined) continue;
      throw new Fault('FAILED', `${shared} is being rolled already (roll ${other.id}: ${other.what})`);
    }
  }

  #changed(entry: Entry): void {
    entry.version += 1;
    if (entry.roll.state !== 'running' && entry.endedAtMs === 0) this.#ended(entry);
    const { waiting } = entry;
    entry.waiting = [];
    for (const resolve of waiting) resolve();
  }

  #ended(entry: Entry): void {
    const { clock, logger } = this.#parts;
    const { id, what, roll } = entry;
    entry.endedAtMs = clock.wall();
    if (roll.state !== 'running') this.#outcomes[roll.state] += 1;
    if (roll.state === 'done') logger.info(`${what} is done (roll ${id})`);
    else
      logger.warn(`${what} has ${roll.state === 'failed' ? 'failed' : 'been cancelled'} (roll ${id}): ${roll.reason}`);
    const over = [...this.#entries.values()].filter((other) => other.endedAtMs !== 0);
    for (const old of over.slice(0, -kept)) this.#entries.delete(old.id);
  }
}

/** Clients may name the same process again and again. */
function shortened(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** Where nobody is left to serve while some are away. */
function warningsOf(
  processes: readonly ManagedProcess[],
  { groups, maxUnavailable }: { readonly groups: readonly Group[]; readonly maxUnavailable: number },
): readonly string[] {
  const warnings: string[] = [];
  for (const group of groups) {
    const ready = group.processes.filter(({ isReady }) => isReady);
    const rolled = ready.filter((process) => processes.includes(process)).length;
    if (rolled === 0 || ready.length - Math.min(rolled, maxUnavailable) > 0) continue;
    const { name } = group.config;
    if (ready.length === 1) warnings.push(`${name} has one process that is ready: nobody serves while it is restarted`);
    else warnings.push(`all ${ready.length} of ${name} may be down at once (max_unavailable ${maxUnavailable})`);
  }
  return warnings;
}
