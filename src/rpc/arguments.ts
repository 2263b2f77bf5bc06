// Arguments of RPC calls as Python would take them: supervisord passes them to int(), a truth test or a name lookup,
// so `"5"` is a fine offset and `0` a fine `wait`. What Python trips over with HTTP 500 is INCORRECT_PARAMETERS here.

import { Fault } from '../base/errors.ts';
import { readInteger } from '../base/python-text.ts';
import type { XmlRpcValue } from './xmlrpc.ts';

type Argument = XmlRpcValue | undefined;

/** A name; a number is looked up as its digits, and is then a name that nobody has. */
export function nameArgument(value: Argument): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw new Fault('INCORRECT_PARAMETERS');
}

/** One name or several; throws INCORRECT_PARAMETERS for none. */
export function namesArgument(value: Argument): readonly string[] {
  const names = Array.isArray(value) ? (value as readonly XmlRpcValue[]).map(nameArgument) : [nameArgument(value)];
  if (names.length === 0) throw new Fault('INCORRECT_PARAMETERS', 'no name');
  return names;
}

/** int(value). */
export function integerArgument(value: Argument): number {
  if (typeof value === 'number') return Math.trunc(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  const read = typeof value === 'string' ? readInteger(value) : null;
  if (read === null) throw new Fault('INCORRECT_PARAMETERS');
  return read;
}

/** Whether a value counts as true; `otherwise` stands in for an argument that was left out. */
export function truthArgument(value: Argument, otherwise: boolean): boolean {
  if (value === undefined) return otherwise;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length > 0;
  if (typeof value === 'object' && !(value instanceof Date)) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** A value in a fault's text, as Python's %s writes numbers, strings and booleans. */
export function writtenArgument(value: Argument): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return JSON.stringify(value) ?? 'None';
}
