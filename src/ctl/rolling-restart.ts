// `rolling-restart` and `scale`: their words.
import type { Context } from './context.ts';
import { plainWords, type RollCall, runRoll, runRollJson } from './run-roll.ts';

interface Order {
  readonly argument: string;
  readonly help: readonly string[];
}

/** Restarts processes one after the other and prints each step. */
export function rollingRestart(context: Context, { argument, help }: Order): Promise<number> {
  return runRoll(context, restartOf(argument), help);
}

/** The same, with one JSON document at the end. */
export function rollingRestartJson(context: Context, argument: string): Promise<number> {
  return runRollJson(context, restartOf(argument));
}

/** Runs another number of processes of a program and prints each step. */
export function scale(context: Context, { argument, help }: Order): Promise<number> {
  return runRoll(context, scaleOf(argument), help);
}

/** The same, with one JSON document at the end. */
export function scaleJson(context: Context, argument: string): Promise<number> {
  return runRollJson(context, scaleOf(argument));
}

/** `--max-unavailable N` or `--max-unavailable=N`, and names. */
function restartOf(argument: string): RollCall {
  const names: string[] = [];
  let maxUnavailable = 1;
  const words = plainWords(argument);
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (!word.startsWith('-')) {
      names.push(word);
      continue;
    }
    const [flag, ...rest] = word.split('=');
    if (flag !== '--max-unavailable') return { problem: `rolling-restart knows no ${flag}` };
    const value = rest.length > 0 ? rest.join('=') : (words.shift() ?? '');
    if (!/^[1-9]\d{0,5}$/.test(value))
      return { problem: `--max-unavailable takes a whole number from 1, not '${value}'` };
    maxUnavailable = Number(value);
  }
  if (names.length === 0) return { problem: 'rolling-restart requires a process name' };
  return { method: 'corevisor.rollingRestart', parameters: [names, { max_unavailable: maxUnavailable }] };
}

function scaleOf(argument: string): RollCall {
  const [name, count, ...more] = plainWords(argument);
  if (name === undefined || count === undefined || more.length > 0)
    return { problem: 'scale requires a name and a number, auto or file' };
  if (!/^([1-9]\d{0,8}|auto|file)$/.test(count))
    return { problem: `scale takes a whole number from 1, auto or file, not '${count}'` };
  return { method: 'corevisor.scale', parameters: [name, count] };
}
