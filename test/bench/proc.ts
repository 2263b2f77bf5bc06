// What the kernel says of the processes that a supervisor consists of.
import { readdirSync, readFileSync } from 'node:fs';

/** MiB; `private` is what would be free if they ended, `proportional` counts shared pages by how many share them. */
export interface Memory {
  readonly privateMib: number;
  readonly residentMib: number;
  readonly proportionalMib: number;
  /** What was allocated, also where a child that was just forked shares it. */
  readonly anonymousMib: number;
}

/** All of them together. */
export function memoryOf(pids: readonly number[]): Memory {
  const rollups = pids.map((pid) => read(`/proc/${pid}/smaps_rollup`));
  const mib = (...fields: string[]): number =>
    rollups.reduce((sum, text) => sum + fields.reduce((part, field) => part + fieldOf(text, field), 0), 0) / 1024;
  return {
    privateMib: mib('Private_Clean', 'Private_Dirty'),
    residentMib: mib('Rss'),
    proportionalMib: mib('Pss'),
    anonymousMib: mib('Anonymous'),
  };
}

/** Milliseconds of CPU of all their threads so far, to the nanosecond as the scheduler counts it. */
export function cpuMsOf(pids: readonly number[]): number {
  return sumOfThreads(pids, 'schedstat', (text) => Number(text.split(' ')[0]) / 1e6);
}

/** How often their threads have gone to sleep, which is how often they were woken. */
export function wakeUpsOf(pids: readonly number[]): number {
  return sumOfThreads(pids, 'status', (text) => fieldOf(text, 'voluntary_ctxt_switches'));
}

/** The process, its children, theirs, and so on. */
export function treeOf(root: number): number[] {
  const parents = new Map(pidsOf('/proc').map((pid) => [pid, parentOf(pid)] as const));
  const tree = new Set([root]);
  for (let before = 0; before !== tree.size;) {
    before = tree.size;
    for (const [pid, parent] of parents) if (tree.has(parent)) tree.add(pid);
  }
  return [...tree];
}

/** Pids of all that have `NAME=value` in the environment with which they were started. */
export function pidsWith(mark: string): number[] {
  return pidsOf('/proc').filter((pid) => read(`/proc/${pid}/environ`).split('\0').includes(mark));
}

function sumOfThreads(pids: readonly number[], file: string, numberIn: (text: string) => number): number {
  const texts = pids.flatMap((pid) =>
    pidsOf(`/proc/${pid}/task`).map((thread) => read(`/proc/${pid}/task/${thread}/${file}`)),
  );
  return texts.filter((text) => text !== '').reduce((sum, text) => sum + numberIn(text), 0);
}

/** Behind a name that may hold anything stand the state and the parent. */
function parentOf(pid: number): number {
  return Number(
    read(`/proc/${pid}/stat`)
      .replace(/^.*\) /s, '')
      .split(' ')[1],
  );
}

function fieldOf(text: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
}

function pidsOf(folder: string): number[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
