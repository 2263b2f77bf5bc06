// Which bytes of a log a read or tail request means, given the size of the file. The rules are the wire contract of
// readProcessStdoutLog and tailProcessStdoutLog (supervisord's options.py readFile and tailFile), odd corners included.
// Pure; read-log.ts does the reading.

/** Bytes of a file: `length` of them from `start`. */
export interface ByteRange {
  readonly start: number;
  readonly length: number;
}

/** A tail's answer: which bytes, where the log ends now, and whether bytes before the range were left out. */
export interface TailRange extends ByteRange {
  readonly offset: number;
  readonly overflow: boolean;
}

/** A read from an offset (length 0: to the end), or of the last bytes (negative offset, length 0); null for bad arguments. */
export function readRange(size: number, asked: { readonly offset: number; readonly length: number }): ByteRange | null {
  const offset = Math.trunc(asked.offset);
  const length = Math.trunc(asked.length);
  if (offset < 0) {
    if (length !== 0) return null;
    const start = Math.max(0, size + offset);
    return { start, length: size - start };
  }
  if (length < 0) return null;
  const left = Math.max(0, size - offset);
  return { start: offset, length: length === 0 ? left : Math.min(length, left) };
}

/** At most `length` bytes from `offset`; when the log has grown beyond that, its last `length` bytes and overflow. */
export function tailRange(size: number, asked: { readonly offset: number; readonly length: number }): TailRange {
  let offset = Math.trunc(asked.offset);
  let length = Math.trunc(asked.length);
  const overflow = size > offset + length;
  if (overflow) offset = size - 1;
  if (offset + length > size) {
    if (offset > size - 1) length = 0;
    offset = size - length;
  }
  const start = Math.max(0, offset);
  return { start, length: Math.max(0, Math.min(length, size - start)), offset: size, overflow };
}
