// Writes records to something that can be full: the container's log pipe, a terminal, a FIFO. The loop never waits for
// the reader: what does not fit goes into a bounded queue and is tried again by a timer that only runs while something waits.
// Where only the shared descriptor can be had, blocking as it may be, one write at a time goes through the thread pool.

import { write, writeSync } from 'node:fs';
import type { Clock, Timer } from '../base/clock.ts';
import { errorCode } from '../base/system-error.ts';
import type { RecordQueue } from './record-queue.ts';

const firstRetryMs = 5;
const lastRetryMs = 100;
/** Through the thread pool every record waits a moment; only beyond this does it count as pressure. */
const poolPressureBytes = 64 * 1024;

export interface PipeWriterOptions {
  readonly fd: number;
  /** `direct`: the descriptor is our own and does not block. `thread-pool`: it is shared and may block. */
  readonly via: 'direct' | 'thread-pool';
  readonly queue: RecordQueue;
  readonly clock: Clock;
  /** Called with true when records begin to wait, and with false when none waits any more. */
  readonly onPressure?: ((waiting: boolean) => void) | undefined;
  /** Bytes were lost, and the errno name of why (EAGAIN: the queue was full). */
  readonly onLost?: ((code: string, bytes: number) => void) | undefined;
  /** Called after each record that went out. */
  readonly onWritten?: (() => void) | undefined;
}

export class PipeWriter {
  readonly #options: PipeWriterOptions;
  #retry: Timer | null = null;
  #retryMs = firstRetryMs;
  #isWriting = false;
  #isWaiting = false;
  #isClosed = false;
  #settled: (() => void)[] = [];

  constructor(options: PipeWriterOptions) {
    this.#options = options;
  }

  /** Takes one record; never throws and never blocks. The bytes are copied if they have to wait. */
  write(record: Uint8Array): void {
    const { queue, via, onWritten } = this.#options;
    if (this.#isClosed || record.length === 0) return;
    if (via === 'thread-pool' || this.#retry !== null || !queue.isEmpty) {
      this.#enqueue(record, 0);
      return;
    }
    const { count, code } = this.#attempt(record);
    if (count === record.length) onWritten?.();
    else if (code === null || code === 'EAGAIN') this.#enqueue(record, count);
    else this.#lose(code, record.length - count);
  }

  /** Writes what waits, for at most this long; the loop stands still meanwhile. For the very end of the process. */
  flush(maxMs: number): void {
    // A write in the thread pool cannot be waited for here, and a second one could block for good.
    if (this.#isClosed || this.#options.via === 'thread-pool') return;
    const deadline = this.#options.clock.now() + maxMs;
    while (!this.#pumpDirectly() && this.#options.clock.now() < deadline) sleepSync(firstRetryMs);
  }

  /** Whether nothing waits to be written. */
  get isIdle(): boolean {
    return this.#isClosed || (!this.#isWriting && this.#options.queue.next() === null);
  }

  /** Whether records wait, as `onPressure` said. */
  get isFull(): boolean {
    return this.#isWaiting;
  }

  /** Resolves when nothing waits any more, or after this long; without a limit only when nothing waits. */
  settled(maxMs?: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.isIdle) {
        resolve();
        return;
      }
      const timer = maxMs === undefined ? null : this.#options.clock.after(maxMs, resolve);
      this.#settled.push(() => {
        timer?.cancel();
        resolve();
      });
    });
  }

  /** Stops; what still waits is given up and counts as lost. The descriptor stays its opener's. */
  close(): void {
    if (this.#isClosed) return;
    const lost = this.#options.queue.dropAll();
    if (lost > 0) this.#lose('EAGAIN', lost);
    this.#isClosed = true;
    this.#retry?.cancel();
    this.#retry = null;
    this.#announceIdle();
  }

  #enqueue(record: Uint8Array, written: number): void {
    const lost = this.#options.queue.push(record, written);
    if (lost > 0) this.#options.onLost?.('EAGAIN', lost);
    if (this.#options.via === 'thread-pool') {
      this.#pumpThroughPool();
      if (this.#options.queue.bytes > poolPressureBytes) this.#setWaiting(true);
    } else if (written > 0 || (this.#retry === null && !this.#pumpDirectly())) {
      this.#retryLater();
      this.#setWaiting(true);
    }
  }

  #retryLater(): void {
    if (this.#retry !== null || this.#isClosed) return;
    this.#retry = this.#options.clock.after(this.#retryMs, () => {
      this.#retry = null;
      if (this.#options.via === 'thread-pool') this.#pumpThroughPool();
      else if (!this.#pumpDirectly()) this.#retryLater();
    });
  }

  /** Whether nothing waits any more. */
  #pumpDirectly(): boolean {
    const { queue, onWritten } = this.#options;
    for (let record = queue.next(); record !== null; record = queue.next()) {
      const { count, code } = this.#attempt(record);
      queue.wrote(record, count);
      if (count > 0) this.#retryMs = firstRetryMs;
      if (count < record.length) {
        if (code !== null && code !== 'EAGAIN') {
          this.#lose(code, queue.dropAll());
          break;
        }
        if (count === 0) this.#retryMs = Math.min(lastRetryMs, this.#retryMs * 2);
        return false;
      }
      onWritten?.();
    }
    this.#announceIdle();
    return true;
  }

  #pumpThroughPool(): void {
    const { queue, fd, onWritten } = this.#options;
    if (this.#isWriting || this.#isClosed) return;
    const record = queue.begin();
    if (record === null) {
      this.#announceIdle();
      return;
    }
    this.#isWriting = true;
    write(fd, record, 0, record.length, null, (error, count) => {
      this.#isWriting = false;
      if (error === null) {
        queue.wrote(record, count);
        onWritten?.();
        this.#pumpThroughPool();
      } else if (error.code === 'EAGAIN') {
        this.#retryLater();
      } else {
        this.#lose(errorCode(error), queue.dropAll());
        this.#announceIdle();
      }
    });
  }

  #attempt(record: Uint8Array): { readonly count: number; readonly code: string | null } {
    try {
      return { count: writeSync(this.#options.fd, record, 0, record.length), code: null };
    } catch (error) {
      return { count: 0, code: errorCode(error) };
    }
  }

  #lose(code: string, bytes: number): void {
    this.#options.onLost?.(code, bytes);
  }

  #announceIdle(): void {
    this.#setWaiting(false);
    const settled = this.#settled;
    this.#settled = [];
    for (const resolve of settled) resolve();
  }

  #setWaiting(waiting: boolean): void {
    if (this.#isWaiting === waiting) return;
    this.#isWaiting = waiting;
    this.#options.onPressure?.(waiting);
  }
}

/** Lets the whole process stand still; only for the very end. */
export function sleepSync(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
