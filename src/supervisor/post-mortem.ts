// What is said before the daemon ends because an essential process did: which one, how it ended, how it ended before, and
// what it said last. Composed at the moment of its end; its log is read then, a bounded piece of it.

import { formatNamespec } from '../base/namespec.ts';
import { printable } from '../base/printable.ts';
import { lastLines } from '../logs/last-lines.ts';
import { descriptorOf } from '../logs/open-log.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import { describeEnd, formatMoment } from './words.ts';

const shownEnds = 5;
const shownLines = 20;

export interface Verdict {
  /** `process web` or `group web`. */
  readonly what: string;
  readonly exitCode: number;
}

/** Lines for the log, without dates. */
export function postMortem(process: ManagedProcess, { what, exitCode }: Verdict): readonly string[] {
  return [
    `essential ${what} has ended for good, the daemon ends with exit status ${exitCode}`,
    ...historyOf(process),
    // What was never started because of another one has nothing to tell: that one has.
    ...(process.failedDependency === null ? [] : historyOf(process.failedDependency)),
    ...outputOf(process.failedDependency ?? process),
  ].map((line) => `post-mortem: ${printable(line)}`);
}

function historyOf(process: ManagedProcess): string[] {
  const { wireState, spawnError, restarts, history } = process;
  const name = formatNamespec(process.group, process.config.name);
  const reason = spawnError === '' ? '' : ` (${spawnError})`;
  const ends = history.ends.slice(-shownEnds);
  return [
    `${name} is ${wireState}${reason}, it was restarted ${restarts} ${restarts === 1 ? 'time' : 'times'}`,
    ...(ends.length === 0 ? ['it was never started'] : []),
    ...ends.map((end) => `${formatMoment(end.atMs)} ${describeEnd(end)}`),
  ];
}

function outputOf(process: ManagedProcess): string[] {
  const { stdout_syslog, stderr_syslog, redirect_stderr } = process.config.options;
  return [
    ...channelOf({ name: 'stdout', path: process.stdoutLog, isInSyslog: stdout_syslog }),
    ...(redirect_stderr ? [] : channelOf({ name: 'stderr', path: process.stderrLog, isInSyslog: stderr_syslog })),
  ];
}

interface Channel {
  readonly name: 'stdout' | 'stderr';
  readonly path: string | null;
  readonly isInSyslog: boolean;
}

function channelOf({ name, path, isInSyslog }: Channel): string[] {
  if (path === null) return [isInSyslog ? `its ${name} is in the system's log` : `its ${name} was not kept`];
  if (descriptorOf(path) !== null) return [`its ${name} is in the container's log`];
  const lines = lastLines(path, shownLines);
  if (lines.length === 0) return [`its ${name} (${path}) says nothing`];
  const count = lines.length === 1 ? 'last line' : `last ${lines.length} lines`;
  return [`the ${count} of its ${name} (${path}):`, ...lines.map((line) => `| ${line}`)];
}
