// What the commands that begin a roll have in common: its progress or one JSON document, and what the daemon says no to.
import { faults } from '../base/errors.ts';
import { XmlRpcFault, type XmlRpcValue } from '../rpc/xmlrpc.ts';
import { readNumber } from './answers.ts';
import { jsonFlag, wordsOf } from './context.ts';
import type { Context } from './context.ts';
import { exits } from './exit-statuses.ts';
import { jsonProblem, knownProblem } from './problem.ts';
import { errorsJson, followRoll, printEnd, progressPrinter, rollJson } from './roll-progress.ts';
import { printLines } from './run-command.ts';

/** A call that answers the id of a roll, or why the words are none. */
export type RollCall =
  { readonly method: string; readonly parameters: readonly XmlRpcValue[] } | { readonly problem: string };

/** Begins a roll and follows it to its end; `help` is printed behind a problem with the words. */
export async function runRoll(context: Context, call: RollCall, help: readonly string[]): Promise<number> {
  if ('problem' in call) {
    context.print(`Error: ${call.problem}`);
    printLines(context, help);
    return exits.usage;
  }
  try {
    return await beginAndFollow(context, call);
  } catch (error) {
    const said = refusal(error) ?? knownProblem(context, error);
    if (said === null) throw error;
    context.print(said.text);
    return said.exit;
  }
}

/** The same; throws what the daemon says no to. */
export async function beginAndFollow(
  context: Context,
  { method, parameters }: Exclude<RollCall, { readonly problem: string }>,
): Promise<number> {
  const id = readNumber(await context.call(method, ...parameters));
  return printEnd(context, await followRoll(context, { id, hear: progressPrinter(context) }), id);
}

/** The same, with one JSON document at the end. */
export async function runRollJson(context: Context, call: RollCall): Promise<number> {
  if ('problem' in call) {
    context.print(errorsJson([call.problem]));
    return exits.usage;
  }
  try {
    const id = readNumber(await context.call(call.method, ...call.parameters));
    const { document, exit } = rollJson(await followRoll(context, { id, hear: () => undefined }), id);
    context.print(document);
    return exit;
  } catch (error) {
    const { text, exit } = refusal(error) ?? jsonProblem(context, error);
    context.print(errorsJson([text]));
    return exit;
  }
}

/** The words without `--json`. */
export function plainWords(argument: string): string[] {
  return wordsOf(argument).filter((word) => word !== jsonFlag);
}

/** What the daemon says no to, in supervisorctl's manner. */
function refusal(error: unknown): { readonly text: string; readonly exit: number } | null {
  if (!(error instanceof XmlRpcFault)) return null;
  const text = error.message.replace(/^[A-Z_]+: /, '');
  if (error.code === faults.BAD_NAME) return { text: `${text}: ERROR (no such process)`, exit: exits.generic };
  if (error.code === faults.FAILED || error.code === faults.BAD_ARGUMENTS)
    return { text: `ERROR (${text})`, exit: exits.generic };
  if (error.code === faults.SHUTDOWN_STATE) return { text: 'ERROR: shutting down', exit: exits.generic };
  return null;
}
