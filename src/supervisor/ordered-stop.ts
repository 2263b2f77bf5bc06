// A shutdown's order: group after group, the highest priority number first, as under supervisord (docs/compatibility.md,
// ordering); but nothing is stopped before those that depend on it are. For that, some of a later group are stopped early.

import { isStopped } from '../base/states.ts';
import type { ListenerPools } from '../events/listener-pools.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import { type Edges, edgesOf, reversed } from './edges.ts';
import type { Group } from './group.ts';
import { byPriority, inStartOrder } from './order.ts';

export interface OrderedStopParts {
  readonly groups: Iterable<Group>;
  readonly pools: Pick<ListenerPools, 'whenSettled'>;
}

/** One look at the graph: who is down with all that depends on it, and on whose behalf it is asked. */
interface Looking {
  readonly down: Map<ManagedProcess, boolean>;
  /** Groups of two files that run side by side may depend on each other in a circle: there one of them begins. */
  readonly path: Set<ManagedProcess>;
}

export class OrderedStop {
  /** Groups still to be stopped, the next one last. */
  readonly #groups: Group[];
  readonly #pools: OrderedStopParts['pools'];
  readonly #dependents: Edges;
  readonly #listeners = new Map<string, 'asked' | 'settled'>();
  /** Whether the group whose turn it is has processes that others must precede. */
  #isBlocked = false;
  /** Set while it acts, for what it does comes back as news. */
  #isActing = false;

  constructor({ groups, pools }: OrderedStopParts) {
    this.#groups = inStartOrder(groups);
    this.#pools = pools;
    this.#dependents = reversed(edgesOf(this.#groups));
  }

  /** Gives up what waits, so that no failure of what it waits for becomes its own; stops what of the first group may be. */
  begin(): void {
    this.#act(() => {
      const waiting = this.#groups.flatMap(({ processes }) => processes.filter(({ isWaiting }) => isWaiting));
      for (const process of waiting.toReversed()) process.stopForShutdown();
      this.#stopLast();
    });
  }

  /** To be called whenever a process has stopped: stops what may be stopped now, answers whether all is stopped. */
  proceed(): boolean {
    this.#act(() => {
      if (this.#isBlocked) this.#stopLast();
      while (this.#groups.length > 0 && this.#groups.at(-1)?.unstopped().length === 0) {
        this.#groups.pop();
        this.#stopLast();
      }
    });
    return !this.#isActing && this.#groups.length === 0;
  }

  #act(act: () => void): void {
    if (this.#isActing) return;
    this.#isActing = true;
    try {
      act();
    } finally {
      this.#isActing = false;
    }
  }

  #stopLast(): void {
    this.#isBlocked = false;
    const looking: Looking = { down: new Map(), path: new Set() };
    for (const process of byPriority(this.#groups.at(-1)?.processes ?? []).toReversed()) {
      if (!isStopped(process.wireState)) this.#stop(process, looking);
    }
  }

  /** Stops a process, or first those that depend on it, also through one that is stopped; answers whether all are down. */
  #stop(process: ManagedProcess, looking: Looking): boolean {
    const { down, path } = looking;
    const known = path.has(process) ? true : down.get(process);
    if (known !== undefined) return known;
    path.add(process);
    const dependents = (this.#dependents.get(process) ?? []).toReversed();
    const isFree = dependents.map((dependent) => this.#stop(dependent, looking)).every(Boolean);
    path.delete(process);
    if (!isStopped(process.wireState)) {
      if (isFree && this.#hasHeard(process.group)) process.stopForShutdown();
      else this.#isBlocked = true;
    }
    const isDown = isFree && isStopped(process.wireState);
    down.set(process, isDown);
    return isDown;
  }

  /** A listener first answers what it was told so far: it is stopped last so that it hears of the others. */
  #hasHeard(group: string): boolean {
    if (!this.#listeners.has(group)) {
      this.#listeners.set(group, 'asked');
      // At once for what is no listener.
      this.#pools.whenSettled(group, () => {
        this.#listeners.set(group, 'settled');
        this.proceed();
      });
    }
    return this.#listeners.get(group) === 'settled';
  }
}
