// How long the reading of children waits for a pool of event listeners whose buffer is full. As long as its listeners
// answer, nothing that a child says is discarded for their slowness; once they have said nothing for a while, what
// supervisord does is done at once instead: the oldest events go. A timer runs only while somebody is waited for.

import type { Clock, Timer } from '../base/clock.ts';

/** So long without an accepted event and the listeners count as stuck; up to twice as long, for nobody looks in between. */
const patienceMs = 2000;

export class PoolPatience {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #onLost: () => void;
  readonly #waiting = new Set<() => void>();
  #timer: Timer | null = null;
  #isAnswered = false;
  #isLost = false;

  /** `onLost` is called when the listeners have not answered for too long. */
  constructor(clock: Pick<Clock, 'after'>, onLost: () => void) {
    this.#clock = clock;
    this.#onLost = onLost;
  }

  /** Whether they are waited for at present. */
  get isOn(): boolean {
    return this.#timer !== null;
  }

  /** They were waited for in vain and have not answered since. */
  get isLost(): boolean {
    return this.#isLost;
  }

  begin(): void {
    this.#timer ??= this.#clock.after(patienceMs, () => this.#look());
  }

  /** A listener has accepted an event. */
  answered(): void {
    this.#isAnswered = true;
    this.#isLost = false;
  }

  /** Calls back once when it ends, however it does; answers how to stop waiting. */
  wait(callback: () => void): () => void {
    this.#waiting.add(callback);
    return () => this.#waiting.delete(callback);
  }

  end(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#isAnswered = false;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const callback of waiting) callback();
  }

  #look(): void {
    this.#timer = null;
    if (this.#isAnswered) {
      this.#isAnswered = false;
      this.begin();
      return;
    }
    this.#isLost = true;
    this.#onLost();
  }
}
