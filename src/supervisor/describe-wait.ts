// In words: what a process waits for, and which failure made it fail. Clients read them as descriptions.

import { formatNamespec } from '../base/namespec.ts';
import type { Condition } from '../config/depends-on.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import type { AwaitedName } from './dependencies.ts';

const wanted: Readonly<Record<Condition, string>> = {
  started: 'to be started',
  ready: 'to be ready',
  completed: 'to complete',
};

/** `db to be ready`, `2 of pool to be ready (1 is)`; says so when somebody must act: `db to be ready (it is stopped)`. */
export function describeDependency({ dependency, members }: AwaitedName): string {
  const { name, until, atLeast } = dependency;
  if (members === null) return `${name} ${wanted[until]} (there is none)`;
  if (atLeast !== null) {
    return `${atLeast} of ${name} ${wanted[until]} (${members.filter(({ isReady }) => isReady).length} now)`;
  }
  const stopped = members.filter(({ wireState }) => wireState === 'STOPPED');
  if (stopped.length === 0) return `${name} ${wanted[until]}`;
  return `${name} ${wanted[until]} (${members.length === 1 ? 'it' : stopped.map(nameOf).join(', ')} is stopped)`;
}

/** `dependency db failed: Exited too quickly (process log may have details)`. */
export function describeFailure(root: ManagedProcess): string {
  const reason = root.spawnError || endings[root.wireState] || 'it can not be started';
  return `dependency ${nameOf(root)} failed: ${reason}`;
}

/** Without an error of its own it ended as it was told to, only too early for those who wait. */
const endings: Readonly<Partial<Record<ManagedProcess['wireState'], string>>> = {
  EXITED: 'it ended before those that wait for it could start',
  UNKNOWN: 'it is in an unknown state',
};

function nameOf({ group, config }: ManagedProcess): string {
  return formatNamespec(group, config.name);
}
