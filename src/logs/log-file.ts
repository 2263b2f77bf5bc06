// A log that is appended to: a child's stdout or stderr, or supervisord's own. Rotated by size as supervisord does
// (loggers.py RotatingFileHandler): after a write, never splitting one, `.1` is the newest backup. A disk that is full or
// broken is survived: a write never throws. A file that was deleted, or whose directory was, is made again when that can be
// done. A pipe, a terminal or a FIFO is written without ever blocking the loop.

import { closeSync, fstatSync, unlinkSync, writeSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import { errorCode } from '../base/system-error.ts';
import { shiftBackups, unlessMissing } from './backups.ts';
import { descriptorOf, isSameFile, openEmptyLog, openLog } from './open-log.ts';
import type { OpenLog } from './open-log.ts';
import { PipeWriter } from './pipe-writer.ts';
import { RecordQueue } from './record-queue.ts';
import { WriteTrouble } from './write-trouble.ts';

/** What may wait for a pipe that is full before the oldest of it is dropped. */
const pipeQueueBytes = 256 * 1024;
/** How long what waits for a pipe is tried at the end. */
export const lastWordsMs = 200;
/** A write looks for this long at most without asking whether the file still has a name. */
const lookEveryMs = 1000;

export interface LogFileOptions {
  readonly path: string;
  /** Rotate when the file has this many bytes or more; 0 never rotates. */
  readonly maxBytes: number;
  /** How many rotated files are kept; 0 empties the file instead. */
  readonly backups: number;
  /** Permissions of a file that is made, less the umask; default 0666, AUTO logs use 0600. */
  readonly mode?: number;
  /** Told once when the log cannot be written or rotated, and once with the loss when it is over. */
  readonly onTrouble?: (text: string) => void;
  /** Told of each loss. */
  readonly onLost?: (bytes: number) => void;
  /** For a pipe: true when it is full (stop reading the child), false when it took everything. */
  readonly onPressure?: (waiting: boolean) => void;
  /** Hears of what goes on for a while after closing: last words for a pipe. Without it they are given up at once. */
  readonly linger?: (over: Promise<void>) => void;
  readonly clock: Clock;
}

export class LogFile {
  readonly path: string;
  readonly #options: LogFileOptions;
  readonly #clock: Clock;
  readonly #trouble: WriteTrouble;
  /** A file that is made in place of another keeps its permissions: an AUTO log stays its owner's own. */
  #mode: number;
  #log: OpenLog | null;
  #pipe: PipeWriter | null = null;
  #size = 0;
  /** Bytes since the size was last asked of the kernel. */
  #unchecked = 0;
  #rotateAt: number;
  /** The errno of why it could not be rotated, as it was said. */
  #rotationProblem: string | null = null;
  #lookedAt: number;
  /** Bytes since then: those that may be in a file that nobody finds any more. */
  #sinceLook = 0;
  /** The file has no name any more, and a new one could not be made. */
  #isGone = false;

  /** Opens or makes the file; throws the errno error when that is not possible. */
  constructor(options: LogFileOptions) {
    this.path = options.path;
    this.#options = options;
    this.#clock = options.clock;
    this.#rotateAt = options.maxBytes;
    this.#lookedAt = this.#clock.now();
    const { path, onTrouble: say, onLost } = options;
    this.#trouble = new WriteTrouble({ path, clock: this.#clock, say, onLost });
    this.#mode = options.mode ?? 0o666;
    this.#log = openLog(this.path, this.#mode);
    this.#adopt(this.#log);
    if (options.maxBytes > 0 && !this.#log.isNamedFile && this.path !== '/dev/null') {
      say?.(cannotRotate(this.path));
    }
  }

  /** Whether the last thing heard of this log is that it cannot be written. */
  get isFailing(): boolean {
    return this.#trouble.isActive;
  }

  /** Appends; never throws, never blocks on a reader. The bytes may be reused by the caller afterwards. */
  write(bytes: Uint8Array): void {
    if (this.#log === null) return;
    if (this.#pipe !== null) {
      this.#pipe.write(bytes);
      return;
    }
    if (this.#log.isNamedFile) this.#lookIfDue(this.#log.fd);
    if (this.#isGone) {
      this.#trouble.failed('ENOENT', bytes.length);
      return;
    }
    this.#append(this.#log.fd, bytes);
    if (this.#options.maxBytes > 0 && this.#log.isNamedFile) this.#rotateIfDue(this.#log.fd);
  }

  /** Whether something waits for a pipe's reader. */
  get isBusy(): boolean {
    return this.#pipe?.isIdle === false;
  }

  /** Whether a child should wait, as `onPressure` said. */
  get isFull(): boolean {
    return this.#pipe?.isFull === true;
  }

  /** Resolves when nothing waits any more, or after this long. */
  settled(maxMs?: number): Promise<void> {
    return this.#pipe?.settled(maxMs) ?? Promise.resolve();
  }

  /** Opens the file by its name again (somebody moved it away); keeps the old one when that fails. */
  reopen(): void {
    if (this.#log === null || descriptorOf(this.path) !== null) return;
    // What waits for a FIFO would be overtaken by what is written to a second opening of it.
    if (this.isBusy && isSameFile(this.#log.fd, this.path)) return;
    try {
      this.#replace(openLog(this.path, this.#mode));
    } catch (error) {
      this.#options.onTrouble?.(`cannot reopen ${this.path}: ${errorCode(error)}`);
    }
  }

  /** Deletes the file and begins a new one; backups stay. Throws the errno error. What is not a file is left alone. */
  clear(): void {
    if (this.#log === null || !this.#log.isNamedFile) return;
    unlessMissing(() => unlinkSync(this.path));
    this.#replace(openLog(this.path, this.#mode));
  }

  /** Ends writing; what waits for a pipe is tried for 200 ms more, behind the back of the caller (`linger`). */
  close(): void {
    const log = this.#log;
    if (log === null) return;
    // First of all: what is said of the end must not be written to what is closed.
    this.#log = null;
    this.#release(log, () => this.#trouble.closed());
  }

  /** supervisord writes on into a deleted file, where nobody finds it; a write a second asks, so it costs nothing. */
  #lookIfDue(fd: number): void {
    const now = this.#clock.now();
    if (now - this.#lookedAt < lookEveryMs) return;
    this.#lookedAt = now;
    const wasGone = this.#isGone;
    this.#isGone = fstatSync(fd).nlink === 0 && !isSameFile(fd, this.path);
    if (this.#isGone) {
      if (!wasGone) this.#trouble.failed('ENOENT', this.#sinceLook);
      this.#makeAgain();
    }
    this.#sinceLook = 0;
  }

  #makeAgain(): void {
    try {
      this.#replace(openLog(this.path, this.#mode));
    } catch {
      // Said already: its directory is missing too, or no place to write to any more. The next look tries again.
    }
  }

  #append(fd: number, bytes: Uint8Array): void {
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(fd, bytes, written, bytes.length - written);
      if (this.#trouble.isActive) this.#trouble.worked();
    } catch (error) {
      this.#trouble.failed(errorCode(error), bytes.length - written);
    }
    this.#size += written;
    this.#unchecked += written;
    this.#sinceLook += written;
  }

  #rotateIfDue(fd: number): void {
    // Our own count is right as long as nobody else writes to or truncates the file, so the kernel is asked now and then
    // and before each rotation: 2 µs that need not be paid for every write.
    if (this.#unchecked * 16 < this.#options.maxBytes && this.#size < this.#rotateAt) return;
    this.#unchecked = 0;
    this.#size = fstatSync(fd).size;
    if (this.#size < this.#rotateAt) return;
    try {
      if (this.#options.backups > 0) shiftBackups(this.path, this.#options.backups);
      const empty = openEmptyLog(this.path, this.#mode);
      this.#replace({
        fd: empty,
        isOwn: true,
        kind: 'file',
        via: 'direct',
        isNamedFile: true,
        size: 0,
        mode: this.#mode,
      });
      if (this.#rotationProblem !== null) this.#options.onTrouble?.(`${this.path} is rotated again`);
      this.#rotationProblem = null;
    } catch (error) {
      // Not one byte is lost: the file grows on, and rotation is tried again when it has grown by as much.
      this.#rotateAt = this.#size + this.#options.maxBytes;
      const problem = errorCode(error);
      const isNews = problem !== this.#rotationProblem;
      this.#rotationProblem = problem;
      if (isNews) this.#options.onTrouble?.(`cannot rotate ${this.path}: ${problem}`);
    }
  }

  #replace(next: OpenLog): void {
    if (this.#log !== null) this.#release(this.#log);
    this.#log = next;
    this.#adopt(next);
  }

  #adopt(log: OpenLog): void {
    this.#size = log.size;
    this.#unchecked = 0;
    this.#sinceLook = 0;
    this.#isGone = false;
    this.#rotateAt = this.#options.maxBytes;
    if (log.isNamedFile) this.#mode = log.mode;
    if (log.kind === 'file') return;
    this.#pipe = new PipeWriter({
      fd: log.fd,
      via: log.via,
      clock: this.#clock,
      queue: new RecordQueue({ limitBytes: pipeQueueBytes }),
      onPressure: this.#options.onPressure,
      onLost: (code, bytes) => this.#trouble.failed(code, bytes),
      onWritten: () => this.#trouble.worked(),
    });
  }

  #release(log: OpenLog, then?: () => void): void {
    const { linger } = this.#options;
    const pipe = this.#pipe;
    this.#pipe = null;
    const end = (): void => {
      pipe?.close();
      if (log.isOwn) closeSync(log.fd);
      then?.();
    };
    if (pipe === null || pipe.isIdle || linger === undefined) return end();
    linger(pipe.settled(lastWordsMs).then(end));
  }
}

/** What is said of a pipe or device that has a maxbytes. */
export function cannotRotate(path: string): string {
  return `${path} cannot be rotated, its maxbytes is ignored: set it to 0`;
}
