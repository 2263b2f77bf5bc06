// What a process with killastree leaves behind when it ends: killed, and waited for a little, before anybody hears of the
// end; a leftover that still holds the port would make the next run fail.

import type { Clock } from '../base/clock.ts';
import type { Logger } from '../logs/logger.ts';
import type { Host } from './host.ts';

/** After SIGKILL only a process that the kernel itself holds up lives longer. */
const patienceMs = 1000;

export interface Leaving {
  readonly name: string;
  readonly pid: number;
  readonly mark: number | null;
  readonly host: Pick<Host, 'endTree'>;
  readonly clock: Pick<Clock, 'after'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

/** Calls `then` once, in this same turn where nothing was left. */
export function endLeftovers({ name, pid, mark, host, clock, logger }: Leaving, then: () => void): void {
  let isOver = false;
  const over = (): void => {
    if (isOver) return;
    isOver = true;
    timer.cancel();
    then();
  };
  // First, so that the end is told whatever becomes of the leftovers.
  const timer = clock.after(patienceMs, () => {
    try {
      logger.warn(`${name} left processes behind that do not die`);
    } finally {
      over();
    }
  });
  host.endTree({ pid, mark }, (killed) => {
    if (killed > 0) logger.info(`killed ${killed} ${killed === 1 ? 'process' : 'processes'} that ${name} left behind`);
    over();
  });
}
