// Commands on the configuration: avail, reread, update, add, remove.
// Lines and exit statuses are supervisorctl's (its supervisorctl.py do_avail … do_update).
import { faults } from '../base/errors.ts';
import { formatNamespec } from '../base/namespec.ts';
import { XmlRpcFault, type XmlRpcValue } from '../rpc/xmlrpc.ts';
import { readChanges, readConfigs, readOutcomes, readProcesses } from './answers.ts';
import { wordsOf } from './context.ts';
import type { Context } from './context.ts';
import { exits } from './exit-statuses.ts';
import { isUnknownMethod } from './problem.ts';
import { beginAndFollow, plainWords, runRollJson } from './run-roll.ts';

/** Lists every configured process, in use or not. */
export async function avail(context: Context): Promise<number> {
  try {
    for (const row of readConfigs(await context.call('supervisor.getAllConfigInfo'))) {
      const name = formatNamespec(row.group, row.name).padEnd(32);
      const inUse = (row.inuse ? 'in use' : 'avail').padEnd(9);
      const autostart = (row.autostart ? 'auto' : 'manual').padEnd(9);
      context.print(`${name} ${inUse} ${autostart} ${row.groupPriority}:${row.processPriority}`);
    }
    return exits.success;
  } catch (error) {
    return shuttingDown(context, { error, line: 'ERROR: supervisor shutting down' });
  }
}

/** Reads the configuration anew and says what differs from what runs. */
export async function reread(context: Context): Promise<number> {
  try {
    const { added, changed, removed } = readChanges(await context.call('supervisor.reloadConfig'));
    const kinds = new Map<string, string>();
    for (const name of added) kinds.set(name, 'available');
    for (const name of changed) kinds.set(name, 'changed');
    for (const name of removed) kinds.set(name, 'disappeared');
    if (kinds.size === 0) context.print('No config updates to processes');
    for (const name of [...kinds.keys()].toSorted(byCodePoint)) context.print(`${name}: ${kinds.get(name)}`);
    return exits.success;
  } catch (error) {
    if (error instanceof XmlRpcFault && error.code === faults.CANT_REREAD) {
      context.print(`ERROR: ${error.message}`);
      return exits.generic;
    }
    return shuttingDown(context, { error, line: 'ERROR: supervisor shutting down' });
  }
}

/**
 * Reads the configuration anew and makes what runs agree with it, for the groups named or for all. corevisord does it, and
 * rolls what stands in an upstream; with supervisord it is done from here, call by call, as supervisorctl does it.
 */
export async function update(context: Context, argument: string): Promise<number> {
  try {
    return await beginAndFollow(context, updateOf(argument));
  } catch (error) {
    if (isUnknownMethod(error)) return updateByHand(context, argument);
    if (error instanceof XmlRpcFault && error.code === faults.FAILED) {
      context.print(`ERROR (${error.message.replace('FAILED: ', '')})`);
      return exits.generic;
    }
    return shuttingDown(context, { error, line: 'ERROR: already shutting down' });
  }
}

/** The same, with one JSON document at the end. */
export function updateJson(context: Context, argument: string): Promise<number> {
  return runRollJson(context, updateOf(argument));
}

function updateOf(argument: string): { readonly method: string; readonly parameters: readonly XmlRpcValue[] } {
  return { method: 'corevisor.update', parameters: [plainWords(argument)] };
}

async function updateByHand(context: Context, argument: string): Promise<number> {
  const log = (group: string, text: string): void => context.print(`${group}: ${text}`);
  let changes;
  try {
    changes = readChanges(await context.call('supervisor.reloadConfig'));
  } catch (error) {
    return shuttingDown(context, { error, line: 'ERROR: already shutting down' });
  }
  const { added, changed, removed } = changes;
  const words = wordsOf(argument);
  const wanted = new Set(words.includes('all') ? [] : words);
  const isWanted = (group: string): boolean => wanted.size === 0 || wanted.has(group);
  let exit = await refuseUnknown(context, { wanted, added });

  for (const group of removed.filter(isWanted)) {
    const outcomes = readOutcomes(await context.call('supervisor.stopProcessGroup', group));
    log(group, 'stopped');
    if (outcomes.some((outcome) => outcome.status === faults.FAILED)) {
      log(group, 'has problems; not removing');
      exit = exits.generic;
      continue;
    }
    await context.call('supervisor.removeProcessGroup', group);
    log(group, 'removed process group');
  }
  for (const group of changed.filter(isWanted)) {
    await context.call('supervisor.stopProcessGroup', group);
    log(group, 'stopped');
    await context.call('supervisor.removeProcessGroup', group);
    await context.call('supervisor.addProcessGroup', group);
    log(group, 'updated process group');
  }
  for (const group of added.filter(isWanted)) {
    await context.call('supervisor.addProcessGroup', group);
    log(group, 'added process group');
  }
  return exit;
}

/** Makes groups of the last read configuration run. */
export async function add(context: Context, argument: string): Promise<number> {
  let exit: number = exits.success;
  for (const name of wordsOf(argument)) {
    try {
      await context.call('supervisor.addProcessGroup', name);
      context.print(`${name}: added process group`);
    } catch (error) {
      if (!(error instanceof XmlRpcFault)) throw error;
      if (error.code === faults.ALREADY_ADDED) {
        context.print('ERROR: process group already active');
      } else if (error.code === faults.SHUTDOWN_STATE) {
        context.print('ERROR: shutting down');
        exit = exits.generic;
      } else if (error.code === faults.BAD_NAME) {
        context.print(`ERROR: no such process/group: ${name}`);
        exit = exits.generic;
      } else {
        throw error;
      }
    }
  }
  return exit;
}

/** Forgets stopped groups. */
export async function remove(context: Context, argument: string): Promise<number> {
  let exit: number = exits.success;
  for (const name of wordsOf(argument)) {
    try {
      await context.call('supervisor.removeProcessGroup', name);
      context.print(`${name}: removed process group`);
    } catch (error) {
      if (!(error instanceof XmlRpcFault)) throw error;
      if (error.code === faults.STILL_RUNNING) {
        context.print(`ERROR: process/group still running: ${name}`);
      } else if (error.code === faults.BAD_NAME) {
        context.print(`ERROR: no such process/group: ${name}`);
      } else {
        throw error;
      }
      exit = exits.generic;
    }
  }
  return exit;
}

async function refuseUnknown(
  context: Context,
  { wanted, added }: { wanted: ReadonlySet<string>; added: readonly string[] },
): Promise<number> {
  if (wanted.size === 0) return exits.success;
  const running = readProcesses(await context.call('supervisor.getAllProcessInfo')).map(({ group }) => group);
  const known = new Set([...running, ...added]);
  const unknown = [...wanted].filter((group) => !known.has(group));
  for (const group of unknown) context.print(`ERROR: no such group: ${group}`);
  return unknown.length === 0 ? exits.success : exits.generic;
}

function shuttingDown(context: Context, { error, line }: { error: unknown; line: string }): number {
  if (!(error instanceof XmlRpcFault) || error.code !== faults.SHUTDOWN_STATE) throw error;
  context.print(line);
  return exits.generic;
}

function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
