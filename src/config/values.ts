// Every kind of value that an option can have: how its text is read, what is accepted in words, and how it is shown
// when it changes. The texts of problems are supervisord's (its datatypes.py). Pure: what must be looked up on the
// machine is handed in.

import { pythonRepr, readInteger, strip } from '../base/python-text.ts';
import { signalName, signalNumber } from '../base/signal-names.ts';
import type { User, UserLookup } from '../base/user.ts';
import { maskPairs, readPairs } from './environment-text.ts';

/** What reading a value may ask of the machine. */
export interface ValueContext {
  readonly users: UserLookup;
  /** Where `~` leads. */
  readonly home: string | null;
  isDirectory(path: string): boolean;
}

/** A value that cannot be read; the message is supervisord's. */
export class BadValue extends Error {}

export interface ValueType<T> {
  /** What is right, in words that follow `accepted: `. */
  readonly accepted: string;
  /** What is shown of a text that holds secrets; without it the text itself is. */
  mask?(text: string): string;
  /** Throws BadValue. */
  read(text: string, context: ValueContext): T;
  /** How a change is shown; without it only the option's name is. */
  show?(value: T): string;
}

export const text: ValueType<string> = { accepted: 'text', read: (value) => value };

export const secretText: ValueType<string> = { accepted: 'text', mask: () => '***', read: (value) => value };

export const boolean: ValueType<boolean> = {
  accepted: 'true, false, yes, no, on, off, 1, 0',
  read(value) {
    const known = booleans[value.toLowerCase()];
    if (known === undefined) throw new BadValue(`not a valid boolean value: ${pythonRepr(value)}`);
    return known;
  },
  show: String,
};

const booleans: Readonly<Record<string, boolean>> = Object.assign(Object.create(null), {
  yes: true,
  true: true,
  on: true,
  '1': true,
  no: false,
  false: false,
  off: false,
  '0': false,
});

export const integer: ValueType<number> = {
  accepted: 'a whole number',
  read: readNumber,
  show: String,
};

/** Our own: a whole number from 1. */
export const positiveInteger: ValueType<number> = {
  accepted: 'a whole number from 1',
  read(value) {
    const number = readNumber(value);
    if (number < 1) throw new BadValue(`${number} is below lower bound (1)`);
    return number;
  },
  show: String,
};

/** Our own: a duration, which may be a fraction. */
export const seconds: ValueType<number> = {
  accepted: 'seconds, such as 5 or 0.5',
  read(value) {
    const number = /^[0-9]+(\.[0-9]+)?$/.test(value) ? Number(value) : NaN;
    if (!Number.isFinite(number)) throw new BadValue(`not a valid number of seconds: ${pythonRepr(value)}`);
    return number;
  },
  show: String,
};

/** Our own: a duration of some length. */
export const positiveSeconds: ValueType<number> = {
  accepted: 'seconds above 0, such as 5 or 0.5',
  read(value, context) {
    const number = seconds.read(value, context);
    if (number === 0) throw new BadValue(`not a valid number of seconds: ${pythonRepr(value)}`);
    return number;
  },
  show: String,
};

/** A file of variables; an optional one may be missing. */
export interface EnvFile {
  readonly path: string;
  readonly optional: boolean;
}

/** Our own: paths as written; a leading `-` makes one optional. */
export const envFiles: ValueType<readonly EnvFile[]> = {
  accepted: 'paths, separated by commas; -path for one that may be missing',
  read(value, context) {
    if (strip(value) === '') return [];
    return value.split(',').map((written) => {
      const [, dash = '', path = ''] = /^(-?)\s*(.*)$/s.exec(strip(written)) ?? [];
      if (path === '' || path.includes('\0')) throw new BadValue(`not a valid list of paths: ${pythonRepr(value)}`);
      return { path: expandHome(path, context), optional: dash === '-' };
    });
  },
  show: (files) => files.map(({ path, optional }) => (optional ? `-${path}` : path)).join(','),
};

/** Our own: how many exits within how many seconds are too many. */
export const restartLimit: ValueType<{ readonly exits: number; readonly seconds: number }> = {
  accepted: 'exits/seconds, such as 10/60',
  read(value) {
    const [, exits = '', span = ''] = /^([0-9]{1,6})\s*\/\s*([0-9]+(?:\.[0-9]+)?)$/.exec(value) ?? [];
    const limit = { exits: Number(exits), seconds: Number(span) };
    if (exits === '' || limit.seconds === 0 || !Number.isFinite(limit.seconds)) {
      throw new BadValue(`not a valid restart limit: ${pythonRepr(value)}`);
    }
    return limit;
  },
  show: (limit) => `${limit.exits}/${limit.seconds}`,
};

/** How many processes: a number, or one for each CPU that the container may use. */
export const processCount: ValueType<number | 'auto'> = {
  accepted: 'a whole number, or auto',
  read: (value) => (value.toLowerCase() === 'auto' ? 'auto' : readNumber(value)),
  show: String,
};

/** Our own: who sees to it that a process has nothing in flight when it is stopped. */
export const drain: ValueType<'worker' | 'reload'> = {
  accepted: 'worker or reload',
  read(value) {
    if (value === 'worker' || value === 'reload') return value;
    throw new BadValue(`not a way to drain: ${pythonRepr(value)}`);
  },
  show: String,
};

export const byteSize: ValueType<number> = {
  accepted: 'a number of bytes, or with KB, MB or GB',
  read(value) {
    const lower = value.toLowerCase();
    const factor = byteSuffixes[lower.slice(-2)];
    return factor === undefined ? readNumber(lower) : readNumber(lower.slice(0, -2)) * factor;
  },
  show: String,
};

/** Our own: a size that something may reach. */
export const byteLimit: ValueType<number> = {
  accepted: 'a number of bytes above 0, or with KB, MB or GB',
  read(value, context) {
    const bytes = byteSize.read(value, context);
    if (bytes < 1) throw new BadValue(`${bytes} is below lower bound (1)`);
    return bytes;
  },
  show: String,
};

const byteSuffixes: Readonly<Record<string, number>> = { kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

export const octal: ValueType<number> = {
  accepted: 'an octal number such as 022',
  read(value) {
    const number = readInteger(value, 8);
    if (number === null) throw new BadValue(`${value} can not be converted to an octal type`);
    return number;
  },
  show: (value) => value.toString(8).padStart(3, '0'),
};

export const exitCodes: ValueType<readonly number[]> = {
  accepted: 'numbers from 0 to 255, separated by commas',
  read(value) {
    const codes = value === '' ? [] : value.split(',').map((code) => readInteger(code));
    if (!codes.every((code) => code !== null && code >= 0 && code <= 255)) {
      throw new BadValue(`not a valid list of exit codes: ${pythonRepr(value)}`);
    }
    return codes.map(Number);
  },
  show: (codes) => codes.join(','),
};

export const listOfStrings: ValueType<readonly string[]> = {
  accepted: 'names, separated by commas',
  read: (value) => (value === '' ? [] : value.split(',').map(strip)),
  show: (names) => names.join(','),
};

export const signal: ValueType<number> = {
  accepted: 'TERM, HUP, INT, QUIT, KILL, USR1, USR2 or another signal, by name or number',
  read(value) {
    const number = signalNumber(value);
    if (number !== null) return number;
    const kind = readInteger(value) === null ? 'name' : 'number';
    throw new BadValue(`value ${pythonRepr(value)} is not a valid signal ${kind}`);
  },
  show: signalName,
};

export const autoRestart: ValueType<boolean | 'unexpected'> = {
  accepted: 'true, false, unexpected',
  read(value) {
    const lower = value.toLowerCase();
    const known = lower === 'unexpected' ? lower : booleans[lower];
    if (known === undefined) throw new BadValue(`invalid 'autorestart' value ${pythonRepr(lower)}`);
    return known;
  },
  show: String,
};

/** Where output or a log goes; `auto` is a file in childlogdir that goes with the process. */
export type LogTarget =
  | { readonly kind: 'none' }
  | { readonly kind: 'auto' }
  | { readonly kind: 'syslog' }
  | { readonly kind: 'file'; readonly path: string };

export const logTarget: ValueType<LogTarget> = {
  accepted: 'a path in an existing directory, AUTO, NONE or syslog',
  read(value, context) {
    const lower = value.toLowerCase();
    // An empty name means no log at all.
    if (lower === 'none' || lower === 'off' || lower === '') return { kind: 'none' };
    if (lower === 'auto' || lower === 'syslog') return { kind: lower };
    return { kind: 'file', path: existingDirpath.read(value, context) };
  },
  show: (target) => (target.kind === 'file' ? target.path : target.kind),
};

export const existingDirpath: ValueType<string> = {
  accepted: 'a path in an existing directory',
  read(value, context) {
    const path = expandHome(value, context);
    const slash = path.lastIndexOf('/');
    if (slash !== -1 && !context.isDirectory(path.slice(0, slash).replace(/\/+$/, '') || '/')) {
      throw new BadValue(`The directory named as part of the path ${value} does not exist`);
    }
    return path;
  },
};

export const existingDirectory: ValueType<string> = {
  accepted: 'an existing directory',
  read(value, context) {
    const path = expandHome(value, context);
    if (!context.isDirectory(path)) throw new BadValue(`${value} is not an existing directory`);
    return path;
  },
};

export const logLevels = ['critical', 'error', 'warn', 'info', 'debug', 'trace', 'blather'] as const;
export type LogLevel = (typeof logLevels)[number];

export const logLevel: ValueType<LogLevel> = {
  accepted: logLevels.join(', '),
  read(value) {
    const known = logLevels.find((level) => level === value.toLowerCase());
    if (known === undefined) throw new BadValue(`bad logging level name ${pythonRepr(value)}`);
    return known;
  },
  show: String,
};

export const environment: ValueType<Readonly<Record<string, string>>> = {
  accepted: 'KEY="value",KEY2="value"; a value with other than letters, digits and _/.+-(): needs quotes',
  mask: maskPairs,
  read(value) {
    const read = readPairs(value);
    if ('problem' in read) throw new BadValue(read.problem);
    return Object.fromEntries(read.pairs);
  },
};

/** The name of a program, group or process. */
export const name: ValueType<string> = {
  accepted: 'a name without space, colon and slash',
  read(value) {
    const bad = [' ', ':', '/'].find((character) => strip(value).includes(character));
    if (bad !== undefined)
      throw new BadValue(`Invalid name: ${pythonRepr(value)} because of character: ${pythonRepr(bad)}`);
    return strip(value);
  },
};

export const user: ValueType<User> = {
  accepted: 'a user of this machine, by name or number',
  read(value, { users }) {
    const uid = readInteger(value);
    const found = users.findUser(uid === null ? value : String(uid));
    if (found === null) throw new BadValue(`Invalid user ${uid === null ? 'name' : 'id'} ${value}`);
    return found;
  },
  show: (found) => found.name,
};

/** `user` or `user:group`; a gid of -1 leaves the group as it is. */
export const ownership: ValueType<{ readonly uid: number; readonly gid: number }> = {
  accepted: 'user or user:group of this machine',
  read(value, context) {
    const colon = value.indexOf(':');
    try {
      const { uid } = user.read(colon === -1 ? value : value.slice(0, colon), context);
      return { uid, gid: colon === -1 ? -1 : readGroup(value.slice(colon + 1), context) };
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      throw new BadValue(`Invalid user:group definition ${value}`, { cause: error });
    }
  },
};

/** The owner of a unix socket. */
export const socketOwner = renamed(ownership, (value) => `Invalid sockchown value ${value}`);

/** The permissions of a unix socket. */
export const socketMode = renamed(octal, (value) => `Invalid chmod value ${value}`);

/** The owner of a FastCGI program's socket. */
export const fcgiSocketOwner = renamed(ownership, (value) => `Invalid socket_owner value ${value}`);

/** The permissions of a FastCGI program's socket. */
export const fcgiSocketMode = renamed(octal, (value) => `Invalid socket_mode value ${value}`);

/** The socket of a FastCGI program, as written. */
export const fcgiSocket: ValueType<string> = { ...text, accepted: 'tcp://host:port or unix:///absolute/path' };

/** How many connections may wait to be accepted. */
export const backlog: ValueType<number> = {
  accepted: 'a whole number from 1 to 65535',
  read(value) {
    const number = readNumber(value);
    if (number < 1 || number > 0xffff) throw new BadValue(`Invalid socket_backlog value ${number}`);
    return number;
  },
};

/** The address that a program is told; AUTO (null) is the daemon's own. */
export const serverUrl: ValueType<string | null> = {
  accepted: 'http://host:port, unix:///path or AUTO',
  read: (value) => (strip(value).toUpperCase() === 'AUTO' ? null : value),
  show: (value) => value ?? 'AUTO',
};

/** Host and port; host '' means every address. */
export interface InetAddress {
  readonly host: string;
  readonly port: number;
}

export const inetAddress: ValueType<InetAddress> = {
  accepted: 'port, host:port or *:port',
  read(value) {
    const colon = value.lastIndexOf(':');
    if (colon === -1) {
      try {
        return { host: '', port: readPort(value) };
      } catch (error) {
        // The space at the end is supervisord's.
        throw new BadValue(`not a valid port number: ${pythonRepr(value)} `, { cause: error });
      }
    }
    const portText = value.slice(colon + 1);
    // supervisord quotes what is left of the value by then, which is nothing.
    if (portText === '') throw new BadValue(`no port number specified in ${pythonRepr('')}`);
    const port = readPort(portText);
    const host = value.slice(0, colon).toLowerCase();
    return { host: host === '*' ? '' : host, port };
  },
};

export const url: ValueType<string> = {
  accepted: 'http://host:port or unix:///path',
  read(value) {
    const rest = /^[a-zA-Z][a-zA-Z0-9+.-]*:(?:\/\/([^/?#]*))?([^?#]*)/.exec(value);
    if (rest === null || ((rest[1] ?? '') === '' && rest[2] === ''))
      throw new BadValue(`value ${pythonRepr(value)} is not a URL`);
    return value;
  },
};

/** The same type with another sentence for what cannot be read. */
function renamed<T>(type: ValueType<T>, problem: (value: string) => string): ValueType<T> {
  return {
    ...type,
    read(value, context) {
      try {
        return type.read(value, context);
      } catch (error) {
        if (!(error instanceof BadValue)) throw error;
        throw new BadValue(problem(value), { cause: error });
      }
    },
  };
}

/** Replaces a leading `~` or `~user` as Python's `os.path.expanduser` does. */
export function expandHome(path: string, { home, users }: ValueContext): string {
  if (!path.startsWith('~')) return path;
  const slash = path.indexOf('/');
  const end = slash === -1 ? path.length : slash;
  const found = end === 1 ? home : (users.findUser(path.slice(1, end))?.home ?? null);
  return found === null ? path : found.replace(/\/+$/, '') + path.slice(end) || '/';
}

function readNumber(value: string): number {
  const number = readInteger(value);
  if (number === null) throw new BadValue(`invalid literal for int() with base 10: ${pythonRepr(value)}`);
  return number;
}

/** A TCP port in digits; throws BadValue. */
export function readPort(value: string): number {
  const port = readNumber(value);
  if (port < 1) throw new BadValue(`${port} is below lower bound (1)`);
  if (port > 0xffff) throw new BadValue(`${port} is above upper bound (65535)`);
  return port;
}

function readGroup(value: string, { users }: ValueContext): number {
  const gid = readInteger(value);
  const found = users.findGroup(gid === null ? value : String(gid));
  if (found === null) throw new BadValue(`Invalid group ${gid === null ? 'name' : 'id'} ${value}`);
  return found.gid;
}
