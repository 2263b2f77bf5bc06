// The last lines of a log, to be shown to a person: reads a bounded piece from its end, however long the log or one of its
// lines is, and makes it harmless. Never blocks: what is no regular file has no lines.

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { printable } from '../base/printable.ts';

/** Bytes that are read at most, of the log and once more of the one that was rotated before it. */
const readBytes = 64 * 1024;
/** Characters that are shown of one line: its last ones. */
const shownCharacters = 500;

/** At most `count` lines, the latest last; a log that was just rotated is filled up from `PATH.1`. */
export function lastLines(path: string, count: number): readonly string[] {
  const lines = linesOf(path);
  const earlier = lines.length < count ? linesOf(`${path}.1`) : [];
  return [...earlier, ...lines].slice(-count).map(shown);
}

/** Whole lines but for the first, which may be cut. */
function linesOf(path: string): readonly string[] {
  const lines = tailOf(path).toString().split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function shown(line: string): string {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  return printable(text.length > shownCharacters ? `…${text.slice(-shownCharacters)}` : text);
}

function tailOf(path: string): Buffer {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return Buffer.alloc(0);
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return Buffer.alloc(0);
    const start = Math.max(0, stat.size - readBytes);
    const bytes = Buffer.alloc(Math.min(stat.size, readBytes));
    const count = readSync(fd, bytes, 0, bytes.length, start);
    return bytes.subarray(0, count);
  } catch {
    return Buffer.alloc(0);
  } finally {
    closeSync(fd);
  }
}
