// The access log of the embedded proxy: a JSON object per request, in batches. A line for itself, through all that a logger
// does, would cost as much as a fifth of the request.

import type { Clock, Timer } from '../base/clock.ts';
import type { RequestSeen } from './proxy.ts';

export interface AccessLog {
  note(seen: RequestSeen): void;
  /** Writes what has not been written yet. */
  flush(): void;
}

/** How old a line may become before it is written. */
const oldestMs = 100;
/** How much may wait; what a pipe takes in one piece is 64 KiB. */
const mostBytes = 32 * 1024;

/** `write` gets whole lines, the last without its end. */
export function createAccessLog({
  upstream,
  clock,
  write,
}: {
  readonly upstream: string;
  readonly clock: Clock;
  readonly write: (lines: string) => void;
}): AccessLog {
  let lines: string[] = [];
  let size = 0;
  let timer: Timer | null = null;
  let lastMs = -1;
  let timestamp = '';
  const common = `,"level":"info","proxy":${JSON.stringify(upstream)}`;

  return {
    note({ client, method, url, status, ms, member }) {
      const nowMs = clock.wall();
      if (nowMs !== lastMs) timestamp = new Date(nowMs).toISOString();
      lastMs = nowMs;
      const who = `"client":${JSON.stringify(client)},"member":${JSON.stringify(member)}`;
      const what = `"message":${JSON.stringify(`${method} ${url}`)},"status":${status},"ms":${ms}`;
      const line = `{${what},${who}${common},"timestamp":"${timestamp}"}`;
      lines.push(line);
      size += line.length;
      if (size >= mostBytes) flush();
      else timer ??= clock.after(oldestMs, flush);
    },
    flush,
  };

  function flush(): void {
    timer?.cancel();
    timer = null;
    if (lines.length === 0) return;
    const batch = lines.join('\n');
    lines = [];
    size = 0;
    write(batch);
  }
}
