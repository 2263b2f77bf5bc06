// Who is started and stopped before whom. Groups go by (priority, name), ascending at start and descending at
// shutdown; shutdown takes one group after another (docs/compatibility.md, ordering).

import { byCodeUnit } from '../base/ordering.ts';

interface Ranked {
  readonly config: { readonly name: string; readonly priority: number };
}

/** Start order of groups: ascending priority, then name. */
export function inStartOrder<T extends Ranked>(groups: Iterable<T>): T[] {
  return [...groups].toSorted(
    (a, b) => a.config.priority - b.config.priority || byCodeUnit(a.config.name, b.config.name),
  );
}

/** Members of a group by their own priority; equal ones keep their order. */
export function byPriority<T extends { readonly config: { readonly options: { readonly priority: number } } }>(
  processes: readonly T[],
): T[] {
  return processes.toSorted((a, b) => a.config.options.priority - b.config.options.priority);
}
