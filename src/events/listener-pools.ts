// All pools of event listeners: what the bus carries goes from here to those that subscribed to it. An event that no pool
// wants costs a look into a table: no payload is made for it, and it takes no serial.

import type { Clock, Timer } from '../base/clock.ts';
import { type EventTypeName, tickPeriods } from '../base/event-types.ts';
import type { EventBus, ProcessOutputEvent } from './events.ts';
import { type ListenerLog, ListenerPool, type ListenerProcess, type NumberedEvent } from './listener-pool.ts';
import { isTold, outputType, payloadOf, type ToldEvent, typeOf } from './payload.ts';
import type { Serial } from './serial.ts';
import { Ticks } from './ticks.ts';

export interface ListenerPoolsParts {
  readonly bus: EventBus;
  readonly clock: Pick<Clock, 'wall' | 'after'>;
  readonly log: ListenerLog;
  /** Numbers the events of the daemon, over all its lives. */
  readonly serial: Serial;
  /** What the daemon calls itself. */
  readonly identifier: string;
}

/** A pool as it is configured. */
export interface PoolConfig {
  readonly name: string;
  readonly listener: { readonly events: readonly EventTypeName[]; readonly bufferSize: number };
}

/** As long as a listener has at least, in effect, between two looks of supervisord at what is to be stopped. */
const patienceMs = 1000;

interface Subscriber {
  readonly pool: ListenerPool;
  readonly times: number;
}

/** To be made before anybody subscribes who emits events on his part (see EventBus). */
export class ListenerPools {
  readonly #parts: ListenerPoolsParts;
  /** In the order in which they were added, which is the order in which they get an event. */
  readonly #pools = new Map<string, ListenerPool>();
  /** Who wants which type, worked out when a type first occurs. */
  readonly #subscribers = new Map<EventTypeName, readonly Subscriber[]>();
  readonly #ticks: Ticks;
  /** Who waits for a pool to be settled. */
  readonly #waiting = new Map<ListenerPool, { readonly timer: Timer; callback(): void }>();

  constructor(parts: ListenerPoolsParts) {
    this.#parts = parts;
    this.#ticks = new Ticks({ clock: parts.clock, emit: (event) => parts.bus.emit(event) });
    parts.bus.subscribe((event) => {
      if (this.#pools.size > 0 && isTold(event)) this.#deliver(event);
    });
  }

  add({ name, listener }: PoolConfig, processes: readonly ListenerProcess[]): void {
    const { identifier, log, clock } = this.#parts;
    this.#pools.set(name, new ListenerPool({ name, ...listener, identifier, processes, log, clock }));
    this.#subscriptionsChanged();
  }

  remove(name: string): void {
    const pool = this.#pools.get(name);
    this.#pools.delete(name);
    this.#subscriptionsChanged();
    pool?.close();
  }

  /**
   * For the reading of a child, after it was made an event of: null when it may go on, for the pools that get such events have
   * room or listeners that do not answer. Else it calls back when that may have changed, and answers how to stop waiting.
   */
  awaitRoom(kind: Pick<ProcessOutputEvent, 'type' | 'channel'>, callback: () => void): (() => void) | null {
    for (const { pool } of this.#subscribersTo(outputType(kind))) {
      const cancel = pool.awaitRoom(callback);
      if (cancel !== null) return cancel;
    }
    return null;
  }

  /** In the order in which they were added. */
  all(): readonly Pick<ListenerPool, 'name' | 'waiting' | 'discarded'>[] {
    return [...this.#pools.values()];
  }

  /** A process of a pool wrote to its stdout. */
  heard({ group, process }: { readonly group: string; readonly process: string }, bytes: Buffer): void {
    const pool = this.#pools.get(group);
    if (pool === undefined) return;
    pool.heard(process, bytes);
    this.#lookWhetherSettled(pool);
  }

  /** A process of the pool has read what was sent to it. */
  drained(group: string): void {
    this.#pools.get(group)?.dispatch();
  }

  /** Calls back once the pool's events are answered, at once if they are, and after a second in any case. */
  whenSettled(name: string, callback: () => void): void {
    const pool = this.#pools.get(name);
    if (pool === undefined || pool.isSettled()) return callback();
    const timer = this.#parts.clock.after(patienceMs, () => this.#settled(pool));
    this.#waiting.set(pool, { timer, callback });
  }

  /** For the end of a life: forgets all pools and what waits in them. */
  close(): void {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    for (const { timer } of this.#waiting.values()) timer.cancel();
    this.#waiting.clear();
    this.#subscriptionsChanged();
    for (const pool of pools) pool.close();
  }

  #deliver(event: ToldEvent): void {
    const type = typeOf(event);
    const subscribers = this.#subscribersTo(type);
    if (subscribers.length > 0) {
      const numbered: NumberedEvent = { serial: this.#parts.serial.next(), type, payload: payloadOf(event) };
      for (const { pool, times } of subscribers) pool.accept(numbered, times);
    }
    const own = event.type === 'PROCESS_STATE' ? this.#pools.get(event.group) : undefined;
    if (event.type === 'PROCESS_STATE') own?.processChanged(event);
    // Only now: the event that a dead listener leaves behind goes out before the news of its death.
    for (const { pool } of subscribers) pool.dispatch();
    own?.dispatch();
    if (own !== undefined) this.#lookWhetherSettled(own);
  }

  #lookWhetherSettled(pool: ListenerPool): void {
    if (this.#waiting.has(pool) && pool.isSettled()) this.#settled(pool);
  }

  #settled(pool: ListenerPool): void {
    const waiting = this.#waiting.get(pool);
    this.#waiting.delete(pool);
    waiting?.timer.cancel();
    waiting?.callback();
  }

  #subscribersTo(type: EventTypeName): readonly Subscriber[] {
    const known = this.#subscribers.get(type);
    if (known !== undefined) return known;
    const subscribers = [...this.#pools.values()]
      .map((pool) => ({ pool, times: pool.subscriptionsTo(type) }))
      .filter(({ times }) => times > 0);
    this.#subscribers.set(type, subscribers);
    return subscribers;
  }

  #subscriptionsChanged(): void {
    this.#subscribers.clear();
    this.#ticks.want(tickPeriods.filter((period) => this.#subscribersTo(`TICK_${period}`).length > 0));
  }
}
