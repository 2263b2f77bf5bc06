// The same for many, some milliseconds at a time: between two pieces everything else gets its turn (children that end,
// clients, timers).

import type { Clock } from './clock.ts';
import { nextRound } from './turns.ts';

/** What one turn of the loop may take, so that nothing else waits long. */
export const pieceMs = 4;

/** Does something to each, in order; what fits into the first piece is done before this returns. */
export async function inPieces<T>(
  items: Iterable<T>,
  { clock, work }: { readonly clock: Pick<Clock, 'now'>; readonly work: (item: T) => void },
): Promise<void> {
  let began = clock.now();
  for (const item of items) {
    if (clock.now() - began >= pieceMs) {
      await nextRound();
      began = clock.now();
    }
    work(item);
  }
}
