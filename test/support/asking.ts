// Somebody who asks a daemon for all states again and again while a test does something to it, and how long each answer took.
import { setTimeout as delay } from 'node:timers/promises';
import type { Daemon } from './run-supervisord.ts';

export interface Asked {
  readonly answers: number;
  readonly medianMs: number;
  readonly worstMs: number;
}

/** So that the one who asks does not take the machine for itself. */
const betweenMs = 100;

/** Asks while `action` goes on, and once more afterwards; a request that fails fails the whole. */
export async function asking(daemon: Daemon, action: () => Promise<void>): Promise<Asked> {
  const tookMs: number[] = [];
  const over = new AbortController();
  const ask = async (): Promise<void> => {
    const askedAt = performance.now();
    await daemon.infos();
    tookMs.push(performance.now() - askedAt);
  };
  const all = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await ask();
      await delay(betweenMs);
    }
    await ask();
  };
  const questions = all();
  // Looked at below; until then a failure of it must not count as unhandled.
  questions.catch(() => undefined);
  try {
    await action();
  } finally {
    over.abort();
  }
  await questions;
  const sorted = tookMs.toSorted((a, b) => a - b);
  return {
    answers: sorted.length,
    medianMs: Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0),
    worstMs: Math.round(sorted.at(-1) ?? 0),
  };
}
