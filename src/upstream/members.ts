// Who stands behind an upstream, and who of them takes traffic now: the processes of the program or group of that name,
// each with the address that [upstream:x] server gives it. Pure. The rules are docs/serving.md's.

import type { ProcessStateName } from '../base/states.ts';
import { type Address, readAddress } from '../config/address.ts';
import type { GroupConfig, ProcessConfig } from '../config/programs.ts';
import { badServer, processesBehind, serverOf, type UpstreamConfig } from '../config/upstreams.ts';

/** A process as upstreams see it. */
export interface UpstreamProcess {
  readonly config: ProcessConfig;
  readonly wireState: ProcessStateName;
  readonly isReady: boolean;
  /** 0 when there is none. */
  readonly pid: number;
  signal(signal: number): void;
  writeStdin(bytes: Buffer): void;
}

/** A group as upstreams see it. */
export interface UpstreamGroup {
  readonly config: GroupConfig;
  readonly processes: readonly UpstreamProcess[];
}

/** One server of an upstream. */
export interface Member {
  readonly name: string;
  /** As nginx writes it: `host:port`, `[ipv6]:port` or `unix:/path`. */
  readonly server: string;
  readonly address: Address;
  readonly ready: boolean;
}

/** The members of an upstream in configuration order, none when its group is gone; throws ConfigError for a bad address. */
export function membersOf(upstream: UpstreamConfig, groups: readonly UpstreamGroup[]): readonly Member[] {
  const configured = processesBehind(upstream.name, groupsOf(groups)) ?? [];
  return configured.map((member) => {
    const server = serverOf(upstream, member);
    const address = readAddress(server);
    if (address === null) throw badServer(upstream, server);
    return { name: member.process.name, server, address, ready: find(groups, member)?.isReady ?? false };
  });
}

/** The processes of the program or group of that name. */
export function processesNamed(name: string, groups: readonly UpstreamGroup[]): readonly UpstreamProcess[] {
  const members = processesBehind(name, groupsOf(groups)) ?? [];
  return members.map((member) => find(groups, member)).filter((process) => process !== undefined);
}

/** One line for the embedded proxy's stdin: everybody who is configured, and whether they are ready. */
export function feedLine(members: readonly Member[]): string {
  return `${JSON.stringify({ members: members.map(({ name, address, ready }) => ({ name, ...address, ready })) })}\n`;
}

function groupsOf(groups: readonly UpstreamGroup[]): readonly GroupConfig[] {
  return groups.map(({ config }) => config);
}

function find(
  groups: readonly UpstreamGroup[],
  { group, process }: { group: string; process: { name: string } },
): UpstreamProcess | undefined {
  const processes = groups.find(({ config }) => config.name === group)?.processes ?? [];
  return processes.find(({ config }) => config.name === process.name);
}
