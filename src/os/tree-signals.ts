// Signals to the whole tree of a process, and the end of what is left of it once the first process has ended. The first
// pieces are done at once; a large tree is gone through in pieces, between which everything else gets its turn.

import { closeSync } from 'node:fs';
import { systemClock } from '../base/clock.ts';
import { errorCode } from '../base/system-error.ts';
import type { Libc } from './libc.ts';
import { isStill, type Member, membersOf, type Tree } from './process-tree.ts';

/** What the reaper knows of children that the daemon did not make. */
export interface Strays {
  strays(): readonly number[];
  /** How many of them have been buried so far. */
  readonly buried: number;
  /** Calls back once, at the end of the next turn in which one of them was buried. */
  afterBurial(callback: () => void): void;
}

export interface TreeParts {
  /** Null where no native calls can be made. */
  readonly libc: Libc | null;
  readonly adopted: Strays | null;
}

/** One turn of the loop is given this much to go through a tree. */
const msPerTurn = 10;

/**
 * Signals all members, the first process first: null, or the errno's name if that one cannot be signalled. What does not
 * fit into this turn is done in later ones.
 */
export function signalMembers(
  tree: Tree,
  { parts, signal }: { readonly parts: TreeParts; readonly signal: number },
): string | null {
  const { libc, adopted } = parts;
  const answer = kill(tree.root, 0);
  const members = membersOf({ tree, withRoot: true, strays: () => adopted?.strays() ?? [] });
  inPieces(members, { each: (member) => send(libc, { member, signal }), done: () => undefined });
  return answer;
}

/**
 * Kills what a process that has ended, and may be buried, left behind; `done` is told how many once all of them are buried,
 * which may be at once. Without a reaper only its group can be told from strangers.
 */
export function endMembers(
  tree: Tree,
  { parts, done }: { readonly parts: TreeParts; readonly done: (killed: number) => void },
): void {
  const { libc, adopted } = parts;
  const killed = new Set<string>();
  if (adopted === null) {
    kill(-tree.root, sigkill);
    return done(0);
  }
  const attempt = (): void => {
    let found = false;
    const { buried } = adopted;
    inPieces(membersOf({ tree, withRoot: false, strays: () => adopted.strays() }), {
      each(member) {
        found = true;
        if (member.hasEnded) return;
        killed.add(`${member.pid} ${member.start}`);
        send(libc, { member, signal: sigkill });
      },
      done() {
        if (!found) return done(killed.size);
        // Who was buried between two pieces is not waited for.
        if (adopted.buried === buried) adopted.afterBurial(attempt);
        else setImmediate(attempt);
      },
    });
  };
  attempt();
}

const sigkill = 9;

interface Going {
  each(member: Member): void;
  done(): void;
}

function inPieces(members: Iterator<Member | null, void>, going: Going): void {
  const deadline = systemClock.now() + msPerTurn;
  do {
    const step = members.next();
    if (step.done === true) return going.done();
    if (step.value !== null) going.each(step.value);
  } while (systemClock.now() < deadline);
  setImmediate(() => inPieces(members, going));
}

/** Through a descriptor of the process, so that nobody else is hit whose pid it has become meanwhile. */
function send(libc: TreeParts['libc'], { member, signal }: { readonly member: Member; readonly signal: number }): void {
  const fd = libc === null ? -1 : libc.syscall(pidfdOpen, member.pid, 0, 0);
  if (libc !== null && fd >= 0) {
    if (isStill(member)) libc.syscallOfFour(pidfdSendSignal, fd, signal, 0, 0);
    closeSync(fd);
    // Older kernels and some containers have no such descriptors.
  } else if (isStill(member)) kill(member.pid, signal);
}

// The same numbers everywhere (Linux 5.1 and later).
const pidfdSendSignal = 424;
const pidfdOpen = 434;

function kill(target: number, signal: number): string | null {
  try {
    process.kill(target, signal);
    return null;
  } catch (error) {
    return errorCode(error);
  }
}
