// Commands on output: tail, maintail and fg. Lines and exit statuses are supervisorctl's (its supervisorctl.py do_tail,
// do_maintail, do_fg); followed logs are written as the bytes that come, so a character cut between two chunks is whole.
import { faults } from '../base/errors.ts';
import { processStates } from '../base/states.ts';
import { pythonRepr, readInteger } from '../base/python-text.ts';
import { XmlRpcFault } from '../rpc/xmlrpc.ts';
import { readProcess, readText } from './answers.ts';
import type { Stream } from './client.ts';
import { describeError, faultText, NamedError } from './client-errors.ts';
import { wordsOf } from './context.ts';
import type { Context } from './context.ts';
import { exits } from './exit-statuses.ts';
import { untilInterrupt } from './interrupt.ts';
import { OutputClosed } from './screen.ts';

const defaultBytes = 1600;

/** Prints the end of a process's log, or follows it; `help` prints the row's help. */
export async function tail(context: Context, order: { argument: string; help: () => void }): Promise<number> {
  const words = wordsOf(order.argument);
  if (words.length < 1 || words.length > 3) {
    context.print(words.length < 1 ? 'Error: too few arguments' : 'Error: too many arguments');
    order.help();
    return exits.generic;
  }
  const modifier = words[0]?.startsWith('-') === true ? words.shift() : undefined;
  const [name, ...rest] = words;
  if (name === undefined) return complainOf(context, 'tail requires process name');
  const channel = (rest.at(-1) ?? 'stdout').toLowerCase();
  if (channel !== 'stdout' && channel !== 'stderr') return complainOf(context, `bad channel ${pythonRepr(channel)}`);
  if (modifier === '-f') return follow(context, `/logtail/${name}/${channel}`);
  const bytes = modifier === undefined ? defaultBytes : readCount(modifier.slice(1));
  if (bytes === null) return complainOf(context, `bad argument ${modifier}`);
  const method = channel === 'stdout' ? 'supervisor.readProcessStdoutLog' : 'supervisor.readProcessStderrLog';
  return printEnd(context, { method, parameters: [name], bytes, subject: name });
}

/** Prints the end of the daemon's own log, or follows it; `help` prints the row's help. */
export async function maintail(context: Context, order: { argument: string; help: () => void }): Promise<number> {
  const words = wordsOf(order.argument);
  const [modifier] = words;
  if (words.length > 1) {
    context.print('Error: too many arguments');
    order.help();
    return exits.generic;
  }
  if (modifier === '-f') return follow(context, '/mainlogtail');
  const bytes = modifier === undefined ? defaultBytes : modifier.startsWith('-') ? readCount(modifier.slice(1)) : null;
  if (bytes === null) return complainOf(context, `bad argument ${modifier}`);
  return printEnd(context, { method: 'supervisor.readLog', parameters: [], bytes, subject: 'supervisord' });
}

/** Connects the terminal to a process: its output here, lines typed here to its input. */
export async function fg(context: Context, order: { argument: string; help: () => void }): Promise<number> {
  const [name, ...rest] = wordsOf(order.argument);
  if (name === undefined) {
    context.print('ERROR: no process name supplied');
    order.help();
    return exits.generic;
  }
  if (rest.length > 0) return printError(context, 'too many process names supplied');
  try {
    if (!(await isRunning(context, name))) return printError(context, 'process not running');
  } catch (error) {
    if (!(error instanceof XmlRpcFault)) throw error;
    if (error.code === faults.BAD_NAME) return printError(context, 'bad process name supplied');
    context.print(`ERROR: ${faultText(error)}`);
    return exits.success;
  }
  context.print('==> Press Ctrl-C to exit <==');
  const streams = ['stdout', 'stderr'].map((channel) => openStream(context, `/logtail/${name}/${channel}`));
  const interrupted = untilInterrupt(context);
  try {
    for (;;) {
      const line = await Promise.race([context.ask(''), interrupted.came]);
      if (line === null) break;
      const problem = await sendLine(context, { name, line });
      if (problem === null) continue;
      context.print(problem);
      break;
    }
  } finally {
    interrupted.release();
    for (const stream of streams) stream.stop();
  }
  context.print('Exiting foreground');
  return exits.success;
}

async function printEnd(
  context: Context,
  order: { method: string; parameters: readonly string[]; bytes: number; subject: string },
): Promise<number> {
  try {
    const text = readText(await context.call(order.method, ...order.parameters, 0 - order.bytes, 0));
    context.print(text);
    return exits.success;
  } catch (error) {
    if (!(error instanceof XmlRpcFault)) throw error;
    const problem = readProblems.get(error.code);
    if (problem === undefined) throw error;
    context.print(`${order.subject}: ERROR (${problem})`);
    return exits.generic;
  }
}

const readProblems: ReadonlyMap<number, string> = new Map([
  [faults.NO_FILE, 'no log file'],
  [faults.FAILED, 'unknown error reading log'],
  [faults.BAD_NAME, 'no such process name'],
]);

async function follow(context: Context, path: string): Promise<number> {
  context.print('==> Press Ctrl-C to exit <==');
  const stream = openStream(context, path);
  const interrupted = untilInterrupt(context);
  const outcome = await Promise.race([stream.ended, interrupted.came]);
  interrupted.release();
  stream.stop();
  if (outcome === null) context.print('');
  else if (outcome.is === 'failed' && outcome.error instanceof OutputClosed) throw outcome.error;
  return exits.success;
}

// A stream that says on standard error why it could not be read; the command still ends with 0.
function openStream(context: Context, path: string): Stream {
  const stream = context.follow(path, (bytes) => context.write(bytes));
  const address = context.serverurl + path;
  const ended = stream.ended.then((end) => {
    if (end.is === 'refused') context.complain(`${address} Cannot read, status code ${end.status}`);
    if (end.is === 'failed' && !(end.error instanceof OutputClosed)) {
      const [pythonClass = '', ...text] = describeError(end.error).split(', ');
      context.complain(`${address} Cannot connect, error: ${pythonClass} (${text.join(', ')})`);
    }
    return end;
  });
  return { ended, stop: () => stream.stop() };
}

async function isRunning(context: Context, name: string): Promise<boolean> {
  const { state } = readProcess(await context.call('supervisor.getProcessInfo', name));
  return state === processStates.RUNNING.code;
}

async function sendLine(context: Context, { name, line }: { name: string; line: string }): Promise<string | null> {
  try {
    await context.call('supervisor.sendProcessStdin', name, `${line}\n`);
  } catch (error) {
    if (!(error instanceof XmlRpcFault)) throw error;
    return error.code === faults.NOT_RUNNING ? 'Process got killed' : `ERROR: ${faultText(error)}`;
  }
  return (await isRunning(context, name)) ? null : 'Process got killed';
}

// A count of bytes as Python's int() and its XML-RPC library take it.
function readCount(text: string): number | null {
  const count = readInteger(text);
  if (count !== null && Math.abs(count) >= 2 ** 31) throw new NamedError('OverflowError', 'int exceeds XML-RPC limits');
  return count;
}

function complainOf(context: Context, problem: string): number {
  context.print(`Error: ${problem}`);
  return exits.generic;
}

function printError(context: Context, problem: string): number {
  context.print(`ERROR: ${problem}`);
  return exits.generic;
}
