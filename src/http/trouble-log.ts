// What clients do wrong, as lines of the daemon's log: the first of a kind at once, then at most one line a minute that
// says how often and who. Nobody can fill the log by it, and nothing is kept of a kind that has been quiet for a minute.

import type { Clock, Timer } from '../base/clock.ts';

const pauseMs = 60_000;
/** So many are told apart, and so many are named. */
const mostKept = 100;
const mostNamed = 3;

interface Kind {
  timer: Timer;
  count: number;
  readonly byWhom: Map<string, number>;
}

export class TroubleLog {
  readonly #section: string;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #warn: (text: string) => void;
  readonly #kinds = new Map<string, Kind>();

  constructor(options: {
    readonly section: string;
    readonly clock: Pick<Clock, 'after'>;
    readonly warn: (text: string) => void;
  }) {
    this.#section = options.section;
    this.#clock = options.clock;
    this.#warn = options.warn;
  }

  /** Something happened; `what` is one of few sentences, `who` may be anybody. */
  note(what: string, who: string): void {
    const kind = this.#kinds.get(what);
    if (kind === undefined) {
      this.#warn(`[${this.#section}] ${what}: ${who}`);
      this.#kinds.set(what, { timer: this.#wait(what), count: 0, byWhom: new Map() });
      return;
    }
    kind.count += 1;
    if (kind.byWhom.has(who) || kind.byWhom.size < mostKept) kind.byWhom.set(who, (kind.byWhom.get(who) ?? 0) + 1);
  }

  /** Says what has not been said yet. */
  close(): void {
    for (const [what, kind] of this.#kinds) {
      kind.timer.cancel();
      this.#sum(what, kind);
    }
    this.#kinds.clear();
  }

  #wait(what: string): Timer {
    return this.#clock.after(pauseMs, () => {
      const kind = this.#kinds.get(what);
      if (kind === undefined) return;
      this.#kinds.delete(what);
      if (kind.count === 0) return;
      this.#sum(what, kind);
      this.#kinds.set(what, { timer: this.#wait(what), count: 0, byWhom: new Map() });
    });
  }

  #sum(what: string, { count, byWhom }: Kind): void {
    if (count === 0) return;
    const most = [...byWhom].toSorted(([, a], [, b]) => b - a).slice(0, mostNamed);
    const named = most.reduce((sum, [, times]) => sum + times, 0);
    const words = most.map(([who, times]) => `${times} by ${who}`);
    if (named < count) words.push(`${count - named} by others`);
    this.#warn(`[${this.#section}] ${what}: ${count} more in the last minute (${words.join(', ')})`);
  }
}
