// The way of every command: refuse wrong arguments, see that the daemon is there and speaks our version, run.
// Texts and exit statuses of the check are supervisorctl's (its supervisorctl.py upcheck).
import { faults } from '../base/errors.ts';
import { apiVersion } from '../base/version.ts';
import { XmlRpcFault } from '../rpc/xmlrpc.ts';
import { readText } from './answers.ts';
import { ConnectionError } from './client-errors.ts';
import { jsonFlag, wordsOf } from './context.ts';
import type { Command, Context } from './context.ts';
import { exits } from './exit-statuses.ts';

/** Runs a row of the command table; answers the exit status, throws what the command did not expect. */
export async function runCommand(context: Context, order: { command: Command; argument: string }): Promise<number> {
  const { command, argument } = order;
  if (command.json !== undefined && wordsOf(argument).includes(jsonFlag)) return command.json(context, argument);
  if (command.arguments === 'refused' && argument !== '') {
    context.print(`Error: ${command.name} accepts no arguments`);
    printLines(context, command.help);
    return exits.generic;
  }
  if (command.upcheck !== false) {
    const problem = await upcheck(context);
    if (problem !== null) return typeof command.upcheck === 'number' ? command.upcheck : problem;
  }
  if (typeof command.arguments === 'object' && wordsOf(argument).length < command.arguments.atLeast) {
    context.print(command.arguments.error);
    printLines(context, command.help);
    return command.arguments.exit;
  }
  return command.run(context, argument);
}

/** Prints a help text. */
export function printLines(context: Context, lines: readonly string[]): void {
  for (const line of lines) context.print(line);
}

/** supervisorctl's line and exit status for a daemon that is not there; null when the error is another one. */
export function unreachable(context: Context, error: unknown): { readonly text: string; readonly exit: number } | null {
  const code = error instanceof ConnectionError ? error.code : '';
  if (code === 'ECONNREFUSED') return { text: `${context.serverurl} refused connection`, exit: exits.refused };
  if (code === 'ENOENT') return { text: `${context.serverurl} no such file`, exit: exits.notRunning };
  return null;
}

// Null when the daemon can be talked to, else the exit status; the reason is printed.
async function upcheck(context: Context): Promise<number | null> {
  let version;
  try {
    version = readText(await context.call('supervisor.getVersion'));
  } catch (error) {
    if (error instanceof XmlRpcFault && error.code === faults.UNKNOWN_METHOD) {
      context.print(noInterface);
      return exits.noInterface;
    }
    const problem = unreachable(context, error);
    if (problem === null) throw error;
    context.print(problem.text);
    return problem.exit;
  }
  if (version === apiVersion) return null;
  context.print(
    `Sorry, this version of supervisorctl expects to talk to a server with API version ${apiVersion}, ` +
      `but the remote version is ${version}.`,
  );
  return exits.versionMismatch;
}

const noInterface =
  'Sorry, supervisord responded but did not recognize the supervisor namespace commands that supervisorctl uses to ' +
  'control it.  Please check that the [rpcinterface:supervisor] section is enabled in the configuration file ' +
  '(see sample.conf).';
