// The read side of one child's pipe. All outputs share one buffer: the sink is called synchronously and copies what it
// keeps, so a thousand children cost no buffer of their own and a flood leaves no garbage. The pipe is read with the
// documented `onread` of net.Socket; returning false there pauses it and resume() goes on, which is what cooling uses. After
// a rest the pipe is read first and waited for only if there is nothing: what comes all the time costs no poll.

import { readSync } from 'node:fs';
import { Socket } from 'node:net';
import type { ConnectOpts, SocketConstructorOpts } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { Cooler, Heat, type Rest } from './cooling.ts';
import { LargePipes, type PipeSize, pipeBytes, type ResizePipe } from './pipe-size.ts';

/** The constructor takes `onread` like connect does; @types/node 20 only knows the latter. */
type OnReadOpts = Pick<ConnectOpts, 'onread'>;

/** More than a usual pipe holds: a read that comes short says that the pipe is empty, without another one. */
const bufferBytes = 128 * 1024;
/** As much as supervisord is ever given at once: what a log may be longer than its maxbytes, and an event at most. */
const chunkBytes = pipeBytes.usual;

/** What is in the largest pipe. */
const longestReads = pipeBytes.large / bufferBytes;
/** The same, one read that comes short, one that finds the end. */
const drainReads = longestReads + 2;
/** Less room than this is left in a pipe whose writer has to wait. */
const nearlyFullBytes = 8 * 1024;

/** What the outputs of one daemon share. */
export class SharedReading {
  readonly clock: Clock;
  readonly readBuffer = Buffer.allocUnsafeSlow(bufferBytes);
  /** Apart from the other one: a sink may drain a second output while it still uses its chunk of the first. */
  readonly drainBuffer = Buffer.allocUnsafeSlow(bufferBytes);
  readonly coolers: Readonly<Record<'short' | 'long', Cooler>>;
  readonly largePipes: LargePipes;
  readonly #lingering = new Set<Promise<void>>();

  /** Without `resizePipe` all pipes keep their size. */
  constructor(clock: Clock, resizePipe: ResizePipe | null = null) {
    this.clock = clock;
    this.largePipes = new LargePipes(resizePipe);
    this.coolers = { short: new Cooler(clock, 'short'), long: new Cooler(clock, 'long') };
  }

  /** Notes last words that are still on their way into a log that was closed (`LogFileOptions.linger`). */
  readonly linger = (over: Promise<void>): void => {
    this.#lingering.add(over);
    void over.then(() => this.#lingering.delete(over));
  };

  /** Resolves when all last words are out or given up. */
  async settled(): Promise<void> {
    await Promise.all(this.#lingering);
  }
}

export interface OutputOptions {
  readonly shared: SharedReading;
  /** The read end, owned by the Output from now on. */
  readonly fd: number;
  /** Called with each chunk; the bytes are only good until it returns. */
  readonly write: (bytes: Buffer) => void;
  /** Called once, when every write end of the pipe is closed; not after close(). */
  readonly onEnd: () => void;
  /** `at-once` for a child whose answers are waited for (event listeners): each chunk is delivered without delay. */
  readonly delivery?: 'coalesced' | 'at-once';
}

/** Who cannot take more: the log that is a full pipe, the system's log, or a pool of event listeners. */
export type PauseReason = 'log' | 'syslog' | 'events';

/** Shared: a thousand programs have two thousand outputs, and a Set of each its own is 180 bytes. */
const nothing: readonly PauseReason[] = [];

export class Output {
  readonly #options: OutputOptions;
  readonly #shared: SharedReading;
  readonly #socket: Socket;
  readonly #heat = new Heat();
  readonly #size: PipeSize;
  #isEnded = false;
  /** Why it is paused, if it is. */
  #pausedFor: readonly PauseReason[] = nothing;

  constructor(options: OutputOptions) {
    this.#options = options;
    this.#shared = options.shared;
    this.#size = this.#shared.largePipes.sizeOf(options.fd);
    const socketOptions: SocketConstructorOpts & OnReadOpts = {
      fd: options.fd,
      readable: true,
      writable: false,
      onread: { buffer: this.#shared.readBuffer, callback: (count) => this.#read(count) },
    };
    this.#socket = new Socket(socketOptions);
    this.#socket.on('error', () => this.#end());
    this.#socket.on('end', () => this.#end());
    this.#socket.on('close', () => this.#end());
  }

  /**
   * Delivers what is in the pipe right now, without blocking: for the child's death. Others may hold the pipe open
   * (grandchildren); then it goes on being read until they close it. At its end `onEnd` is called before this returns.
   */
  drain(): void {
    for (let reads = 0; reads < drainReads && !this.#isEnded; reads += 1) {
      const count = this.#readNow(this.#shared.drainBuffer);
      if (count === null) return;
      if (count === 0) this.#end();
      else this.#handOn(this.#shared.drainBuffer, count);
    }
  }

  /** Stops reading: the child blocks once its pipe is full, exactly as if it wrote to the slow reader itself. */
  pause(reason: PauseReason): void {
    if (!this.#pausedFor.includes(reason)) this.#pausedFor = [...this.#pausedFor, reason];
    this.#stayAwake();
    if (!this.#isEnded) this.#socket.pause();
  }

  /** Reads again, unless it is paused for another reason too. */
  resume(reason: PauseReason): void {
    this.#pausedFor = this.#pausedFor.filter((each) => each !== reason);
    this.#readOn();
  }

  /** Gives the pipe up; a child that writes on gets EPIPE. */
  close(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#stayAwake();
    this.#size.forget();
    this.#socket.destroy();
  }

  /** Whether to go on reading. */
  #read(count: number): boolean {
    this.#handOn(this.#shared.readBuffer, count);
    if (this.#isEnded || this.#pausedFor.length > 0) return false;
    if (this.#options.delivery === 'at-once') return true;
    return !this.#rests(this.#heat.restAfter(count, this.#shared.clock.now()), count);
  }

  /** Whether the pipe rests now, after a read of so many bytes. */
  #rests(rest: Rest, count: number): boolean {
    if (rest === 'long') this.#size.cooled();
    else this.#size.filled(count);
    if (rest === 'none') return false;
    this.#shared.coolers[rest].rest(this.#wake);
    return true;
  }

  /** After a rest: takes what has come meanwhile, and rests again. */
  readonly #wake = (): void => {
    let count = 0;
    for (let reads = 0; reads < longestReads && !this.#isEnded && this.#pausedFor.length === 0; reads += 1) {
      const some = this.#readNow(this.#shared.readBuffer);
      if (some === 0) return this.#end();
      if (some === null) break;
      count += some;
      this.#handOn(this.#shared.readBuffer, some);
      if (some < bufferBytes) break;
    }
    if (this.#isEnded || this.#pausedFor.length > 0) return;
    const full = this.#size.bytes - nearlyFullBytes;
    if (count === 0 || !this.#rests(this.#heat.restAfter(count, this.#shared.clock.now(), full), count)) this.#readOn();
  };

  #readOn(): void {
    if (!this.#isEnded && this.#pausedFor.length === 0) this.#socket.resume();
  }

  #stayAwake(): void {
    this.#shared.coolers.short.forget(this.#wake);
    this.#shared.coolers.long.forget(this.#wake);
  }

  #handOn(buffer: Buffer, count: number): void {
    for (let at = 0; at < count && !this.#isEnded; at += chunkBytes) {
      this.#options.write(buffer.subarray(at, Math.min(count, at + chunkBytes)));
    }
  }

  /** Null when nothing is there now. */
  #readNow(into: Buffer): number | null {
    try {
      return readSync(this.#options.fd, into, 0, into.length, null);
    } catch {
      // EAGAIN: somebody holds the pipe open and is silent.
      return null;
    }
  }

  #end(): void {
    if (this.#isEnded) return;
    this.close();
    this.#options.onEnd();
  }
}
