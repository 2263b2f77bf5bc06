// How late the event loop is, for metrics: a timer that looks how late it rings. It exists only while somebody scrapes, so a
// daemon without a scraper sleeps. Delays that are shorter than the time between two rings are seen in part: a standstill of
// half that time every second time.

import type { Clock, Timer } from '../base/clock.ts';

const everyMs = 50;
/** Nobody asked for so long: the scraper has gone. Prometheus asks every minute at the least, as a rule. */
const patienceMs = 5 * 60_000;

/** Upper bounds in seconds, of what is counted cumulatively as Prometheus wants it. */
export const delayBounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] as const;

/** What was seen while somebody asked. */
export interface Delays {
  /** By bound: how many rings were at most so late. */
  readonly counts: readonly number[];
  readonly count: number;
  readonly sumSeconds: number;
}

export class LoopDelay {
  readonly #clock: Pick<Clock, 'now' | 'after'>;
  readonly #counts = delayBounds.map(() => 0);
  #count = 0;
  #sumMs = 0;
  #timer: Timer | null = null;
  #askedAtMs = 0;
  #isClosed = false;

  constructor(clock: Pick<Clock, 'now' | 'after'>) {
    this.#clock = clock;
  }

  /** All so far; from now on it is measured for five minutes, or until nobody has asked for so long. */
  read(): Delays {
    this.#askedAtMs = this.#clock.now();
    if (this.#timer === null && !this.#isClosed) this.#wait();
    return { counts: [...this.#counts], count: this.#count, sumSeconds: this.#sumMs / 1000 };
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#timer = null;
  }

  #wait(): void {
    const due = this.#clock.now() + everyMs;
    this.#timer = this.#clock.after(everyMs, () => {
      const now = this.#clock.now();
      this.#add(Math.max(0, now - due));
      this.#timer = null;
      if (now - this.#askedAtMs < patienceMs) this.#wait();
    });
  }

  #add(lateMs: number): void {
    this.#count += 1;
    this.#sumMs += lateMs;
    delayBounds.forEach((bound, index) => {
      if (lateMs <= bound * 1000) this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    });
  }
}
