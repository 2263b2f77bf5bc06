// What a roll does next, from how its members are: who may be taken down, who is to be started, and when it is over. Pure.
// The rules: nobody who lives is taken down while as many others as may be missing are not ready; what does not live comes
// first, for it costs nobody anything; new processes come before those that are replaced, those before the ones that leave.
// A roll that has halted begins nothing, and brings back what it has taken down.

import { isStopped, type ProcessStateName } from '../base/states.ts';

/** What is to become of a member: the same anew, another in its place, a new one, or none. */
export type RollTask = 'restart' | 'replace' | 'add' | 'remove';

/**
 * How far it is. `left` is one that the roll does not touch (any more): it was stopped, or the roll has halted. `gone` is one
 * that was to be removed.
 */
export type RollPhase =
  'waiting' | 'draining' | 'drained' | 'stopping' | 'starting' | 'ready' | 'gone' | 'left' | 'failed';

/** One member, as it is now. */
export interface RollMemberView {
  /** As people write it. */
  readonly name: string;
  readonly task: RollTask;
  readonly phase: RollPhase;
  /** STOPPED while one that is to be added is not there. */
  readonly state: ProcessStateName;
  readonly isReady: boolean;
  /** It has done what it had to, and ended as it should. */
  readonly hasCompleted: boolean;
  /** Since the roll has started it, even if it is not any more. */
  readonly wasReady: boolean;
  /** A person has stopped it since the roll began, or wants it to stay down. */
  readonly isStopAsked: boolean;
  /** Why it does not come back, where its state does not tell; null while there is hope. */
  readonly mishap: string | null;
}

export interface RollSettings {
  /** How many may be missing at once, at least 1. */
  readonly maxUnavailable: number;
}

type MemberMove = 'drain' | 'undrain' | 'stop' | 'start' | 'swap' | 'restore' | 'drop' | 'leave' | 'welcome';

/** `member` is an index. */
export type RollMove =
  | { readonly do: 'wait' }
  | { readonly do: 'end' }
  | { readonly do: MemberMove; readonly member: number }
  | { readonly do: 'halt'; readonly as: 'failed' | 'cancelled'; readonly member: number; readonly reason: string };

/** The next move; to be asked again until it is to wait or to end. */
export function nextMove(
  { members, halted }: { readonly members: readonly RollMemberView[]; readonly halted: boolean },
  settings: RollSettings,
): RollMove {
  for (const [index, member] of members.entries()) {
    const trouble = halted ? null : troubleWith(member);
    if (trouble !== null) return { do: 'halt', ...trouble, member: index };
    const move = goOnWith(member, halted);
    if (move !== null) return { do: move, member: index };
  }
  if (halted) return { do: members.some(isBetween) ? 'wait' : 'end' };
  return begin(members, settings);
}

type Trouble = Pick<Extract<RollMove, { readonly do: 'halt' }>, 'as' | 'reason'>;

/** What ends the roll. */
function troubleWith(member: RollMemberView): Trouble | null {
  const { name, task, phase, state, hasCompleted, isStopAsked, mishap } = member;
  if (phase === 'left' || phase === 'gone' || phase === 'failed') return null;
  // Of one that is to go nobody minds that it is stopped.
  if (isStopAsked && task !== 'remove') return { as: 'cancelled', reason: `${name} was stopped by a person` };
  if (mishap !== null) return { as: 'failed', reason: `${name} ${mishap}` };
  switch (phase) {
    case 'stopping':
      return state === 'UNKNOWN' ? { as: 'failed', reason: `${name} could not be signalled` } : null;
    case 'starting':
      if (!isStopped(state) || member.wasReady) return null;
      return { as: 'failed', reason: `${name} is ${state} and was never ready` };
    case 'ready':
      if (state !== 'FATAL' && state !== 'UNKNOWN' && (state !== 'EXITED' || hasCompleted)) return null;
      return { as: 'failed', reason: `${name} is ${state} after it was ready` };
    case 'waiting':
    case 'draining':
    case 'drained':
      return state === 'UNKNOWN' ? { as: 'failed', reason: `${name} is in an unknown state` } : null;
  }
}

/** What follows for a member that is under way. */
function goOnWith({ task, phase, state, wasReady, isStopAsked }: RollMemberView, halted: boolean): MemberMove | null {
  switch (phase) {
    case 'draining':
      return halted ? 'undrain' : null;
    case 'drained':
      return halted ? 'undrain' : 'stop';
    case 'stopping':
      if (!isStopped(state)) return null;
      if (state === 'UNKNOWN') return 'leave';
      if (task === 'remove') return 'drop';
      if (isStopAsked) return 'leave';
      return halted ? 'restore' : 'start';
    case 'starting':
      return wasReady ? 'welcome' : null;
    case 'waiting':
      if (state !== 'STOPPED' || halted) return null;
      // Nobody wants it to run, but what it is started with next is to be the new configuration.
      if (task === 'replace') return 'swap';
      return task === 'restart' ? 'leave' : null;
    case 'ready':
    case 'gone':
    case 'left':
    case 'failed':
      return null;
  }
}

/** Taken down and not back, or about to be. */
function isBetween({ phase }: RollMemberView): boolean {
  return phase === 'draining' || phase === 'drained' || phase === 'stopping';
}

function begin(members: readonly RollMemberView[], { maxUnavailable }: RollSettings): RollMove {
  const all = members.map((member, index) => ({ ...member, index }));
  const waiting = all.filter(({ phase }) => phase === 'waiting');
  const fresh = waiting.find(({ task }) => task === 'add');
  if (fresh !== undefined) return { do: 'start', member: fresh.index };
  const concerned = all.filter(({ phase, task }) => phase !== 'left' && phase !== 'gone' && task !== 'remove');
  const inHand = concerned.filter(({ phase, task }) => phase !== 'waiting' && phase !== 'ready' && task !== 'add');
  const missing = concerned.filter((member) => !isAvailable(member));
  // One that is on its way down by somebody else's doing is waited for.
  const next = concerned.filter(({ phase, state }) => phase === 'waiting' && state !== 'STOPPING');
  const dead = next.find(isDead);
  if (dead !== undefined && inHand.length < maxUnavailable) return { do: firstMove(dead), member: dead.index };
  // One that lives may serve, even if it is not ready yet.
  const missingWithout = (member: RollMemberView): number => missing.length - (isAvailable(member) ? 0 : 1);
  const living = next.find(
    (member) => !isDead(member) && missingWithout(member) < maxUnavailable && inHand.length < maxUnavailable,
  );
  if (living !== undefined) return { do: 'drain', member: living.index };
  if (missing.length > 0 || concerned.some(({ phase }) => phase === 'waiting')) return { do: 'wait' };
  // They are not to come back: all at once, and nginx is reloaded once.
  const leaving = waiting.find(({ task, state }) => task === 'remove' && state !== 'STOPPING');
  if (leaving !== undefined) return { do: firstMove(leaving), member: leaving.index };
  return { do: all.some((member) => member.phase === 'waiting' || isBetween(member)) ? 'wait' : 'end' };
}

function isAvailable({ phase, isReady, hasCompleted }: RollMemberView): boolean {
  return (phase === 'waiting' || phase === 'ready') && (isReady || hasCompleted);
}

function isDead({ state }: RollMemberView): boolean {
  return isStopped(state) || state === 'BACKOFF';
}

/** There is nothing to drain in what does not live. */
function firstMove({ task, state }: RollMemberView): MemberMove {
  if (isStopped(state)) return task === 'remove' ? 'drop' : 'start';
  return state === 'BACKOFF' ? 'stop' : 'drain';
}
