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
  /** Why the watchdog wanted it; only where it did. */
  readonly because?: string;
}

/** What the last probe found; the time is in epoch seconds, 0 = none yet. */
export interface HealthDetails {
  readonly check: string;
  readonly outcome: string;
  readonly text: string;
  readonly time: number;
  /** In a row, those that count. */
  readonly failures: number;
}

/** getProcessInfo's answer and ours behind it. */
export interface ProcessDetails extends ProcessInfo {
  readonly ready: boolean;
  readonly essential: boolean;
  readonly restarts: number;
  readonly reason: string;
  /** '' when it does not wait. */
  readonly waiting_for: string;
  /** Only where its health is asked for. */
  readonly health?: HealthDetails;
  readonly watchdog_restarts: { readonly health: number; readonly memory: number };
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
    ...healthDetails(process),
    watchdog_restarts: { ...process.watchdogRestarts },
    ends: process.history.ends.map(endDetails),
  };
}

function healthDetails({ config, lastProbe }: ExplainedProcess): { readonly health?: HealthDetails } {
  const { health } = config.options;
  if (health === null) return {};
  const { outcome, text, atMs, failures } = lastProbe ?? notAskedYet;
  return { health: { check: health.shown, outcome, text, time: Math.floor(atMs / 1000), failures } };
}

const notAskedYet = { outcome: 'unknown', text: 'not asked yet', atMs: 0, failures: 0 };

function endDetails(end: End): EndDetails {
  const { atMs, ranMs, state, by, how, because } = end;
  const wanted = because === undefined ? {} : { because };
  const common = { time: Math.floor(atMs / 1000), ran: Math.round(ranMs) / 1000, state, by, ...wanted };
  if ('error' in how) return { ...common, error: describeHow(end) };
  return 'code' in how ? { ...common, exit_code: how.code } : { ...common, signal: signalName(how.signal) };
}
