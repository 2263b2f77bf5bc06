// What stands written of a process, for clients to read (managed-process.ts says what it means): its state, and what was
// noted of its last runs. Everything here changes through a method that counts the change, so whoever keeps what it has read
// can tell when that is out of date.

import type { Clock } from '../base/clock.ts';
import type { ProcessStateName } from '../base/states.ts';
import { type Effect, noteOf, pidOf, type State, wireName } from './state.ts';

type Note = Omit<Extract<Effect, { readonly do: 'record' }>, 'do'>;

/** The record of one process. */
export class ProcessRecord {
  readonly #clock: Pick<Clock, 'now' | 'wall'>;
  #state: State = { is: 'STOPPED', tries: 0 };
  #spawnError: string | null = null;
  #exitStatus: number | null = null;
  #startedAtMs = 0;
  #startedWallMs = 0;
  #stoppedWallMs = 0;
  #revision = 0;

  constructor(clock: Pick<Clock, 'now' | 'wall'>) {
    this.#clock = clock;
  }

  /** How often it has changed; time that goes on is no change. */
  get revision(): number {
    return this.#revision;
  }

  get state(): State {
    return this.#state;
  }

  become(state: State): void {
    this.#state = state;
    this.#revision += 1;
  }

  /** Notes what the machine says; what it does not mention stays. */
  note({ spawnError, exitStatus }: Note): void {
    if (spawnError !== undefined) this.#spawnError = spawnError;
    if (exitStatus !== undefined) this.#exitStatus = exitStatus;
    this.#revision += 1;
  }

  /** A run begins. */
  started(): void {
    this.#startedAtMs = this.#clock.now();
    this.#startedWallMs = this.#clock.wall();
    this.#revision += 1;
  }

  /** A run has ended. */
  stopped(): void {
    this.#stoppedWallMs = this.#clock.wall();
    this.#revision += 1;
  }

  get wireState(): ProcessStateName {
    return wireName(this.#state);
  }

  get pid(): number {
    return pidOf(this.#state);
  }

  get startedAt(): number {
    return Math.floor(this.#startedWallMs / 1000);
  }

  /** Milliseconds since the last start. */
  get ranMs(): number {
    return this.#clock.now() - this.#startedAtMs;
  }

  get uptimeMs(): number {
    return this.ranMs + (this.#startedWallMs % 1000);
  }

  get stoppedAt(): number {
    return Math.floor(this.#stoppedWallMs / 1000);
  }

  get spawnError(): string {
    return this.#spawnError ?? '';
  }

  get waitNote(): string {
    return noteOf(this.#state);
  }

  get exitStatus(): number {
    return this.#exitStatus ?? 0;
  }
}
