// What happens, told once: the bus carries typed events from the place that changes something to everybody who
// listens (log, upstream, pools of event listeners). The names are supervisord's (docs/compatibility.md, events).

import type { TickPeriod } from '../base/event-types.ts';
import type { ProcessStateName, SupervisorStateName } from '../base/states.ts';

/** A process changed its state; `pid` is 0 where there is none. */
export interface ProcessStateEvent {
  readonly type: 'PROCESS_STATE';
  readonly process: string;
  readonly group: string;
  readonly from: ProcessStateName;
  readonly to: ProcessStateName;
  readonly tries: number;
  readonly pid: number;
  readonly expected: boolean;
}

/** A child wrote: a chunk of its output, or what it put between the capture tokens. */
export interface ProcessOutputEvent {
  readonly type: 'PROCESS_LOG' | 'PROCESS_COMMUNICATION';
  readonly process: string;
  readonly group: string;
  readonly pid: number;
  readonly channel: 'stdout' | 'stderr';
  /** Only good until the event is delivered. */
  readonly data: Buffer;
}

/** A process takes part from now on because a probe has succeeded, without a change of its state. Never told to event listeners. */
export interface ProcessReadyEvent {
  readonly type: 'PROCESS_READY';
  readonly process: string;
  readonly group: string;
}

/** What the watchdog restarts a process for: probes that failed, or too much memory. */
export type WatchdogReason = 'health' | 'memory';

/** The watchdog restarts a process; told before it is stopped. */
export interface ProcessHealthEvent {
  readonly type: 'PROCESS_HEALTH';
  readonly process: string;
  readonly group: string;
  readonly pid: number;
  readonly reason: WatchdogReason;
  /** The reason in words. */
  readonly text: string;
}

/** A new span of `period` seconds has begun; `when` is its first second since the epoch. */
export interface TickEvent {
  readonly type: 'TICK';
  readonly period: TickPeriod;
  readonly when: number;
}

/** Processes of a group that stays have come, gone or been replaced. Event listeners never get it: supervisord has no such thing. */
export interface GroupChangedEvent {
  readonly type: 'PROCESS_GROUP_CHANGED';
  readonly group: string;
}

export type SupervisorEvent =
  | ProcessStateEvent
  | ProcessOutputEvent
  | ProcessReadyEvent
  | ProcessHealthEvent
  | TickEvent
  | { readonly type: 'PROCESS_GROUP_ADDED' | 'PROCESS_GROUP_REMOVED'; readonly group: string }
  | GroupChangedEvent
  | { readonly type: 'SUPERVISOR_STATE_CHANGE'; readonly state: SupervisorStateName }
  | { readonly type: 'REMOTE_COMMUNICATION'; readonly kind: string; readonly data: string };

type Listener = (event: SupervisorEvent) => void;

/**
 * Delivers each event synchronously, in the order of subscription; a listener that throws is reported and skipped. What a
 * listener emits on its part is delivered to all before the ones behind it hear of the first: only those who subscribe
 * before anybody who emits (the pools of event listeners do) hear everything in the order in which it happened.
 */
export class EventBus {
  readonly #listeners = new Set<Listener>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Answers a function that ends the subscription. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(event: SupervisorEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
