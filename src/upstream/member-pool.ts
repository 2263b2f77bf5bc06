// Who of an upstream's members gets the next request of the embedded proxy: those that are ready, in turn.

import type { Clock } from '../base/clock.ts';

/** A member as the daemon tells the proxy of it; `path` instead of host and port for a unix socket. */
export type PoolMember = { readonly name: string; readonly ready: boolean } & (
  { readonly host: string; readonly port: number } | { readonly path: string }
);

export class MemberPool {
  readonly #clock: Clock;
  #members: readonly PoolMember[] = [];
  #turn = 0;
  #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  replace(members: readonly PoolMember[]): void {
    this.#members = members;
    this.wake();
  }

  /** The next ready member that is not among the tried ones; null when there is none. */
  next(tried: ReadonlySet<string>): PoolMember | null {
    const count = this.#members.length;
    for (let step = 0; step < count; step += 1) {
      const member = this.#members[(this.#turn + step) % count];
      if (member === undefined || !member.ready || tried.has(member.name)) continue;
      this.#turn = (this.#turn + step + 1) % count;
      return member;
    }
    return null;
  }

  /** Resolves at the next change, at `wake`, or after `delayMs`. */
  async changed(delayMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.#clock.after(delayMs, wake);
      const waiting = this.#waiting;
      waiting.add(wake);
      function wake(): void {
        timer.cancel();
        waiting.delete(wake);
        resolve();
      }
    });
  }

  /** Lets everybody who waits look again. */
  wake(): void {
    for (const wake of this.#waiting) wake();
  }
}

/** How soon refused members are asked again when the daemon has not told of a change by then. */
const askAgainMs = 100;

export interface Holding {
  readonly clock: Clock;
  readonly holdMs: number;
  readonly mayWait: () => boolean;
}

/**
 * The members to try for one request, each once (`refused` has been tried); when all have refused, a short wait and then all again. Answers null
 * when `holdMs` are over, or at once when `mayWait` says no.
 */
export function candidates(
  pool: MemberPool,
  { clock, holdMs, mayWait, refused }: Holding & { readonly refused?: PoolMember | null },
): () => Promise<PoolMember | null> {
  const until = clock.now() + holdMs;
  const tried = new Set<string>(refused == null ? [] : [refused.name]);
  return async () => {
    for (;;) {
      const member = pool.next(tried);
      if (member !== null) {
        tried.add(member.name);
        return member;
      }
      const leftMs = until - clock.now();
      if (!mayWait() || leftMs <= 0) return null;
      await pool.changed(tried.size > 0 ? Math.min(askAgainMs, leftMs) : leftMs);
      tried.clear();
    }
  };
}

/** Reads one line that the daemon wrote (members.ts `feedLine`); null when it is not one. */
export function readFeedLine(line: string): readonly PoolMember[] | null {
  let feed: unknown;
  try {
    feed = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof feed !== 'object' || feed === null || !('members' in feed) || !Array.isArray(feed.members)) return null;
  const members: unknown[] = feed.members;
  return members.every(isMember) ? members : null;
}

function isMember(value: unknown): value is PoolMember {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('ready' in value)) return false;
  const tcp = 'host' in value && 'port' in value && typeof value.host === 'string' && typeof value.port === 'number';
  const unix = 'path' in value && typeof value.path === 'string';
  return typeof value.name === 'string' && typeof value.ready === 'boolean' && (tcp || unix);
}
