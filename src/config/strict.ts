// What [supervisord] strict=true refuses besides unknown sections and options: settings that work, but that a container
// should not have. Pure.

import { ConfigError, type Where } from '../base/errors.ts';
import { findOption, type IniDocument } from './ini.ts';
import { isLoopback } from './loopback.ts';
import type { GroupConfig } from './programs.ts';
import type { ServerConfig } from './servers.ts';
import { processesBehind, type ProxyConfig, serverOf, type UpstreamConfig } from './upstreams.ts';
import type { LogTarget } from './values.ts';

/** The parts of a configuration that are looked at. */
interface Checked {
  readonly supervisord: { readonly logfile: LogTarget; readonly logfile_maxbytes: number };
  readonly groups: readonly GroupConfig[];
  readonly servers: readonly ServerConfig[];
  readonly upstreams: readonly UpstreamConfig[];
  readonly proxies: readonly ProxyConfig[];
}

/** The first problems first; empty when the configuration is as it should be. */
export function strictProblems(config: Checked, document: IniDocument): readonly ConfigError[] {
  return [...openPorts(config, document), ...endlessLogs(config, document), ...sharedPorts(config, document)];
}

function openPorts({ servers }: Checked, document: IniDocument): ConfigError[] {
  return servers
    .filter((server) => server.kind === 'inet' && server.password === null && !isLoopback(server.host))
    .map(({ section }) =>
      problem(`[${section}] listens off loopback without a password`, {
        document,
        section,
        option: 'port',
        accepted: '127.0.0.1:port, or a username and a password',
      }),
    );
}

function endlessLogs({ supervisord, groups }: Checked, document: IniDocument): ConfigError[] {
  const accepted = 'a maxbytes above 0, or a device such as /dev/stdout';
  const found: ConfigError[] = [];
  if (isRegular(supervisord.logfile) && supervisord.logfile_maxbytes === 0) {
    const place = { document, section: 'supervisord', option: 'logfile_maxbytes', accepted };
    found.push(problem('[supervisord] has a logfile that is never rotated', place));
  }
  for (const { options, section } of groups.flatMap(({ processes }) => processes)) {
    for (const channel of ['stdout', 'stderr'] as const) {
      const log = `${channel}_logfile` as const;
      const option = `${log}_maxbytes` as const;
      if (!isRegular(options[log]) || options[option] !== 0) continue;
      found.push(problem(`[${section}] has a ${log} that is never rotated`, { document, section, option, accepted }));
    }
  }
  return found;
}

/** Two listeners on one address: processes of upstreams, FastCGI programs, proxies and the daemon's own ports. */
function sharedPorts({ upstreams, groups, servers, proxies }: Checked, document: IniDocument): ConfigError[] {
  const listeners = [
    ...servers.flatMap((server) =>
      server.kind === 'inet'
        ? [
            {
              who: `[${server.section}]`,
              section: server.section,
              option: 'port',
              host: server.host,
              port: String(server.port),
            },
          ]
        : [],
    ),
    ...proxies.map(({ name, host, port }) => ({
      who: `[proxy:${name}]`,
      section: `proxy:${name}`,
      option: 'listen',
      host,
      port: String(port),
    })),
    ...groups.flatMap(({ processes }) =>
      processes.flatMap(({ section, socket }) =>
        socket?.kind === 'tcp'
          ? [{ who: `[${section}]`, section, option: 'socket', host: socket.host, port: String(socket.port) }]
          : [],
      ),
    ),
    ...upstreams.flatMap((upstream) =>
      (processesBehind(upstream.name, groups) ?? []).map((member) => ({
        who: `${member.group}:${member.process.name}`,
        section: `upstream:${upstream.name}`,
        option: 'server',
        ...splitAddress(serverOf(upstream, member)),
      })),
    ),
  ];
  return listeners.flatMap((listener, index) => {
    const other = listeners.slice(0, index).find((earlier) => earlier.who !== listener.who && meet(earlier, listener));
    if (other === undefined) return [];
    const { section, option } = listener;
    return [
      problem(`${other.who} and ${listener.who} listen on the same port ${listener.port}`, {
        document,
        section,
        option,
      }),
    ];
  });
}

interface Address {
  readonly host: string;
  readonly port: string;
}

function splitAddress(server: string): Address {
  const colon = server.lastIndexOf(':');
  return { host: server.slice(0, Math.max(colon, 0)), port: server.slice(colon + 1) };
}

function meet(a: Address, b: Address): boolean {
  const hosts = [a.host, b.host].map((host) => (host === 'localhost' ? '127.0.0.1' : host));
  return a.port === b.port && (hosts[0] === hosts[1] || hosts.some((host) => ['', '*', '0.0.0.0'].includes(host)));
}

function isRegular(target: LogTarget): boolean {
  return target.kind === 'file' && !/^\/(dev|proc)\//.test(target.path);
}

function problem(
  message: string,
  {
    document,
    section,
    option,
    accepted,
  }: { document: IniDocument; section: string; option: string; accepted?: string },
): ConfigError {
  const written = findOption(document, { section, name: option });
  const where: Where | undefined = written?.where ?? document.sections.get(section)?.where;
  return new ConfigError(message, { where, section, option, value: written?.text, accepted });
}
