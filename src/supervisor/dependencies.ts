// `depends_on` at work: who waits for whom, and when a wait is over. A start looks at what it depends on, starts what
// does not run, and waits; every change of a process is a reason to look at those who wait for it. Nothing cascades: a
// process that was let go never hears of its dependencies again. The rules are docs/order.md's.

import { isStopped } from '../base/states.ts';
import { processesOfName } from '../config/dependencies.ts';
import type { Dependency } from '../config/depends-on.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import type { Moment, StartOrder } from '../process/surroundings.ts';
import type { Group } from './group.ts';
import { describeDependency, describeFailure } from './describe-wait.ts';

/** One name that is waited for, with the processes behind it; null while there is none of that name. */
export interface AwaitedName {
  readonly dependency: Dependency;
  readonly members: readonly ManagedProcess[] | null;
}

/** What a process went through, to be looked at when its turn comes. */
interface Passed extends Moment {
  readonly process: ManagedProcess;
}

export class Dependencies implements StartOrder {
  readonly #groups: () => readonly Group[];
  /** In the order in which the waits began. */
  readonly #waiting = new Map<ManagedProcess, readonly AwaitedName[]>();
  /** Those that were on their way down when a start needed them: to be started again once they are down. */
  readonly #wantedAgain = new Set<ManagedProcess>();
  /** Processes whose dependencies are just being started. */
  readonly #preparing = new Set<ManagedProcess>();
  readonly #passed: Passed[] = [];
  #isLooking = false;

  constructor(groups: () => readonly Group[]) {
    this.#groups = groups;
  }

  prepare(process: ManagedProcess, options: { readonly isAskedFor: boolean }): string | null {
    // A file has no cycles; groups of two files that run side by side may, and then one of them begins.
    if (process.config.options.depends_on.length === 0 || this.#preparing.has(process)) return null;
    this.#preparing.add(process);
    const awaited = this.#resolve(process);
    try {
      for (const name of awaited) if (!isMet(name, null)) this.#startMembers(name, options);
    } finally {
      this.#preparing.delete(process);
    }
    if (awaited.every((name) => isMet(name, null))) return null;
    this.#waiting.set(process, awaited);
    return this.describeWait(process);
  }

  describeWait(process: ManagedProcess): string {
    const unmet = (this.#waiting.get(process) ?? []).filter((name) => !isMet(name, null));
    return unmet.length === 0 ? '' : `waiting for ${unmet.map(describeDependency).join(', ')}`;
  }

  settled(process: ManagedProcess, moment: Moment): void {
    if (this.#waiting.size === 0 && this.#wantedAgain.size === 0) return;
    this.#passed.push({ process, ...moment });
    this.#lookAtAll();
  }

  /** Names may stand for other processes now; those that came and are needed by somebody who waits are started. */
  groupsChanged(): void {
    // A Map may change while it is walked.
    for (const process of this.#waiting.keys()) {
      const awaited = this.#resolve(process);
      this.#waiting.set(process, awaited);
      for (const { dependency, members } of awaited) {
        const fresh = members?.filter(({ startedAt, wireState }) => startedAt === 0 && wireState === 'STOPPED') ?? [];
        this.#startMembers({ dependency, members: fresh }, { isAskedFor: false });
      }
      this.#look(process, null);
    }
  }

  #resolve(process: ManagedProcess): readonly AwaitedName[] {
    const groups = this.#groups();
    return process.config.options.depends_on.map((dependency) => ({
      dependency,
      members: processesOfName(dependency.name, groups),
    }));
  }

  #startMembers({ dependency, members }: AwaitedName, { isAskedFor }: { readonly isAskedFor: boolean }): void {
    for (const member of members ?? []) {
      const { wireState } = member;
      if (wireState === 'STOPPING') this.#wantedAgain.add(member);
      // An earlier one of them may have started it.
      if (!isStopped(wireState) || isMemberMet(member, { dependency, passed: null })) continue;
      if (wireState === 'STOPPED' && !isAskedFor) member.autostart();
      else if (isAskedFor) member.start();
    }
  }

  /** One after the other, not one inside the other: what a look lets go is looked at in its turn. */
  #lookAtAll(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      for (let passed = this.#passed.shift(); passed !== undefined; passed = this.#passed.shift()) this.#hear(passed);
    } finally {
      this.#isLooking = false;
    }
  }

  #hear(passed: Passed): void {
    const { process } = passed;
    if (this.#wantedAgain.has(process) && process.wireState !== 'STOPPING') {
      this.#wantedAgain.delete(process);
      if (process.wireState === 'STOPPED' && this.#isAwaited(process)) process.autostart();
    }
    for (const waiting of this.#waiting.keys()) {
      if (waiting === process || this.#concerns(waiting, process)) this.#look(waiting, passed);
    }
  }

  #isAwaited(process: ManagedProcess): boolean {
    return [...this.#waiting.keys()].some((waiting) => this.#concerns(waiting, process));
  }

  #concerns(waiting: ManagedProcess, process: ManagedProcess): boolean {
    return (this.#waiting.get(waiting) ?? []).some(({ members }) => members?.includes(process));
  }

  #look(process: ManagedProcess, passed: Passed | null): void {
    if (!process.isWaiting) {
      this.#waiting.delete(process);
      return;
    }
    const awaited = this.#waiting.get(process) ?? [];
    if (awaited.every((name) => isMet(name, passed))) {
      this.#waiting.delete(process);
      process.proceed();
      return;
    }
    // Also one whose moment has just passed in vain.
    const failed = awaited.map((name) => failedMember(name)).find((member) => member !== null);
    if (failed === undefined || failed === null) return;
    this.#waiting.delete(process);
    const root = failed.failedDependency ?? failed;
    process.failForDependency(root, describeFailure(root));
  }
}

function isMet({ dependency, members }: AwaitedName, passed: Passed | null): boolean {
  if (members === null) return false;
  const met = members.filter((member) => isMemberMet(member, { dependency, passed })).length;
  return met >= (dependency.atLeast ?? members.length);
}

function isMemberMet(
  member: ManagedProcess,
  { dependency, passed }: { readonly dependency: Dependency; readonly passed: Passed | null },
): boolean {
  const moment = passed?.process === member ? passed : null;
  switch (dependency.until) {
    case 'started':
      return (member.pid !== 0 && member.wireState !== 'STOPPING') || member.wireState === 'EXITED';
    case 'ready':
      return member.isReady || moment?.wasReady === true;
    case 'completed':
      return member.endedAsExpected || moment?.wasCompleted === true;
  }
}

/** The first member through which a condition has become impossible; null while there is hope. */
function failedMember({ dependency, members }: AwaitedName): ManagedProcess | null {
  if (members === null) return null;
  const failed = members.filter((member) => hasFailed(member, dependency));
  const left = members.length - failed.length;
  return left >= (dependency.atLeast ?? members.length) ? null : (failed[0] ?? null);
}

/** Ended for good, without what is waited for. STOPPED is somebody's wish, who may start it again: that is waited for. */
function hasFailed(member: ManagedProcess, dependency: Dependency): boolean {
  const ended = ['FATAL', 'EXITED', 'UNKNOWN'].includes(member.wireState);
  return ended && !isMemberMet(member, { dependency, passed: null });
}
