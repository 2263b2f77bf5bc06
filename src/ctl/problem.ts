// What keeps a command of ours from being done, in words and as an exit status: a daemon that is not there, or is none of ours.
import { faults } from '../base/errors.ts';
import { XmlRpcFault } from '../rpc/xmlrpc.ts';
import { errorLine, StatusError } from './client-errors.ts';
import type { Context } from './context.ts';
import { exits } from './exit-statuses.ts';
import { unreachable } from './run-command.ts';
import { OutputClosed } from './screen.ts';

export interface Problem {
  readonly text: string;
  readonly exit: number;
  readonly isUnreachable: boolean;
}

/** Null for what the command did not expect. */
export function knownProblem(context: Context, error: unknown): Problem | null {
  if (isUnknownMethod(error)) return { text: 'needs corevisord', exit: exits.generic, isUnreachable: false };
  const problem = unreachable(context, error);
  return problem === null ? null : { ...problem, isUnreachable: true };
}

/** Also for what was not expected: with --json nothing but a document comes on stdout. Throws what no document can tell. */
export function jsonProblem(context: Context, error: unknown): Problem {
  if (error instanceof OutputClosed) throw error;
  // The shell asks for credentials and tries again.
  if (context.interactive && error instanceof StatusError && error.status === 401) throw error;
  return knownProblem(context, error) ?? { text: errorLine(error), exit: exits.generic, isUnreachable: false };
}

/** A daemon without corevisor.*. */
export function isUnknownMethod(error: unknown): boolean {
  return error instanceof XmlRpcFault && error.code === faults.UNKNOWN_METHOD;
}
