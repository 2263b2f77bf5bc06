// Follows a log as it grows, for `tail -f` over HTTP. What is sent is supervisord's (http.py tail_f_producer): the last
// 1024 bytes, then all growth; a file that shrank is told and sent again from its start, a new file under the same name
// (rotation, clear) is followed instead. Ours reads the old file to its end first, where supervisord loses that rest.

import { closeSync, constants, fstatSync, readSync, statSync } from 'node:fs';
import type { Clock, Timer } from '../base/clock.ts';
import { Fault } from '../base/errors.ts';
import { openSafely } from './open-safely.ts';

const headBytes = 1024;
const pollMs = 100;
const chunkBytes = 64 * 1024;
/** Per poll; a log that grows faster is gone on with at the next turn, so that one reader does not hold up the loop. */
const pollBytes = 1024 * 1024;

const truncated = '==> File truncated <==\n';

/** One log, read piece by piece. */
class FollowedFile {
  readonly #path: string;
  #fd: number;
  #inode: number;
  #at: number;

  /** Throws Fault NO_FILE when there is no such file or it cannot be read back (a pipe). */
  constructor(path: string) {
    this.#path = path;
    const { fd, inode, size } = open(path);
    this.#fd = fd;
    this.#inode = inode;
    this.#at = Math.max(0, size - headBytes);
  }

  /** The next bytes, at most 64 KiB, or null when there are none now. Throws the errno error of a file that cannot be read. */
  more(): Buffer | null {
    const size = fstatSync(this.#fd).size;
    if (size < this.#at) {
      this.#at = 0;
      return Buffer.from(truncated);
    }
    if (size > this.#at) {
      const bytes = Buffer.allocUnsafe(Math.min(size - this.#at, chunkBytes));
      const count = readSync(this.#fd, bytes, 0, bytes.length, this.#at);
      this.#at += count;
      if (count > 0) return bytes.subarray(0, count);
    }
    return this.#moveOn() ? this.more() : null;
  }

  close(): void {
    if (this.#fd === -1) return;
    closeSync(this.#fd);
    this.#fd = -1;
  }

  /** Whether a new file stands under the name. */
  #moveOn(): boolean {
    try {
      if (statSync(this.#path).ino === this.#inode) return false;
      const next = open(this.#path);
      closeSync(this.#fd);
      this.#fd = next.fd;
      this.#inode = next.inode;
      this.#at = 0;
      return true;
    } catch {
      return false;
    }
  }
}

/** How a followed log is sent. */
export interface FollowOptions {
  readonly path: string;
  readonly clock: Clock;
  /** Answers false when the receiver is full; then `resume` has to be called before more is sent. */
  readonly send: (bytes: Buffer) => boolean;
  /** The file can no longer be read; nothing more will be sent. */
  readonly onError: (error: unknown) => void;
}

/** A running `tail -f`: sends a log's end at once and then its growth, until stopped. */
export class LogFollower {
  readonly #options: FollowOptions;
  readonly #file: FollowedFile;
  #timer: Timer | null = null;
  #isStopped = false;

  /** Throws Fault NO_FILE when there is nothing to follow. */
  constructor(options: FollowOptions) {
    this.#options = options;
    this.#file = new FollowedFile(options.path);
    this.#poll();
  }

  /** The receiver can take more. */
  resume(): void {
    if (this.#timer === null && !this.#isStopped) this.#poll();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#file.close();
  }

  #poll(): void {
    this.#timer = null;
    try {
      for (let sent = 0; sent < pollBytes && !this.#isStopped;) {
        const bytes = this.#file.more();
        if (bytes === null) break;
        sent += bytes.length;
        if (!this.#options.send(bytes)) return;
      }
    } catch (error) {
      this.stop();
      this.#options.onError(error);
    }
    if (!this.#isStopped) this.#timer = this.#options.clock.after(pollMs, () => this.#poll());
  }
}

function open(path: string): { readonly fd: number; readonly inode: number; readonly size: number } {
  let fd: number;
  try {
    fd = openSafely(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    throw new Fault('NO_FILE', path);
  }
  const stat = fstatSync(fd);
  if (stat.isFile()) return { fd, inode: stat.ino, size: stat.size };
  closeSync(fd);
  throw new Fault('NO_FILE', path);
}
