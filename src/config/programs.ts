// From a [program:x] section to its processes: numprocs, names, and every option expanded for each process
// (supervisord's options.py `_processes_from_section`, whose order of reading decides which error comes first). Pure.

import { ConfigError, type Where } from '../base/errors.ts';
import type { FcgiSocket, ProxySocket } from '../base/child-socket.ts';
import { byCodeUnit } from '../base/ordering.ts';
import { pythonRepr } from '../base/python-text.ts';
import { resolveEnvFiles } from './env-files.ts';
import type { Names } from './expand.ts';
import { checkHealthTimes } from './health.ts';
import type { IniDocument, IniSection } from './ini.ts';
import type { ListenerOptions } from './listeners.ts';
import { type Message, warning } from './messages.ts';
import { badOption, type OptionSource, readOptions, type Values, writtenText } from './option.ts';
import { programProcessOptions, programSectionOptions, type ProgramOptions } from './options.ts';
import { BadValue, type LogTarget, name as nameType, type ValueContext } from './values.ts';

/** One process to be, with every option expanded. */
export interface ProcessConfig {
  readonly name: string;
  /** x of [program:x]. */
  readonly program: string;
  /** process_num. */
  readonly number: number;
  readonly options: ProgramOptions;
  /** What its standard input is to be; null for a pipe from the daemon. One object for all processes of a program. */
  readonly socket: FcgiSocket | null;
  /** Where the daemon listens for it; only for embedded proxies. */
  readonly listening?: ProxySocket;
  /** `program:x` */
  readonly section: string;
  readonly where: Where;
}

interface GroupBasics {
  readonly name: string;
  readonly priority: number;
  /** Of one program: by priority, then name. Of a [group:x]: in the order of `programs`. */
  readonly processes: readonly ProcessConfig[];
  /** [group:x] essential: the daemon ends when none of its processes is left. */
  readonly essential?: boolean;
}

/** Of one program, of a [group:x], of an [fcgi-program:x], the embedded proxies, or a pool of event listeners. */
type GroupKind =
  | { readonly kind: 'program' | 'group' | 'fcgi-program' | 'proxy' }
  | { readonly kind: 'eventlistener'; readonly listener: ListenerOptions };

/** Processes that are added, removed and started together. */
export type GroupConfig = GroupBasics & GroupKind;

/** What all programs of a configuration are read with. */
export interface ProgramContext {
  readonly document: IniDocument;
  readonly values: ValueContext;
  /** `ENV_x` of the daemon and of [supervisord] environment. */
  readonly environmentNames: Names;
  readonly here: string;
  readonly hostname: string;
  /** The daemon's user. */
  readonly uid: number;
  readonly cpus: { readonly count: number; readonly reason: string };
  /** [supervisord] environment, which goes under each program's own. */
  readonly environment: Readonly<Record<string, string>>;
  /** What counts instead of `numprocs`, by section. */
  readonly numprocs?: ReadonlyMap<string, number | 'auto'>;
}

export interface ProgramProcesses {
  readonly processes: readonly ProcessConfig[];
  readonly messages: readonly Message[];
}

interface Belonging {
  readonly group: string;
  readonly socket?: FcgiSocket | null;
}

/** The processes of a program, by priority and name. Throws ConfigError that names the section and its file. */
export function processesOf(section: IniSection, context: ProgramContext & Belonging): ProgramProcesses {
  try {
    return readProcesses(section, context);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const place = `in section ${pythonRepr(section.name)} (file: ${pythonRepr(section.where.file)})`;
    throw new ConfigError(`${error.message} ${place}`, error.place, { cause: error });
  }
}

/** What stands behind the colon of `program:x`, checked; throws ConfigError. */
export function nameOf({ name, where }: IniSection): string {
  const written = name.slice(name.indexOf(':') + 1);
  try {
    return nameType.read(written, neverAsked);
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    throw new ConfigError(error.message, { where, section: name, accepted: nameType.accepted });
  }
}

/** A name needs nothing of the machine. */
const neverAsked: ValueContext = {
  home: null,
  isDirectory: () => false,
  users: { findUser: () => null, findGroup: () => null },
};

type ProcessOptions = Pick<ProgramOptions, keyof typeof programProcessOptions>;

function readProcesses(section: IniSection, context: ProgramContext & Belonging): ProgramProcesses {
  const program = nameOf(section);
  // Carried on from process to process like supervisord's own: a variable of one process can be named by the next.
  const names: Record<string, string | number> = {
    ...context.environmentNames,
    here: context.here,
    program_name: program,
    host_node_name: context.hostname,
    group_name: context.group,
    cpus: context.cpus.count,
  };
  const source: OptionSource = { document: context.document, section: section.name, names, context: context.values };
  const shared = readOptions(programSectionOptions, source);
  const asked = context.numprocs?.get(section.name) ?? shared.numprocs;
  checkProcessName(source, { many: asked === 'auto' || asked > 1 });
  if (shared.stopasgroup && !shared.killasgroup) {
    const error = badOption({ ...killasgroup, source }, 'Cannot set stopasgroup=true and killasgroup=false');
    throw new ConfigError(error.message, { ...error.place, accepted: 'true, or stopasgroup=false' });
  }
  if (shared.stopastree && !shared.killastree) {
    const error = badOption({ ...killastree, source }, 'Cannot set stopastree=true and killastree=false');
    throw new ConfigError(error.message, { ...error.place, accepted: 'true, or stopastree=false' });
  }
  checkDelay(shared, source);
  checkHealthTimes(shared, { source, rows: programSectionOptions });
  const numprocs = asked === 'auto' ? Math.min(context.cpus.count, shared.numprocs_max ?? Infinity) : asked;
  const messages: Message[] = [];
  if (asked === 'auto') messages.push(decided({ program, numprocs, max: shared.numprocs_max, cpus: context.cpus }));

  const processes: ProcessConfig[] = [];
  for (let number = shared.numprocs_start; number < shared.numprocs_start + numprocs; number += 1) {
    names['process_num'] = number;
    names['numprocs'] = numprocs;
    const { environment } = readOptions(environmentOption, source);
    for (const [key, value] of Object.entries(environment)) names[`ENV_${key}`] = value;
    const read = readOptions(otherProcessOptions, source);
    const own = { ...read, environment, env_file: resolveEnvFiles(read.env_file, source) };
    const logs = settleLogs(own, { section: section.name, redirectStderr: shared.redirect_stderr, messages });
    const options = { ...shared, numprocs, ...own, ...logs, environment: { ...context.environment, ...environment } };
    processes.push({
      name: own.process_name,
      program,
      number,
      // V8 keeps a description of its own, 1.3 KB, of each object whose parts overlap; copies share one.
      options: { ...options },
      socket: context.socket ?? null,
      section: section.name,
      where: section.where,
    });
    // The daemon's own variables are themselves again for the next process.
    for (const key of Object.keys(environment)) {
      const inherited = context.environmentNames[`ENV_${key}`];
      if (inherited !== undefined) names[`ENV_${key}`] = inherited;
    }
  }
  // All processes of a program have one priority.
  return { processes: processes.toSorted((a, b) => byCodeUnit(a.name, b.name)), messages };
}

const { environment: environmentRow, ...otherProcessOptions } = programProcessOptions;
const environmentOption = { environment: environmentRow };

const killastree = { name: 'killastree', row: programSectionOptions.killastree };
const killasgroup = { name: 'killasgroup', row: programSectionOptions.killasgroup };

function checkDelay(shared: Values<typeof programSectionOptions>, source: OptionSource): void {
  const { restart_delay: delay, restart_delay_max: most } = shared;
  if (delay <= most) return;
  const row = programSectionOptions.restart_delay;
  const error = badOption(
    { name: 'restart_delay', row, source },
    `restart_delay ${delay} is above restart_delay_max ${most}`,
  );
  throw new ConfigError(error.message, {
    ...error.place,
    accepted: `up to ${most} seconds, or a higher restart_delay_max`,
  });
}

/** The name is checked as written: what its variables expand to is not, as under supervisord. */
function checkProcessName(source: OptionSource, { many }: { many: boolean }): void {
  const named = { name: 'process_name', row: { ...programProcessOptions.process_name, type: nameType } };
  const template = writtenText(named, source) ?? '';
  try {
    nameType.read(template, source.context);
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    throw badOption({ ...named, source }, error.message);
  }
  if (!many || template.includes('%(process_num)')) return;
  const error = badOption({ ...named, source }, '%(process_num) must be present within process_name when numprocs > 1');
  throw new ConfigError(error.message, { ...error.place, accepted: 'a name with %(process_num)d' });
}

function decided(made: {
  program: string;
  numprocs: number;
  max: number | null;
  cpus: { count: number; reason: string };
}): Message {
  const { program, numprocs, max, cpus } = made;
  const cap = max === null || max >= cpus.count ? '' : `; numprocs_max ${max}`;
  return {
    level: 'info',
    text: `${program}: ${numprocs} ${numprocs === 1 ? 'process' : 'processes'} (${cpus.reason}${cap})`,
  };
}

interface LogOptions {
  readonly stdout_logfile: LogTarget;
  readonly stderr_logfile: LogTarget;
  readonly stdout_syslog: boolean;
  readonly stderr_syslog: boolean;
}

/** Turns the old `syslog` file name into the option, drops a stderr log that stdout takes, and warns as supervisord does. */
function settleLogs(
  own: ProcessOptions,
  { section, redirectStderr, messages }: { section: string; redirectStderr: boolean; messages: Message[] },
): LogOptions {
  const stdout = settleLog(own, { channel: 'stdout', section, messages });
  const stderr = settleLog(own, { channel: 'stderr', section, messages });
  if (redirectStderr && stderr.target.kind === 'file') {
    messages.push(
      warning(
        `For [${section}], redirect_stderr=true but stderr_logfile has also been set to a filename, the filename has been ignored`,
      ),
    );
  }
  return {
    stdout_logfile: stdout.target,
    stderr_logfile: redirectStderr ? { kind: 'none' } : stderr.target,
    stdout_syslog: stdout.syslog,
    stderr_syslog: stderr.syslog,
  };
}

function settleLog(
  own: ProcessOptions,
  { channel, section, messages }: { channel: 'stdout' | 'stderr'; section: string; messages: Message[] },
): { target: LogTarget; syslog: boolean } {
  const file = `${channel}_logfile` as const;
  const target = own[file];
  if (target.kind === 'syslog') {
    messages.push(
      warning(
        `For [${section}], ${file}=syslog but this is deprecated and will be removed.  ` +
          `Use ${channel}_syslog=true to enable syslog instead.`,
      ),
    );
    return { target: { kind: 'none' }, syslog: true };
  }
  if (target.kind === 'auto' && own[`${file}_maxbytes`] === 0) {
    messages.push(
      warning(
        `For [${section}], AUTO logging used for ${file} without rollover, set maxbytes > 0 to avoid filling up filesystem unintentionally`,
      ),
    );
  }
  return { target, syslog: own[`${channel}_syslog`] };
}
