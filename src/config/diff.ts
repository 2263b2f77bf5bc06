// What a reread finds: groups that are new, gone or different (supervisord's supervisord.py `diff_to_active` and the
// `__eq__` of its configs), and why. Values of `environment` are never shown. Pure.

import type { OptionRow } from './option.ts';
import { programOptions } from './options.ts';
import type { GroupConfig, ProcessConfig } from './programs.ts';

export interface ConfigDiff {
  /** In the order of the new configuration, like `changed`. */
  readonly added: readonly GroupConfig[];
  readonly changed: readonly { readonly group: GroupConfig; readonly reasons: readonly string[] }[];
  readonly removed: readonly GroupConfig[];
}

/** Compares what runs with what was loaded; an empty list of reasons never means changed. */
export function diffConfig(running: readonly GroupConfig[], loaded: readonly GroupConfig[]): ConfigDiff {
  const before = new Map(running.map((group) => [group.name, group]));
  const after = new Set(loaded.map(({ name }) => name));
  return {
    added: loaded.filter(({ name }) => !before.has(name)),
    changed: loaded
      .map((group) => ({ group, reasons: reasonsBetween(before.get(group.name) ?? group, group) }))
      .filter(({ reasons }) => reasons.length > 0),
    removed: running.filter(({ name }) => !after.has(name)),
  };
}

function reasonsBetween(before: GroupConfig, after: GroupConfig): readonly string[] {
  const reasons: string[] = [];
  if (looksLike(before) !== looksLike(after)) reasons.push(`kind ${before.kind} -> ${after.kind}`);
  if (before.priority !== after.priority) reasons.push(`priority ${before.priority} -> ${after.priority}`);
  const [wasEssential, isEssential] = [before, after].map(({ essential = false }) => essential);
  if (wasEssential !== isEssential) reasons.push(`essential ${wasEssential} -> ${isEssential}`);
  reasons.push(...listenerChanged(before, after));
  const names = [before, after].map(({ processes }) => processes.map(({ name }) => name));
  if (names[0]?.join() !== names[1]?.join()) reasons.push(...namesChanged(names[0] ?? [], names[1] ?? []));
  const old = new Map(before.processes.map((process) => [process.name, process]));
  for (const process of after.processes) {
    const earlier = old.get(process.name);
    if (earlier !== undefined) reasons.push(...optionsChanged(earlier, process));
  }
  return [...new Set(reasons)];
}

/** supervisord does not tell a [program:x] from a [group:x] with the same processes. */
function looksLike({ kind }: GroupConfig): GroupConfig['kind'] {
  return kind === 'group' ? 'program' : kind;
}

function listenerChanged(before: GroupConfig, after: GroupConfig): string[] {
  if (before.kind !== 'eventlistener' || after.kind !== 'eventlistener') return [];
  const [old, now] = [before, after].map(({ listener }) => listener.events.toSorted().join(','));
  const [oldSize, newSize] = [before, after].map(({ listener }) => listener.bufferSize);
  return [
    ...(old === now ? [] : [`events ${old} -> ${now}`]),
    ...(oldSize === newSize ? [] : [`buffer_size ${oldSize} -> ${newSize}`]),
  ];
}

function namesChanged(before: readonly string[], after: readonly string[]): string[] {
  const added = after.filter((name) => !before.includes(name));
  const removed = before.filter((name) => !after.includes(name));
  const reasons: string[] = [];
  if (before.length !== after.length) reasons.push(`processes ${before.length} -> ${after.length}`);
  if (added.length > 0) reasons.push(`new ${added.join(', ')}`);
  if (removed.length > 0) reasons.push(`without ${removed.join(', ')}`);
  return reasons.length > 0 ? reasons : ['order of the processes'];
}

/** Whether a process would have to be replaced for it. */
export function processDiffers(before: ProcessConfig, after: ProcessConfig): boolean {
  return optionsChanged(before, after).length > 0;
}

function optionsChanged(before: ProcessConfig, after: ProcessConfig): string[] {
  const rows: readonly [string, OptionRow<unknown>][] = Object.entries(programOptions);
  const [old, now]: Readonly<Record<string, unknown>>[] = [{ ...before.options }, { ...after.options }];
  return rows
    .map(([name, row]) => ({ name, row, was: old?.[name], is: now?.[name] }))
    .filter(({ row, was, is }) => row.change === 'restart' && !same(was, is))
    .map(reason)
    .concat(socketChanged(before, after));
}

/** Owner, mode and backlog do not count, as under supervisord. */
function socketChanged({ socket: before }: ProcessConfig, { socket: after }: ProcessConfig): string[] {
  return before?.url === after?.url ? [] : [`socket ${before?.url ?? 'none'} -> ${after?.url ?? 'none'}`];
}

function reason({ name, row, was, is }: { name: string; row: OptionRow<unknown>; was: unknown; is: unknown }): string {
  if (name === 'environment') {
    const keys = changedKeys(was, is).map((key) => `${key}=***`);
    return `environment ${keys.join(',')}`;
  }
  if (row.type.show === undefined) return name;
  const [before, after] = [was, is].map((value) => (value === null ? 'none' : row.type.show?.(value)));
  return `${name} ${before} -> ${after}`;
}

/** supervisord gives a running AUTO log a file name, so only a new AUTO is equal to whatever was there. */
function same(was: unknown, is: unknown): boolean {
  const newAuto = typeof is === 'object' && is !== null && 'kind' in is && is.kind === 'auto';
  return newAuto || equal(was, is);
}

/** By value; the order of keys does not count. */
function equal(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  return left.size === right.size && [...left].every(([key, value]) => right.has(key) && equal(value, right.get(key)));
}

function changedKeys(before: unknown, after: unknown): string[] {
  const [old, now] = [before, after].map((value) => new Map<string, unknown>(Object.entries(value ?? {})));
  const keys = new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])]);
  return [...keys].filter((key) => old?.get(key) !== now?.get(key)).toSorted();
}
