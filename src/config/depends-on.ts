// The value of `depends_on`: names of processes with what is waited for (docs/order.md). Pure.

import { strip } from '../base/python-text.ts';
import { BadValue, type ValueType } from './values.ts';

/** What is waited for: a process that was spawned, that is ready, or that ended as expected. */
export type Condition = 'started' | 'ready' | 'completed';

/** One name of a `depends_on`. */
export interface Dependency {
  /** A program, a group or group:process, as written. */
  readonly name: string;
  readonly until: Condition;
  /** How many of its processes are enough; null for all of them. */
  readonly atLeast: number | null;
}

export const dependencies: ValueType<readonly Dependency[]> = {
  accepted:
    'programs, groups or group:process, separated by commas, each followed by :started, :ready, :completed or :ready>=N if wanted',
  read: (text) => (strip(text) === '' ? [] : text.split(',').map(readDependency)),
  show: (all) => all.map(writeDependency).join(',') || 'none',
};

/** As it is written in the file, the default condition left out. */
export function writeDependency({ name, until, atLeast }: Dependency): string {
  if (atLeast !== null) return `${name}:ready>=${atLeast}`;
  return until === 'ready' && !endsWithCondition(name) ? name : `${name}:${until}`;
}

/** What stands behind the last colon is a condition only if it is one; otherwise it belongs to the name. */
function readDependency(written: string): Dependency {
  const text = strip(written);
  const colon = text.lastIndexOf(':');
  const name = text.slice(0, Math.max(colon, 0));
  const word = text.slice(colon + 1);
  const atLeast = /^ready>=([1-9]\d{0,8})$/.exec(word)?.[1];
  if (text === '') throw new BadValue('a name is missing between commas');
  if (colon <= 0 || (atLeast === undefined && !isCondition(word))) {
    return { name: text, until: 'ready', atLeast: null };
  }
  return { name, until: isCondition(word) ? word : 'ready', atLeast: atLeast === undefined ? null : Number(atLeast) };
}

function isCondition(word: string): word is Condition {
  return word === 'started' || word === 'ready' || word === 'completed';
}

function endsWithCondition(name: string): boolean {
  return isCondition(name.slice(name.lastIndexOf(':') + 1)) && name.includes(':');
}
