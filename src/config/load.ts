// From a file to the whole configuration, read in supervisord's order so that the first error is the same (its
// options.py `read_config` and `realize`), with our own sections and warnings after it.

import { accessSync, constants } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConfigError } from '../base/errors.ts';
import type { User, UserLookup } from '../base/user.ts';
import { checkDependencies } from './dependencies.ts';
import type { Names } from './expand.ts';
import { readConfigText, readIncludes } from './files.ts';
import { isDirectory } from './glob.ts';
import { byPriority, groupsOf, sectionsOf } from './groups.ts';
import { readIni } from './ini.ts';
import { type Message, warning } from './messages.ts';
import { badOption, type OptionSource, readOptions, type Values } from './option.ts';
import { rpcinterfaceOptions, supervisordOptions } from './options.ts';
import type { GroupConfig, ProgramContext } from './programs.ts';
import { type ServerConfig, serversOf, serverUrlOf } from './servers.ts';
import { shutdownNotes } from './shutdown-time.ts';
import { strictProblems } from './strict.ts';
import { unknownParts } from './unknown.ts';
import { type ProxyConfig, proxiesOf, proxyGroup, type UpstreamConfig, upstreamsOf } from './upstreams.ts';
import { BadValue, expandHome, type LogTarget, user, type ValueContext } from './values.ts';

export type { ServerConfig } from './servers.ts';
export type { ProxyConfig, UpstreamConfig } from './upstreams.ts';

/** What the command line may set, already read; it wins over the file. */
export type SupervisordFlags = Partial<
  Omit<Values<typeof supervisordOptions>, 'environment' | 'strict' | 'parent_death' | 'predrain' | 'shutdown_timeout'>
>;

/** The daemon's own options, settled: paths are absolute, the user exists. */
export interface SupervisordOptions extends Omit<
  Values<typeof supervisordOptions>,
  'user' | 'logfile' | 'childlogdir'
> {
  readonly user: User | null;
  readonly logfile: LogTarget;
  readonly childlogdir: string;
}

export interface Config {
  readonly file: string;
  /** The absolute directory of the file. */
  readonly here: string;
  readonly supervisord: SupervisordOptions;
  /** By priority, then name. */
  readonly groups: readonly GroupConfig[];
  /** TCP first, then unix sockets. */
  readonly servers: readonly ServerConfig[];
  /** What children are told as SUPERVISOR_SERVER_URL; null without a server. */
  readonly serverUrl: string | null;
  /** x of each [rpcinterface:x]. */
  readonly rpcInterfaces: readonly string[];
  readonly upstreams: readonly UpstreamConfig[];
  readonly proxies: readonly ProxyConfig[];
  /** To be logged once there is a log: warnings before what is merely told. */
  readonly messages: readonly Message[];
  /** The groups as they would be with these numbers of processes, by section (`program:x`); throws ConfigError. */
  scaled(numprocs: ReadonlyMap<string, number | 'auto'>): readonly GroupConfig[];
}

/** The world around a configuration. */
export interface LoadContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cpus: { readonly count: number; readonly reason: string };
  readonly hostname: string;
  readonly users: UserLookup;
  readonly flags?: SupervisordFlags;
  /** The user that reads it; this process's own when not said. */
  readonly uid?: number;
  /** The command line that runs an embedded proxy; without it no process is made for [proxy:x]. */
  readonly proxyCommand?: (proxy: ProxyConfig) => string;
  /** Why `parent_death` cannot be had here; null where it can, or is not needed. Asked only where it is wanted. */
  readonly parentDeathProblem?: () => string | null;
}

/** Loads a configuration; throws ConfigError for the first thing that is wrong. */
export function loadConfig(file: string, context: LoadContext): Config {
  const here = dirname(resolve(file));
  const values = valueContextOf(context);
  const daemonNames = environmentNames(context.environment);
  const text = readConfigText(file);
  const includeNames = { ...daemonNames, here, host_node_name: context.hostname };
  const { document, messages } = readIncludes(readIni(text, { file }), {
    file,
    names: includeNames,
    here,
    context: values,
  });
  if (!document.sections.has('supervisord')) {
    throw new ConfigError('.ini file does not include supervisord section', {
      where: { file, line: 1 },
      accepted: 'a section [supervisord]',
    });
  }
  const source = {
    document,
    section: 'supervisord',
    names: { ...daemonNames, here },
    bareNames: includeNames,
    context: values,
  };
  const written = readOptions(supervisordOptions, source);
  const program: ProgramContext = {
    document,
    values,
    environmentNames: { ...daemonNames, ...environmentNames(written.environment) },
    here,
    hostname: context.hostname,
    uid: context.uid ?? process.getuid?.() ?? 0,
    cpus: context.cpus,
    environment: written.environment,
  };
  const rpcInterfaces = rpcInterfacesOf(program);
  const { groups, messages: groupMessages } = groupsOf(program);
  const servers = serversOf({ document, names: program.environmentNames, here, context: values });
  const supervisord = settle({ ...written, ...context.flags }, { source, context });
  if (supervisord.parent_death) checkParentDeath(source, context);
  const upstreams = upstreamsOf(program, groups);
  const proxies = proxiesOf(program, upstreams);
  const config = {
    file,
    here,
    supervisord,
    groups: withProxies(groups, { proxies, program, context, isForeground: supervisord.nodaemon }),
    servers,
    serverUrl: serverUrlOf(servers),
    rpcInterfaces,
    upstreams,
    proxies,
  };
  const orderMessages = checkDependencies(config.groups, document);
  const unknown = unknownParts(document);
  if (supervisord.strict) for (const problem of [...unknown, ...strictProblems(config, document)]) throw problem;
  const notes = [...unknown, ...shutdownNotes(config, document)].map(noteOf);
  const scaled: Config['scaled'] = (numprocs) => {
    const other: ProgramContext = { ...program, numprocs };
    const bare = groupsOf(other).groups;
    const behind = { proxies: proxiesOf(other, upstreamsOf(other, bare)), program: other, context };
    const all = withProxies(bare, { ...behind, isForeground: supervisord.nodaemon });
    checkDependencies(all, document);
    if (supervisord.strict) for (const problem of strictProblems({ ...config, groups: all }, document)) throw problem;
    return all;
  };
  return { ...config, messages: inOrder([...messages, ...groupMessages, ...orderMessages, ...notes]), scaled };
}

/** `ENV_X` for each variable X. */
export function environmentNames(environment: Readonly<Record<string, string | undefined>>): Names {
  const set = Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(set.map(([name, value]) => [`ENV_${name}`, value]));
}

/** What reading values asks of the machine. */
export function valueContextOf({ environment, users }: Pick<LoadContext, 'environment' | 'users'>): ValueContext {
  const home = environment['HOME'] ?? users.findUser(String(process.getuid?.() ?? 0))?.home ?? null;
  return { users, home, isDirectory };
}

/** Only supervisord's own interface exists here: others are Python. */
function rpcInterfacesOf(context: ProgramContext): readonly string[] {
  return sectionsOf(context, 'rpcinterface').map((section) => {
    const names = context.environmentNames;
    const source: OptionSource = { document: context.document, section: section.name, names, context: context.values };
    const name = 'supervisor.rpcinterface_factory';
    const factory = readOptions(rpcinterfaceOptions, source)[name];
    if (/^\s*supervisor\.rpcinterface\s*:\s*make_main_rpcinterface\s*$/.test(factory))
      return section.name.slice('rpcinterface:'.length);
    const error = badOption(
      { name, row: rpcinterfaceOptions[name], source },
      `${factory} cannot be resolved within [${section.name}]`,
    );
    throw new ConfigError(error.message, {
      ...error.place,
      accepted: 'supervisor.rpcinterface:make_main_rpcinterface',
    });
  });
}

function settle(
  options: Values<typeof supervisordOptions>,
  { source, context }: { source: OptionSource; context: LoadContext },
): SupervisordOptions {
  const absolute = (path: string): string => resolve(expandHome(path, source.context));
  return {
    ...options,
    user: options.user === null ? null : readUser(options.user, { source, isFlag: context.flags?.user != null }),
    logfile: options.logfile === 'syslog' ? { kind: 'syslog' } : { kind: 'file', path: absolute(options.logfile) },
    pidfile: absolute(options.pidfile),
    childlogdir: options.childlogdir ?? temporaryDirectory(context.environment),
  };
}

function readUser(written: string, { source, isFlag }: { source: OptionSource; isFlag: boolean }): User {
  try {
    return user.read(written, source.context);
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    // supervisord looks for the user only after it has read the file; the mistake still stands on the command line.
    if (isFlag) throw new ConfigError(error.message, { option: '--user', value: written, accepted: user.accepted });
    throw badOption({ name: 'user', row: { ...supervisordOptions.user, type: user }, source }, error.message);
  }
}

function checkParentDeath(source: OptionSource, { parentDeathProblem }: LoadContext): void {
  const problem = parentDeathProblem?.() ?? null;
  if (problem === null) return;
  const error = badOption({ name: 'parent_death', row: supervisordOptions.parent_death, source }, problem);
  throw new ConfigError(error.message, {
    ...error.place,
    accepted: "false, or true where util-linux's setpriv (2.33 or later) is in the PATH",
  });
}

/** Python's `tempfile.gettempdir`. */
function temporaryDirectory({ TMPDIR, TEMP, TMP }: LoadContext['environment']): string {
  const candidates = [TMPDIR, TEMP, TMP, '/tmp', '/var/tmp', '/usr/tmp'].filter(
    (path) => path !== undefined && path !== '',
  );
  return candidates.map((path) => resolve(path ?? '')).find(isWritableDirectory) ?? process.cwd();
}

function isWritableDirectory(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return isDirectory(path);
  } catch {
    return false;
  }
}

interface ProxySource {
  readonly proxies: readonly ProxyConfig[];
  readonly program: ProgramContext;
  readonly context: LoadContext;
  readonly isForeground: boolean;
}

function withProxies(
  groups: readonly GroupConfig[],
  { proxies, program, context, isForeground }: ProxySource,
): readonly GroupConfig[] {
  const { proxyCommand } = context;
  if (proxies.length === 0 || proxyCommand === undefined) return groups;
  return [...groups, proxyGroup(proxies, { ...program, proxyCommand, isForeground })].toSorted(byPriority);
}

function noteOf(problem: ConfigError): Message {
  const { where } = problem.place;
  const place = where === undefined ? '' : `${where.file}:${where.line}: `;
  return warning(`${place}${problem.message}`);
}

function inOrder(messages: readonly Message[]): readonly Message[] {
  const levels = ['crit', 'warn', 'info'] as const;
  return levels.flatMap((level) => messages.filter((message) => message.level === level));
}
