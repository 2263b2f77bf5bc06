// [supervisord] shutdown_timeout: one deadline for everything. When it is over, all that lives gets SIGKILL at once, and
// what does not die even of that (a process that hangs in the kernel) is left behind after a last wait.

import type { Clock, Timer } from '../base/clock.ts';
import { formatNamespec } from '../base/namespec.ts';
import type { ManagedProcess } from '../process/managed-process.ts';

/** How long after SIGKILL the daemon still waits. */
const lastWaitMs = 5000;

export interface DeadlineParts {
  readonly seconds: number;
  readonly clock: Clock;
  readonly logger: { warn(text: string): void; crit(text: string): void };
  /** What has not ended yet. */
  readonly unstopped: () => readonly ManagedProcess[];
  /** It is in vain to wait for these. */
  readonly leave: (processes: readonly ManagedProcess[]) => void;
}

/** Sets the deadline; it is over or cancelled by the caller. */
export function setDeadline({ seconds, clock, logger, unstopped, leave }: DeadlineParts): Timer {
  let timer = clock.after(seconds * 1000, () => {
    const left = unstopped();
    logger.warn(`shutdown_timeout of ${seconds} seconds is over: killing ${namesOf(left)}`);
    for (const process of left) process.kill();
    timer = clock.after(lastWaitMs, () => {
      const stuck = unstopped();
      if (stuck.length === 0) return;
      const names = stuck.map((process) => `${nameOf(process)} (${process.pid})`).join(', ');
      logger.crit(`not even SIGKILL has ended ${names} within ${lastWaitMs / 1000} seconds: left behind`);
      leave(stuck);
    });
  });
  return { cancel: () => timer.cancel() };
}

function namesOf(processes: readonly ManagedProcess[]): string {
  return processes.map(nameOf).join(', ') || 'nothing';
}

function nameOf({ group, config }: ManagedProcess): string {
  return formatNamespec(group, config.name);
}
