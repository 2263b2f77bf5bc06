// An update at work: groups that are gone are removed, those that differ are rolled where they stand in an upstream and
// otherwise stopped, removed and added as under supervisord, new ones are added. It ends at the first roll that fails.

import { Fault } from '../base/errors.ts';
import type { ConfigDiff } from '../config/diff.ts';
import type { GroupConfig } from '../config/programs.ts';
import type { SupervisorEvent } from '../events/events.ts';
import { updateOrders } from './changes.ts';
import type { Group } from './group.ts';
import type { MemberProgress, Roll, RollOrder, RollState } from './roll.ts';

export interface UpdateParts {
  readonly supervisor: {
    findGroup(name: string): Group | undefined;
    addGroup(name: string): void;
    removeGroup(name: string): void;
    reconfigure(config: GroupConfig): void;
  };
  /** Stops a group as a client's request does; false where a process could not be signalled. */
  readonly stopGroup: (name: string) => Promise<boolean>;
  readonly standsInUpstream: (group: string) => boolean;
  /** Makes a roll that has not begun. */
  readonly roll: (orders: readonly RollOrder[]) => Roll;
  /** A line about a group, in supervisorctl's words. */
  readonly say: (group: string, text: string) => void;
  readonly changed: () => void;
  /** An error that nothing expected. */
  readonly mishap: (error: unknown) => void;
}

export class Update {
  readonly #diff: ConfigDiff;
  readonly #parts: UpdateParts;
  readonly #rolls: Roll[] = [];
  #state: RollState = 'running';
  #reason = '';

  constructor(diff: ConfigDiff, parts: UpdateParts) {
    this.#diff = diff;
    this.#parts = parts;
  }

  get state(): RollState {
    return this.#state;
  }

  get reason(): string {
    return this.#reason;
  }

  get members(): readonly MemberProgress[] {
    return this.#rolls.flatMap(({ members }) => members);
  }

  begin(): void {
    this.#run().catch((error: unknown) => {
      this.#finish('failed', error instanceof Fault ? error.message : `unexpected problem: ${String(error)}`);
      if (!(error instanceof Fault)) this.#parts.mishap(error);
    });
  }

  hear(event: SupervisorEvent): void {
    for (const roll of this.#rolls) roll.hear(event);
    if (event.type !== 'SUPERVISOR_STATE_CHANGE' || event.state === 'RUNNING') return;
    this.#finish('cancelled', 'the daemon shuts down');
  }

  async #run(): Promise<void> {
    const { added, changed, removed } = this.#diff;
    for (const { name } of removed) await this.#while(() => this.#remove(name));
    for (const { group } of changed) await this.#while(() => this.#change(group));
    for (const { name } of added) await this.#while(() => this.#add(name));
    this.#finish(this.#reason === '' ? 'done' : 'failed', this.#reason);
  }

  /** Nothing more is begun once it is over. */
  async #while(step: () => Promise<void>): Promise<void> {
    if (this.#state === 'running') await step();
  }

  async #remove(name: string): Promise<void> {
    const isStopped = await this.#stop(name);
    if (this.#state !== 'running') return;
    if (!isStopped) {
      this.#parts.say(name, 'has problems; not removing');
      this.#reason ||= `${name} has problems`;
      return;
    }
    this.#parts.supervisor.removeGroup(name);
    this.#parts.say(name, 'removed process group');
  }

  async #change(after: GroupConfig): Promise<void> {
    const { supervisor, say } = this.#parts;
    const { name } = after;
    const group = supervisor.findGroup(name);
    if (group !== undefined && this.#isRolled(group.config, after)) return this.#roll(group, after);
    await this.#stop(name);
    if (this.#state !== 'running') return;
    supervisor.removeGroup(name);
    supervisor.addGroup(name);
    say(name, 'updated process group');
  }

  async #add(name: string): Promise<void> {
    this.#parts.supervisor.addGroup(name);
    this.#parts.say(name, 'added process group');
  }

  async #stop(name: string): Promise<boolean> {
    const isStopped = await this.#parts.stopGroup(name);
    this.#parts.say(name, 'stopped');
    return isStopped;
  }

  async #roll(group: Group, after: GroupConfig): Promise<void> {
    const { supervisor, roll: make, say } = this.#parts;
    const roll = make(updateOrders(group, after));
    this.#rolls.push(roll);
    supervisor.reconfigure(after);
    roll.begin();
    await roll.over;
    if (roll.state === 'done') say(after.name, 'updated process group');
    else this.#finish(roll.state, roll.reason);
  }

  #isRolled(before: GroupConfig, after: GroupConfig): boolean {
    const isPlain = [before, after].every(
      ({ kind, processes }) =>
        (kind === 'program' || kind === 'group') && processes.every(({ socket }) => socket === null),
    );
    return isPlain && this.#parts.standsInUpstream(after.name);
  }

  #finish(state: RollState, reason: string): void {
    if (this.#state !== 'running') return;
    this.#state = state;
    this.#reason = reason;
    this.#parts.changed();
  }
}
