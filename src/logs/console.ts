// The container's own stdout or stderr as a log that never blocks supervision. It writes through an open file description
// of its own: process.stdout, process.stderr and console are never touched, because they would make the descriptor that
// children share non-blocking. When nobody reads, the oldest messages go and the gap is said in its place.

import { closeSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import { createLineWriter } from './log-line.ts';
import { openDescriptor } from './open-log.ts';
import type { OpenLog } from './open-log.ts';
import { PipeWriter } from './pipe-writer.ts';
import { RecordQueue } from './record-queue.ts';

const queueBytes = 256 * 1024;
const exitFlushMs = 200;

export interface ConsoleSinkOptions {
  /** 1 for stdout, 2 for stderr; any descriptor of ours works. */
  readonly fd: number;
  readonly clock: Clock;
}

export class ConsoleSink {
  /** The descriptor it stands for, so that a log file of the same name is not written twice. */
  readonly fd: number;
  readonly #open: OpenLog | null;
  readonly #pipe: PipeWriter | null;
  #isClosed = false;

  /** Never throws: a descriptor that cannot be used at all takes everything silently. */
  constructor({ fd, clock }: ConsoleSinkOptions) {
    const line = createLineWriter(clock);
    const note = (dropped: number): Uint8Array => Buffer.from(line('warn', `${dropped} messages dropped`));
    this.fd = fd;
    this.#open = tryOpen(fd);
    this.#pipe =
      this.#open === null
        ? null
        : new PipeWriter({
            fd: this.#open.fd,
            via: this.#open.via,
            clock,
            queue: new RecordQueue({ limitBytes: queueBytes, note }),
          });
  }

  /** Writes one message (whole lines) at once, or queues it when the reader is slow; never throws, never blocks. */
  write(message: Uint8Array): void {
    this.#pipe?.write(message);
  }

  /** Tries for at most 200 ms to get out what waits, with the loop standing still; for the end of the process. */
  flush(): void {
    this.#pipe?.flush(exitFlushMs);
  }

  /** Resolves when nothing waits, after 200 ms or so at the latest; the way to end where `flush` cannot work (a shared socket). */
  settled(maxMs: number = exitFlushMs): Promise<void> {
    return this.#pipe?.settled(maxMs) ?? Promise.resolve();
  }

  /** Flushes and lets go; further messages are ignored. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.flush();
    this.#pipe?.close();
    if (this.#open?.isOwn === true) closeSync(this.#open.fd);
  }
}

function tryOpen(fd: number): OpenLog | null {
  try {
    return openDescriptor(fd);
  } catch {
    return null;
  }
}
