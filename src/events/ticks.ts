// TICK events: one at each whole multiple of 5, 60 and 3600 seconds of the wall clock, in this order where they fall together.
// There is one timer, and only while somebody wants ticks.

import { type TickPeriod, tickPeriods } from '../base/event-types.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { TickEvent } from './events.ts';

export interface TicksParts {
  readonly clock: Pick<Clock, 'wall' | 'after'>;
  emit(event: TickEvent): void;
}

/** How long a wall clock that was set can go unnoticed. */
const longestWaitMs = 60_000;

export class Ticks {
  readonly #parts: TicksParts;
  /** The beginning of the span that was told last, or that it was when the period was first wanted. */
  readonly #spans = new Map<TickPeriod, number>();
  #timer: Timer | null = null;

  constructor(parts: TicksParts) {
    this.#parts = parts;
  }

  /** From now on emits the ticks of these periods and no others; those that were wanted before go on. */
  want(periods: readonly TickPeriod[]): void {
    for (const period of tickPeriods) {
      if (!periods.includes(period)) this.#spans.delete(period);
      else if (!this.#spans.has(period)) this.#spans.set(period, this.#spanOf(period));
    }
    this.#arm();
  }

  /** For the next multiple of the shortest period, of which the others are multiples. */
  #arm(): void {
    this.#timer?.cancel();
    this.#timer = null;
    const shortest = tickPeriods.find((period) => this.#spans.has(period));
    if (shortest === undefined) return;
    const { clock } = this.#parts;
    const leftMs = shortest * 1000 - (clock.wall() % (shortest * 1000));
    this.#timer = clock.after(Math.min(leftMs, longestWaitMs), () => this.#look());
  }

  #look(): void {
    const begun = tickPeriods
      .map((period) => ({ period, when: this.#spanOf(period) }))
      .filter(({ period, when }) => isNew(when, { period, last: this.#spans.get(period) }));
    for (const { period, when } of begun) this.#spans.set(period, when);
    // First the timer: who hears of a tick may want no more of them.
    this.#arm();
    for (const tick of begun) this.#parts.emit({ type: 'TICK', ...tick });
  }

  #spanOf(period: TickPeriod): number {
    const seconds = Math.floor(this.#parts.clock.wall() / 1000);
    return seconds - (seconds % period);
  }
}

/** A timer may ring early, and a clock may be set back a little: the span before, once more, is not told. */
function isNew(
  when: number,
  { period, last }: { readonly period: TickPeriod; readonly last: number | undefined },
): boolean {
  return last !== undefined && (when > last || when < last - period);
}
