// The clock that is handed in. Durations are monotonic milliseconds, wall time is only for display and for records
// that carry a date; so a wall clock that jumps moves no transition.

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Monotonic milliseconds since an arbitrary origin. */
  now(): number;
  /** Milliseconds since the epoch, for display only. */
  wall(): number;
  /** Calls back once after `delayMs`; the callback never runs after `cancel`. */
  after(delayMs: number, callback: () => void): Timer;
}

/** setTimeout overflows to 1 ms beyond 2^31-1 ms (24.8 days), so longer waits are cut into steps. */
const longestTimeoutMs = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: monotonicMs,
  wall: () => Date.now(),
  after(delayMs, callback) {
    let handle: NodeJS.Timeout;
    const arm = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, longestTimeoutMs);
      handle = setTimeout(() => (leftMs > stepMs ? arm(leftMs - stepMs) : callback()), stepMs);
    };
    arm(Math.max(0, delayMs));
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Not `performance.now()`: the first touch of that global loads modules for 3 ms, before the first child is there. */
function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
