// One roll at work: its members, and who is asked to do what. What is next is decided in roll-plan.ts, each time that the
// bus has told something about a member; no time is waited for.

import type { Clock } from '../base/clock.ts';
import { ConfigError, Fault, oneLine } from '../base/errors.ts';
import { formatNamespec } from '../base/namespec.ts';
import type { ProcessConfig } from '../config/programs.ts';
import type { SupervisorEvent } from '../events/events.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import type { Draining } from './draining.ts';
import { nextMove, type RollMemberView, type RollMove, type RollPhase, type RollTask } from './roll-plan.ts';

/** What is to be done to one process: `process` is null for one that is to be added, `config` what it is to become. */
export interface RollOrder {
  readonly task: RollTask;
  readonly group: string;
  readonly process: ManagedProcess | null;
  readonly config: ProcessConfig;
}

/** Changes who belongs to a group; each throws ConfigError where a process cannot be made. */
export interface Membership {
  add(group: string, config: ProcessConfig): ManagedProcess;
  replace(process: ManagedProcess, config: ProcessConfig): ManagedProcess;
  drop(process: ManagedProcess): void;
}

export interface RollParts {
  readonly clock: Clock;
  readonly logger: { info(text: string): void; warn(text: string): void; error(text: string): void };
  readonly draining: Draining;
  readonly membership: Membership;
  readonly maxUnavailable: number;
  /** Something about the roll is different. */
  changed(): void;
}

export type RollState = 'running' | 'done' | 'failed' | 'cancelled';

/** How one member fared; times are milliseconds since the epoch, 0 where it has not begun or ended. */
export interface MemberProgress {
  readonly name: string;
  readonly group: string;
  readonly task: RollTask;
  readonly phase: RollPhase;
  readonly reason: string;
  readonly beganAtMs: number;
  readonly endedAtMs: number;
}

interface Member {
  readonly order: RollOrder;
  readonly name: string;
  /** It did not run when the roll came. */
  readonly wasStopped: boolean;
  process: ManagedProcess | null;
  /** Whom no requests are to reach, for its sake. */
  drained: ManagedProcess | null;
  phase: RollPhase;
  reason: string;
  wasReady: boolean;
  mishap: string | null;
  beganAtMs: number;
  endedAtMs: number;
}

/** The supervisor's SIGKILL comes this long after the time for the last requests. */
const graceMs = 2000;

export class Roll {
  readonly #parts: RollParts;
  readonly #members: readonly Member[];
  #state: RollState = 'running';
  #halt: { readonly as: 'failed' | 'cancelled'; readonly reason: string } | null = null;
  #isDue = false;
  #end: () => void = () => undefined;
  /** Resolves when it is over. */
  readonly over: Promise<void>;

  constructor(orders: readonly RollOrder[], parts: RollParts) {
    this.#parts = parts;
    this.#members = orders.map((order) => ({
      order,
      name: formatNamespec(order.group, order.config.name),
      wasStopped: order.process !== null && (order.process.wireState === 'STOPPED' || order.process.isStopAsked),
      process: order.process,
      drained: null,
      phase: 'waiting',
      reason: '',
      wasReady: false,
      mishap: null,
      beganAtMs: 0,
      endedAtMs: 0,
    }));
    this.over = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get state(): RollState {
    return this.#state;
  }

  /** Why it did not come to its end; '' otherwise. */
  get reason(): string {
    return this.#halt?.reason ?? '';
  }

  get members(): readonly MemberProgress[] {
    return this.#members.map(({ order, phase, reason, beganAtMs, endedAtMs }) => {
      const { group, config, task } = order;
      return { name: config.name, group, task, phase, reason, beganAtMs, endedAtMs };
    });
  }

  begin(): void {
    this.#goOn();
  }

  /** To be told all that is on the bus. */
  hear(event: SupervisorEvent): void {
    if (this.#state !== 'running') return;
    if (event.type === 'SUPERVISOR_STATE_CHANGE' && event.state !== 'RUNNING') {
      // Nothing is started any more, and what is to be stopped is the shutdown's.
      this.#halt ??= { as: 'cancelled', reason: 'the daemon shuts down' };
      this.#finish();
    } else if (event.type === 'PROCESS_GROUP_REMOVED') {
      for (const member of this.#members) if (member.order.group === event.group) this.#lost(member);
    } else if ('process' in event) {
      const member = this.#members.find(({ order, process }) => {
        return process !== null && order.group === event.group && process.config.name === event.process;
      });
      if (member === undefined) return;
      note(member, event);
      this.#due();
    }
  }

  /** Once all that happens in this moment has happened: an end that is followed by a new start is none. */
  #due(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#goOn();
    });
  }

  #goOn(): void {
    try {
      this.#moveOn();
    } catch (error) {
      // A bug: others may be rolled again, and it is logged as any.
      this.#halt ??= { as: 'failed', reason: `unexpected problem: ${String(error)}` };
      this.#finish();
      throw error;
    }
  }

  #moveOn(): void {
    while (this.#state === 'running') {
      const move = nextMove({ members: this.#members.map(viewOf), halted: this.#halt !== null }, this.#parts);
      if (move.do === 'wait') return;
      if (move.do === 'end') return this.#finish();
      const member = this.#members[move.member];
      if (member === undefined) return;
      this.#make(move, member);
      this.#parts.changed();
    }
  }

  #make(move: Exclude<RollMove, { readonly do: 'wait' } | { readonly do: 'end' }>, member: Member): void {
    switch (move.do) {
      case 'halt':
        this.#halt = move;
        member.reason = move.reason;
        if (move.as === 'failed') this.#settle(member, 'failed');
        else if (member.phase === 'starting') this.#settle(member, 'left');
        return;
      case 'drain':
        return this.#drain(member);
      case 'undrain':
        this.#undrain(member);
        return this.#settle(member, 'waiting');
      case 'stop':
        return this.#stop(member);
      case 'start':
        return this.#start(member);
      case 'swap':
        return this.#swap(member);
      case 'restore':
        this.#undrain(member);
        member.process?.startForRoll();
        return this.#settle(member, 'left');
      case 'drop':
        if (member.process !== null) this.#parts.membership.drop(member.process);
        return this.#settle(member, 'gone');
      case 'leave':
        member.reason ||= member.wasStopped ? 'not running, left alone' : 'left alone';
        return this.#settle(member, 'left');
      case 'welcome':
        this.#undrain(member);
        return this.#settle(member, 'ready');
    }
  }

  #drain(member: Member): void {
    const { draining, logger } = this.#parts;
    const { process } = member;
    this.#enter(member, 'draining');
    if (process === null) return;
    member.drained = process;
    const drained = (): void => {
      if (member.phase === 'draining') member.phase = 'drained';
      this.#goOn();
    };
    draining.drain(process).then(drained, (error: unknown) => {
      member.mishap = `cannot be taken out of the traffic: ${error instanceof Error ? error.message : String(error)}`;
      logger.error(`${member.name} ${member.mishap}`);
      this.#goOn();
    });
  }

  #undrain(member: Member): void {
    if (member.drained !== null) this.#parts.draining.undrain(member.drained);
    member.drained = null;
  }

  #stop(member: Member): void {
    this.#enter(member, 'stopping');
    const { process } = member;
    if (process === null) return;
    const drainMs = this.#parts.draining.drainTimeoutMs(process);
    process.stopForRoll(drainMs === null ? 0 : (drainMs + graceMs) / 1000);
  }

  #start(member: Member): void {
    const { order } = member;
    const { membership } = this.#parts;
    this.#enter(member, 'starting');
    try {
      if (order.task === 'add') member.process = membership.add(order.group, order.config);
      if (order.task === 'replace' && member.process !== null) {
        member.process = membership.replace(member.process, order.config);
      }
    } catch (error) {
      return this.#cannotMake(member, error);
    }
    // By hand is the start of one that does not start by itself.
    if (order.task === 'add' && !order.config.options.autostart) return this.#settle(member, 'left');
    member.process?.startForRoll();
  }

  #swap(member: Member): void {
    const { process, order } = member;
    try {
      if (process !== null) member.process = this.#parts.membership.replace(process, order.config);
      this.#settle(member, 'left');
    } catch (error) {
      this.#cannotMake(member, error);
    }
  }

  /** What was there goes on. */
  #cannotMake(member: Member, error: unknown): void {
    if (!(error instanceof ConfigError) && !(error instanceof Fault)) throw error;
    const text = error instanceof ConfigError ? oneLine(error) : error.message;
    member.reason = `${member.name} cannot be made: ${text}`;
    this.#halt = { as: 'failed', reason: member.reason };
    if (!member.wasStopped) member.process?.startForRoll();
    this.#settle(member, 'failed');
  }

  /** Its group is gone, and it with it. */
  #lost(member: Member): void {
    if (member.phase === 'gone' || member.phase === 'left') return;
    member.reason = `group ${member.order.group} was removed`;
    member.process = null;
    this.#halt ??= { as: 'failed', reason: member.reason };
    this.#settle(member, 'failed');
    this.#due();
  }

  #enter(member: Member, phase: RollPhase): void {
    member.phase = phase;
    if (member.beganAtMs === 0) member.beganAtMs = this.#parts.clock.wall();
  }

  #settle(member: Member, phase: RollPhase): void {
    member.phase = phase;
    if (member.beganAtMs !== 0) member.endedAtMs = this.#parts.clock.wall();
  }

  #finish(): void {
    this.#state = this.#halt?.as ?? 'done';
    for (const member of this.#members) this.#undrain(member);
    this.#parts.changed();
    this.#end();
  }
}

/** What is gone again when the moment is over. */
function note(member: Member, event: SupervisorEvent): void {
  const { process, phase } = member;
  // What was ready once and then does not answer is no better than what never was.
  if (phase === 'ready' && event.type === 'PROCESS_HEALTH' && event.reason === 'health')
    member.mishap ??= `was restarted by the watchdog after it was ready: ${event.text}`;
  if (phase !== 'starting' || process === null) return;
  if (process.isReady) member.wasReady = true;
  if (member.wasReady) return;
  if (event.type === 'PROCESS_HEALTH')
    member.mishap = `was restarted by the watchdog before it was ready: ${event.text}`;
  if (event.type === 'PROCESS_STATE' && event.to === 'EXITED') member.mishap = 'has ended before it was ready';
}

function viewOf({ order, name, phase, process, wasStopped, wasReady, mishap }: Member): RollMemberView {
  return {
    name,
    task: order.task,
    phase,
    state: process?.wireState ?? 'STOPPED',
    isReady: process?.isReady ?? false,
    hasCompleted: process?.endedAsExpected ?? false,
    wasReady,
    isStopAsked: !wasStopped && (process?.isStopAsked ?? false),
    mishap,
  };
}
