// A child whose output becomes events is not read while a pool of event listeners that gets them is full: it waits in its
// write, as it would for a reader that is slow (docs/compatibility.md, events).

import type { ProcessOutputEvent } from '../events/events.ts';
import type { Output } from '../logs/output.ts';

/** Which events a pool gets. */
export type OutputEventKind = Pick<ProcessOutputEvent, 'type' | 'channel'>;

/** Calls back once there may be room for such events; null when there is, or nobody to wait for. Answers how to stop waiting. */
export type AwaitRoom = (kind: OutputEventKind, callback: () => void) => (() => void) | null;

/** The outputs of one process that wait for room. */
export class EventPressure {
  readonly #awaitRoom: AwaitRoom;
  readonly #held = new Map<Pick<Output, 'pause' | 'resume'>, () => void>();

  constructor(awaitRoom: AwaitRoom) {
    this.#awaitRoom = awaitRoom;
  }

  /** An event was made of this output. */
  emitted(output: Pick<Output, 'pause' | 'resume'>, { type, channel }: OutputEventKind): void {
    if (!this.#held.has(output)) this.#wait(output, { type, channel });
  }

  /** The output is gone. */
  forget(output: Pick<Output, 'pause' | 'resume'>): void {
    this.#held.get(output)?.();
    this.#held.delete(output);
  }

  /** All are read again, whoever is full: their process is about to end, which it may not do in the middle of a write. */
  release(): void {
    for (const output of this.#held.keys()) {
      this.forget(output);
      output.resume('events');
    }
  }

  #wait(output: Pick<Output, 'pause' | 'resume'>, kind: OutputEventKind): void {
    const cancel = this.#awaitRoom(kind, () => this.#wait(output, kind));
    if (cancel === null) {
      if (this.#held.delete(output)) output.resume('events');
    } else {
      this.#held.set(output, cancel);
      output.pause('events');
    }
  }
}
