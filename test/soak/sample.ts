// What a daemon holds, as the kernel and the daemon itself say it.
import { readdirSync, readFileSync } from 'node:fs';

/** One look; memory in KiB. */
export interface Sample {
  /** Memory that nobody shares with it: what would be free if it ended. */
  readonly privateKb: number;
  readonly residentKb: number;
  readonly descriptors: number;
  readonly threads: number;
  /** Children that have ended and that nobody has buried. */
  readonly zombies: number;
  readonly timers: number;
  /** What V8 holds for JavaScript, of it in use, and what buffers hold outside. */
  readonly heapKb: number;
  readonly heapUsedKb: number;
  readonly externalKb: number;
}

/** Only its private memory, in KiB: quickly. */
export function privateKbOf(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return fieldOf(rollup, 'Private_Clean') + fieldOf(rollup, 'Private_Dirty');
}

/** Looks once; `resourcesFile` is what test/fixtures/soak/reports-resources.cjs writes in the daemon. */
export function sample(pid: number, resourcesFile: string): Sample {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const said: unknown = JSON.parse(readFileSync(resourcesFile, 'utf8'));
  return {
    privateKb: privateKbOf(pid),
    residentKb: fieldOf(status, 'VmRSS'),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    threads: fieldOf(status, 'Threads'),
    zombies: zombiesOf(pid),
    timers: numberIn(said, 'timers'),
    heapKb: numberIn(said, 'heapTotal') / 1024,
    heapUsedKb: numberIn(said, 'heapUsed') / 1024,
    externalKb: numberIn(said, 'external') / 1024,
  };
}

/** The middle one; 0 of none. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

/** Of each field the median. */
export function medianOf(samples: readonly Sample[]): Sample {
  const middle = (read: (one: Sample) => number): number => median(samples.map(read));
  return {
    privateKb: middle((one) => one.privateKb),
    residentKb: middle((one) => one.residentKb),
    descriptors: middle((one) => one.descriptors),
    threads: middle((one) => one.threads),
    zombies: middle((one) => one.zombies),
    timers: middle((one) => one.timers),
    heapKb: middle((one) => one.heapKb),
    heapUsedKb: middle((one) => one.heapUsedKb),
    externalKb: middle((one) => one.externalKb),
  };
}

function fieldOf(text: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1]);
}

function numberIn(said: unknown, name: string): number {
  return typeof said === 'object' && said !== null
    ? Number(Object.entries(said).find(([key]) => key === name)?.[1])
    : 0;
}

function zombiesOf(pid: number): number {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isZombieOf(name, pid)).length;
}

/** The fourth word of stat, behind a name that may hold anything, is the parent. */
function isZombieOf(name: string, parent: number): boolean {
  try {
    const [state, ppid] = readFileSync(`/proc/${name}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return state === 'Z' && Number(ppid) === parent;
  } catch {
    return false;
  }
}
