// What processes use, by pid, for memory limits: `pidusage`, loaded when first asked, one call for all pids.
// On Linux it reads /proc and needs no `ps`; elsewhere, where there is no `ps`, nothing is known of anybody.

import type Pidusage from 'pidusage';
import { resourcesOf } from './resources.ts';

/** What one process uses. */
export interface Usage {
  /** Of one CPU, since the last time this was asked within half a minute; 0 the first time. */
  readonly cpuPercent: number;
  /** Resident memory. */
  readonly rssBytes: number;
}

/** Of those pids that live and can be seen; never rejects. */
export type UsageOf = (pids: readonly number[]) => Promise<ReadonlyMap<number, Usage>>;

/** Asks the system. */
export const usageOf: UsageOf = async (pids) => {
  const found = new Map<number, Usage>();
  if (pids.length === 0) return found;
  const stats = await ask(pids);
  for (const pid of pids) {
    const usage = usageFrom(stats[pid]) ?? lookAt(pid);
    if (usage !== null) found.set(pid, usage);
  }
  return found;
};

type Stats = Readonly<Record<string, Pidusage.Status | null | undefined>>;

/** Milliseconds: it keeps a descriptor for each pid this long after it was last asked for. */
const maxage = 30_000;

async function ask(pids: readonly number[]): Promise<Stats> {
  try {
    // It would write to the daemon's stderr where `getconf` is missing, and its defaults are right nearly everywhere.
    process.env['PIDUSAGE_SILENT'] = '1';
    const { default: pidusage } = await import('pidusage');
    return await pidusage([...pids], { usePs: false, maxage });
  } catch {
    // One pid alone that has just ended, or a machine that tells nothing.
    return {};
  }
}

function usageFrom(stat: Pidusage.Status | null | undefined): Usage | null {
  if (stat === null || stat === undefined || !Number.isFinite(stat.memory)) return null;
  return { cpuPercent: stat.cpu, rssBytes: stat.memory };
}

/** The package goes on reading of a process that has ended when another one has its pid soon after. */
function lookAt(pid: number): Usage | null {
  const resources = resourcesOf(pid);
  return resources === null ? null : { cpuPercent: 0, rssBytes: resources.rssBytes };
}
