// How the last runs of one process ended: when, how, after how long, and by whose wish. What `why`, `status --json` and
// the post-mortem tell is read from here. Pure.

import type { ExitStatus } from '../base/child.ts';
import type { ProcessStateName } from '../base/states.ts';

/**
 * Who wanted a run to end: nobody but the process, a person (or a client's request), a roll, the daemon that shuts down, or
 * its watchdog.
 */
export type Wish = 'itself' | 'person' | 'roll' | 'shutdown' | 'watchdog';

/** One end. */
export interface End {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** Milliseconds from the start to the end; 0 when nothing was executed. */
  readonly ranMs: number;
  /** The state that the process was in. */
  readonly state: ProcessStateName;
  readonly by: Wish;
  /** Why the watchdog wanted it, in words. */
  readonly because?: string;
  /** How it ended, or why nothing could be executed. */
  readonly how: ExitStatus | { readonly error: string };
}

/**
 * Ends for metrics: by itself with one of its exitcodes, with another code, by a signal, or because somebody (a person, the
 * daemon, the watchdog) wanted it.
 */
export type EndKind = 'expected' | 'unexpected' | 'signal' | 'stopped';

/** More tell nothing new, and a process that crashes for years must not grow. */
const kept = 10;

export class History {
  readonly #ends: End[] = [];
  readonly #exitcodes: readonly number[];
  readonly #counts: Record<EndKind, number> = { expected: 0, unexpected: 0, signal: 0, stopped: 0 };
  #failedStarts = 0;
  #lastStatus: ExitStatus | null = null;

  constructor(exitcodes: readonly number[] = [0]) {
    this.#exitcodes = exitcodes;
  }

  add(end: End): void {
    this.#ends.push(end);
    if (this.#ends.length > kept) this.#ends.shift();
    if ('error' in end.how) {
      this.#failedStarts += 1;
      return;
    }
    this.#lastStatus = end.how;
    this.#counts[this.#kindOf(end.by, end.how)] += 1;
  }

  /** All ends so far in which something had been executed. */
  get counts(): Readonly<Record<EndKind, number>> {
    return this.#counts;
  }

  /** How often nothing could be executed. */
  get failedStarts(): number {
    return this.#failedStarts;
  }

  /** Goes on where that of the process ends whose place is taken. */
  takeOver(earlier: History): void {
    for (const end of earlier.ends) this.add(end);
  }

  /** The last ten, the latest last. */
  get ends(): readonly End[] {
    return this.#ends;
  }

  get last(): End | null {
    return this.#ends.at(-1) ?? null;
  }

  /** How the last run ended in which something was executed, however many starts failed since; null when there is none. */
  get lastStatus(): ExitStatus | null {
    return this.#lastStatus;
  }

  #kindOf(by: Wish, how: ExitStatus): EndKind {
    if (by !== 'itself') return 'stopped';
    if ('signal' in how) return 'signal';
    return this.#exitcodes.includes(how.code) ? 'expected' : 'unexpected';
  }
}
