// [upstream:x], the processes that take traffic, and [proxy:x], the embedded reverse proxy in front of one: Corevisor's
// own sections. A proxy becomes a process of the group `proxy`, which starts after the workers and stops before them.

import { resolve } from 'node:path';
import { ConfigError, type Where } from '../base/errors.ts';
import { readAddress } from './address.ts';
import { expand, type Names } from './expand.ts';
import { nameTaken, sectionsOf } from './groups.ts';
import type { IniSection } from './ini.ts';
import { badOption, type OptionSource, readOptions } from './option.ts';
import { proxyOptions, upstreamOptions } from './options.ts';
import { type GroupConfig, nameOf, type ProcessConfig, processesOf, type ProgramContext } from './programs.ts';
import { expandHome } from './values.ts';

export interface UpstreamConfig {
  /** Of a program or group. */
  readonly name: string;
  /** Unexpanded; `serverOf` makes a process's address of it. */
  readonly server: string;
  readonly file: string | null;
  /** The program or group that is sent SIGHUP. */
  readonly reload: string | null;
  /** The command that tests a changed file; '' for the reload program's own with ` -t`. */
  readonly test: string;
  /** Whether processes drain by themselves, or are taken out of the file before they are stopped. */
  readonly drain: 'worker' | 'reload';
  /** Seconds. */
  readonly drainTimeout: number;
  readonly minReady: number;
  readonly where: Where;
  /** What `server` may name besides the process's own. */
  readonly names: Names;
}

export interface ProxyConfig {
  readonly name: string;
  /** '' is every address. */
  readonly host: string;
  readonly port: number;
  readonly upstream: string;
  /** Seconds for which requests are held while no member is ready. */
  readonly hold: number;
  readonly where: Where;
}

/** The [upstream:x] sections; throws ConfigError, also when no such program or group exists. */
export function upstreamsOf(context: ProgramContext, groups: readonly GroupConfig[]): readonly UpstreamConfig[] {
  return sectionsOf(context, 'upstream').map((section) => {
    const name = nameOf(section);
    const source = sourceOf(section, context);
    const { server, file, reload, test, drain, ...numbers } = readOptions(upstreamOptions, source);
    const { drain_timeout: drainTimeout, min_ready: minReady } = numbers;
    const members = processesBehind(name, groups);
    if (members === null)
      throw unknownName(`[${section.name}] names unknown program or group ${name}`, { section, groups });
    if (reload !== null && processesBehind(reload, groups) === null) {
      const message = `[${section.name}] names unknown program or group ${reload} to reload`;
      throw badOption({ name: 'reload', row: upstreamOptions.reload, source }, message);
    }
    if (minReady > members.length) {
      const message = `[${section.name}] min_ready ${minReady} is more than the ${members.length} that it has`;
      const error = badOption({ name: 'min_ready', row: upstreamOptions.min_ready, source }, message);
      throw new ConfigError(error.message, { ...error.place, accepted: `a whole number from 1 to ${members.length}` });
    }
    const path = file === null ? null : resolve(expandHome(file, context.values));
    const drains = { drain, drainTimeout, minReady };
    const upstream = { name, server, file: path, reload, test, ...drains, where: section.where, names: source.names };
    for (const member of members) {
      const address = expandServer(upstream, member);
      if ('problem' in address)
        throw badOption({ name: 'server', row: upstreamOptions.server, source }, address.problem);
      if (readAddress(address.text) === null) throw badServer(upstream, address.text);
    }
    return upstream;
  });
}

/** A process of a group, as an upstream sees it. */
export interface UpstreamMember {
  readonly process: Pick<ProcessConfig, 'name' | 'number' | 'program'> & {
    readonly options: { readonly numprocs: number };
  };
  readonly group: string;
}

/** The processes that an upstream stands for: of the group of that name, or of the program wherever it is; null for neither. */
export function processesBehind(name: string, groups: readonly GroupConfig[]): readonly UpstreamMember[] | null {
  const group = groups.find((candidate) => candidate.name === name);
  const all = (group === undefined ? groups : [group]).flatMap(({ name: groupName, processes }) =>
    processes.map((process) => ({ process, group: groupName })),
  );
  const found = group === undefined ? all.filter(({ process }) => process.program === name) : all;
  return group === undefined && found.length === 0 ? null : found;
}

/** The address of one process; the names were checked when the configuration was loaded. */
export function serverOf(upstream: UpstreamConfig, member: UpstreamMember): string {
  const address = expandServer(upstream, member);
  if ('problem' in address) throw new ConfigError(address.problem, { where: upstream.where });
  return address.text;
}

/** The error of a server that is no address. */
export function badServer({ name, where }: UpstreamConfig, server: string): ConfigError {
  return new ConfigError(`[upstream:${name}] server is not an address: ${server}`, {
    where,
    section: `upstream:${name}`,
    option: 'server',
    value: server,
    accepted: 'HOST:PORT, [IPV6]:PORT or unix:/PATH for each process, e.g. 127.0.0.1:%(process_num)d',
  });
}

/** The [proxy:x] sections; throws ConfigError. */
export function proxiesOf(context: ProgramContext, upstreams: readonly UpstreamConfig[]): readonly ProxyConfig[] {
  const sections = sectionsOf(context, 'proxy');
  const [first] = sections;
  for (const taken of ['group:proxy', 'program:proxy']) {
    const section = context.document.sections.get(taken);
    if (first === undefined || section === undefined) continue;
    throw nameTaken(`[${taken}] takes the group name proxy, which [${first.name}] needs`, section);
  }
  return sections.map((section) => {
    const source = sourceOf(section, context);
    const name = nameOf(section);
    const { listen, upstream } = readOptions(proxyOptions, source);
    const behind = upstreams.find((known) => known.name === upstream);
    if (behind === undefined) {
      const message = `[${section.name}] names unknown upstream ${upstream}`;
      throw badOption({ name: 'upstream', row: proxyOptions.upstream, source }, message);
    }
    return { name, ...listen, upstream, hold: behind.drainTimeout, where: section.where };
  });
}

export interface ProxyGroupContext extends ProgramContext {
  readonly proxyCommand: (proxy: ProxyConfig) => string;
  /** In the foreground their logs join the daemon's on its stdout, in the background they have AUTO logs. */
  readonly isForeground: boolean;
}

/** The group of the proxies: processes like those of a program, with its defaults where nothing else is said here. */
export function proxyGroup(
  proxies: readonly ProxyConfig[],
  { proxyCommand, isForeground, ...context }: ProxyGroupContext,
): GroupConfig {
  const output = {
    redirect_stderr: 'true',
    ...(isForeground && { stdout_logfile: '/dev/stdout', stdout_logfile_maxbytes: '0' }),
  };
  const processes = proxies.flatMap((proxy) => {
    const { where } = proxy;
    const section: IniSection = {
      name: `proxy:${proxy.name}`,
      where,
      options: new Map(
        Object.entries({
          command: proxyCommand(proxy).replaceAll('%', '%%'),
          priority: String(proxyPriority),
          ...output,
        }).map(([name, text]) => [name, { name, text, where }]),
      ),
    };
    const document = { sections: new Map([[section.name, section]]), defaults: new Map<string, never>() };
    const listening = { kind: 'proxy', url: addressOf(proxy), host: proxy.host, port: proxy.port } as const;
    const { processes: made } = processesOf(section, { ...context, document, group: 'proxy' });
    return made.map((process) => ({ ...process, listening }));
  });
  return { name: 'proxy', priority: proxyPriority, kind: 'proxy', processes };
}

/** `HOST:PORT` with an IPv6 address in brackets, and nothing before the colon for every address. */
export function addressOf({ host, port }: Pick<ProxyConfig, 'host' | 'port'>): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Above supervisord's default of 999: started after the workers, stopped before them. */
const proxyPriority = 1000;

function sourceOf(section: IniSection, context: ProgramContext): OptionSource {
  const { environmentNames, here, hostname, cpus } = context;
  const names = { ...environmentNames, here, host_node_name: hostname, cpus: cpus.count };
  return { document: context.document, section: section.name, names, context: context.values };
}

function expandServer(upstream: UpstreamConfig, { process, group }: UpstreamMember): ReturnType<typeof expand> {
  const names = {
    ...upstream.names,
    program_name: process.program,
    group_name: group,
    process_name: process.name,
    process_num: process.number,
    numprocs: process.options.numprocs,
  };
  return expand(upstream.server, { names, label: `upstream:${upstream.name}.server` });
}

function unknownName(
  message: string,
  { section, groups }: { section: IniSection; groups: readonly GroupConfig[] },
): ConfigError {
  const known = new Set(groups.flatMap(({ name, processes }) => [name, ...processes.map(({ program }) => program)]));
  return new ConfigError(message, {
    where: section.where,
    section: section.name,
    accepted: [...known].map((name) => `[upstream:${name}]`).join(', ') || 'the name of a program or group',
  });
}
