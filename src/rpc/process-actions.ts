// Start, stop, signal and clear, for one process and for many: the order of checks, the faults and the waiting are
// those of supervisord's rpcinterface.py. Waiting is a promise that settles at the process's next changes of state.

import type { Timer } from '../base/clock.ts';
import { Fault, faults } from '../base/errors.ts';
import { inPieces } from '../base/pieces.ts';
import { isRunning, isStopped } from '../base/states.ts';
import { isSystemError } from '../base/system-error.ts';
import type { RpcContext, RpcProcess } from './context.ts';
import { nameOf } from './names.ts';
import type { XmlRpcStruct } from './xmlrpc.ts';

/** What a request does to one process; `name` is how it was asked for, which faults repeat. A promise means waiting. */
type Action = (process: RpcProcess, name: string) => void | Promise<void>;

/** supervisord says whom it waits for at most this often. */
const reportEveryMs = 2000;

/** Those who are waited for are looked at this often by supervisord, always in the same order. */
const lookEveryMs = 50;

/** Starts a process and, with `wait`, waits until it is RUNNING. Throws at once what can be told at once. */
export function startProcess(process: RpcProcess, options: { name: string; wait: boolean }): void | Promise<void> {
  const { name, wait } = options;
  // The command is looked for first: a running program whose file has vanished answers NO_FILE.
  const command = process.findCommand();
  if ('error' in command) throw new Fault(command.fault, command.error);
  if (isRunning(process.wireState)) throw new Fault('ALREADY_STARTED', name);
  if (process.wireState === 'UNKNOWN') throw new Fault('FAILED', `${name} is in an unknown process state`);
  process.start();
  if (process.spawnError !== '') throw new Fault('SPAWN_ERROR', name);
  return wait && process.wireState !== 'RUNNING' ? untilRunning(process, name) : undefined;
}

async function untilRunning(process: RpcProcess, name: string): Promise<void> {
  const { startsecs } = process.config.options;
  while (process.wireState !== 'RUNNING') {
    // It was RUNNING as soon as it was spawned, which is all that is waited for.
    if (startsecs === 0 && process.wireState === 'EXITED') return;
    if (process.spawnError !== '') throw new Fault('SPAWN_ERROR', name);
    if (process.wireState !== 'STARTING') throw new Fault('ABNORMAL_TERMINATION', name);
    await process.changed();
  }
}

/** Stops a process and, with `wait`, waits until it is gone. Throws at once what can be told at once. */
export function stopProcess(
  process: RpcProcess,
  options: { name: string; wait: boolean; context: RpcContext },
): void | Promise<void> {
  const { name, wait, context } = options;
  if (!isRunning(process.wireState)) {
    rememberStop(process);
    throw new Fault('NOT_RUNNING', name);
  }
  const { pid } = process;
  process.stop();
  if (process.wireState === 'UNKNOWN') {
    throw new Fault('FAILED', `unknown problem killing ${process.config.name} (${pid})`);
  }
  return wait && !isStopped(process.wireState) ? untilStopped(process, context) : undefined;
}

/** One that is on its way down to be started again is to stay down, though the answer is that it does not run. */
export function rememberStop(process: RpcProcess): void {
  if (process.wireState === 'STOPPING') process.stop();
}

interface OrderedStop {
  readonly process: RpcProcess;
  readonly name: string;
  readonly wait: boolean;
  readonly context: RpcContext;
}

/** Stops a process once those are stopped that depend on it. Without `wait` it answers at once and stops it then. */
export function stopAfter(dependents: readonly RpcProcess[], stop: OrderedStop): void | Promise<void> {
  const { process, wait, context } = stop;
  if (dependents.every(({ wireState }) => isStopped(wireState))) return stopProcess(process, stop);
  const stopped = Promise.all(dependents.map(untilDown)).then(() =>
    isRunning(process.wireState) ? stopProcess(process, stop) : undefined,
  );
  if (wait) return stopped;
  // It was answered that this is done: what goes wrong now can only be logged.
  return void stopped.catch((error: unknown) => context.logger.info(`cannot stop ${stop.name}: ${String(error)}`));
}

/** Also when it begins anew at once. */
async function untilDown(process: RpcProcess): Promise<void> {
  for (let was = process.wireState; !isStopped(process.wireState); was = process.wireState) {
    await process.changed();
    if (was === 'STOPPING' && process.wireState !== 'STOPPING') return;
  }
}

async function untilStopped(process: RpcProcess, context: RpcContext): Promise<void> {
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
    throw isSystemError(error) ? new Fault('FAILED', name) : error;
  }
}

/**
 * Does the same to many processes at once and answers supervisord's status structs: those that are settled at once, then
 * the others as they settle, in the order in which supervisord would find them settled.
 */
export async function forEachProcess(
  processes: readonly RpcProcess[],
  { action, clock }: { readonly action: Action; readonly clock: RpcContext['clock'] },
): Promise<XmlRpcStruct[]> {
  const began = clock.now();
  const waiting: Promise<{ readonly look: number; readonly status: XmlRpcStruct }>[] = [];
  const results: XmlRpcStruct[] = [];
  const act = (process: RpcProcess): void => {
    try {
      const pending = action(process, nameOf(process));
      if (pending === undefined) return void results.push(statusOf(process, null));
      const status = pending.then(
        () => statusOf(process, null),
        (error: unknown) => statusOf(process, error),
      );
      waiting.push(
        status.then((settled) => ({ look: Math.ceil((clock.now() - began) / lookEveryMs), status: settled })),
      );
    } catch (error) {
      results.push(statusOf(process, error));
    }
  };
  await inPieces(processes, { clock, work: act });
  const settled = await Promise.all(waiting);
  return results.concat(settled.toSorted((a, b) => a.look - b.look).map(({ status }) => status));
}

/** Throws what is not a Fault: a bug is not one process's bad luck. */
function statusOf(process: RpcProcess, error: unknown): XmlRpcStruct {
  const named = { name: process.config.name, group: process.group };
  if (error === null) return { ...named, status: faults.SUCCESS, description: 'OK' };
  if (!(error instanceof Fault)) throw error;
  return { ...named, status: error.code, description: error.message };
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
