// How much CPU time processes have used, by /proc.
import { readdirSync, readFileSync } from 'node:fs';

/** Milliseconds of CPU that these processes and all their descendants that live have used so far, to 10 ms for each. */
export function cpuMsOfTrees(roots: readonly number[]): number {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(statOf);
  const tree = new Set(roots);
  for (let before = -1; before !== tree.size;) {
    before = tree.size;
    for (const { pid, parent } of all) if (tree.has(parent)) tree.add(pid);
  }
  return all.filter(({ pid }) => tree.has(pid)).reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

/** USER_HZ is 100 on every Linux that Node runs on. */
const tickMs = 10;

function statOf(name: string): { pid: number; parent: number; cpuMs: number }[] {
  try {
    // Behind a name that may hold anything: state, parent, and as the 12th and 13th user and system time (proc(5)).
    const fields = readFileSync(`/proc/${name}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return [
      { pid: Number(name), parent: Number(fields[1]), cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs },
    ];
  } catch {
    return [];
  }
}
