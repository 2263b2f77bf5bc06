// Who depends on whom among the processes that are there, and the orders that follow: dependencies first to start, last to
// stop. Where no edge says otherwise an order stays as it is given.

import { processesOfName } from '../config/dependencies.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import type { Group } from './group.ts';

/** By process, those at the other end of its edges; who has none is not in it. */
export type Edges = ReadonlyMap<ManagedProcess, readonly ManagedProcess[]>;

/** From each process to those that it depends on directly. Names that stand for nothing at present have no edge. */
export function edgesOf(groups: readonly Group[]): Edges {
  const edges = new Map<ManagedProcess, readonly ManagedProcess[]>();
  for (const process of groups.flatMap((group) => group.processes)) {
    const { depends_on } = process.config.options;
    const found = depends_on.flatMap(({ name }) => processesOfName(name, groups) ?? []);
    if (found.length > 0) edges.set(process, found);
  }
  return edges;
}

/** From each process to those that depend on it directly. */
export function reversed(edges: Edges): Edges {
  const dependents = new Map<ManagedProcess, ManagedProcess[]>();
  for (const [process, dependencies] of edges) {
    for (const dependency of dependencies) {
      const others = dependents.get(dependency);
      if (others === undefined) dependents.set(dependency, [process]);
      else others.push(process);
    }
  }
  return dependents;
}

/** Each process behind those of them that it depends on, also through others. */
export function dependenciesFirst(processes: readonly ManagedProcess[], edges: Edges): readonly ManagedProcess[] {
  if (edges.size === 0) return processes;
  const wanted = new Set(processes);
  const seen = new Set<ManagedProcess>();
  const ordered: ManagedProcess[] = [];
  const visit = (process: ManagedProcess): void => {
    if (seen.has(process)) return;
    seen.add(process);
    for (const dependency of edges.get(process) ?? []) visit(dependency);
    if (wanted.has(process)) ordered.push(process);
  };
  for (const process of processes) visit(process);
  return ordered;
}

/**
 * By process, those of them that depend on it, also through others. Should they depend on each other in a circle, which
 * groups of two files that run side by side may, only those of them count that start later.
 */
export function dependentsAmong(processes: readonly ManagedProcess[], edges: Edges): Edges {
  if (edges.size === 0) return new Map();
  const rank = new Map(dependenciesFirst(processes, edges).map((process, index) => [process, index]));
  const dependents = reversed(edges);
  return new Map(
    processes.map((process) => [
      process,
      reachable(process, dependents).filter((other) => (rank.get(other) ?? -1) > (rank.get(process) ?? 0)),
    ]),
  );
}

function reachable(process: ManagedProcess, edges: Edges): readonly ManagedProcess[] {
  const found = new Set<ManagedProcess>();
  const left = [process];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    for (const other of edges.get(next) ?? []) {
      if (found.has(other)) continue;
      found.add(other);
      left.push(other);
    }
  }
  return [...found];
}
