// Why a process is as it is, in one line: what it waits for, or how it last ended. For `why`, `status --json` and whoever
// asks over RPC. Pure.

import { printable } from '../base/printable.ts';
import { signalName } from '../base/signal-names.ts';
import type { End, Wish } from '../process/history.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import { describeHow, formatMoment, formatSpan } from './words.ts';

/** What the line is made of. */
export type ExplainedProcess = Pick<
  ManagedProcess,
  | 'config'
  | 'wireState'
  | 'isReady'
  | 'waitingFor'
  | 'waitNote'
  | 'pid'
  | 'startedAt'
  | 'spawnError'
  | 'stoppedByPerson'
  | 'restarts'
  | 'tries'
  | 'timeLeftMs'
  | 'lastProbe'
  | 'stopWish'
  | 'watchdogRestarts'
> & { readonly history: { readonly ends: readonly End[] } };

/** The line, without name and state, at `nowMs` (since the epoch); one line and harmless whatever is in it. */
export function why(process: ExplainedProcess, nowMs: number): string {
  return printable(explain(process, nowMs));
}

function explain(process: ExplainedProcess, nowMs: number): string {
  const last = process.history.ends.at(-1);
  switch (process.wireState) {
    case 'STARTING':
      if (process.waitingFor !== '') return process.waitingFor;
      return `started (pid ${process.pid})${timed('RUNNING', process)}, startsecs${healthOf(process)}${before(last)}`;
    case 'RUNNING':
      return `up for ${formatSpan(nowMs - process.startedAt * 1000)} (pid ${process.pid})${healthOf(process)}${before(last)}`;
    case 'BACKOFF':
      if (process.waitNote !== '') return process.waitNote;
      return `try ${process.tries} failed${reasonOf(process, last)}${timed('next try', process)}, startretries`;
    case 'STOPPING':
      if (process.stopWish?.by === 'watchdog') return explainWatchdog(process, process.stopWish);
      return `was sent ${signalName(process.config.options.stopsignal)}${timed('SIGKILL', process)}, stopwaitsecs`;
    case 'STOPPED':
      return explainStopped(process, last);
    case 'EXITED':
      return `${last === undefined ? 'ended' : ended(last)}, not started again (${autorestartOf(process)})`;
    case 'FATAL':
      return `given up${reasonOf(process, last)}`;
    case 'UNKNOWN':
      return `it could not be signalled (pid ${process.pid})`;
  }
}

function explainWatchdog(process: ExplainedProcess, { because }: { readonly because: string }): string {
  const { stopsignal } = process.config.options;
  return `is restarted by its watchdog (${because}): was sent ${signalName(stopsignal)}${timed('SIGKILL', process)}`;
}

/** `; 2 of 3 probes failed: answered 500`; nothing to be said of one that is healthy. */
function healthOf({ config, isReady, lastProbe }: ExplainedProcess): string {
  const { health, health_retries: retries } = config.options;
  if (health === null || lastProbe?.outcome === 'healthy') return '';
  if (lastProbe === null) return '; its health was not asked for yet';
  const { outcome, text, failures } = lastProbe;
  const what = `${text} (${health.shown})`;
  if (!isReady) return `; not healthy yet: ${what}`;
  return outcome === 'unknown'
    ? `; its health is not known: ${what}`
    : `; ${failures} of ${retries} probes failed: ${what}`;
}

function explainStopped(process: ExplainedProcess, last: End | undefined): string {
  const { stoppedByPerson, startedAt, config } = process;
  if (!stoppedByPerson && startedAt === 0)
    return config.options.autostart ? 'never started' : 'never started (autostart=false)';
  const who = last === undefined || (last.by === 'roll' && stoppedByPerson) ? 'a person' : stoppers[last.by];
  return last === undefined ? `stopped by ${who}` : `stopped by ${who}: ${ended(last)}`;
}

const stoppers: Readonly<Record<Wish, string>> = {
  itself: 'a person',
  person: 'a person',
  roll: 'a roll',
  shutdown: 'the shutdown',
  watchdog: 'its watchdog',
};

/** What is recorded as the reason, and how it last ended where that says more. */
function reasonOf({ spawnError }: ExplainedProcess, last: End | undefined): string {
  const tells = last !== undefined && !('error' in last.how);
  const reasons = [spawnError, tells ? ended(last) : ''].filter((reason) => reason !== '');
  return reasons.length === 0 ? '' : `: ${reasons.join('; ')}`;
}

function before(last: End | undefined): string {
  return last === undefined ? '' : `; before that ${ended(last)}`;
}

/** `exit status 1 after 2.5 s, 2026-11-23 03:30:00`. */
function ended(end: End): string {
  const span = 'error' in end.how ? '' : ` after ${formatSpan(end.ranMs)}`;
  const because = end.because === undefined ? '' : ` (restarted by its watchdog: ${end.because})`;
  return `${describeHow(end)}${span}${because}, ${formatMoment(end.atMs)}`;
}

/** `; SIGKILL in 7 s`. */
function timed(what: string, { timeLeftMs }: ExplainedProcess): string {
  return timeLeftMs === null ? '' : `; ${what} in ${formatSpan(timeLeftMs)}`;
}

function autorestartOf({ config }: ExplainedProcess): string {
  return `autorestart=${config.options.autorestart}`;
}
