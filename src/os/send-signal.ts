// Sending a signal to a process, to its group, or to it and all its descendants.

import { accessSync, constants, existsSync } from 'node:fs';
import type { SignalOrder } from '../base/child.ts';
import { errorCode } from '../base/system-error.ts';
import { signalMembers, type TreeParts } from './tree-signals.ts';

/** Answers null when the signal was sent, else the errno's name (`ESRCH`, `EPERM`). */
export function sendSignal(order: SignalOrder, parts: TreeParts): string | null {
  const { pid, signal, to, mark = null } = order;
  // 0 and -1 mean "my own group" and "everybody" to the kernel.
  if (!Number.isInteger(pid) || pid <= 1) return 'ESRCH';
  switch (to) {
    case 'process':
      return kill(pid, signal);
    case 'group':
      return kill(-pid, signal);
    case 'tree':
      return existsSync('/proc/self/stat')
        ? signalMembers({ root: pid, mark }, { parts, signal })
        : killTreeByPackage(pid, signal);
  }
}

function kill(target: number, signal: number): string | null {
  try {
    process.kill(target, signal);
    return null;
  } catch (error) {
    return errorCode(error);
  }
}

/** Where there is no /proc (a developer's Mac) the package asks a program; without that program it would crash us. */
function killTreeByPackage(root: number, signal: number): string | null {
  const lister = process.platform === 'darwin' ? 'pgrep' : 'ps';
  const directories = (process.env['PATH'] ?? '').split(':');
  if (!directories.some((directory) => isExecutable(`${directory}/${lister}`))) return kill(root, signal);
  import('tree-kill').then(
    ({ default: treeKill }) => treeKill(root, signal, () => undefined),
    () => kill(root, signal),
  );
  return null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
