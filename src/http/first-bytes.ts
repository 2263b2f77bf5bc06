// The first bytes of a connection, before node:http sees them: its parser takes ASCII only, while supervisorctl writes
// the name of a process into `GET /logtail/NAME` as it stands in the file.

import type { Socket } from 'node:net';

/** Waits until the client says something; a client that says nothing in time, or leaves, is let go. */
export function awaitFirstBytes(
  socket: Socket,
  {
    timeoutMs,
    take,
    onLate,
  }: {
    readonly timeoutMs: number;
    readonly take: (bytes: Buffer) => void;
    readonly onLate: () => void;
  },
): void {
  const leave = (): void => void socket.destroy();
  const giveUp = (): void => {
    onLate();
    leave();
  };
  socket.setTimeout(timeoutMs);
  socket.once('timeout', giveUp);
  socket.once('end', leave);
  socket.once('data', (bytes: Buffer) => {
    socket.setTimeout(0);
    socket.off('timeout', giveUp);
    socket.off('end', leave);
    take(withAsciiTarget(bytes));
  });
}

/** Writes what is not ASCII in the first line as `%XX`, which means the same. */
export function withAsciiTarget(bytes: Buffer): Buffer {
  const end = bytes.indexOf('\n');
  const line = end === -1 ? bytes : bytes.subarray(0, end);
  if (line.every((byte) => byte < 0x80)) return bytes;
  const escaped = Array.from(line, (byte) =>
    byte < 0x80 ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase()}`,
  );
  return Buffer.concat([Buffer.from(escaped.join('')), bytes.subarray(line.length)]);
}
