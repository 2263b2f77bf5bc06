// The daemon's end of a child's stdin: kept open as supervisord keeps it, written without ever blocking the loop.

import { closeSync } from 'node:fs';
import { Socket } from 'node:net';

export class ChildStdin {
  readonly #fd: number;
  readonly #onDrain: () => void;
  #socket: Socket | null = null;
  #open = true;

  /** `onDrain` is called whenever all that was written is with the child. */
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
    this.#socket ??= this.#wrap();
    // Not at the 'drain' event, which comes only after more than 16 KiB had to wait.
    this.#socket.write(bytes, (error) => {
      if (!error && !this.isBusy) this.#onDrain();
    });
    // What the kernel takes or refuses at once, libuv has tried before write() returns; the 'error' event comes later.
    return this.#socket.errored === null;
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
