// Output without streams: written when the call returns, so that a program that ends at once loses nothing.
import { writeSync } from 'node:fs';
import { errorCode } from '../base/system-error.ts';

/** Nobody reads our output any more, and there is nobody to tell. */
export class OutputClosed extends Error {}

/** Writes everything to a file descriptor; throws OutputClosed when its reader has gone. */
export function writeAll(descriptor: number, data: string | Uint8Array): void {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  for (let offset = 0; offset < bytes.length;) {
    try {
      offset += writeSync(descriptor, bytes, offset);
    } catch (error) {
      const code = errorCode(error);
      if (code === 'EPIPE') throw new OutputClosed('nobody reads the output', { cause: error });
      // A pipe that another process has made non-blocking is full: wait for its reader.
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
