// Who depends on whom: names that exist, numbers that can be reached, no cycles. Between processes, for those of one
// program may depend on different ones. Pure.

import { ConfigError } from '../base/errors.ts';
import { formatNamespec, parseNamespec } from '../base/namespec.ts';
import { type Dependency, dependencies, writeDependency } from './depends-on.ts';
import { findOption, type IniDocument } from './ini.ts';
import { type Message, warning } from './messages.ts';
import type { GroupConfig, ProcessConfig } from './programs.ts';
import { closest } from './spelling.ts';

/** What a name of `depends_on` is looked for in. */
export interface GroupOf<P extends ProcessOf> {
  readonly config: { readonly name: string };
  readonly processes: readonly P[];
}

interface ProcessOf {
  readonly config: { readonly name: string; readonly program: string };
}

/**
 * The processes that a name stands for: group:process, a group (also written group:*), or a program wherever it is. Null
 * when there is none of them; a group without processes answers an empty list.
 */
export function processesOfName<P extends ProcessOf>(name: string, groups: readonly GroupOf<P>[]): readonly P[] | null {
  const namespec = parseNamespec(name);
  const group = groups.find(({ config }) => config.name === namespec.group);
  if (name.includes(':') && namespec.process !== null) {
    const process = group?.processes.find(({ config }) => config.name === namespec.process);
    return process === undefined ? null : [process];
  }
  if (group !== undefined) return group.processes;
  const ofProgram = groups.flatMap(({ processes }) => processes.filter(({ config }) => config.program === name));
  return ofProgram.length === 0 ? null : ofProgram;
}

/** Checks all `depends_on`; throws ConfigError for the first that cannot be, answers warnings. */
export function checkDependencies(groups: readonly GroupConfig[], document: IniDocument): readonly Message[] {
  const nodes = groups.map((group) => ({
    config: group,
    processes: group.processes.map((config): Node => ({ config, group: group.name })),
  }));
  const all = nodes.flatMap(({ processes }) => processes);
  if (all.every(({ config }) => config.options.depends_on.length === 0)) return [];
  const warnings = new Set<string>();
  const edges = new Map<Node, readonly Node[]>();
  for (const node of all) {
    const { depends_on } = node.config.options;
    edges.set(
      node,
      depends_on.flatMap((dependency) => {
        const found = processesOfName(dependency.name, nodes);
        if (found === null) throw unknownName(dependency, { node, nodes, document });
        if (dependency.atLeast !== null && dependency.atLeast > found.length) {
          const has = `${found.length} ${found.length === 1 ? 'process' : 'processes'}`;
          const message = `[${node.config.section}] waits for ${dependency.atLeast} of ${dependency.name}, which has ${has}`;
          throw badDependency(message, { node, document });
        }
        const slow = dependency.until === 'completed' ? found.find(({ config }) => config.options.startsecs > 0) : null;
        if (slow) warnings.add(slowEnd(dependency, { node, slow }));
        return found;
      }),
    );
  }
  const cycle = findCycle(all, edges);
  if (cycle !== null) throw cycleError(cycle, document);
  return [...warnings].map(warning);
}

interface Node {
  readonly config: ProcessConfig;
  readonly group: string;
}

/** A chain of nodes whose last is its first; null when there is none. Without recursion: a chain may be long. */
function findCycle(all: readonly Node[], edges: ReadonlyMap<Node, readonly Node[]>): readonly Node[] | null {
  const done = new Set<Node>();
  for (const root of all) {
    const path: { readonly node: Node; readonly rest: Node[] }[] = [];
    const onPath = new Set<Node>();
    const enter = (node: Node): void => {
      path.push({ node, rest: [...(edges.get(node) ?? [])] });
      onPath.add(node);
    };
    if (!done.has(root)) enter(root);
    for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
      const next = last.rest.shift();
      if (next === undefined) {
        done.add(last.node);
        onPath.delete(last.node);
        path.pop();
      } else if (onPath.has(next)) {
        const chain = path.map(({ node }) => node);
        return [...chain.slice(chain.indexOf(next)), next];
      } else if (!done.has(next)) enter(next);
    }
  }
  return null;
}

function cycleError(cycle: readonly Node[], document: IniDocument): ConfigError {
  const chain = cycle.map(({ config, group }) => formatNamespec(group, config.name)).join(' -> ');
  const [node] = cycle;
  if (node === undefined) return new ConfigError(chain);
  return badDependency(`[${node.config.section}] depends on itself: ${chain}`, { node, document });
}

interface UnknownName {
  readonly node: Node;
  readonly nodes: readonly GroupOf<Node>[];
  readonly document: IniDocument;
}

function unknownName({ name }: Dependency, { node, nodes, document }: UnknownName): ConfigError {
  const known = nodes.flatMap(({ config, processes }) => [
    config.name,
    ...processes.flatMap((process) => [process.config.program, `${config.name}:${process.config.name}`]),
  ]);
  const guess = closest(name, [...new Set(known)]);
  const meant = guess === null ? '' : `, did you mean ${guess}?`;
  const message = `[${node.config.section}] depends on unknown program or group ${name}${meant}`;
  return badDependency(message, { node, document });
}

function badDependency(
  message: string,
  { node, document }: { readonly node: Node; readonly document: IniDocument },
): ConfigError {
  const { section, where } = node.config;
  const written = findOption(document, { section, name: 'depends_on' });
  return new ConfigError(message, {
    where: written?.where ?? where,
    section,
    option: 'depends_on',
    value: written?.text,
    accepted: dependencies.accepted,
  });
}

function slowEnd(dependency: Dependency, { node, slow }: { readonly node: Node; readonly slow: Node }): string {
  const { section, where } = node.config;
  return (
    `${where.file}:${where.line}: [${section}] depends_on=${writeDependency(dependency)} waits for the end of a program ` +
    `with startsecs=${slow.config.options.startsecs}, for which a quick end is a failed start: ` +
    'a job wants startsecs=0, autorestart=false, exitcodes=0'
  );
}
