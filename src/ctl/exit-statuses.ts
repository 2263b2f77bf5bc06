// supervisorctl's exit statuses, which it took from LSB init scripts, and how the fault codes of the single processes
// of a command make one of them: the last process that failed decides.
import { faults } from '../base/errors.ts';
import { processStates } from '../base/states.ts';

export const exits = {
  success: 0,
  generic: 1,
  usage: 2,
  noInterface: 3,
  refused: 4,
  versionMismatch: 5,
  notRunning: 7,
  /** `status` only. */
  statusNotRunning: 3,
  /** `status` only. */
  statusUnknown: 4,
} as const;

/** The states in which a process makes `status` end with statusNotRunning. */
export const stoppedCodes: ReadonlySet<number> = new Set(
  Object.values(processStates)
    .filter(({ kind }) => kind === 'stopped')
    .map(({ code }) => code),
);

const deadProgram: readonly number[] = [faults.SPAWN_ERROR, faults.ABNORMAL_TERMINATION, faults.NOT_RUNNING];

/** The exit status after one process: unchanged for success and for the `ignored` fault. */
export function exitAfter(exit: number, outcome: { readonly code: number; readonly ignored: number | null }): number {
  if (outcome.code === faults.SUCCESS || outcome.code === outcome.ignored) return exit;
  return deadProgram.includes(outcome.code) ? exits.notRunning : exits.generic;
}
