// `why`: one line for each process about what it waits for or why it last ended; and `--json`, on it and on status. Ours:
// a daemon without corevisor.* cannot tell.
import { formatNamespec } from '../base/namespec.ts';
import { jsonFlag, wordsOf } from './context.ts';
import type { Context } from './context.ts';
import { type DetailsRow, document, readDetails, type Trouble } from './details.ts';
import { exits, stoppedCodes } from './exit-statuses.ts';
import { jsonProblem, knownProblem } from './problem.ts';
import { askScales } from './scales.ts';
import { select } from './select.ts';

/** Prints a line for each process named, or for all. */
export async function why(context: Context, argument: string): Promise<number> {
  let all;
  try {
    all = await askAll(context);
  } catch (error) {
    const known = knownProblem(context, error);
    if (known === null) throw error;
    context.print(known.text);
    return known.exit;
  }
  const { rows, missing } = selected(all, argument);
  for (const { group, name, statename, reason } of rows) {
    context.print(`${formatNamespec(group, name)}: ${statename}, ${reason}`);
  }
  for (const { name, error } of missing) context.print(`${name}: ERROR (${error})`);
  return missing.length > 0 ? exits.generic : exits.success;
}

/** The same as one JSON document. */
export function whyJson(context: Context, argument: string): Promise<number> {
  return printJson(context, {
    argument,
    unreachable: null,
    more: () => ({}),
    exitOf: (_rows, errors) => (errors.length > 0 ? exits.generic : exits.success),
  });
}

/** What `status` shows and more, as one JSON document, with the exit statuses of `status`. */
export function statusJson(context: Context, argument: string): Promise<number> {
  return printJson(context, {
    argument,
    unreachable: exits.statusUnknown,
    async more(rows) {
      const scales = rows.length === 0 ? [] : await askScales(context);
      const shown = scales.filter(({ group }) => rows.some((row) => row.group === group));
      return { scaled: shown.map(({ name, count, file }) => ({ name, count, file })) };
    },
    exitOf(rows, errors) {
      if (rows.some(({ state }) => stoppedCodes.has(state))) return exits.statusNotRunning;
      return errors.length > 0 ? exits.statusUnknown : exits.success;
    },
  });
}

interface JsonOrder {
  readonly argument: string;
  /** What else is to be told. */
  more(rows: readonly DetailsRow[]): object | Promise<object>;
  /** The exit status when the daemon cannot be reached; null for that of the reason. */
  readonly unreachable: number | null;
  exitOf(rows: readonly DetailsRow[], errors: readonly Trouble[]): number;
}

/** Whatever goes wrong is in the document too: nothing else comes on stdout. */
async function printJson(context: Context, order: JsonOrder): Promise<number> {
  try {
    const { rows, missing } = selected(await askAll(context), order.argument);
    context.print(document(rows, missing, await order.more(rows)));
    return order.exitOf(rows, missing);
  } catch (error) {
    const { text, exit, isUnreachable } = jsonProblem(context, error);
    context.print(document([], [{ error: text }], await order.more([])));
    return isUnreachable ? (order.unreachable ?? exit) : exit;
  }
}

async function askAll(context: Context): Promise<readonly DetailsRow[]> {
  return readDetails(await context.call('corevisor.getAllProcessDetails'));
}

function selected(all: readonly DetailsRow[], argument: string) {
  const names = wordsOf(argument).filter((word) => word !== jsonFlag);
  const parts = select(all, names);
  return {
    rows: parts.flatMap((part) => ('rows' in part ? part.rows : [])),
    missing: parts.flatMap((part) => ('rows' in part ? [] : [part])),
  };
}
