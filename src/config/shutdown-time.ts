// Whether the time that a shutdown is given is enough for what the programs are given: a shutdown_timeout that is shorter
// than the sum of stopwaitsecs cuts some of them short, which is worth a warning. Pure.

import { ConfigError } from '../base/errors.ts';
import { processesOfName } from './dependencies.ts';
import { findOption, type IniDocument } from './ini.ts';
import type { GroupConfig, ProcessConfig } from './programs.ts';

interface Timed {
  readonly supervisord: { readonly shutdown_timeout: number | null; readonly predrain: number };
  readonly groups: readonly GroupConfig[];
}

/** Named one by one in the warning; the rest is counted. */
const named = 5;

/** One note, or none. Groups stop one after the other, the processes of a group together. */
export function shutdownNotes(config: Timed, document: IniDocument): readonly ConfigError[] {
  const { shutdown_timeout: timeout, predrain } = config.supervisord;
  if (timeout === null) return [];
  const waits = config.groups
    .map(({ name, processes }) => ({
      name,
      wait: longestStop(processes, config.groups),
    }))
    .filter(({ wait }) => wait > 0);
  if (predrain > 0) waits.push({ name: 'predrain', wait: predrain });
  const sum = waits.reduce((total, { wait }) => total + wait, 0);
  if (sum <= timeout) return [];
  const longest = waits.toSorted((a, b) => b.wait - a.wait);
  const parts = longest.slice(0, named).map(({ name, wait }) => `${name} ${wait}`);
  if (longest.length > named) parts.push(`${longest.length - named} more`);
  const written = findOption(document, { section: 'supervisord', name: 'shutdown_timeout' });
  return [
    new ConfigError(
      `shutdown_timeout=${timeout} is shorter than the ${sum} seconds that ${predrain > 0 ? 'predrain and ' : ''}stopwaitsecs allow ` +
        `(${parts.join(', ')}): what still lives by then is killed`,
      {
        where: written?.where,
        section: 'supervisord',
        option: 'shutdown_timeout',
        value: written?.text,
        accepted: `${sum} seconds or more, or shorter stopwaitsecs`,
      },
    ),
  ];
}

/** Of a group: its longest wait, or that of processes that depend on each other and stop one after the other. */
function longestStop(processes: readonly ProcessConfig[], groups: readonly GroupConfig[]): number {
  const known = new Map<ProcessConfig, number>();
  const all = groups.map((group) => ({ config: group, processes: group.processes.map((config) => ({ config })) }));
  const longest = (process: ProcessConfig): number => {
    const before = known.get(process);
    if (before !== undefined) return before;
    const names = process.options.depends_on.flatMap(({ name }) => processesOfName(name, all) ?? []);
    const inGroup = names.filter(({ config }) => processes.includes(config));
    const wait = process.options.stopwaitsecs + Math.max(0, ...inGroup.map(({ config }) => longest(config)));
    known.set(process, wait);
    return wait;
  };
  return Math.max(0, ...processes.map(longest));
}
