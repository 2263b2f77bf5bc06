// Start, stop, signal and clear, for one process and for many: the order of checks, the faults and the waiting are
// those of supervisord's rpcinterface.py. Waiting is a promise that settles at the process's next changes of state.

import type { Timer } from '../base/clock.ts';
import { Fault, faults } from '../base/errors.ts';
import { isRunning, isStopped } from '../base/states.ts';
import type { RpcContext, RpcProcess } from './context.ts';
import { nameOf } from './names.ts';
import type { XmlRpcStruct } from './xmlrpc.ts';

/** What a request does to one process; `name` is how it was asked for, which faults repeat. */
type Action = (process: RpcProcess, name: string) => void | Promise<void>;

/** supervisord says whom it waits for at most this often. */
const reportEveryMs = 2000;

/** Starts a process and, with `wait`, waits until it is RUNNING. */
export async function startProcess(process: RpcProcess, options: { name: string; wait: boolean }): Promise<void> {
  const { name, wait } = options;
  // The command is looked for first: a running program whose file has vanished answers NO_FILE.
  const command = process.findCommand();
  if ('error' in command) throw new Fault(command.fault, command.error);
  if (isRunning(process.wireState)) throw new Fault('ALREADY_STARTED', name);
  if (process.wireState === 'UNKNOWN') throw new Fault('FAILED', `${name} is in an unknown process state`);
  process.start();
  if (process.spawnError !== '') throw new Fault('SPAWN_ERROR', name);
  if (!wait) return;
  while (process.wireState !== 'RUNNING') {
    if (process.spawnError !== '') throw new Fault('SPAWN_ERROR', name);
    if (process.wireState !== 'STARTING') throw new Fault('ABNORMAL_TERMINATION', name);
    await process.changed();
  }
}

/** Stops a process and, with `wait`, waits until it is gone. */
export async function stopProcess(
  process: RpcProcess,
  options: { name: string; wait: boolean; context: RpcContext },
): Promise<void> {
  const { name, wait, context } = options;
  if (!isRunning(process.wireState)) throw new Fault('NOT_RUNNING', name);
  const { pid } = process;
  process.stop();
  if (process.wireState === 'UNKNOWN')
    throw new Fault('FAILED', `unknown problem killing ${process.config.name} (${pid})`);
  if (!wait) return;
  while (!isStopped(process.wireState)) {
    if (process.wireState === 'STOPPING') context.logger.info(`waiting for ${process.config.name} to stop`);
    await changedOrLater(process, context);
  }
}

/** Sends a signal to a process that is up or on its way up or down. */
export function signalProcess(process: RpcProcess, options: { name: string; signal: number }): void {
  const { name, signal } = options;
  renamingFaults(name, () => process.signal(signal));
  if (process.wireState === 'UNKNOWN') {
    throw new Fault('FAILED', `unknown problem sending sig ${process.config.name} (${process.pid})`);
  }
}

/** Writes to a process's stdin; throws NOT_RUNNING, or NO_FILE when the stdin is closed. */
export function writeToStdin(process: RpcProcess, options: { name: string; text: string }): void {
  renamingFaults(options.name, () => process.writeStdin(Buffer.from(options.text)));
}

/** Empties a process's logs; throws FAILED when a file cannot be removed or opened. */
export function clearLogs(process: RpcProcess, name: string): void {
  try {
    process.clearLogs();
  } catch (error) {
    throw error instanceof Error && 'code' in error ? new Fault('FAILED', name) : error;
  }
}

/**
 * Does the same to many processes at once and answers supervisord's status structs: those that are settled at once in
 * their order, then the others as they settle.
 */
export async function forEachProcess(processes: readonly RpcProcess[], action: Action): Promise<XmlRpcStruct[]> {
  const results: XmlRpcStruct[] = [];
  const attempt = async (process: RpcProcess): Promise<void> => {
    const result = { name: process.config.name, group: process.group };
    try {
      await action(process, nameOf(process));
      results.push({ ...result, status: faults.SUCCESS, description: 'OK' });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      results.push({ ...result, status: error.code, description: error.message });
    }
  };
  await Promise.all(processes.map(attempt));
  return results;
}

async function changedOrLater(process: RpcProcess, { clock }: RpcContext): Promise<void> {
  let timer: Timer | undefined;
  const later = new Promise<void>((resolve) => {
    timer = clock.after(reportEveryMs, resolve);
  });
  await Promise.race([process.changed(), later]);
  timer?.cancel();
}

/** A process throws its faults without a name; the answer repeats the name that was asked for. */
function renamingFaults(name: string, run: () => void): void {
  try {
    run();
  } catch (error) {
    throw error instanceof Fault && error.message === error.fault ? new Fault(error.fault, name) : error;
  }
}
