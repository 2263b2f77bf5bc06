// From how a process ended to what the daemon ends with. Pure.

import type { ExitStatus } from '../base/child.ts';
import type { ManagedProcess } from '../process/managed-process.ts';

/** EX_SOFTWARE of sysexits.h: nothing was ever executed, so there is no exit code to pass on. */
export const nothingExecuted = 70;

/** Its last exit code, 128 and the signal's number after a signal; that of the process that made it fail, if one did. */
export function exitCodeOf(process: ManagedProcess): number {
  const status = (process.failedDependency ?? process).history.lastStatus;
  return status === null ? nothingExecuted : codeOf(status);
}

/** As a shell says it. */
export function codeOf(status: ExitStatus): number {
  return 'code' in status ? status.code : 128 + status.signal;
}
