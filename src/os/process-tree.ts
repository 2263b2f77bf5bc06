// Who belongs to the tree of a process, read from /proc: its descendants, and those whose parent has died and who came to
// the daemon. The latter are known by what a process hands down and does not shed by setsid, a double fork or an empty
// environment: its limit on file locks, which no kernel since 2.4 looks at and which everybody may read (the environment of
// another user's process is closed to a container's root). Nobody else is ever taken for one of them.

import { readdirSync, readFileSync } from 'node:fs';

/** `mark` is what the first process was given as soft limit on file locks; null where that could not be done. */
export interface Tree {
  readonly root: number;
  readonly mark: number | null;
}

/** A process as it was seen: the kernel gives a pid to somebody else, but never with the same time of start. */
export interface Member {
  readonly pid: number;
  readonly start: string;
  /** It has ended and is not buried yet: what it left may not have been there when others were looked for. */
  readonly hasEnded: boolean;
}

export interface Looking {
  readonly tree: Tree;
  /** Whether the first process and what descends from it are members too: only while it is not buried. */
  readonly withRoot: boolean;
  /** Children of the daemon that it did not make. */
  readonly strays: () => readonly number[];
}

/** Those who forked while one looked are looked for again, so often at most: a fork bomb must not hold us for ever. */
const mostRounds = 20;

/**
 * Each member once, parents first, those that are not buried yet too; looks again until nobody new is found. What is done to a member between two
 * steps may end it: its children have been read by then. A null is a step without a find.
 */
export function* membersOf(looking: Looking): Generator<Member | null, void> {
  const { tree, withRoot, strays } = looking;
  const seen = new Set<string>();
  const first = withRoot ? readStat(tree.root) : null;
  for (let round = 0; round < mostRounds; round += 1) {
    const childrenOf = listing();
    const before = seen.size;
    // Buried between two rounds, it may have left its pid to a stranger.
    const root = first === null ? null : readStat(first.pid);
    if (root !== null && root.start === first?.start) yield* below({ from: [root], seen, childrenOf });
    for (const pid of strays()) {
      const stat = readStat(pid);
      const isOne = stat !== null && stat.parent === process.pid && belongs(stat, tree);
      if (isOne) yield* below({ from: [stat], seen, childrenOf });
      else yield null;
    }
    if (seen.size === before) return;
  }
}

interface Descent {
  readonly from: Stat[];
  readonly seen: Set<string>;
  readonly childrenOf: (pid: number) => readonly number[];
}

function* below({ from: queue, seen, childrenOf }: Descent): Generator<Member | null, void> {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const pid of childrenOf(next.pid)) {
      const stat = readStat(pid);
      if (stat?.parent === next.pid) queue.push(stat);
      yield null;
    }
    const key = `${next.pid} ${next.start}`;
    const isNew = !seen.has(key);
    if (isNew) seen.add(key);
    yield isNew ? next : null;
  }
}

/** Whether it is still the process that was seen, and has not ended. */
export function isStill({ pid, start }: Member): boolean {
  const stat = readStat(pid);
  return stat !== null && stat.start === start && !stat.hasEnded;
}

/** The group is a sign of its own: the kernel gives no pid away while a group of that number has members. */
function belongs(stat: Stat, { root, mark }: Tree): boolean {
  return stat.group === root || (mark !== null && markOf(stat.pid) === mark);
}

function markOf(pid: number): number | null {
  const limits = readProc(`${pid}/limits`);
  const [, soft] = /^Max file locks +(\d+)/m.exec(limits ?? '') ?? [];
  return soft === undefined ? null : Number(soft);
}

interface Stat extends Member {
  readonly parent: number;
  readonly group: number;
}

/** The second field of stat is a name in parentheses that may hold anything; the 22nd is the time of start. */
function readStat(pid: number): Stat | null {
  const text = readProc(`${pid}/stat`);
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = '', parent = '', group = ''] = fields;
  const hasEnded = state === 'Z' || state === 'X';
  return { pid, hasEnded, parent: Number(parent), group: Number(group), start: fields[19] ?? '' };
}

/** How the children of a process are found in one round: in its own list, or, where kernels keep none, by reading all. */
function listing(): (pid: number) => readonly number[] {
  if (readProc(`self/task/${process.pid}/children`) !== null) return listedChildren;
  const byParent = new Map<number, number[]>();
  for (const pid of numbersIn('/proc')) {
    const stat = readStat(pid);
    if (stat !== null) byParent.set(stat.parent, [...(byParent.get(stat.parent) ?? []), pid]);
  }
  return (pid) => byParent.get(pid) ?? [];
}

/** Each thread has a list of its own. */
function listedChildren(pid: number): readonly number[] {
  return numbersIn(`/proc/${pid}/task`).flatMap((task) => {
    const list = readProc(`${pid}/task/${task}/children`) ?? '';
    return list.split(' ').flatMap((word) => (word === '' ? [] : Number(word)));
  });
}

function numbersIn(directory: string): readonly number[] {
  try {
    return readdirSync(directory).flatMap((name) => (/^\d+$/.test(name) ? Number(name) : []));
  } catch {
    return [];
  }
}

function readProc(path: string): string | null {
  try {
    return readFileSync(`/proc/${path}`, 'latin1');
  } catch {
    return null;
  }
}
