// How long an address waits for the verdict on a password, once it has shown several that were wrong. The right one waits as
// long as a wrong one, so nothing is learnt by not waiting; but an address that has logged in before never waits for its
// right password, whoever else guesses from there. Of 100,000 addresses that guess only some thousand are kept.

import type { Clock } from '../base/clock.ts';

/** Typing errors, and programs that are told a new password, are not slowed. */
const freeTries = 3;
const shortestMs = 250;
const longestMs = 2000;
/** A guesser that is quiet for so long is forgotten. */
const forgottenMs = 600_000;
const mostKept = 4096;

export class FailedLogins {
  readonly #clock: Pick<Clock, 'now'>;
  /** Those who failed or came in last are at the end. */
  readonly #failures = new Map<string, { readonly count: number; readonly at: number }>();
  readonly #known = new Map<string, true>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** How many addresses are kept. */
  get size(): number {
    return this.#failures.size + this.#known.size;
  }

  /** Takes note of a login; answers for how many milliseconds its verdict is to be held back. */
  waitFor(address: string, isRight: boolean): number {
    const from = networkOf(address);
    const before = this.#failuresOf(from);
    if (!isRight) {
      keep(this.#failures, { key: from, value: { count: before + 1, at: this.#clock.now() } });
      return waitAfter(before + 1);
    }
    const wait = this.#known.has(from) ? 0 : waitAfter(before);
    keep(this.#known, { key: from, value: true });
    return wait;
  }

  #failuresOf(from: string): number {
    const found = this.#failures.get(from);
    return found === undefined || this.#clock.now() - found.at > forgottenMs ? 0 : found.count;
  }
}

function waitAfter(failures: number): number {
  return failures <= freeTries ? 0 : Math.min(shortestMs * 2 ** Math.min(failures - freeTries - 1, 10), longestMs);
}

/** As the last one; when there are too many the first one goes. */
function keep<T>(map: Map<string, T>, { key, value }: { readonly key: string; readonly value: T }): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > mostKept && oldest !== undefined) map.delete(oldest);
}

/** An IPv6 host has a whole /64 of addresses to guess from. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [beginning = ''] = address.split('::');
  return beginning.split(':').slice(0, 4).join(':');
}
