// Callbacks that tell of exits, kept out of the turn in which the exits are found. Who hears of an exit usually starts a
// new child, and a program that dies at once would otherwise keep the loop from ever returning: libuv 1.46 respawning in
// its own exit callback made 910 processes in 3 s without looking at anything else.

import { systemClock } from '../base/clock.ts';
import { pieceMs } from '../base/pieces.ts';

export interface Delivery {
  /** Calls back in a later turn of the loop, in order. */
  push(callback: () => void): void;
  /** Calls nobody back any more. */
  stop(): void;
}

/** A queue that shares the loop with everything else. */
export function createDelivery(): Delivery {
  const waiting: (() => void)[] = [];
  let turn: NodeJS.Immediate | null = null;

  function schedule(): void {
    turn ??= setImmediate(run);
  }

  function run(): void {
    turn = null;
    const deadline = systemClock.now() + pieceMs;
    try {
      do waiting.shift()?.();
      while (waiting.length > 0 && systemClock.now() < deadline);
    } finally {
      // Also where a callback threw: that is a bug, but not the others' one.
      if (waiting.length > 0) schedule();
    }
  }

  return {
    push(callback) {
      waiting.push(callback);
      schedule();
    },
    stop() {
      if (turn !== null) clearImmediate(turn);
      turn = null;
      waiting.length = 0;
    },
  };
}
