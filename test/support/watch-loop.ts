// How long the event loop stood still: the longest time between two rings of a timer that rings every millisecond.

export interface LoopWatch {
  /** Ends watching and answers the longest standstill, in milliseconds. */
  stop(): number;
}

export function watchLoop(): LoopWatch {
  let last = performance.now();
  let longest = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  return {
    stop() {
      clearInterval(timer);
      return Math.max(longest, performance.now() - last);
    },
  };
}
