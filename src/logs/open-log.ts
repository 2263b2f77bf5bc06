// Opens what a log is written to, whatever it is: a regular file, a FIFO, a terminal, or one of our own descriptors under
// a name such as /dev/stdout. Nothing opened here blocks: neither the opening (a FIFO without a reader) nor a write.
// Flags on a descriptor that children share are never touched, a pipe is opened anew through /proc (linux open file description).

import { constants, fstatSync, lstatSync, openSync, readlinkSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { errorCode } from '../base/system-error.ts';
import { isTrusted, openSafely } from './open-safely.ts';

const append = constants.O_WRONLY | constants.O_APPEND | constants.O_NOCTTY;

/** Something to write to. `file` takes every byte at once, `stream` may be full. */
export interface OpenLog {
  readonly fd: number;
  /** Whether we opened it and have to close it. */
  readonly isOwn: boolean;
  readonly kind: 'file' | 'stream';
  /** `thread-pool` when only the shared descriptor can be had, which may block. */
  readonly via: 'direct' | 'thread-pool';
  /** A file that stands in a directory under this name; everything else cannot be rotated, cleared or reopened. */
  readonly isNamedFile: boolean;
  /** Bytes that are in it already. */
  readonly size: number;
  /** Its permissions. */
  readonly mode: number;
}

/** Opens a log for appending; throws the errno error when it cannot be opened. */
export function openLog(path: string, mode: number): OpenLog {
  const descriptor = descriptorOf(path);
  if (descriptor !== null) return openDescriptor(descriptor);
  const fd = openPath(path, mode);
  const stat = fstatSync(fd);
  const kind = stat.isFile() ? 'file' : 'stream';
  return { fd, isOwn: true, kind, via: 'direct', isNamedFile: stat.isFile(), size: stat.size, mode: stat.mode & 0o777 };
}

/** Opens a log anew and empty, for rotation; throws the errno error when it cannot be opened. */
export function openEmptyLog(path: string, mode: number): number {
  // Without O_NONBLOCK a FIFO that somebody put there meanwhile would hold up the daemon until it is read.
  return openSafely(path, append | constants.O_CREAT | constants.O_TRUNC | constants.O_NONBLOCK, mode);
}

/** Whether a path names what a descriptor has open. */
export function isSameFile(fd: number, path: string): boolean {
  const ours = fstatSync(fd);
  const named = statSync(path, { throwIfNoEntry: false });
  return named !== undefined && named.ino === ours.ino && named.dev === ours.dev;
}

/** A second, non-blocking way to what one of our own descriptors points to; throws EBADF when it is not open. */
export function openDescriptor(fd: number): OpenLog {
  const stat = fstatSync(fd);
  // A file is shared with children through one offset: a second opening with an offset of its own would be written over.
  if (stat.isFile())
    return {
      fd,
      isOwn: false,
      kind: 'file',
      via: 'direct',
      isNamedFile: false,
      size: stat.size,
      mode: stat.mode & 0o777,
    };
  try {
    const own = openSync(`/proc/self/fd/${fd}`, append | constants.O_NONBLOCK);
    return { fd: own, isOwn: true, kind: 'stream', via: 'direct', isNamedFile: false, size: 0, mode: 0 };
  } catch {
    // A socket (ENXIO), another user's pipe (EACCES), no /proc.
    return { fd, isOwn: false, kind: 'stream', via: 'thread-pool', isNamedFile: false, size: 0, mode: 0 };
  }
}

/** Which of our own descriptors a path means: 1 for /dev/stdout, /dev/fd/1, /proc/self/fd/1 and links to them; null for other paths. */
export function descriptorOf(path: string): number | null {
  let at = resolve(path);
  for (let links = 0; links < 8; links += 1) {
    const match = /^\/(?:dev|proc\/(self|thread-self|\d+))\/fd\/(\d+)$/.exec(at);
    if (match !== null && isOurs(match[1])) return Number(match[2]);
    try {
      // Asked for here: what readlink throws where there is no link costs a tenth of a child's start.
      const stat = lstatSync(at, { throwIfNoEntry: false });
      if (stat === undefined || !stat.isSymbolicLink() || !isTrusted(stat)) return null;
      at = resolve(dirname(at), readlinkSync(at));
    } catch {
      return null;
    }
  }
  return null;
}

function isOurs(owner: string | undefined): boolean {
  return owner === undefined || !/^\d/.test(owner) || Number(owner) === process.pid;
}

function openPath(path: string, mode: number): number {
  try {
    return openSafely(path, append | constants.O_CREAT | constants.O_NONBLOCK, mode);
  } catch (error) {
    // A FIFO that nobody reads yet; opened for both it takes 64 KiB until somebody does.
    if (errorCode(error) !== 'ENXIO' || !statSync(path).isFIFO()) throw error;
    return openSafely(path, constants.O_RDWR | constants.O_NONBLOCK);
  }
}
