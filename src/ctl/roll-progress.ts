// A roll as a client follows it: what getRoll answers, checked, and its lines on the screen. Each member has a line for each
// step; on a terminal the steps of one that is under way are painted over each other.
import { formatNamespec } from '../base/namespec.ts';
import type { XmlRpcValue } from '../rpc/xmlrpc.ts';
import { readList, readNumber, readRecord, readText } from './answers.ts';
import type { Context } from './context.ts';
import { exits } from './exit-statuses.ts';
import { untilInterrupt } from './interrupt.ts';

export interface RollMember {
  readonly name: string;
  readonly group: string;
  readonly task: string;
  readonly state: string;
  readonly reason: string;
  /** Epoch seconds, 0 for never. */
  readonly began: number;
  readonly ended: number;
}

export interface RollAnswer {
  readonly id: number;
  readonly what: string;
  readonly state: string;
  readonly reason: string;
  readonly warnings: readonly string[];
  readonly max_unavailable: number;
  readonly began: number;
  readonly ended: number;
  readonly version: number;
  readonly processes: readonly RollMember[];
  /** About groups, in supervisorctl's words. */
  readonly lines: readonly { readonly group: string; readonly text: string }[];
  readonly unknown: readonly string[];
}

/** Hears of each change until the roll is over; null when Ctrl-C comes first. */
export async function followRoll(
  context: Context,
  { id, hear }: { readonly id: number; readonly hear: (roll: RollAnswer) => void },
): Promise<RollAnswer | null> {
  const interrupted = untilInterrupt(context);
  try {
    for (let version = 0; ;) {
      const asked = context.call('corevisor.getRoll', id, version);
      // What is not waited for any more may fail.
      asked.catch(() => undefined);
      const answer = await Promise.race([asked, interrupted.came]);
      if (answer === null) return null;
      const roll = readRoll(answer);
      hear(roll);
      if (roll.state !== 'running') return roll;
      version = roll.version;
    }
  } finally {
    interrupted.release();
  }
}

/** Prints what is new each time that it is called. */
export function progressPrinter(context: Context): (roll: RollAnswer) => void {
  const told = new Map<string, string>();
  let [lines, isFirst, painted] = [0, true, false];
  const paint = (text: string): void => {
    if (!painted && text === '') return;
    context.write(Buffer.from(`\r\x1b[K${text}`));
    painted = text !== '';
  };
  return (roll) => {
    const { processes } = roll;
    if (isFirst) {
      for (const name of roll.unknown) context.print(`ERROR: no such group: ${name}`);
      for (const warning of roll.warnings) context.complain(`Warning: ${warning}`);
    }
    isFirst = false;
    if (context.isTerminal) paint('');
    for (const member of processes) {
      const name = formatNamespec(member.group, member.name);
      if (member.state === (told.get(name) ?? 'waiting')) continue;
      told.set(name, member.state);
      if (context.isTerminal && isUnderWay(member)) continue;
      context.print(`${name}: ${member.state}${spanOf(member)}`);
    }
    for (const { group, text } of roll.lines.slice(lines)) context.print(`${group}: ${text}`);
    lines = roll.lines.length;
    const underWay = processes
      .filter(isUnderWay)
      .map(({ group, name, state }) => `${formatNamespec(group, name)}: ${state}`);
    if (context.isTerminal) paint(underWay.join(', '));
  };
}

/** The last line, and the exit status. */
export function printEnd(context: Context, roll: RollAnswer | null, id: number): number {
  if (roll === null) {
    context.print(`\nnot waited for any longer: the daemon goes on with it (roll ${id})`);
    return exits.generic;
  }
  if (roll.state === 'done') return roll.unknown.length > 0 ? exits.generic : exits.success;
  context.print(`ERROR (${roll.reason})`);
  return exits.generic;
}

/** The document at the end, and its exit status. */
export function rollJson(roll: RollAnswer | null, id: number): { readonly document: string; readonly exit: number } {
  if (roll === null) return { document: errorsJson([`not waited for, roll ${id} goes on`]), exit: exits.generic };
  const { unknown, ...rest } = roll;
  const errors = unknown.map((name) => ({ name, error: 'no such group' }));
  const isDone = roll.state === 'done' && errors.length === 0;
  return { document: JSON.stringify({ ...rest, errors }), exit: isDone ? exits.success : exits.generic };
}

/** The document where there is no roll. */
export function errorsJson(errors: readonly string[]): string {
  return JSON.stringify({ errors: errors.map((error) => ({ error })) });
}

function isUnderWay({ state }: RollMember): boolean {
  return state === 'draining' || state === 'stopping' || state === 'starting';
}

function spanOf({ state, began, ended, reason }: RollMember): string {
  if (state === 'ready' && ended > 0) return ` (${Math.max(0, ended - began).toFixed(1)} s)`;
  return state === 'left alone' && reason !== '' ? ` (${reason})` : '';
}

function readRoll(value: XmlRpcValue): RollAnswer {
  const record = readRecord(value);
  return {
    id: readNumber(record['id']),
    what: readText(record['what']),
    state: readText(record['state']),
    reason: readText(record['reason']),
    warnings: readList(record['warnings']).map(readText),
    max_unavailable: readNumber(record['max_unavailable']),
    began: readNumber(record['began']),
    ended: readNumber(record['ended']),
    version: readNumber(record['version']),
    processes: readList(record['processes']).map(readMember),
    lines: readList(record['lines']).map((line) => {
      const { group, text } = readRecord(line);
      return { group: readText(group), text: readText(text) };
    }),
    unknown: readList(record['unknown']).map(readText),
  };
}

function readMember(value: XmlRpcValue): RollMember {
  const record = readRecord(value);
  return {
    name: readText(record['name']),
    group: readText(record['group']),
    task: readText(record['task']),
    state: readText(record['state']),
    reason: readText(record['reason']),
    began: readNumber(record['began']),
    ended: readNumber(record['ended']),
  };
}
