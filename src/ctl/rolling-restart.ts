// `rolling-restart`: begins a roll and follows it to its end.
import { faults } from '../base/errors.ts';
import { XmlRpcFault } from '../rpc/xmlrpc.ts';
import { readNumber } from './answers.ts';
import { jsonFlag, wordsOf } from './context.ts';
import type { Context } from './context.ts';
import { exits } from './exit-statuses.ts';
import { jsonProblem, knownProblem } from './problem.ts';
import { followRoll, printEnd, progressPrinter, rollJson } from './roll-progress.ts';
import { printLines } from './run-command.ts';

/** Restarts processes one after the other and prints each step. */
export async function rollingRestart(
  context: Context,
  { argument, help }: { readonly argument: string; readonly help: readonly string[] },
): Promise<number> {
  const order = readOrder(argument);
  if ('problem' in order) {
    context.print(`Error: ${order.problem}`);
    printLines(context, help);
    return exits.usage;
  }
  try {
    const id = await ask(context, order);
    return printEnd(context, await followRoll(context, { id, hear: progressPrinter(context) }), id);
  } catch (error) {
    const said = refusal(error) ?? knownProblem(context, error);
    if (said === null) throw error;
    context.print(said.text);
    return said.exit;
  }
}

/** The same, with one JSON document at the end. */
export async function rollingRestartJson(context: Context, argument: string): Promise<number> {
  const order = readOrder(argument);
  if ('problem' in order) {
    context.print(rollJson(null, [order.problem]));
    return exits.usage;
  }
  try {
    const id = await ask(context, order);
    const roll = await followRoll(context, { id, hear: () => undefined });
    context.print(rollJson(roll, roll === null ? [`not waited for, roll ${id} goes on`] : []));
    return roll?.state === 'done' ? exits.success : exits.generic;
  } catch (error) {
    const { text, exit } = refusal(error) ?? jsonProblem(context, error);
    context.print(rollJson(null, [text]));
    return exit;
  }
}

interface Order {
  readonly names: readonly string[];
  readonly maxUnavailable: number;
}

async function ask(context: Context, { names, maxUnavailable }: Order): Promise<number> {
  const options = { max_unavailable: maxUnavailable };
  return readNumber(await context.call('corevisor.rollingRestart', names, options));
}

/** `--max-unavailable N` or `--max-unavailable=N`, and names. */
function readOrder(argument: string): Order | { readonly problem: string } {
  const names: string[] = [];
  let maxUnavailable = 1;
  const words = wordsOf(argument).filter((word) => word !== jsonFlag);
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
  return names.length === 0 ? { problem: 'rolling-restart requires a process name' } : { names, maxUnavailable };
}

/** What the daemon says no to, in supervisorctl's manner. */
function refusal(error: unknown): { readonly text: string; readonly exit: number } | null {
  if (!(error instanceof XmlRpcFault)) return null;
  const text = error.message.replace(/^[A-Z_]+: /, '');
  if (error.code === faults.BAD_NAME) return { text: `${text}: ERROR (no such process)`, exit: exits.generic };
  if (error.code === faults.FAILED) return { text: `ERROR (${text})`, exit: exits.generic };
  if (error.code === faults.SHUTDOWN_STATE) return { text: 'ERROR: shutting down', exit: exits.generic };
  return null;
}
