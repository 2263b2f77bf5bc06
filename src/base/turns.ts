// Work that holds the loop up is done piece by piece: between two pieces everything else gets its turn (children that
// end, timers, other clients).

import type { Clock } from './clock.ts';

/** Long enough for a client nearby to connect, ask and be answered. */
const pauseMs = 5;

/** Lets one waiting piece of work go on at a time, in the order of asking, with a pause between two that wait. */
export class Turns {
  readonly #clock: Pick<Clock, 'after'>;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
  }

  /** Resolves when it is the caller's turn, in a later round of the loop at the earliest. */
  async next(): Promise<void> {
    const isFirst = this.#waiting === 0;
    this.#waiting += 1;
    this.#last = this.#last.then(() => (isFirst ? nextRound() : this.#pause()));
    await this.#last;
    this.#waiting -= 1;
  }

  /** It begins when what was done in the turn before is over, which is in the next round. */
  async #pause(): Promise<void> {
    await nextRound();
    await new Promise<void>((resolve) => {
      this.#clock.after(pauseMs, resolve);
    });
  }
}

/** Resolves in the next round of the loop, after what is due before. */
export function nextRound(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
