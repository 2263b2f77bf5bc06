// Errors that should not have happened, in any handler: each is logged with its stack and the daemon lives on. A bug in
// something that happens a thousand times a second must not fill the log: beyond the first of a stretch they are counted.

import type { Clock, Timer } from '../base/clock.ts';
import { stackOf } from '../base/errors.ts';

const stretchMs = 10_000;
const shownPerStretch = 10;
/** Some errors carry all their data in their message. */
const longestStack = 8192;

export interface MishapsParts {
  readonly clock: Pick<Clock, 'after'>;
  /** Writes one record of the log, at the level of what must not happen. */
  crit(text: string): void;
}

/** Tells of mishaps; never throws. */
export class Mishaps {
  readonly #parts: MishapsParts;
  #shown = 0;
  #untold = 0;
  #last: unknown = null;
  #timer: Timer | null = null;

  constructor(parts: MishapsParts) {
    this.#parts = parts;
  }

  /** Logs it, or counts it. Bound, so that it can be handed to whoever meets an error. */
  readonly report = (error: unknown): void => {
    try {
      this.#report(error);
    } catch {
      // The log is what is broken: there is nobody to tell.
    }
  };

  /** Runs something that others do not depend on. */
  readonly guard = (action: () => void): void => {
    try {
      action();
    } catch (error) {
      this.report(error);
    }
  };

  /** Tells what was only counted so far. */
  close(): void {
    this.#timer?.cancel();
    this.#endStretch();
  }

  #report(error: unknown): void {
    this.#timer ??= this.#parts.clock.after(stretchMs, () => this.#endStretch());
    if (this.#shown < shownPerStretch) {
      this.#shown += 1;
      const stack = stackOf(error);
      this.#parts.crit(`unexpected: ${stack.length > longestStack ? `${stack.slice(0, longestStack)}...` : stack}`);
      return;
    }
    this.#untold += 1;
    // Not its stack: that is made when it is first asked for, and takes far longer than all else here.
    this.#last = error;
  }

  #endStretch(): void {
    this.#timer = null;
    const untold = this.#untold;
    this.#shown = 0;
    this.#untold = 0;
    if (untold === 0) return;
    const [last = ''] = String(this.#last).slice(0, longestStack).split('\n', 1);
    this.#last = null;
    this.#parts.crit(`unexpected: ${untold} more errors were not logged; the last was ${last}`);
  }
}
