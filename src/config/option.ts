// One row of the option tables, and how an option is read by its row: found in its section or [DEFAULT], expanded,
// turned into a value. Every error has a place. Pure.

import { ConfigError } from '../base/errors.ts';
import { expand, type Names } from './expand.ts';
import { findOption, type IniDocument, type IniOption } from './ini.ts';
import { BadValue, type ValueContext, type ValueType } from './values.ts';

/**
 * What a change of the option means to a running daemon. `restart`: reread calls the group changed, and update restarts
 * it. `processes`: seen by the processes that come and go. `reload`: takes effect when the daemon reads all anew.
 * `ctl`: takes effect at the next supervisorctl.
 */
export type Change = 'restart' | 'processes' | 'reload' | 'ctl';

/**
 * How names are expanded. `once`: with the label `section.option` in problems. `bare`: with the option alone as label.
 * `twice`: both, one after the other, which is why a literal percent sign needs four. `never`: left to its user.
 */
export type Expansion = 'once' | 'bare' | 'twice' | 'never';

/** As written when the option is absent; null makes the value null. */
export type Default = string | null | { readonly sameAs: string } | { readonly missing: (section: string) => string };

export interface OptionRow<T> {
  readonly type: ValueType<T>;
  readonly default: Default;
  readonly doc: string;
  readonly change: Change;
  readonly since: 'supervisor' | 'corevisor';
  readonly expansion: Expansion;
}

export type OptionTable = Readonly<Record<string, OptionRow<unknown>>>;

/** The values that a table's rows read to. */
export type Values<Table extends OptionTable> = { readonly [Name in keyof Table]: ValueOf<Table[Name]> };

type ValueOf<Row> = Row extends { type: ValueType<infer T>; default: infer D }
  ? D extends null
    ? T | null
    : T
  : never;

/** A row; `since` is supervisor and `expansion` is once unless said otherwise. */
export function option<T, const D extends Default>(
  type: ValueType<T>,
  row: { readonly default: D; readonly doc: string; readonly change: Change } & Partial<OptionRow<T>>,
): OptionRow<T> & { readonly default: D } {
  return { type, since: 'supervisor', expansion: 'once', ...row };
}

/** Where options are read from. */
export interface OptionSource {
  readonly document: IniDocument;
  readonly section: string;
  readonly names: Names;
  /** For the expansion with a bare label, where it differs. */
  readonly bareNames?: Names;
  readonly context: ValueContext;
}

/** Reads the options of a table in its order; throws ConfigError for the first that is wrong. */
export function readOptions<Table extends OptionTable>(table: Table, source: OptionSource): Values<Table> {
  const values: Record<string, unknown> = {};
  for (const [name, row] of Object.entries(table)) {
    const copied =
      typeof row.default === 'object' && row.default !== null && 'sameAs' in row.default && row.default.sameAs;
    const absent = copied && findOption(source.document, { section: source.section, name }) === undefined;
    values[name] = absent ? values[copied] : readOption({ name, row }, source);
  }
  // The one assertion: each name got the value that its own row read.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return values as Values<Table>;
}

/** The text as written, or the default; null when there is neither. Throws ConfigError for what must not be missing. */
export function writtenText({ name, row }: NamedRow, { document, section }: OptionSource): string | null {
  const written = findOption(document, { section, name });
  if (written !== undefined) return written.text;
  if (typeof row.default === 'string' || row.default === null) return row.default;
  if ('sameAs' in row.default) return null;
  throw new ConfigError(row.default.missing(section), {
    where: document.sections.get(section)?.where,
    section,
    option: name,
    accepted: row.type.accepted,
  });
}

/** The error of an option that was written wrong, with its place. */
export function badOption(
  { name, row, source }: NamedRow & { readonly source: OptionSource },
  message: string,
): ConfigError {
  const { document, section } = source;
  const written: IniOption | undefined = findOption(document, { section, name });
  return new ConfigError(message, {
    where: written?.where ?? document.sections.get(section)?.where,
    section,
    option: name,
    value: written === undefined ? undefined : shownText(row, written.text),
    accepted: row.type.accepted,
  });
}

export interface NamedRow {
  readonly name: string;
  readonly row: OptionRow<unknown>;
}

function readOption(named: NamedRow, source: OptionSource): unknown {
  const { name, row } = named;
  const written = writtenText(named, source);
  if (written === null) return null;
  let value = written;
  for (const { label, names } of written.includes('%') ? expansions(named, source) : []) {
    const expanded = expand(value, { names, label });
    if ('problem' in expanded) throw cannotExpand(named, { source, names, label, value });
    value = expanded.text;
  }
  try {
    return row.type.read(value, source.context);
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    throw badOption({ name, row, source }, error.message);
  }
}

function expansions({ name, row }: NamedRow, source: OptionSource): { label: string; names: Names }[] {
  const once = { label: `${source.section}.${name}`, names: source.names };
  const bare = { label: name, names: source.bareNames ?? source.names };
  const all: Readonly<Record<Expansion, { label: string; names: Names }[]>> = {
    once: [once],
    bare: [bare],
    twice: [once, bare],
    never: [],
  };
  return all[row.expansion];
}

interface FailedExpansion {
  readonly source: OptionSource;
  readonly names: Names;
  readonly label: string;
  readonly value: string;
}

/** The problem once more, without secrets, and with all names as accepted: supervisord's sentence has only its own. */
function cannotExpand(named: NamedRow, { source, names, label, value }: FailedExpansion): ConfigError {
  const expanded = expand(value, { names, label, shown: shownText(named.row, value) });
  const error = badOption({ ...named, source }, 'problem' in expanded ? expanded.problem : '');
  const known = Object.keys(names).filter((name) => !name.startsWith('ENV_'));
  const accepted = [
    ...known.map((name) => `%(${name})s`),
    '%(ENV_X)s for the environment variable X',
    '%% for a percent sign',
  ];
  return new ConfigError(error.message, { ...error.place, accepted: accepted.join(', ') });
}

function shownText(row: OptionRow<unknown>, text: string): string {
  return row.type.mask?.(text) ?? text;
}

/** Rows of a table for a reader: what must be written comes first; the rest stays in the order of reading. */
export function requiredFirst(rows: readonly [string, OptionRow<unknown>][]): [string, OptionRow<unknown>][] {
  const isRequired = ([, { default: value }]: [string, OptionRow<unknown>]): boolean =>
    typeof value === 'object' && value !== null && 'missing' in value;
  return [...rows.filter(isRequired), ...rows.filter((row) => !isRequired(row))];
}
