// The read model with what supervisord does not tell: readiness, restarts, the last ends, and why. As structs that XML-RPC can
// carry (docs/ending.md names the fields): there is no null on the wire, so what does not apply is left out. Pure.

import { signalName } from '../base/signal-names.ts';
import type { End, Wish } from '../process/history.ts';
import { type ProcessInfo, processInfo, type VisibleProcess } from './snapshot.ts';
import { type ExplainedProcess, why } from './why.ts';
import { describeHow } from './words.ts';

/** One end of a process; exactly one of `exit_code`, `signal` and `error` is there. */
export interface EndDetails {
  /** Epoch seconds. */
  readonly time: number;
  /** Seconds from start to end. */
  readonly ran: number;
  readonly state: string;
  readonly by: Wish;
  readonly exit_code?: number;
  readonly signal?: string;
  readonly error?: string;
}

/** getProcessInfo's answer and ours behind it. */
export interface ProcessDetails extends ProcessInfo {
  readonly ready: boolean;
  readonly essential: boolean;
  readonly restarts: number;
  readonly reason: string;
  /** '' when it does not wait. */
  readonly waiting_for: string;
  /** The latest last. */
  readonly ends: readonly EndDetails[];
}

/** Draws a process as it is at `nowMs` (since the epoch). */
export function processDetails(process: VisibleProcess & ExplainedProcess, nowMs: number): ProcessDetails {
  return {
    ...processInfo(process, Math.floor(nowMs / 1000)),
    ready: process.isReady,
    essential: process.config.options.essential,
    restarts: process.restarts,
    reason: why(process, nowMs),
    waiting_for: process.waitingFor,
    ends: process.history.ends.map(endDetails),
  };
}

function endDetails(end: End): EndDetails {
  const { atMs, ranMs, state, by, how } = end;
  const common = { time: Math.floor(atMs / 1000), ran: Math.round(ranMs) / 1000, state, by };
  if ('error' in how) return { ...common, error: describeHow(end) };
  return 'code' in how ? { ...common, exit_code: how.code } : { ...common, signal: signalName(how.signal) };
}
