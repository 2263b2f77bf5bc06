// Reads and tails log files for the RPC methods and the web page. Faults and answers are supervisord's (rpcinterface.py
// _readProcessLog, _tailProcessLog); bytes come back as they are, whether they are UTF-8 is the caller's question.
// Never blocks on a pipe or a FIFO: what is not a regular file cannot be read back.

import { closeSync, constants, existsSync, fstatSync, readSync } from 'node:fs';
import { Fault } from '../base/errors.ts';
import { openSafely } from './open-safely.ts';
import { readRange, tailRange } from './log-ranges.ts';
import type { ByteRange } from './log-ranges.ts';

/** Bytes that were asked for; both numbers as the RPC call gives them. */
export interface LogRequest {
  readonly offset: number;
  readonly length: number;
}

/** A tail's answer: the bytes, the log's size (where to go on), and whether bytes were skipped. */
export interface LogTail {
  readonly data: Buffer;
  readonly offset: number;
  readonly overflow: boolean;
}

/** An answer beyond this could not be turned into one XML-RPC string. */
const largestAnswer = 256 * 1024 * 1024;

/** Reads part of a log. Throws Fault NO_FILE (also for `null`, no log at all), BAD_ARGUMENTS or FAILED. */
export function readLog(path: string | null, request: LogRequest): Buffer {
  if (path === null) throw new Fault('NO_FILE');
  if (!existsSync(path)) throw new Fault('NO_FILE', path);
  const bytes = withLog(path, (fd, size) => {
    const range = readRange(size, request);
    if (range === null) throw new Fault('BAD_ARGUMENTS');
    if (range.length > largestAnswer) throw new Fault('FAILED', `${path} is too long to be read at once`);
    return readBytes(fd, range);
  });
  if (bytes === null) throw new Fault('FAILED');
  return bytes;
}

/** Tails a log; a log that is missing or cannot be read answers no bytes, never a fault. */
export function tailLog(path: string | null, request: LogRequest): LogTail {
  if (path === null || !existsSync(path)) return { data: Buffer.alloc(0), offset: 0, overflow: false };
  const tail = withLog(path, (fd, size) => {
    const range = tailRange(size, request);
    if (range.length > largestAnswer) return null;
    return { data: readBytes(fd, range), offset: range.offset, overflow: range.overflow };
  });
  return tail ?? { data: Buffer.alloc(0), offset: Math.trunc(request.offset), overflow: false };
}

/** Null when the file cannot be opened or is not something with a size. */
function withLog<T>(path: string, use: (fd: number, size: number) => T): T | null {
  let fd: number;
  try {
    fd = openSafely(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return null;
  }
  try {
    const stat = fstatSync(fd);
    if (stat.isFile()) return use(fd, stat.size);
    return stat.rdev === nullDevice && stat.isCharacterDevice() ? use(fd, 0) : null;
  } catch (error) {
    if (error instanceof Fault) throw error;
    return null;
  } finally {
    closeSync(fd);
  }
}

/** /dev/null (1:3) reads as an empty log; other devices have no offsets. */
const nullDevice = 0x103;

function readBytes(fd: number, { start, length }: ByteRange): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(fd, bytes, filled, length - filled, start + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
