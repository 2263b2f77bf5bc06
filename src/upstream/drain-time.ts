// How long a worker may drain, for `corevisor/worker` inside it, which takes it from COREVISOR_DRAIN_TIMEOUT. Pure.

import type { GroupConfig, ProcessConfig } from '../config/programs.ts';
import { processesBehind, type UpstreamConfig } from '../config/upstreams.ts';

/** What `corevisor/worker` does when it is told nothing. */
const usualSeconds = 30;

/** The longest drain_timeout of the upstreams that a process is a server of; null where that is the usual one. */
export function drainSeconds(
  { process, group }: { readonly process: ProcessConfig; readonly group: string },
  { upstreams, groups }: { readonly upstreams: readonly UpstreamConfig[]; readonly groups: readonly GroupConfig[] },
): number | null {
  // Where nobody says otherwise nothing is looked for.
  if (upstreams.every(({ drainTimeout }) => drainTimeout === usualSeconds)) return null;
  const own = upstreams.filter(({ name }) =>
    processesBehind(name, groups)?.some((member) => member.group === group && member.process.name === process.name),
  );
  const longest = Math.max(-1, ...own.map(({ drainTimeout }) => drainTimeout));
  return longest === -1 || longest === usualSeconds ? null : longest;
}
