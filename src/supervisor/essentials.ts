// `essential`: when a process (or the last of a group) without which there is no point ends for good, everything is stopped
// in order and the daemon ends with its exit code. The first that ends decides; whoever was asked to end, and everything
// that ends after a shutdown or restart was asked for, does not count.

import { formatNamespec } from '../base/namespec.ts';
import { isStopped } from '../base/states.ts';
import type { EventBus } from '../events/events.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import { exitCodeOf } from './exit-code.ts';
import type { Group } from './group.ts';
import { postMortem } from './post-mortem.ts';
import type { Supervisor } from './supervisor.ts';

export interface EssentialsParts {
  readonly bus: EventBus;
  readonly supervisor: Pick<Supervisor, 'isEnding' | 'findGroup' | 'shutdown'>;
  readonly logger: { crit(text: string): void };
}

/** What the daemon ends with because an essential process ended. */
export interface Downfall {
  readonly exitCode: number;
  /** What is to be said before the end, line by line. */
  readonly postMortem: readonly string[];
}

/** Watches from now on; answers how to ask what has come of it. */
export function watchEssentials({ bus, supervisor, logger }: EssentialsParts): () => Downfall | null {
  let ended: ManagedProcess[] = [];
  let downfall: Downfall | null = null;

  bus.subscribe((event) => {
    if (event.type !== 'PROCESS_STATE' || (event.to !== 'EXITED' && event.to !== 'FATAL')) return;
    if (downfall !== null || supervisor.isEnding) return;
    const process = supervisor.findGroup(event.group)?.find(event.process);
    if (process === undefined) return;
    // Judged when all that happens in this moment has happened: whether it is started again, whether the rest of its group
    // is there, and its own line in the log.
    if (ended.length === 0) queueMicrotask(judge);
    ended.push(process);
  });

  function judge(): void {
    const inOrder = ended;
    ended = [];
    if (supervisor.isEnding) return;
    for (const process of inOrder) {
      const group = supervisor.findGroup(process.group);
      // A roll that has lost one keeps the others.
      if (group === undefined || !hasEnded(process) || process.isOnTrial) continue;
      const what = essentialNameOf(process, group);
      if (what === null) continue;
      const exitCode = exitCodeOf(process);
      logger.crit(`essential ${what} has ended for good: shutting down, to end with exit status ${exitCode}`);
      downfall = { exitCode, postMortem: postMortem(process, { what, exitCode }) };
      return supervisor.shutdown({ atOnce: true });
    }
  }

  return () => downfall;
}

/** Not started again, nor about to be. */
function hasEnded({ wireState }: ManagedProcess): boolean {
  return wireState === 'EXITED' || wireState === 'FATAL';
}

/** `process web:a`, or `group web` when it was the last; null when there is nothing essential about it. */
function essentialNameOf(process: ManagedProcess, group: Group): string | null {
  if (process.config.options.essential) return `process ${formatNamespec(process.group, process.config.name)}`;
  const isLast = group.processes.every(({ wireState, pid }) => pid === 0 && isStopped(wireState));
  return group.config.essential === true && isLast ? `group ${group.config.name}` : null;
}
