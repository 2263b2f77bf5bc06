// Waiting for a condition with a deadline: the tests' only way to let time pass.
import { setTimeout as delay } from 'node:timers/promises';

export interface Patience {
  /** Completes "waited in vain for …". A function is asked at the end, so that it can say what was there instead. */
  readonly what: string | (() => string);
  /** Milliseconds until it is given up; generous, because machines are busy. */
  readonly deadlineMs?: number;
  /** Milliseconds between two looks. */
  readonly everyMs?: number;
}

/** Looks again and again until `condition` answers something truthy, which it returns; throws at the deadline. */
export async function waitUntil<T>(condition: () => T | Promise<T>, patience: Patience): Promise<NonNullable<T>> {
  const { what, deadlineMs = 15_000, everyMs = 20 } = patience;
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const answer = await condition();
    if (answer) return answer;
    if (performance.now() > deadline) {
      const missing = typeof what === 'string' ? what : what();
      throw new Error(`waited ${deadlineMs} ms in vain for ${missing}`);
    }
    await delay(everyMs);
  }
}
