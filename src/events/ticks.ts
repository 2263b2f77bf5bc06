// TICK events: one at each whole multiple of 5, 60 and 3600 seconds of the wall clock. A timer runs only for the periods
// that somebody subscribed to.

import type { TickPeriod } from '../base/event-types.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { TickEvent } from './events.ts';

export interface TicksParts {
  readonly clock: Pick<Clock, 'wall' | 'after'>;
  emit(event: TickEvent): void;
}

/** How long a wall clock that was set can go unnoticed. */
const longestWaitMs = 60_000;

/** The ticks of one period, from now on. */
export class Ticks {
  readonly #period: TickPeriod;
  readonly #parts: TicksParts;
  #timer: Timer;
  #last: number;

  constructor(period: TickPeriod, parts: TicksParts) {
    this.#period = period;
    this.#parts = parts;
    this.#last = this.#spanBegin();
    this.#timer = this.#arm();
  }

  stop(): void {
    this.#timer.cancel();
  }

  #arm(): Timer {
    const { clock } = this.#parts;
    const periodMs = this.#period * 1000;
    const leftMs = periodMs - (clock.wall() % periodMs);
    return clock.after(Math.min(leftMs, longestWaitMs), () => this.#look());
  }

  #look(): void {
    const when = this.#spanBegin();
    const last = this.#last;
    // A timer may ring early, and a clock may be set back a little: the span before, once more, is not told.
    const isNew = when > last || when < last - this.#period;
    if (isNew) this.#last = when;
    // First the timer: what is emitted may end the subscription.
    this.#timer = this.#arm();
    if (isNew) this.#parts.emit({ type: 'TICK', period: this.#period, when });
  }

  #spanBegin(): number {
    const seconds = Math.floor(this.#parts.clock.wall() / 1000);
    return seconds - (seconds % this.#period);
  }
}
