// All rolls: who is rolled, what came of it, and whoever waits for the next piece of news. Rolling restarts, updates and changes
// of the number of processes are all of them rolls. A roll belongs to the daemon, not to the client that asked for it. Of each
// group there is one at a time.

import type { Clock } from '../base/clock.ts';
import { ConfigError, Fault, oneLine } from '../base/errors.ts';
import { processesOfName } from '../config/dependencies.ts';
import type { ConfigDiff } from '../config/diff.ts';
import type { EventBus, SupervisorEvent } from '../events/events.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import { findScalable, ordersFor } from './changes.ts';
import type { Draining } from './draining.ts';
import type { Group } from './group.ts';
import { type MemberProgress, Roll, type RollOrder, type RollState } from './roll.ts';
import { countOf } from './scales.ts';
import type { Supervisor } from './supervisor.ts';
import { Update } from './updating.ts';

export interface RollsParts {
  readonly supervisor: Pick<
    Supervisor,
    | 'groups'
    | 'findGroup'
    | 'addGroup'
    | 'removeGroup'
    | 'reconfigure'
    | 'add'
    | 'replace'
    | 'drop'
    | 'scale'
    | 'scales'
    | 'config'
  >;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly logger: { info(text: string): void; warn(text: string): void; error(text: string): void };
  readonly draining: Draining;
  /** Reports an error that nothing expected. */
  readonly mishap: (error: unknown) => void;
}

/** A line about a group, in supervisorctl's words. */
export interface GroupLine {
  readonly group: string;
  readonly text: string;
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
  readonly lines: readonly GroupLine[];
  /** Groups that were named and are unknown. */
  readonly unknown: readonly string[];
}

export type RollOutcome = Exclude<RollState, 'running'>;

/** What all kinds of rolls have. */
interface Work {
  readonly state: RollState;
  readonly reason: string;
  readonly members: readonly MemberProgress[];
  begin(): void;
  hear(event: SupervisorEvent): void;
}

interface Order {
  readonly what: string;
  readonly groups: readonly string[];
  readonly warnings?: readonly string[];
  readonly maxUnavailable?: number;
  readonly unknown?: readonly string[];
  /** What is said of a group once it is done. */
  readonly closing?: GroupLine;
  /** As long as nobody is rolled, the log is supervisord's. */
  readonly isQuiet?: boolean;
  readonly work: (tools: { readonly changed: () => void; readonly say: (group: string, text: string) => void }) => Work;
}

interface Entry extends Required<Omit<Order, 'work' | 'closing'>> {
  readonly id: number;
  readonly closing: GroupLine | null;
  readonly work: Work;
  readonly beganAtMs: number;
  readonly lines: GroupLine[];
  endedAtMs: number;
  version: number;
  waiting: (() => void)[];
}

/** Finished ones that can still be asked for. */
const kept = 50;
/** More than anybody means. */
const mostProcesses = 1000;

export class Rolls {
  readonly #parts: RollsParts;
  readonly #entries = new Map<number, Entry>();
  readonly #outcomes: Record<RollOutcome, number> = { done: 0, failed: 0, cancelled: 0 };
  #lastId = 0;

  constructor(parts: RollsParts) {
    this.#parts = parts;
    parts.bus.subscribe((event) => {
      for (const { work } of this.#entries.values()) if (work.state === 'running') work.hear(event);
    });
  }

  /**
   * Begins to restart the processes that these names stand for, one after the other; answers an id. Throws Fault BAD_NAME,
   * and FAILED where one of the groups is being rolled.
   */
  restart(names: readonly string[], { maxUnavailable }: { readonly maxUnavailable: number }): number {
    const processes = [...new Set(names.flatMap((name) => this.#named(name)))];
    const orders = processes.map((process): RollOrder => {
      const { group, config } = process;
      return { task: 'restart', group, process, config };
    });
    const groups = this.#parts.supervisor.groups();
    return this.#begin({
      what: `rolling restart of ${shortened(names.join(' '))}`,
      groups: processes.map(({ group }) => group),
      warnings: warningsOf(processes, { groups, maxUnavailable }),
      maxUnavailable,
      work: ({ changed }) => this.#roll(orders, { changed, maxUnavailable }),
    });
  }

  /**
   * Begins to make what runs agree with what was reread, for the groups named or, with none, for all; answers an id. Groups
   * that stand in an upstream are rolled. Throws Fault FAILED where one of the groups is being rolled.
   */
  update(
    diff: ConfigDiff,
    { names, stopGroup }: { readonly names: readonly string[]; readonly stopGroup: (name: string) => Promise<boolean> },
  ): number {
    const { supervisor, draining, logger, mishap } = this.#parts;
    const known = new Set([
      ...supervisor.groups().map(({ config }) => config.name),
      ...diff.added.map(({ name }) => name),
    ]);
    const isWanted = (name: string): boolean => names.length === 0 || names.includes(name);
    const wanted: ConfigDiff = {
      added: diff.added.filter(({ name }) => isWanted(name)),
      changed: diff.changed.filter(({ group }) => isWanted(group.name)),
      removed: diff.removed.filter(({ name }) => isWanted(name)),
    };
    return this.#begin({
      what: `update${names.length === 0 ? '' : ` of ${shortened(names.join(' '))}`}`,
      groups: [...wanted.removed, ...wanted.changed.map(({ group }) => group), ...wanted.added].map(({ name }) => name),
      unknown: [...new Set(names)].filter((name) => !known.has(name)),
      isQuiet: true,
      work: ({ changed, say }) =>
        new Update(wanted, {
          supervisor,
          stopGroup,
          standsInUpstream: (group) => draining.standsInUpstream(group),
          roll: (orders) => {
            const groups = new Set(orders.map(({ group }) => group));
            logger.info(`update: ${[...groups].join(', ') || 'nobody'} is rolled, for it stands in an upstream`);
            return this.#roll(orders, { changed, maxUnavailable: 1 });
          },
          say,
          changed,
          mishap,
        }),
    });
  }

  /**
   * Begins to run another number of processes of a program; `asked` is null for the file's. Answers an id. Throws Fault
   * BAD_NAME, and FAILED for what cannot be.
   */
  scale(name: string, asked: number | 'auto' | null): number {
    const { supervisor } = this.#parts;
    const { group, section, name: written } = findScalable(name, supervisor.groups());
    if (typeof asked === 'number' && asked > mostProcesses)
      throw new Fault('FAILED', `${name} cannot be scaled to ${asked}; accepted: 1 to ${mostProcesses}, auto or file`);
    this.#refuseSecond([group.config.name]);
    const of = (groups: readonly { readonly name: string; readonly processes: Group['config']['processes'] }[]) =>
      groups.find((one) => one.name === group.config.name)?.processes.filter((one) => one.section === section) ?? [];
    const before = new Set(of(supervisor.config.groups));
    if (before.size === 0) throw new Fault('FAILED', `the file that was read last says nothing of ${name}`);
    try {
      supervisor.scale(section, asked);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new Fault('FAILED', oneLine(error));
    }
    const wanted = of(supervisor.config.groups);
    // Those that the number itself makes other ones, and nothing else that the file may say meanwhile.
    const orders = ordersFor(group, wanted, {
      concerns: (process) => process.section === section,
      differs: (_running, process) => !before.has(process),
    });
    const scale = supervisor.scales.find((one) => one.section === section);
    const says = scale === undefined ? `(as the file says)` : `(the file says ${scale.inFile})`;
    const count = countOf(section, supervisor.config.groups);
    return this.#begin({
      what: `scaling of ${written} to ${count} ${says}`,
      groups: [group.config.name],
      closing: { group: written, text: `scaled to ${count} ${says}` },
      work: ({ changed }) => this.#roll(orders, { changed, maxUnavailable: 1 }),
    });
  }

  /** The numbers of processes that count instead of the file's. */
  scales(): readonly {
    readonly name: string;
    readonly group: string;
    readonly count: number;
    readonly inFile: number;
  }[] {
    const { supervisor } = this.#parts;
    return supervisor.scales.flatMap(({ section, count, inFile }) => {
      const group = supervisor.groups().find(({ config }) => config.processes.some((one) => one.section === section));
      if (group === undefined) return [];
      const { kind, name, processes } = group.config;
      const program = processes.find((one) => one.section === section)?.program ?? name;
      return [{ name: kind === 'group' ? `${name}:${program}` : name, group: name, count, inFile }];
    });
  }

  /** How many are under way. */
  get running(): number {
    return [...this.#entries.values()].filter(({ work }) => work.state === 'running').length;
  }

  /** How all that are over have ended. */
  get outcomes(): Readonly<Record<RollOutcome, number>> {
    return this.#outcomes;
  }

  /** Throws Fault BAD_NAME for an id that nobody has, or has any more. */
  progress(id: number): RollProgress {
    const { work, what, warnings, maxUnavailable, beganAtMs, endedAtMs, version, lines, unknown } = this.#find(id);
    const { state, reason, members } = work;
    const times = { beganAtMs, endedAtMs, version };
    return { id, what, state, reason, warnings, maxUnavailable, ...times, members, lines, unknown };
  }

  /** Resolves once there is news behind `version`; at once where there is, and when it is over. Throws as `progress`. */
  news(id: number, version: number): Promise<void> {
    const entry = this.#find(id);
    if (entry.version > version || entry.work.state !== 'running') return Promise.resolve();
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

  #roll(
    orders: readonly RollOrder[],
    { changed, maxUnavailable }: { readonly changed: () => void; readonly maxUnavailable: number },
  ): Roll {
    const { clock, logger, draining, supervisor } = this.#parts;
    return new Roll(orders, { clock, logger, draining, membership: supervisor, maxUnavailable, changed });
  }

  #begin(order: Order): number {
    const { clock, logger } = this.#parts;
    const { what, groups, warnings = [], maxUnavailable = 1, unknown = [], closing = null, isQuiet = false } = order;
    this.#refuseSecond(groups);
    this.#lastId += 1;
    const id = this.#lastId;
    const lines: GroupLine[] = [];
    const say = (group: string, text: string): void => {
      lines.push({ group, text });
      this.#changed(entry);
    };
    const work = order.work({ changed: () => this.#changed(entry), say });
    const times = { beganAtMs: clock.wall(), endedAtMs: 0, version: 1 };
    const asked = { what, groups, warnings, maxUnavailable, unknown, closing, isQuiet };
    const entry: Entry = { id, ...asked, work, lines, ...times, waiting: [] };
    this.#entries.set(id, entry);
    if (!isQuiet) logger.info(`${what} begins (roll ${id})`);
    for (const warning of warnings) logger.warn(`roll ${id}: ${warning}`);
    work.begin();
    return id;
  }

  #refuseSecond(groups: readonly string[]): void {
    for (const other of this.#entries.values()) {
      const shared = other.groups.find((name) => groups.includes(name));
      if (other.work.state !== 'running' || shared === undefined) continue;
      throw new Fault('FAILED', `${shared} is being rolled already (roll ${other.id}: ${other.what})`);
    }
  }

  #changed(entry: Entry): void {
    entry.version += 1;
    if (entry.work.state !== 'running' && entry.endedAtMs === 0) this.#ended(entry);
    const { waiting } = entry;
    entry.waiting = [];
    for (const resolve of waiting) resolve();
  }

  #ended(entry: Entry): void {
    const { clock, logger } = this.#parts;
    const { id, what, work, closing, lines, isQuiet } = entry;
    entry.endedAtMs = clock.wall();
    if (work.state !== 'running') this.#outcomes[work.state] += 1;
    if (work.state === 'done') {
      if (closing !== null) lines.push(closing);
      if (!isQuiet || work.members.length > 0) logger.info(`${what} is done (roll ${id})`);
    } else {
      const how = work.state === 'failed' ? 'failed' : 'been cancelled';
      logger.warn(`${what} has ${how} (roll ${id}): ${work.reason}`);
    }
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
