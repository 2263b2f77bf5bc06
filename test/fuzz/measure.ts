// Time and memory of what is fuzzed. Time is the processor's: other programs may keep a machine busy.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The processor time that `work` takes, in milliseconds. */
export function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The same, the quickest of three times: what is left is the work itself. */
export function quickest(work: () => void): number {
  return Math.min(cpuMs(work), cpuMs(work), cpuMs(work));
}

/** Four times the length may take this many times as long: more is not linear, nor n log n. */
const steep = 9;

/**
 * Null when an input of four times the length takes about four times the time, else what it takes. Only times that can be
 * told from noise are compared; the length is made longer until they can.
 */
export function slowestOf<Input>(about: {
  readonly make: (length: number) => Input;
  readonly run: (input: Input) => void;
  readonly lengths: readonly number[];
}): string | null {
  const { make, run, lengths } = about;
  for (const length of lengths) {
    const [short, long] = [make(length), make(4 * length)];
    if (cpuMs(() => run(long)) < 40) continue;
    const longMs = quickest(() => run(long));
    if (longMs < 40) continue;
    const shortMs = quickest(() => run(short));
    if (longMs <= steep * Math.max(shortMs, 1)) return null;
    // Once may be a garbage collection that only long inputs bring; what grows too fast does so again.
    const longest = make(16 * length);
    const longestMs = quickest(() => run(longest));
    // The machine may have made faster code of it meanwhile.
    const sinceMs = quickest(() => run(long));
    if (longestMs > steep * Math.min(longMs, sinceMs)) {
      const times = [shortMs, longMs, longestMs].map((ms) => `${ms.toFixed(1)} ms`);
      return `${length} long takes ${times[0]}, ${4 * length} long ${times[1]}, ${16 * length} long ${times[2]}`;
    }
    return null;
  }
  return null;
}

/** What is held on the heap after a collection, in bytes. */
export function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
