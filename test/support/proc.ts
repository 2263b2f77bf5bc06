// What /proc says of other processes. One that has ended meanwhile has no children, no descriptors and no CPU time.
import { readdirSync, readFileSync } from 'node:fs';

/** Pids of the children of a process's main thread, those included that it adopted. */
export function childrenOf(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`)
    .split(' ')
    .filter((word) => word !== '')
    .map(Number);
}

/** Children that have ended and that nobody has waited for. */
export function zombiesOf(parent: number): number[] {
  return childrenOf(parent).filter((pid) => stateOf(pid) === 'Z');
}

/** `R`, `S`, `T`, `Z` and so on; '' for one that is not there. */
export function stateOf(pid: number): string {
  const stat = read(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
}

export function isAlive(pid: number): boolean {
  return !['', 'Z', 'X'].includes(stateOf(pid));
}

export function openFilesOf(pid: number): number {
  return openDescriptorsOf(pid).length;
}

/** The numbers of its descriptors, ascending. */
export function openDescriptorsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/fd`)
      .map(Number)
      .toSorted((a, b) => a - b);
  } catch {
    return [];
  }
}

/** CPU time of all its threads so far; the kernel counts it in steps of 10 ms. */
export function cpuMsOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 10;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
