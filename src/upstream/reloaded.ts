// Whether a reload has taken effect: nginx's master answers SIGHUP with new worker processes, and those of before stop
// taking requests, which their titles then say. Until then a member that has left the file still gets requests.

import type { Clock } from '../base/clock.ts';
import { until } from './until.ts';

/** Reads a file of /proc; null when there is none. */
export type ReadText = (path: string) => Promise<string | null>;

/** A process and the children that it had before it was told to reload; null where they cannot be seen. */
export interface Generation {
  readonly pid: number;
  readonly children: readonly number[] | null;
}

/** What it is now. */
export async function generationOf(pid: number, readText: ReadText): Promise<Generation> {
  return { pid, children: await childrenOf(pid, readText) };
}

/** How long new children are waited for: a program that has none is no nginx, and is done by then. */
const takesMs = 5000;
const lookEveryMs = 50;

/** Resolves when the reload has taken effect, or is not to be seen. */
export async function reloaded(
  before: Generation,
  { readText, clock, isOver }: { readonly readText: ReadText; readonly clock: Clock; readonly isOver: () => boolean },
): Promise<void> {
  const giveUpAt = clock.now() + takesMs;
  await until(async () => isOver() || clock.now() >= giveUpAt || (await hasTaken(before, readText)), {
    clock,
    everyMs: lookEveryMs,
  });
}

async function hasTaken({ pid, children: before }: Generation, readText: ReadText): Promise<boolean> {
  const now = await childrenOf(pid, readText);
  // It is gone: what takes its place reads the new file.
  if (now === null || before === null) return now === null;
  if (!now.some((child) => !before.includes(child))) return false;
  const left = now.filter((child) => before.includes(child));
  const titles = await Promise.all(left.map((child) => readText(`/proc/${child}/cmdline`)));
  return titles.every((title) => title === null || title.includes('shutting down'));
}

async function childrenOf(pid: number, readText: ReadText): Promise<readonly number[] | null> {
  const text = await readText(`/proc/${pid}/task/${pid}/children`);
  return text?.split(' ').filter(Boolean).map(Number) ?? null;
}
