// Commands on processes that run or should run: status, start, stop, restart, signal, pid, clear.
// Lines and exit statuses are supervisorctl's (its supervisorctl.py do_status … do_clear).
import { faults } from '../base/errors.ts';
import { formatNamespec } from '../base/namespec.ts';
import { XmlRpcFault } from '../rpc/xmlrpc.ts';
import { readNumber, readProcess, readProcesses } from './answers.ts';
import type { ProcessRow } from './answers.ts';
import { wordsOf } from './context.ts';
import type { Context } from './context.ts';
import { exits, stoppedCodes } from './exit-statuses.ts';
import { act } from './process-action.ts';
import { askScales, scaleLines } from './scales.ts';
import { select } from './select.ts';

/** Prints a table of the processes named, or of all. */
export async function status(context: Context, argument: string): Promise<number> {
  const all = readProcesses(await context.call('supervisor.getAllProcessInfo'));
  const rows: ProcessRow[] = [];
  let exit: number = exits.success;
  for (const part of select(all, wordsOf(argument))) {
    if ('rows' in part) {
      rows.push(...part.rows);
    } else {
      context.print(`${part.name}: ERROR (${part.error})`);
      exit = exits.statusUnknown;
    }
  }
  const width = Math.max(30, ...rows.map((row) => lengthOf(formatNamespec(row.group, row.name)))) + 3;
  for (const row of rows) {
    context.print(padEnd(formatNamespec(row.group, row.name), width) + padEnd(row.statename, 10) + row.description);
  }
  for (const line of scaleLines(await askScales(context), rows)) context.print(line);
  return rows.some((row) => stoppedCodes.has(row.state)) ? exits.statusNotRunning : exit;
}

/** Starts processes and waits until they run. */
export async function start(context: Context, argument: string): Promise<number> {
  return act(context, {
    names: wordsOf(argument),
    success: 'started',
    problems: new Map([
      [faults.BAD_NAME, 'no such process'],
      [faults.NO_FILE, 'no such file'],
      [faults.NOT_EXECUTABLE, 'file is not executable'],
      [faults.ALREADY_STARTED, 'already started'],
      [faults.SPAWN_ERROR, 'spawn error'],
      [faults.ABNORMAL_TERMINATION, 'abnormal termination'],
    ]),
    ignored: faults.ALREADY_STARTED,
    noSuchGroup: exits.usage,
    methods: { one: 'startProcess', group: 'startProcessGroup', all: 'startAllProcesses' },
  });
}

/** Stops processes and waits until they are gone. */
export async function stop(context: Context, argument: string): Promise<number> {
  return act(context, {
    names: wordsOf(argument),
    success: 'stopped',
    problems: signalProblems,
    rawFailure: true,
    ignored: faults.NOT_RUNNING,
    noSuchGroup: exits.generic,
    methods: { one: 'stopProcess', group: 'stopProcessGroup', all: 'stopAllProcesses' },
  });
}

/** Stops, then starts: two calls, as supervisorctl does. */
export async function restart(context: Context, argument: string): Promise<number> {
  const stopped = await stop(context, argument);
  const started = await start(context, argument);
  return started === exits.success ? stopped : started;
}

/** Sends a signal to processes. */
export async function signal(context: Context, argument: string): Promise<number> {
  const [name = '', ...names] = wordsOf(argument);
  return act(context, {
    names,
    success: 'signalled',
    problems: signalProblems,
    rawFailure: true,
    ignored: null,
    noSuchGroup: exits.generic,
    methods: { one: 'signalProcess', group: 'signalProcessGroup', all: 'signalAllProcesses' },
    parameters: [name],
  });
}

/** Prints the daemon's pid, or those of the processes named. */
export async function pid(context: Context, argument: string): Promise<number> {
  const names = wordsOf(argument);
  if (names.length === 0) {
    context.print(String(readNumber(await context.call('supervisor.getPID'))));
    return exits.success;
  }
  if (names.includes('all')) {
    const all = readProcesses(await context.call('supervisor.getAllProcessInfo'));
    for (const row of all) context.print(String(row.pid));
    return exits.success;
  }
  let exit: number = exits.success;
  for (const name of names) {
    try {
      const row = readProcess(await context.call('supervisor.getProcessInfo', name));
      context.print(String(row.pid));
      if (row.pid === 0) exit = exits.notRunning;
    } catch (error) {
      if (!(error instanceof XmlRpcFault) || error.code !== faults.BAD_NAME) throw error;
      context.print(`No such process ${name}`);
      exit = exits.generic;
    }
  }
  return exit;
}

/** Empties the log files of processes. */
export async function clear(context: Context, argument: string): Promise<number> {
  return act(context, {
    names: wordsOf(argument),
    success: 'cleared',
    problems: new Map([
      [faults.BAD_NAME, 'no such process'],
      [faults.FAILED, 'failed'],
    ]),
    ignored: null,
    noSuchGroup: exits.generic,
    methods: { one: 'clearProcessLogs', group: null, all: 'clearAllProcessLogs' },
  });
}

const signalProblems: ReadonlyMap<number, string> = new Map([
  [faults.BAD_NAME, 'no such process'],
  [faults.BAD_SIGNAL, 'bad signal name'],
  [faults.NOT_RUNNING, 'not running'],
]);

// Python counts code points, not UTF-16 units.
function lengthOf(text: string): number {
  return Array.from(text).length;
}

function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - lengthOf(text)));
}
