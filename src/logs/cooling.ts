// When to stop looking at a pipe for a moment. A chatty child wakes the loop for every line; read every 20 ms instead it
// costs half. A child that floods must not be slowed down by that, so a pipe that gave much at once stays hot for a while
// and then rests 1 ms at most, which is enough for small writes to become big reads.
// Measured: 50 children with 200 lines a second each cost 3 % of a core instead of 14 %; floods keep their speed.

import type { Clock, Timer } from '../base/clock.ts';

const hotBytes = 8192;
const hotMs = 250;
const fullBytes = 16 * 1024;

/** What to do after a read: read on, rest for 1 ms, or rest for 20 ms. */
export type Rest = 'none' | 'short' | 'long';

const restMs = { short: 1, long: 20 } as const satisfies Record<Exclude<Rest, 'none'>, number>;

/** How hot one pipe is. */
export class Heat {
  #hotUntilMs = -Infinity;

  /** After a read of so many bytes: how long the pipe may rest. With `full` bytes it is too hot to rest. */
  restAfter(bytes: number, nowMs: number, full = fullBytes): Rest {
    if (bytes >= hotBytes) this.#hotUntilMs = nowMs + hotMs;
    if (nowMs > this.#hotUntilMs) return 'long';
    return bytes < full ? 'short' : 'none';
  }
}

/** The pipes that rest for the same time, woken together by one timer; it only runs while one rests. */
export class Cooler {
  readonly #clock: Clock;
  readonly #restMs: number;
  readonly #resting = new Set<() => void>();
  #timer: Timer | null = null;

  constructor(clock: Clock, rest: keyof typeof restMs) {
    this.#clock = clock;
    this.#restMs = restMs[rest];
  }

  /** Calls back, once, at the end of the rest that is going on or begins now. */
  rest(wake: () => void): void {
    this.#resting.add(wake);
    this.#timer ??= this.#clock.after(this.#restMs, () => {
      this.#timer = null;
      const woken = [...this.#resting];
      this.#resting.clear();
      for (const each of woken) each();
    });
  }

  /** The pipe is gone or is read again already. */
  forget(wake: () => void): void {
    if (!this.#resting.delete(wake) || this.#resting.size > 0) return;
    this.#timer?.cancel();
    this.#timer = null;
  }
}
