// From the names that clients send to groups, processes and their logs (supervisord's rpcinterface.py
// `_getGroupAndProcess`, `_getAllProcesses`). BAD_NAME repeats the name as it was sent.

import { Fault } from '../base/errors.ts';
import { formatNamespec, parseNamespec } from '../base/namespec.ts';
import { byCodeUnit } from '../base/ordering.ts';
import type { RpcGroup, RpcProcess, RpcSupervisor } from './context.ts';

type Groups = Pick<RpcSupervisor, 'findGroup'>;

/** A process, or its group when `group:*` was asked for; throws BAD_NAME. */
export function findNamed(groups: Groups, name: string): { group: RpcGroup; process: RpcProcess | null } {
  const namespec = parseNamespec(name);
  const group = findGroup(groups, { group: namespec.group, asked: name });
  if (namespec.process === null) return { group, process: null };
  const process = processIn(group, namespec.process);
  if (process === undefined) throw new Fault('BAD_NAME', name);
  return { group, process };
}

/** A single process; throws BAD_NAME for a whole group too. */
export function findProcess(groups: Groups, name: string): RpcProcess {
  const { process } = findNamed(groups, name);
  if (process === null) throw new Fault('BAD_NAME', name);
  return process;
}

/** A group by its name; throws BAD_NAME with what was asked for. */
export function findGroup(groups: Groups, name: { readonly group: string; readonly asked: string }): RpcGroup {
  const group = groups.findGroup(name.group);
  if (group === undefined) throw new Fault('BAD_NAME', name.asked);
  return group;
}

/** The file that a channel's output goes to; null when there is no such process, channel or file. */
export function findLog(groups: Groups, log: { readonly name: string; readonly channel: string }): string | null {
  const namespec = parseNamespec(log.name);
  const group = groups.findGroup(namespec.group);
  const process = group === undefined || namespec.process === null ? undefined : processIn(group, namespec.process);
  if (process === undefined) return null;
  if (log.channel === 'stdout') return process.stdoutLog;
  return log.channel === 'stderr' ? process.stderrLog : null;
}

/** Every process, sorted by the names of group and process. */
export function lexically<T extends { readonly group: string; readonly config: { readonly name: string } }>(
  groups: readonly { readonly processes: readonly T[] }[],
): T[] {
  return groups
    .flatMap((group) => group.processes)
    .toSorted((a, b) => byCodeUnit(a.group, b.group) || byCodeUnit(a.config.name, b.config.name));
}

/** The name that answers and faults give a process. */
export function nameOf(process: RpcProcess): string {
  return formatNamespec(process.group, process.config.name);
}

function processIn(group: RpcGroup, name: string): RpcProcess | undefined {
  return group.processes.find((process) => process.config.name === name);
}
