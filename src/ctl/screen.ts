// Output without streams: written when the call returns, so that a program that ends at once loses nothing.
import { writeSync } from 'node:fs';
import { errorCode } from '../base/system-error.ts';

/** Our output goes nowhere any more; `complaint` says why, null where its reader has just gone. */
export class OutputClosed extends Error {
  readonly complaint: string | null;

  constructor(complaint: string | null, options?: ErrorOptions) {
    super(complaint ?? 'nobody reads the output', options);
    this.name = 'OutputClosed';
    this.complaint = complaint;
  }
}

/** Writes everything to a file descriptor; throws OutputClosed when that cannot be done. */
export function writeAll(descriptor: number, data: string | Uint8Array): void {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  for (let offset = 0; offset < bytes.length;) {
    try {
      offset += writeSync(descriptor, bytes, offset);
    } catch (error) {
      const code = errorCode(error);
      if (code === 'EPIPE') throw new OutputClosed(null, { cause: error });
      if (code !== 'EAGAIN') {
        const why = error instanceof Error ? error.message : String(error);
        throw new OutputClosed(`cannot write the output: ${why}`, { cause: error });
      }
      // A pipe that another process has made non-blocking is full: wait for its reader.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
