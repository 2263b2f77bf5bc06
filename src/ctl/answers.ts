// The daemon's answers as types: what supervisorctl reads of them, checked where it is read, so that a daemon which
// answers something else gives one clear error and not `undefined` in the output.
import type { XmlRpcStruct, XmlRpcValue } from '../rpc/xmlrpc.ts';
import { NamedError } from './client-errors.ts';

/** What `getProcessInfo` tells of a process, as far as commands show it. */
export interface ProcessRow {
  readonly name: string;
  readonly group: string;
  readonly state: number;
  readonly statename: string;
  readonly description: string;
  readonly pid: number;
}

/** What a call on several processes tells of each: `status` is a fault code, 80 for success. */
export interface Outcome {
  readonly name: string;
  readonly group: string;
  readonly status: number;
  readonly description: string;
}

/** What `getAllConfigInfo` tells of a process, as far as `avail` shows it. */
export interface ConfigRow {
  readonly name: string;
  readonly group: string;
  readonly inuse: boolean;
  readonly autostart: boolean;
  readonly groupPriority: number;
  readonly processPriority: number;
}

/** What `reloadConfig` found, as group names. */
export interface Changes {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** Reads the answer of getProcessInfo. */
export function readProcess(value: XmlRpcValue): ProcessRow {
  const record = readRecord(value);
  return {
    name: readText(record['name']),
    group: readText(record['group']),
    state: readNumber(record['state']),
    statename: readText(record['statename']),
    description: readText(record['description']),
    pid: readNumber(record['pid']),
  };
}

/** Reads the answer of getAllProcessInfo. */
export function readProcesses(value: XmlRpcValue): readonly ProcessRow[] {
  return readList(value).map(readProcess);
}

/** Reads the answer of a call on several processes. */
export function readOutcomes(value: XmlRpcValue): readonly Outcome[] {
  return readList(value).map((item) => {
    const record = readRecord(item);
    return {
      name: readText(record['name']),
      group: readText(record['group']),
      status: readNumber(record['status']),
      description: readText(record['description']),
    };
  });
}

/** Reads the answer of getAllConfigInfo. */
export function readConfigs(value: XmlRpcValue): readonly ConfigRow[] {
  return readList(value).map((item) => {
    const record = readRecord(item);
    return {
      name: readText(record['name']),
      group: readText(record['group']),
      inuse: record['inuse'] === true,
      autostart: record['autostart'] === true,
      groupPriority: readNumber(record['group_prio']),
      processPriority: readNumber(record['process_prio']),
    };
  });
}

/** Reads the answer of reloadConfig, which wraps its three lists twice. */
export function readChanges(value: XmlRpcValue): Changes {
  const [added, changed, removed] = readList(readList(value)[0]).map((names) => readList(names).map(readText));
  return { added: added ?? [], changed: changed ?? [], removed: removed ?? [] };
}

/** Reads an answer that is a text. */
export function readText(value: XmlRpcValue | undefined): string {
  return typeof value === 'string' ? value : refuse('a string', value);
}

/** Reads an answer that is a number. */
export function readNumber(value: XmlRpcValue | undefined): number {
  return typeof value === 'number' ? value : refuse('a number', value);
}

/** Reads an answer that is an array. */
export function readList(value: XmlRpcValue | undefined): readonly XmlRpcValue[] {
  return isList(value) ? value : refuse('an array', value);
}

/** Reads an answer that is a struct. */
export function readRecord(value: XmlRpcValue): XmlRpcStruct {
  if (typeof value !== 'object' || isList(value) || value instanceof Date || value instanceof Uint8Array) {
    return refuse('a struct', value);
  }
  return value;
}

// Array.isArray does not narrow a readonly array.
function isList(value: XmlRpcValue | undefined): value is readonly XmlRpcValue[] {
  return Array.isArray(value);
}

function refuse(wanted: string, value: unknown): never {
  const got = value === undefined ? 'nothing' : Array.isArray(value) ? 'an array' : typeof value;
  throw new NamedError('TypeError', `cannot read the server's answer: ${wanted} expected, got ${got}`);
}
