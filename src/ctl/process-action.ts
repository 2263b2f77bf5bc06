// One call on one, several, a group of or all processes, and its lines: what start, stop, signal and clear share.
// Texts and exit statuses are supervisorctl's (its supervisorctl.py _startresult, _signalresult, _clearresult).
import { faults } from '../base/errors.ts';
import { formatNamespec, parseNamespec } from '../base/namespec.ts';
import { XmlRpcFault } from '../rpc/xmlrpc.ts';
import type { XmlRpcValue } from '../rpc/xmlrpc.ts';
import { readOutcomes } from './answers.ts';
import type { Outcome } from './answers.ts';
import { NamedError } from './client-errors.ts';
import type { Context } from './context.ts';
import { exitAfter, exits } from './exit-statuses.ts';

/** What differs between the commands. */
export interface Action {
  readonly names: readonly string[];
  /** The word behind the name when it worked. */
  readonly success: string;
  /** What is printed for a fault code. */
  readonly problems: ReadonlyMap<number, string>;
  /** Prints the text of FAILED as it came. */
  readonly rawFailure?: boolean;
  /** The fault that leaves the exit status alone. */
  readonly ignored: number | null;
  readonly noSuchGroup: number;
  /** Without `group`, `group:*` is asked for as if it were one process. */
  readonly methods: { readonly one: string; readonly group: string | null; readonly all: string };
  /** What follows the name in a call. */
  readonly parameters?: readonly XmlRpcValue[];
}

/** Does it process by process and prints a line for each; answers the exit status. */
export async function act(context: Context, action: Action): Promise<number> {
  const { methods, parameters = [] } = action;
  let exit: number = exits.success;
  const tell = (outcomes: readonly Outcome[]): void => {
    for (const outcome of outcomes) {
      context.print(outcomeLine(action, outcome));
      exit = exitAfter(exit, { code: outcome.status, ignored: action.ignored });
    }
  };
  if (action.names.includes('all')) {
    tell(readOutcomes(await context.call(`supervisor.${methods.all}`, ...parameters)));
    return exit;
  }
  for (const name of action.names) {
    const { group, process } = parseNamespec(name);
    try {
      if (process === null && methods.group !== null) {
        tell(readOutcomes(await context.call(`supervisor.${methods.group}`, group, ...parameters)));
      } else {
        await context.call(`supervisor.${methods.one}`, name, ...parameters);
        tell([{ group, name: process ?? 'None', status: faults.SUCCESS, description: '' }]);
      }
    } catch (error) {
      if (!(error instanceof XmlRpcFault)) throw error;
      if (process !== null || methods.group === null) {
        // Python's None: what supervisorctl makes of `clear group:*`, which it has no call for.
        tell([{ group, name: process ?? 'None', status: error.code, description: error.message }]);
      } else if (error.code === faults.BAD_NAME) {
        context.print(`${group}: ERROR (no such group)`);
        exit = action.noSuchGroup;
      } else {
        throw error;
      }
    }
  }
  return exit;
}

function outcomeLine(action: Action, outcome: Outcome): string {
  const name = formatNamespec(outcome.group, outcome.name);
  if (outcome.status === faults.SUCCESS) return `${name}: ${action.success}`;
  if (outcome.status === faults.FAILED && action.rawFailure === true) return outcome.description;
  const problem = action.problems.get(outcome.status);
  if (problem !== undefined) return `${name}: ERROR (${problem})`;
  throw new NamedError('ValueError', `Unknown result code ${outcome.status} for ${name}`);
}
