// How a process ended, in supervisord's words.

import type { ExitStatus } from './child.ts';
import { signalName } from './signal-names.ts';

/** `exit status 1`, `terminated by SIGKILL`, `terminated by SIGSEGV (core dumped)`. */
export function describeExit(status: ExitStatus): string {
  if ('code' in status) return `exit status ${status.code}`;
  return `terminated by ${signalName(status.signal)}${status.core ? ' (core dumped)' : ''}`;
}
