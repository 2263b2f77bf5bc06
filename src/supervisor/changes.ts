// What has to be done to the processes of a group that runs for it to become as a configuration says: an update, or another
// number of processes. Those that are as they should be are not in it.

import { Fault } from '../base/errors.ts';
import { parseNamespec } from '../base/namespec.ts';
import { processDiffers } from '../config/diff.ts';
import type { GroupConfig, ProcessConfig } from '../config/programs.ts';
import type { Group } from './group.ts';
import type { RollOrder } from './roll.ts';

/** The orders of a group; `differs` says whether one that stays has to be replaced. The last ones leave first. */
export function ordersFor(
  group: Group,
  wanted: readonly ProcessConfig[],
  {
    concerns = () => true,
    differs,
  }: {
    readonly concerns?: (process: ProcessConfig) => boolean;
    readonly differs: (before: ProcessConfig, after: ProcessConfig) => boolean;
  },
): readonly RollOrder[] {
  const { name } = group.config;
  const running = new Map(group.processes.map((process) => [process.config.name, process]));
  const names = new Set(wanted.map((config) => config.name));
  const staying = wanted.flatMap((config): RollOrder[] => {
    const process = running.get(config.name) ?? null;
    if (process === null) return [{ task: 'add', group: name, process, config: likeItsSiblings(config, group) }];
    return differs(process.config, config) ? [{ task: 'replace', group: name, process, config }] : [];
  });
  const leaving = group.processes
    .filter(({ config }) => concerns(config) && !names.has(config.name))
    .toSorted((a, b) => b.config.number - a.config.number)
    .map((process): RollOrder => ({ task: 'remove', group: name, process, config: process.config }));
  return [...staying, ...leaving];
}

/** The orders of an update. */
export function updateOrders(group: Group, after: GroupConfig): readonly RollOrder[] {
  return ordersFor(group, after.processes, { differs: processDiffers });
}

/** Processes of one FastCGI program share one socket. */
function likeItsSiblings(config: ProcessConfig, group: Group): ProcessConfig {
  const sibling = group.processes.find((process) => process.config.section === config.section);
  return sibling === undefined ? config : { ...config, socket: sibling.config.socket };
}

/** A program whose number of processes can be another one. */
export interface Scalable {
  readonly group: Group;
  readonly section: string;
  /** As people write it. */
  readonly name: string;
}

/** The program that a name stands for: that of the group of this name, `group:program`, or a program. Throws Fault. */
export function findScalable(name: string, groups: readonly Group[]): Scalable {
  const asked = parseNamespec(name);
  const named = groups.find(({ config }) => config.name === asked.group);
  const program = !name.includes(':') && named === undefined ? name : name.includes(':') ? asked.process : null;
  const found = (named === undefined && !name.includes(':') ? groups : groups.filter((group) => group === named))
    .flatMap((group) =>
      group.processes.map(({ config }) => ({ group, section: config.section, program: config.program })),
    )
    .filter((one) => program === null || one.program === program);
  const all = [...new Map(found.map((one) => [`${one.group.config.name}:${one.program}`, one]))];
  const [first] = all;
  if (first === undefined) throw new Fault('BAD_NAME', name);
  if (all.length > 1) {
    const names = all.map(([key]) => key).join(', ');
    throw new Fault('FAILED', `${name} stands for several programs: ${names}; scale one of them`);
  }
  const [key, { group, section }] = first;
  const { kind } = group.config;
  if (kind === 'eventlistener' || kind === 'proxy')
    throw new Fault('FAILED', `${name} is of kind ${kind}, and only programs can be scaled`);
  // Numbers are kept by section, which would change the other group too.
  const isElsewhere = groups.some(
    (other) => other !== group && other.processes.some(({ config }) => config.section === section),
  );
  if (isElsewhere)
    throw new Fault('FAILED', `[${section}] runs in several groups, and cannot be scaled in one of them`);
  return { group, section, name: kind === 'group' ? key : group.config.name };
}
