// Whether a daemon holds as much at the end of a soak as at its beginning.
import { median, type Sample } from './sample.ts';

/** What a daemon held after a tenth, and the median of its private memory (KiB) while the tenth was worked on. */
export interface Tenth extends Sample {
  readonly busyKb: number;
}

/** What may differ between the first tenth and the last. */
export interface Bounds {
  /** A share of what it was, at rest after a collection of garbage, the median of the first third and of the last. */
  readonly memory: number;
  /** The same under load, where V8 collects when it likes to, the median of the whole first tenth and of the last. */
  readonly busyMemory: number;
  readonly descriptors: number;
}

/** What a soak is held against. */
export const fullBounds: Bounds = { memory: 0.05, busyMemory: 0.05, descriptors: 0.05 };

/** Everything that is wrong; [] when the daemon is as it was. */
export function findGrowth(tenths: readonly Tenth[], bounds: Bounds): string[] {
  const first = tenths[0];
  const last = tenths.at(-1);
  if (first === undefined || last === undefined) return ['nothing was measured'];
  const problems: string[] = [];
  // At rest it is a matter of chance which pages the allocators keep: a twentieth up or down between two tenths. So a third
  // of all rests is held against the last third.
  const third = Math.max(1, Math.floor(tenths.length / 3));
  const before = median(tenths.slice(0, third).map(({ privateKb }) => privateKb));
  const after = median(tenths.slice(-third).map(({ privateKb }) => privateKb));
  if (after > before * (1 + bounds.memory)) problems.push(`private memory grew ${grown(before, after)}`);
  if (last.busyKb > first.busyKb * (1 + bounds.busyMemory))
    problems.push(`private memory under load grew ${grown(first.busyKb, last.busyKb)}`);
  if (last.descriptors > first.descriptors * (1 + bounds.descriptors))
    problems.push(`open descriptors grew ${grown(first.descriptors, last.descriptors)}`);
  if (last.threads > first.threads) problems.push(`threads grew ${grown(first.threads, last.threads)}`);
  // One more may be that of the page trim, which waits for up to a minute after there was something to do.
  if (last.timers > first.timers + 1) problems.push(`timers grew ${grown(first.timers, last.timers)}`);
  const zombies = Math.max(...tenths.map((tenth) => tenth.zombies));
  if (zombies > 0) problems.push(`${zombies} zombies stay`);
  return problems;
}

function grown(from: number, to: number): string {
  return `from ${Math.round(from)} to ${Math.round(to)} (${((to / from - 1) * 100).toFixed(1)} %)`;
}
