// A real pipe (not the socket pair that node:child_process makes), from nothing but Node and mkfifo.
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Both ends of a pipe: reading never blocks, writing does unless asked otherwise. The caller closes them. */
export interface RealPipe {
  readonly readEnd: number;
  readonly writeEnd: number;
}

export function makePipe({ writing = 0 }: { readonly writing?: number } = {}): RealPipe {
  const folder = mkdtempSync(join(tmpdir(), 'corevisor-pipe-'));
  const path = join(folder, 'pipe');
  try {
    execFileSync('mkfifo', [path]);
    const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return { readEnd, writeEnd: openSync(path, constants.O_WRONLY | writing) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What is in a pipe right now; null at its end. */
export function readPipe(readEnd: number): Buffer | null {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.alloc(65536);
    let count: number;
    try {
      count = readSync(readEnd, chunk, 0, chunk.length, null);
    } catch {
      return Buffer.concat(chunks);
    }
    if (count === 0) return chunks.length === 0 ? null : Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, count));
  }
}

export function closePipe({ readEnd, writeEnd }: RealPipe): void {
  closeSync(readEnd);
  closeSync(writeEnd);
}
