// The command lines of supervisord and supervisorctl: one table each, read as Python's getopt does, with its texts and
// supervisord's (its options.py `realize`). Values are read by the same types as in the file. Pure.

import { ConfigError } from '../base/errors.ts';
import { pythonRepr } from '../base/python-text.ts';
import type { CtlFlags } from './ctl-config.ts';
import type { SupervisordFlags } from './load.ts';
import { BadValue, type ValueContext, type ValueType } from './values.ts';
import * as value from './values.ts';

/** One flag; `sets` is the option that it sets, or what it asks for. */
export interface FlagRow {
  readonly sets: string;
  readonly short?: string;
  readonly long?: string;
  /** What its argument is called in the help; without it the flag takes none. */
  readonly argument?: string;
  readonly type?: ValueType<unknown>;
  readonly doc: string;
}

const commonFlags: readonly FlagRow[] = [
  { sets: 'help', short: 'h', long: 'help', doc: 'print this text and exit' },
  { sets: 'help', short: '?', doc: 'the same' },
  {
    sets: 'configuration',
    short: 'c',
    long: 'configuration',
    argument: 'FILE',
    doc: 'the configuration file; without it the usual places are searched',
  },
];

export const supervisordFlags: readonly FlagRow[] = [
  ...commonFlags,
  { sets: 'version', short: 'v', long: 'version', doc: 'print the version of supervisord that is kept to, and exit' },
  { sets: 'nodaemon', short: 'n', long: 'nodaemon', doc: 'stay in the foreground' },
  { sets: 'user', short: 'u', long: 'user', argument: 'USER', doc: 'become this user, by name or number' },
  {
    sets: 'umask',
    short: 'm',
    long: 'umask',
    argument: 'UMASK',
    type: value.octal,
    doc: 'file mode mask in the background, octal',
  },
  {
    sets: 'directory',
    short: 'd',
    long: 'directory',
    argument: 'DIRECTORY',
    type: value.existingDirectory,
    doc: 'go there in the background',
  },
  {
    sets: 'logfile',
    short: 'l',
    long: 'logfile',
    argument: 'FILE',
    type: value.existingDirpath,
    doc: "the daemon's own log",
  },
  {
    sets: 'logfile_maxbytes',
    short: 'y',
    long: 'logfile_maxbytes',
    argument: 'BYTES',
    type: value.byteSize,
    doc: 'rotate the log at this size',
  },
  {
    sets: 'logfile_backups',
    short: 'z',
    long: 'logfile_backups',
    argument: 'NUMBER',
    type: value.integer,
    doc: 'keep this many rotated logs',
  },
  {
    sets: 'loglevel',
    short: 'e',
    long: 'loglevel',
    argument: 'LEVEL',
    type: value.logLevel,
    doc: `the least level to log: ${value.logLevels.join(', ')}`,
  },
  {
    sets: 'pidfile',
    short: 'j',
    long: 'pidfile',
    argument: 'FILE',
    type: value.existingDirpath,
    doc: 'write the pid there',
  },
  { sets: 'identifier', short: 'i', long: 'identifier', argument: 'NAME', doc: 'what the daemon calls itself' },
  {
    sets: 'childlogdir',
    short: 'q',
    long: 'childlogdir',
    argument: 'DIRECTORY',
    type: value.existingDirectory,
    doc: 'make AUTO logs there',
  },
  {
    sets: 'minfds',
    short: 'a',
    long: 'minfds',
    argument: 'NUMBER',
    type: value.integer,
    doc: 'open files that must be allowed',
  },
  {
    sets: 'minprocs',
    long: 'minprocs',
    argument: 'NUMBER',
    type: value.integer,
    doc: 'processes that must be allowed',
  },
  { sets: 'nocleanup', short: 'k', long: 'nocleanup', doc: 'keep the AUTO logs of earlier runs' },
  { sets: 'strip_ansi', short: 't', long: 'strip_ansi', doc: 'take escape sequences out of logs' },
  { sets: 'profile_options', long: 'profile_options', argument: 'WORDS', doc: 'accepted and ignored' },
  { sets: 'silent', short: 's', long: 'silent', doc: 'in the foreground, do not log to stdout' },
];

export const supervisorctlFlags: readonly FlagRow[] = [
  ...commonFlags,
  { sets: 'interactive', short: 'i', long: 'interactive', doc: 'start a shell' },
  {
    sets: 'serverurl',
    short: 's',
    long: 'serverurl',
    argument: 'URL',
    type: value.url,
    doc: 'where the daemon listens, http://host:port or unix:///path',
  },
  { sets: 'username', short: 'u', long: 'username', argument: 'NAME', doc: 'user name to give' },
  { sets: 'password', short: 'p', long: 'password', argument: 'PASSWORD', doc: 'password to give' },
  { sets: 'historyFile', short: 'r', long: 'history_file', argument: 'FILE', doc: "keep the shell's history there" },
];

/** What a command line asks for besides running; the flags before it are already checked. */
export type Request = 'run' | 'help' | 'version';

/** Reads supervisord's command line (without the program); throws ConfigError. */
export function readSupervisordFlags(
  argv: readonly string[],
  context: ValueContext,
): { readonly request: Request; readonly configuration: string | null; readonly flags: SupervisordFlags } {
  const { found, words } = getopt(argv, supervisordFlags);
  if (words.length > 0) {
    throw new ConfigError(`positional arguments are not supported: [${words.map(pythonRepr).join(', ')}]`);
  }
  const { request, values } = settle(found, context);
  const { configuration, profile_options: _ignored, ...flags } = values;
  // An empty path is no path: the file's counts.
  for (const name of ['logfile', 'pidfile']) if (flags[name] === '') delete flags[name];
  return { request, configuration: typeof configuration === 'string' ? configuration : null, flags };
}

/** Reads supervisorctl's command line (without the program); throws ConfigError. */
export function readCtlFlags(
  argv: readonly string[],
  context: ValueContext,
): {
  readonly request: Request;
  readonly configuration: string | null;
  readonly interactive: boolean;
  readonly flags: CtlFlags;
  /** The command. */
  readonly words: readonly string[];
} {
  const { found, words } = getopt(argv, supervisorctlFlags);
  const { request, values } = settle(found, context);
  const { configuration, interactive, ...flags } = values;
  return {
    request,
    configuration: typeof configuration === 'string' ? configuration : null,
    interactive: interactive === true || words.length === 0,
    flags,
    words,
  };
}

/** One line for each flag. */
export function describeFlags(table: readonly FlagRow[]): string {
  const heads = table.map(({ short, long, argument }) => {
    const names = [short === undefined ? [] : [`-${short}`], long === undefined ? [] : [`--${long}`]].flat().join('/');
    return argument === undefined ? names : `${names} ${argument}`;
  });
  const width = Math.max(...heads.map((head) => head.length));
  return table.map(({ doc }, index) => `${(heads[index] ?? '').padEnd(width)}  ${doc}\n`).join('');
}

interface Found {
  /** As in messages: `-c` or `--configuration`. */
  readonly flag: string;
  readonly row: FlagRow;
  readonly argument: string;
}

/** Python's getopt: flags up to the first other word or `--`. */
function getopt(
  argv: readonly string[],
  table: readonly FlagRow[],
): { found: readonly Found[]; words: readonly string[] } {
  const found: Found[] = [];
  const left = new WordsLeft(argv);
  for (let word = left.peek(); word?.startsWith('-') === true && word !== '-'; word = left.peek()) {
    left.take();
    if (word === '--') break;
    if (word.startsWith('--')) found.push(readLong(word.slice(2), { left, table }));
    else readShorts(word.slice(1), { left, table, found });
  }
  return { found, words: left.all() };
}

/** The words not read yet, one after another: a command line can hold hundreds of thousands. */
class WordsLeft {
  readonly #words: readonly string[];
  #at = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  peek(): string | undefined {
    return this.#words[this.#at];
  }

  take(): string | undefined {
    this.#at += 1;
    return this.#words[this.#at - 1];
  }

  all(): readonly string[] {
    return this.#words.slice(this.#at);
  }
}

interface Reading {
  /** A flag's argument is taken from it. */
  readonly left: WordsLeft;
  readonly table: readonly FlagRow[];
}

function readLong(written: string, { left, table }: Reading): Found {
  const equals = written.indexOf('=');
  const name = equals === -1 ? written : written.slice(0, equals);
  const candidates = table.filter(({ long }) => long?.startsWith(name));
  const row = candidates.find(({ long }) => long === name) ?? candidates[0];
  if (row === undefined) throw new ConfigError(`option --${name} not recognized`);
  if (row.long !== name && candidates.length > 1) throw new ConfigError(`option --${name} not a unique prefix`);
  const flag = `--${row.long}`;
  const attached = equals === -1 ? undefined : written.slice(equals + 1);
  if (row.argument === undefined) {
    if (attached !== undefined) throw new ConfigError(`option ${flag} must not have an argument`);
    return { flag, row, argument: '' };
  }
  return { flag, row, argument: attached ?? takeArgument(flag, left) };
}

function readShorts(written: string, { left, table, found }: Reading & { readonly found: Found[] }): void {
  let rest = written;
  while (rest !== '') {
    const letter = String.fromCodePoint(rest.codePointAt(0) ?? 0);
    rest = rest.slice(letter.length);
    const flag = `-${letter}`;
    const row = table.find(({ short }) => short === letter);
    if (row === undefined) throw new ConfigError(`option ${flag} not recognized`);
    if (row.argument === undefined) found.push({ flag, row, argument: '' });
    else {
      found.push({ flag, row, argument: rest === '' ? takeArgument(flag, left) : rest });
      rest = '';
    }
  }
}

function takeArgument(flag: string, left: WordsLeft): string {
  const argument = left.take();
  if (argument === undefined) throw new ConfigError(`option ${flag} requires argument`);
  return argument;
}

/** Checks the flags in their order; the first that asks for help or the version ends it, as under supervisord. */
function settle(found: readonly Found[], context: ValueContext): { request: Request; values: Record<string, unknown> } {
  const values: Record<string, unknown> = {};
  for (const { flag, row, argument } of found) {
    if (row.sets === 'help' || row.sets === 'version') return { request: row.sets, values };
    const read = row.argument === undefined || readArgument({ flag, row, argument }, context);
    if (row.sets in values) throw new ConfigError(`conflicting command line option ${pythonRepr(flag)}`);
    values[row.sets] = read;
  }
  return { request: 'run', values };
}

function readArgument({ flag, row, argument }: Found, context: ValueContext): unknown {
  if (row.type === undefined) return argument;
  try {
    return row.type.read(argument, context);
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    throw new ConfigError(`invalid value for ${flag} ${pythonRepr(argument)}: ${error.message}`, {
      option: flag,
      value: argument,
      accepted: row.type.accepted,
    });
  }
}
