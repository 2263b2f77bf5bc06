// The read side of one child's pipe. All outputs share one buffer: the sink is called synchronously and copies what it
// keeps, so a thousand children cost no buffer of their own and a flood leaves no garbage. The pipe is read with the
// documented `onread` of net.Socket; returning false there pauses it and resume() goes on, which is what cooling uses.

import { readSync } from 'node:fs';
import { Socket } from 'node:net';
import type { ConnectOpts, SocketConstructorOpts } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { Cooler, Heat } from './cooling.ts';

/** The constructor takes `onread` like connect does; @types/node 20 only knows the latter. */
type OnReadOpts = Pick<ConnectOpts, 'onread'>;

const bufferBytes = 64 * 1024;

/** A pipe of 1 MiB (fs.pipe-max-size), one read that comes short, one that finds the end. */
const drainReads = (1024 * 1024) / bufferBytes + 2;

/** What the outputs of one daemon share. */
export class SharedReading {
  readonly clock: Clock;
  readonly readBuffer = Buffer.allocUnsafeSlow(bufferBytes);
  /** Apart from the other one: a sink may drain a second output while it still uses its chunk of the first. */
  readonly drainBuffer = Buffer.allocUnsafeSlow(bufferBytes);
  readonly coolers: Readonly<Record<'short' | 'long', Cooler>>;
  readonly #lingering = new Set<Promise<void>>();

  constructor(clock: Clock) {
    this.clock = clock;
    this.coolers = { short: new Cooler(clock, 'short'), long: new Cooler(clock, 'long') };
  }

  /** Notes last words that are still on their way into a log that was closed (`LogFileOptions.linger`). */
  linger(over: Promise<void>): void {
    this.#lingering.add(over);
    void over.then(() => this.#lingering.delete(over));
  }

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

/** Who cannot take more: the log that is a full pipe, or the system's log. */
export type PauseReason = 'log' | 'syslog';

export class Output {
  readonly #options: OutputOptions;
  readonly #shared: SharedReading;
  readonly #socket: Socket;
  readonly #heat = new Heat();
  #isEnded = false;
  /** Why it is paused, if it is. */
  readonly #pausedFor = new Set<string>();

  constructor(options: OutputOptions) {
    this.#options = options;
    this.#shared = options.shared;
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
      const count = this.#readNow();
      if (count === null) return;
      if (count === 0) this.#end();
      else this.#options.write(this.#shared.drainBuffer.subarray(0, count));
    }
  }

  /** Stops reading: the child blocks once its pipe is full, exactly as if it wrote to the slow reader itself. */
  pause(reason: PauseReason): void {
    this.#pausedFor.add(reason);
    this.#stayAwake();
    if (!this.#isEnded) this.#socket.pause();
  }

  /** Reads again, unless it is paused for another reason too. */
  resume(reason: PauseReason): void {
    this.#pausedFor.delete(reason);
    this.#wake();
  }

  /** Gives the pipe up; a child that writes on gets EPIPE. */
  close(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#stayAwake();
    this.#socket.destroy();
  }

  /** Whether to go on reading. */
  #read(count: number): boolean {
    this.#options.write(this.#shared.readBuffer.subarray(0, count));
    if (this.#isEnded || this.#pausedFor.size > 0) return false;
    if (this.#options.delivery === 'at-once') return true;
    const rest = this.#heat.restAfter(count, this.#shared.clock.now());
    if (rest === 'none') return true;
    this.#shared.coolers[rest].rest(this.#wake);
    return false;
  }

  readonly #wake = (): void => {
    if (!this.#isEnded && this.#pausedFor.size === 0) this.#socket.resume();
  };

  #stayAwake(): void {
    this.#shared.coolers.short.forget(this.#wake);
    this.#shared.coolers.long.forget(this.#wake);
  }

  /** Null when nothing is there now. */
  #readNow(): number | null {
    try {
      return readSync(this.#options.fd, this.#shared.drainBuffer, 0, this.#shared.drainBuffer.length, null);
    } catch {
      // EAGAIN: a grandchild holds the pipe open.
      return null;
    }
  }

  #end(): void {
    if (this.#isEnded) return;
    this.close();
    this.#options.onEnd();
  }
}
