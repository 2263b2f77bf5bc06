// The read model that all surfaces share: what a process looks like from outside, in supervisord's words
// (docs/compatibility.md, getProcessInfo). No surface can disagree with another about a state.

import { months, two } from '../base/dates.ts';
import { type ProcessStateName, processStates } from '../base/states.ts';
import type { ManagedProcess } from '../process/managed-process.ts';

/** getProcessInfo's answer, fields in supervisord's spelling and order; times are epoch seconds. */
export interface ProcessInfo {
  readonly name: string;
  readonly group: string;
  readonly start: number;
  readonly stop: number;
  readonly now: number;
  readonly state: number;
  readonly statename: ProcessStateName;
  readonly spawnerr: string;
  readonly exitstatus: number;
  readonly logfile: string;
  readonly stdout_logfile: string;
  readonly stderr_logfile: string;
  readonly pid: number;
  readonly description: string;
}

/** What of a process can be seen. */
export type VisibleProcess = Pick<
  ManagedProcess,
  | 'config'
  | 'group'
  | 'wireState'
  | 'waitingFor'
  | 'pid'
  | 'startedAt'
  | 'uptimeMs'
  | 'stoppedAt'
  | 'spawnError'
  | 'waitNote'
  | 'exitStatus'
  | 'stdoutLog'
  | 'stderrLog'
>;

/** Draws a process as it is at `nowSeconds` (epoch seconds). */
export function processInfo(process: VisibleProcess, nowSeconds: number): ProcessInfo {
  const stdoutLog = process.stdoutLog ?? '';
  const state = process.wireState;
  return {
    name: process.config.name,
    group: process.group,
    start: capped(process.startedAt),
    stop: capped(process.stoppedAt),
    now: capped(nowSeconds),
    state: processStates[state].code,
    statename: state,
    spawnerr: process.spawnError,
    exitstatus: process.exitStatus,
    logfile: stdoutLog,
    stdout_logfile: stdoutLog,
    stderr_logfile: process.stderrLog ?? '',
    pid: process.pid,
    description: describe(process),
  };
}

function describe(process: VisibleProcess): string {
  switch (process.wireState) {
    case 'RUNNING':
      return `pid ${process.pid}, uptime ${formatUptime(process.uptimeMs / 1000)}`;
    case 'BACKOFF':
    case 'FATAL':
      return process.waitNote || process.spawnError || `unknown error (try "tail ${process.config.name}")`;
    case 'STOPPED':
    case 'EXITED':
      return process.startedAt === 0 ? 'Not started' : formatDate(process.stoppedAt);
    case 'STARTING':
      return process.waitingFor;
    case 'STOPPING':
    case 'UNKNOWN':
      return '';
  }
}

/** As Python writes a timedelta: `0:00:10`, `1 day, 2:03:04`, `2 days, …`. */
export function formatUptime(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const days = Math.floor(whole / 86400);
  const time = `${Math.floor((whole % 86400) / 3600)}:${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
  if (days === 0) return time;
  return `${days} day${days === 1 ? '' : 's'}, ${time}`;
}

/** Local time as `Nov 22 07:37 PM`. */
export function formatDate(epochSeconds: number): string {
  const date = new Date(epochSeconds * 1000);
  const hour = date.getHours();
  const clock = `${two(hour % 12 === 0 ? 12 : hour % 12)}:${two(date.getMinutes())} ${hour < 12 ? 'AM' : 'PM'}`;
  return `${months[date.getMonth()]} ${two(date.getDate())} ${clock}`;
}

/** XML-RPC integers are 32 bit; supervisord caps times beyond 2038 the same way. */
export function capped(value: number): number {
  return Math.min(value, 2 ** 31 - 1);
}
