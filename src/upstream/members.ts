// Who stands behind an upstream, and who of them takes traffic now: the processes of the program or group of that name,
// each with the address that [upstream:x] server gives it. Pure. The rules are docs/serving.md's.

import { ConfigError } from '../base/errors.ts';
import type { ProcessStateName } from '../base/states.ts';
import type { GroupConfig, ProcessConfig } from '../config/programs.ts';
import { membersOf as configuredMembersOf, serverOf, type UpstreamConfig } from '../config/upstreams.ts';

/** A process as upstreams see it. */
export interface UpstreamProcess {
  readonly config: ProcessConfig;
  readonly wireState: ProcessStateName;
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

export type Address = { readonly host: string; readonly port: number } | { readonly path: string };

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
  const configured = configuredMembersOf(upstream.name, groupsOf(groups)) ?? [];
  return configured.map((member) => {
    const server = serverOf(upstream, member);
    const address = readAddress(server);
    if (address === null) throw badServer(upstream, server);
    return { name: member.process.name, server, address, ready: isReady(find(groups, member)) };
  });
}

/** The processes of the program or group of that name. */
export function processesNamed(name: string, groups: readonly UpstreamGroup[]): readonly UpstreamProcess[] {
  const members = configuredMembersOf(name, groupsOf(groups)) ?? [];
  return members.map((member) => find(groups, member)).filter((process) => process !== undefined);
}

/** One line for the embedded proxy's stdin: everybody who is configured, and whether they are ready. */
export function feedLine(members: readonly Member[]): string {
  return `${JSON.stringify({ members: members.map(({ name, address, ready }) => ({ name, ...address, ready })) })}\n`;
}

/** Reads `host:port`, `[ipv6]:port` or `unix:/path`; null when it is none of them. */
export function readAddress(server: string): Address | null {
  const unix = /^unix:(\/[^\s;{}'"\\:]+)$/.exec(server)?.[1];
  if (unix !== undefined) return { path: unix };
  const [, ipv6, name, digits = ''] = /^(?:\[([0-9A-Fa-f:.]+)\]|([\w.-]+)):(\d{1,5})$/.exec(server) ?? [];
  const host = ipv6 ?? name;
  const port = Number(digits);
  return host === undefined || port < 1 || port > 65_535 ? null : { host, port };
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

/** Without health checks a process is ready when it is RUNNING, that is, once it stayed up for startsecs. */
function isReady(process: UpstreamProcess | undefined): boolean {
  return process?.wireState === 'RUNNING';
}

function badServer({ name, where }: UpstreamConfig, server: string): ConfigError {
  return new ConfigError(`[upstream:${name}] server is not an address: ${server}`, {
    where,
    section: `upstream:${name}`,
    option: 'server',
    value: server,
    accepted: 'HOST:PORT, [IPV6]:PORT or unix:/PATH for each process, e.g. 127.0.0.1:%(process_num)d',
  });
}
