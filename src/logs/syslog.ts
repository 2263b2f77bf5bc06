// The system's log as a place for output: each line is a message `<14>Nov 23 00:23:10 supervisord: LINE`, priority user.info
// whatever it says, as supervisord sends it (its loggers.py SyslogHandler, which leaves all to syslog(3)). syslog(3) waits
// for a receiver that is slow; here messages wait in a bounded queue, and what cannot be sent for five seconds is given up,
// said once and counted.

import type { Clock, Timer } from '../base/clock.ts';
import { months, two } from '../base/dates.ts';
import { sleepSync } from './pipe-writer.ts';
import { RecordQueue } from './record-queue.ts';
import { WriteTrouble } from './write-trouble.ts';

/** The way out (os/syslog-socket.ts): answers the errno name of why a message did not go out, null when it did. */
export interface SyslogSender {
  send(message: Uint8Array): string | null;
  close(): void;
}

export interface SyslogOptions {
  readonly sender: SyslogSender;
  /** For what is said of it. */
  readonly path: string;
  readonly clock: Clock;
  /** Told once when messages are lost, and once with how much when it is over; may come back as a message. */
  readonly onTrouble: (text: string) => void;
}

const queueBytes = 256 * 1024;
/** Children wait when this much does. */
const pressureBytes = 64 * 1024;
const firstRetryMs = 1;
const lastRetryMs = 100;
/** A receiver that is restarted is back by then. */
const patienceMs = 5000;
const exitFlushMs = 200;

export class Syslog {
  readonly #sender: SyslogSender;
  readonly #clock: Clock;
  readonly #trouble: WriteTrouble;
  readonly #queue = new RecordQueue({ limitBytes: queueBytes });
  readonly #pressed = new Set<(isFull: boolean) => void>();
  #isFull = false;
  #retry: Timer | null = null;
  /** Since when nothing goes out; null while it does. */
  #stuckAt: number | null = null;
  /** Nothing went out for so long that nothing waits any more: each message is tried by itself. */
  #isGivenUp = false;
  #triedAt = -Infinity;
  #isClosed = false;
  #second = NaN;
  #header = Buffer.alloc(0);

  constructor({ sender, path, clock, onTrouble }: SyslogOptions) {
    this.#sender = sender;
    this.#clock = clock;
    this.#trouble = new WriteTrouble({ path, clock, say: onTrouble });
  }

  /** Sends the lines of a chunk, each behind `prefix`; newlines at its end make no empty lines. */
  writeLines(prefix: string, chunk: Buffer): void {
    const start = Buffer.from(prefix);
    let end = chunk.length;
    while (end > 0 && chunk[end - 1] === newline) end -= 1;
    for (let at = 0; at <= end;) {
      const found = chunk.indexOf(newline, at);
      const until = found === -1 || found > end ? end : found;
      this.write(Buffer.concat([start, chunk.subarray(at, until)]));
      at = until + 1;
    }
  }

  /** Sends one message; never throws, never blocks. */
  write(message: Uint8Array): void {
    if (this.#isClosed) return;
    const record = Buffer.concat([this.#headerNow(), message]);
    if (this.#queue.next() === null && this.#isWorthTrying()) {
      const problem = this.#send(record);
      if (problem === null) return;
      if (this.#isGivenUp || problem === 'EMSGSIZE') {
        this.#trouble.failed(problem, record.length);
        return;
      }
    } else if (this.#isGivenUp) {
      this.#trouble.failed('EAGAIN', record.length);
      return;
    }
    const lost = this.#queue.push(record);
    if (lost > 0) this.#trouble.failed('EAGAIN', lost);
    this.#retryLater();
    if (this.#queue.bytes > pressureBytes) this.#setFull(true);
  }

  /** Calls back with true when children should wait, and with false when they may go on. Answers how to end that. */
  onPressure(listener: (isFull: boolean) => void): () => void {
    this.#pressed.add(listener);
    if (this.#isFull) listener(true);
    return () => this.#pressed.delete(listener);
  }

  /** Ends sending; what waits for a slow receiver is tried for at most 200 ms. */
  close(): void {
    this.#isClosed = true;
    this.#retry?.cancel();
    const deadline = this.#clock.now() + exitFlushMs;
    let problem = this.#pump();
    for (; problem === 'EAGAIN' && this.#clock.now() < deadline; problem = this.#pump()) sleepSync(firstRetryMs);
    if (problem !== null) this.#trouble.failed(problem, this.#queue.dropAll());
    this.#trouble.closed();
    this.#sender.close();
  }

  /** A receiver that has been gone for long is asked now and then, not for each line of a flood. */
  #isWorthTrying(): boolean {
    return !this.#isGivenUp || this.#clock.now() - this.#triedAt >= lastRetryMs;
  }

  #send(record: Uint8Array): string | null {
    this.#triedAt = this.#clock.now();
    const problem = this.#sender.send(record);
    if (problem === null) {
      this.#stuckAt = null;
      this.#isGivenUp = false;
      this.#trouble.worked();
    } else if (problem !== 'EMSGSIZE') {
      this.#stuckAt ??= this.#triedAt;
    }
    return problem;
  }

  /** Sends what waits; answers why it ended early, null when nothing waits any more. */
  #pump(): string | null {
    for (let record = this.#queue.next(); record !== null; record = this.#queue.next()) {
      const problem = this.#send(record);
      if (problem !== null && problem !== 'EMSGSIZE') return problem;
      this.#queue.wrote(record, record.length);
      if (problem !== null) this.#trouble.failed(problem, record.length);
    }
    this.#setFull(false);
    return null;
  }

  /** At first after a millisecond; the longer nothing goes out, the later. */
  #retryLater(): void {
    const stuckMs = this.#clock.now() - (this.#stuckAt ?? this.#clock.now());
    this.#retry ??= this.#clock.after(Math.min(lastRetryMs, Math.max(firstRetryMs, stuckMs)), () => {
      this.#retry = null;
      const problem = this.#pump();
      if (problem === null) return;
      if (this.#stuckAt !== null && this.#triedAt - this.#stuckAt >= patienceMs) this.#giveUp(problem);
      else this.#retryLater();
    });
  }

  #giveUp(problem: string): void {
    this.#isGivenUp = true;
    this.#trouble.failed(problem, this.#queue.dropAll());
    this.#setFull(false);
  }

  #setFull(isFull: boolean): void {
    if (this.#isFull === isFull) return;
    this.#isFull = isFull;
    for (const listener of this.#pressed) listener(isFull);
  }

  #headerNow(): Buffer {
    const second = Math.floor(this.#clock.wall() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#header = Buffer.from(`<${userInfo}>${stamp(new Date(second * 1000))} supervisord: `);
    }
    return this.#header;
  }
}

const newline = 0x0a;
/** Facility user (1), severity info (6). */
const userInfo = 1 * 8 + 6;

/** `Nov  3 00:23:10`, local time: strftime's `%h %e %T`. */
function stamp(date: Date): string {
  const day = `${months[date.getMonth()] ?? ''} ${String(date.getDate()).padStart(2)}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
