// Who stands behind an upstream, and who of them takes traffic now: the processes of the program or group of that name,
// each with the address that [upstream:x] server gives it. Pure. The rules are docs/serving.md's.

import type { RunOutcome } from '../base/child.ts';
import { formatNamespec } from '../base/namespec.ts';
import type { ProcessStateName } from '../base/states.ts';
import { type Address, readAddress } from '../config/address.ts';
import type { GroupConfig, ProcessConfig } from '../config/programs.ts';
import { badServer, processesBehind, serverOf, type UpstreamConfig } from '../config/upstreams.ts';

/** A process as upstreams see it. */
export interface UpstreamProcess {
  readonly config: ProcessConfig;
  readonly wireState: ProcessStateName;
  /** Takes part. */
  readonly isReady: boolean;
  /** 0 when there is none. */
  readonly pid: number;
  signal(signal: number): void;
  writeStdin(bytes: Buffer): void;
  /** Runs another command once, as this process would run. */
  runBeside(command: string, deadlineMs: number): Promise<RunOutcome>;
}

/** A group as upstreams see it. */
export interface UpstreamGroup {
  readonly config: GroupConfig;
  readonly processes: readonly UpstreamProcess[];
}

/** One server of an upstream. */
export interface Member {
  /** `keyOf` its process. */
  readonly key: string;
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
    const key = keyOf(member.group, member.process.name);
    return { key, name: member.process.name, server, address, ready: find(groups, member)?.isReady ?? false };
  });
}

/** What a process is known by, whichever object stands for it. */
export function keyOf(group: string, process: string): string {
  return formatNamespec(group, process);
}

/**
 * The servers for nginx's file: all but those that leave. One always stays, the last that left: without any nginx would answer
 * 502 at once, where that one may still serve.
 */
export function serversInFile(members: readonly Member[], leaving: ReadonlySet<string>): readonly string[] {
  const staying = members.filter(({ key }) => !leaving.has(key));
  const last = [...leaving].findLast((key) => members.some((member) => member.key === key));
  const listed = staying.length > 0 ? staying : members.filter(({ key }) => key === last);
  return listed.map(({ server }) => server);
}

/** The processes of the program or group of that name. */
export function processesNamed(name: string, groups: readonly UpstreamGroup[]): readonly UpstreamProcess[] {
  const members = processesBehind(name, groupsOf(groups)) ?? [];
  return members.map((member) => find(groups, member)).filter((process) => process !== undefined);
}

/** One line for the embedded proxy's stdin: everybody who is configured, and whether they are to get requests. */
export function feedLine(members: readonly Member[], leaving: ReadonlySet<string>): string {
  const told = members.map(({ key, name, address, ready }) => ({
    name,
    ...address,
    ready: ready && !leaving.has(key),
  }));
  return `${JSON.stringify({ members: told })}\n`;
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
