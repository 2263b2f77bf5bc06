// The daemon's end of a child's stdin: kept open as supervisord keeps it, written without ever blocking the loop. What the
// pipe has room for is written at once; only for what has to wait there is a stream, which costs four times as much.

import { closeSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { errorCode } from '../base/system-error.ts';

export class ChildStdin {
  readonly #fd: number;
  readonly #onDrain: () => void;
  #socket: Socket | null = null;
  #open = true;

  /** The descriptor does not block. `onDrain` is called whenever all that had to wait is with the child. */
  constructor(fd: number, onDrain: () => void = () => undefined) {
    this.#fd = fd;
    this.#onDrain = onDrain;
  }

  /** How many bytes wait because the child does not read. */
  get waiting(): number {
    return this.#open ? (this.#socket?.writableLength ?? 0) : 0;
  }

  /** Whether something waits because the child does not read. */
  get isBusy(): boolean {
    return this.waiting > 0;
  }

  /** Writes or queues the bytes; false when the child has closed its end. */
  write(bytes: Buffer): boolean {
    if (!this.#open) return false;
    const rest = this.isBusy ? bytes : this.#writeNow(bytes);
    if (rest === null) {
      this.close();
      return false;
    }
    if (rest.length === 0) return true;
    this.#socket ??= this.#wrap();
    // Not at the 'drain' event, which comes only after more than 16 KiB had to wait.
    this.#socket.write(rest, (error) => {
      if (!error && !this.isBusy) this.#onDrain();
    });
    // What the kernel takes or refuses at once, libuv has tried before write() returns; the 'error' event comes later.
    return this.#socket.errored === null;
  }

  /** What the pipe has no room for; null when the child has closed its end. */
  #writeNow(bytes: Buffer): Buffer | null {
    try {
      return bytes.subarray(writeSync(this.#fd, bytes));
    } catch (error) {
      return errorCode(error) === 'EAGAIN' ? bytes : null;
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    if (this.#socket === null) closeSync(this.#fd);
    else this.#socket.destroy();
  }

  /** A Socket per child costs memory, so it is made only for the few that are written to. */
  #wrap(): Socket {
    const socket = new Socket({ fd: this.#fd, readable: false, writable: true });
    // EPIPE: the child closed its stdin. What was queued is dropped, as under supervisord.
    socket.on('error', () => {
      this.#open = false;
    });
    return socket;
  }
}
