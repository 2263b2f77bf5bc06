// Commands on the daemon itself: version, shutdown, reload, open, healthcheck, and leaving the shell.
// All but healthcheck are supervisorctl's, with its lines and exit statuses.
import { faults } from '../base/errors.ts';
import { XmlRpcFault } from '../rpc/xmlrpc.ts';
import { readText } from './answers.ts';
import { schemeOf } from './address.ts';
import { ConnectionError, NamedError } from './client-errors.ts';
import type { Context } from './context.ts';
import { exits } from './exit-statuses.ts';

/** Prints the daemon's version. */
export async function version(context: Context): Promise<number> {
  context.print(readText(await context.call('supervisor.getSupervisorVersion')));
  return exits.success;
}

/** Ends the daemon and all its processes. */
export async function shutdown(context: Context): Promise<number> {
  if (!(await isMeant(context, 'Really shut the remote supervisord process down y/N? '))) return exits.success;
  try {
    await context.call('supervisor.shutdown');
  } catch (error) {
    if (error instanceof XmlRpcFault && error.code === faults.SHUTDOWN_STATE) {
      context.print('ERROR: already shutting down');
      return exits.success;
    }
    const code = error instanceof ConnectionError ? error.code : '';
    if (code === 'ECONNREFUSED') {
      context.print(`ERROR: ${context.serverurl} refused connection (already shut down?)`);
    } else if (code === 'ENOENT') {
      context.print(`ERROR: ${context.serverurl} no such file (already shut down?)`);
    } else {
      throw error;
    }
    return exits.generic;
  }
  context.print('Shut down');
  return exits.success;
}

/** Restarts the daemon: all processes end, the configuration is read anew. */
export async function reload(context: Context): Promise<number> {
  if (!(await isMeant(context, 'Really restart the remote supervisord process y/N? '))) return exits.success;
  try {
    await context.call('supervisor.restart');
  } catch (error) {
    if (!(error instanceof XmlRpcFault) || error.code !== faults.SHUTDOWN_STATE) throw error;
    context.print('ERROR: already shutting down');
    return exits.generic;
  }
  context.print('Restarted supervisord');
  return exits.success;
}

/** Turns to another daemon and shows its status, through the `status` row handed in; its exit status is dropped. */
export async function open(
  context: Context,
  order: { url: string; showStatus: () => Promise<number> },
): Promise<number> {
  if (!['unix', 'http'].includes(schemeOf(order.url))) {
    context.print('ERROR: url must be http:// or unix://');
    return exits.generic;
  }
  context.open(order.url);
  await order.showStatus();
  return exits.success;
}

/** Ends the shell. */
export async function leave(context: Context): Promise<number> {
  context.print('');
  context.leave();
  return exits.success;
}

async function isMeant(context: Context, question: string): Promise<boolean> {
  if (!context.interactive) return true;
  const answer = await context.ask(question);
  if (answer === null) throw new NamedError('EOFError', 'EOF when reading a line');
  return answer.toLowerCase().startsWith('y');
}
