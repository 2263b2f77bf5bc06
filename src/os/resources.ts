// What processes have used, as the kernel counts it, for metrics: totals since their start, which need no memory of an earlier
// look, so nothing is kept between two looks (usage.ts, which tells percentages, keeps a descriptor for each pid).

import { readdirSync, readFileSync } from 'node:fs';
import type { Resources } from '../base/resources.ts';

/** Reads /proc, about 10 µs; null for a process that is not there, or where there is no /proc. */
export function resourcesOf(pid: number): Resources | null {
  try {
    return resourcesFrom(readFileSync(`/proc/${pid}/stat`, 'latin1'), pageSize());
  } catch {
    return null;
  }
}

/** proc(5): behind the name, which may hold anything, `utime` is the 12th field, `stime` the 13th and `rss` the 22nd. */
export function resourcesFrom(stat: string, pageBytes: number): Resources {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [userTicks, systemTicks, pages] = [Number(fields[11]), Number(fields[12]), Number(fields[21])];
  return { cpuSeconds: (userTicks + systemTicks) / ticksPerSecond, rssBytes: pages * pageBytes };
}

/** The daemon's open descriptors; null where there is no /proc. */
export function openFilesOfMine(): number | null {
  try {
    // One is this look's own.
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    return null;
  }
}

/** USER_HZ, which the kernel promises to user space whatever its own timer does. */
const ticksPerSecond = 100;
let knownPageSize = 0;

function pageSize(): number {
  if (knownPageSize === 0) knownPageSize = pageSizeFrom(readFileSync('/proc/self/auxv'));
  return knownPageSize;
}

/** getauxval(3): pairs of words, AT_PAGESZ is 6. */
export function pageSizeFrom(auxv: Buffer): number {
  for (let at = 0; at + 16 <= auxv.length; at += 16) {
    if (auxv.readBigUInt64LE(at) === 6n) return Number(auxv.readBigUInt64LE(at + 8));
  }
  return 4096;
}
