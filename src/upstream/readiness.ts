// What keeps the daemon from being ready for traffic: upstreams with too few members that take requests, and every other
// process that starts by itself and is not up, unless it has ended as it should or a person stopped it. Pure.

import type { UpstreamConfig } from '../config/upstreams.ts';
import { keyOf, membersOf, type UpstreamGroup, type UpstreamProcess } from './members.ts';

/** A process with what else readiness goes by. */
export interface JudgedProcess extends UpstreamProcess {
  readonly endedAsExpected: boolean;
  readonly stoppedByPerson: boolean;
}

export interface JudgedGroup extends UpstreamGroup {
  readonly processes: readonly JudgedProcess[];
}

/** What is not ready, in words: `web: 0 of 1 ready`, `nginx`; none when all is. */
export function unreadyParts(judged: {
  readonly groups: readonly JudgedGroup[];
  readonly upstreams: readonly UpstreamConfig[];
  readonly leaving: ReadonlySet<string>;
}): readonly string[] {
  const { groups, upstreams, leaving } = judged;
  const inUpstream = new Set<string>();
  const parts: string[] = [];
  for (const upstream of upstreams) {
    const members = membersOf(upstream, groups);
    for (const { key } of members) inUpstream.add(key);
    const ready = members.filter((member) => member.ready && !leaving.has(member.key)).length;
    if (ready < upstream.minReady) parts.push(`${upstream.name}: ${ready} of ${upstream.minReady} ready`);
  }
  for (const { config, processes } of groups) {
    for (const process of processes) {
      const key = keyOf(config.name, process.config.name);
      if (!inUpstream.has(key) && !isWell(process)) parts.push(key);
    }
  }
  return parts;
}

function isWell(process: JudgedProcess): boolean {
  const { isReady, endedAsExpected, stoppedByPerson, config } = process;
  return !config.options.autostart || isReady || endedAsExpected || stoppedByPerson;
}
