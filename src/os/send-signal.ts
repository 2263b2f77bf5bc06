// Sending a signal to a process, to its group, or to it and all its descendants.

import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import type { SignalOrder } from '../base/child.ts';
import { errorCode } from '../base/system-error.ts';

/** Answers null when the signal was sent, else the errno's name (`ESRCH`, `EPERM`). */
export function sendSignal(order: SignalOrder): string | null {
  const { pid, signal, to } = order;
  // 0 and -1 mean "my own group" and "everybody" to the kernel.
  if (!Number.isInteger(pid) || pid <= 1) return 'ESRCH';
  switch (to) {
    case 'process':
      return kill(pid, signal);
    case 'group':
      return kill(-pid, signal);
    case 'tree':
      return killTree(pid, signal);
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

/** The answer is that of the root. */
function killTree(root: number, signal: number): string | null {
  if (parents() === null) return killTreeByPackage(root, signal);
  const seen = new Set([root]);
  // Looked for before the first signal: the children of a dead process are listed under somebody else.
  let found = descendants(seen);
  const answer = kill(root, signal);
  // One may have forked while the list was read, so it is read until nobody new is found.
  for (let round = 0; round < 5 && found.length > 0; round += 1) {
    for (const pid of found) kill(pid, signal);
    found = descendants(seen);
  }
  return answer;
}

/** Adds to `seen`, and answers, whoever descends from one in it. */
function descendants(seen: Set<number>): number[] {
  const childrenOf = new Map<number, number[]>();
  for (const [pid, parent] of parents() ?? []) {
    const siblings = childrenOf.get(parent);
    if (siblings === undefined) childrenOf.set(parent, [pid]);
    else siblings.push(pid);
  }
  const found: number[] = [];
  const queue = [...seen];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    for (const child of childrenOf.get(pid) ?? []) {
      if (seen.has(child)) continue;
      seen.add(child);
      found.push(child);
      queue.push(child);
    }
  }
  return found;
}

/** Parent by pid, of every process; null where there is no /proc. */
function parents(): Map<number, number> | null {
  let names: readonly string[];
  try {
    names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return null;
  }
  const found = new Map<number, number>();
  for (const name of names) {
    const parent = parentOf(name);
    if (parent !== null) found.set(Number(name), parent);
  }
  return found.size === 0 ? null : found;
}

/** The fourth field of stat; the second is a name in parentheses that may hold anything. */
function parentOf(pid: string): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0]);
  } catch {
    return null;
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
