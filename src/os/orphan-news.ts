// What the log says of orphans that were buried: supervisord's line for each, until they come in a burst. A fork bomb of
// ten thousand must not push everything else out of the log, so of those within a second only the first few are named.

import type { ExitStatus } from '../base/child.ts';
import type { Clock } from '../base/clock.ts';

export interface OrphanNews {
  readonly clock: Pick<Clock, 'now' | 'after'>;
  /** `exit status 0`, say. */
  readonly describe: (status: ExitStatus) => string;
  readonly say: (text: string) => void;
}

/** So many have a line of their own in each second that begins with one of them. */
const namedPerSecond = 20;

/** Tells of orphans, one call for each; the others of a burst are summed up when its second is over. */
export function createOrphanNews({ clock, describe, say }: OrphanNews): (pid: number, status: ExitStatus) => void {
  let begunAt = -Infinity;
  let named = 0;
  let unnamed = 0;
  const sumUp = (): void => {
    say(`reaped ${unnamed} more unknown pids`);
    unnamed = 0;
    begunAt = -Infinity;
  };
  return (pid, status) => {
    const now = clock.now();
    if (unnamed === 0 && now - begunAt >= 1000) {
      begunAt = now;
      named = 0;
    }
    if (named < namedPerSecond) {
      named += 1;
      say(`reaped unknown pid ${pid} (${describe(status)})`);
      return;
    }
    if (unnamed === 0) clock.after(begunAt + 1000 - now, sumUp);
    unnamed += 1;
  };
}
