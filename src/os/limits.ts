// Limits on open files and processes: raised to minfds and minprocs as supervisord does (its options.py
// `set_rlimits_or_exit`). Node raises the soft limit on open files to the hard one before our first line; the daemon keeps
// that, but its children get what supervisord's would: the limit that was there before, or minfds where that is more.

import { readFileSync } from 'node:fs';
import type { Libc } from './libc.ts';

export interface LimitOrder {
  readonly libc: Libc | null;
  readonly minfds: number;
  readonly minprocs: number;
  /** The soft limit on open files before Node raised it (`originalOpenFiles`), null when unknown. */
  readonly openFiles: number | null;
}

/** What was done, to be logged, and the children's soft limit on open files (null: as the daemon's); or why it cannot be. */
export type LimitResult =
  { readonly infos: readonly string[]; readonly childOpenFiles: number | null } | { readonly error: string };

/** Raises what is too low. The error is supervisord's sentence, for its usage error. */
export function raiseLimits(order: LimitOrder): LimitResult {
  const { libc, minfds, minprocs, openFiles } = order;
  const infos: string[] = [];
  const files = readLimit('Max open files');
  if ((openFiles ?? files.soft) < minfds) {
    if (files.soft < minfds && !setSoftLimit(libc, { resource: rlimitNofile, soft: minfds, hard: files.hard })) {
      return { error: tooFewFiles(minfds) };
    }
    infos.push(`Increased RLIMIT_NOFILE limit to ${minfds}`);
  }
  const processes = readLimit('Max processes');
  if (processes.soft < minprocs) {
    if (!setSoftLimit(libc, { resource: rlimitNproc, soft: minprocs, hard: processes.hard })) {
      return { error: tooFewProcesses(minprocs) };
    }
    infos.push(`Increased RLIMIT_NPROC limit to ${minprocs}`);
  }
  return { infos, childOpenFiles: openFiles === null ? null : Math.max(openFiles, minfds) };
}

/**
 * The soft limit that this process was started with, as far as it can be known: the parent's, if it lives under the same
 * hard limit. Null for PID 1 and where the parent's is hidden.
 */
export function originalOpenFiles(): number | null {
  const own = readLimit('Max open files');
  const parent = readLimit('Max open files', process.ppid);
  return parent.hard === own.hard && Number.isFinite(parent.soft) ? parent.soft : null;
}

interface Limit {
  readonly soft: number;
  readonly hard: number;
}

/** One line of proc_pid_limits(5); unlimited is Infinity, and so is what cannot be read. */
function readLimit(name: string, pid: number | 'self' = 'self'): Limit {
  let text = '';
  try {
    text = readFileSync(`/proc/${pid}/limits`, 'utf8');
  } catch {
    // Not Linux, or hidden from us: then nothing is refused on a guess.
  }
  const [, soft = 'unlimited', hard = 'unlimited'] = new RegExp(`^${name} +(\\w+) +(\\w+)`, 'm').exec(text) ?? [];
  const [softLimit, hardLimit] = [soft, hard].map((word) => (word === 'unlimited' ? Infinity : Number(word)));
  return { soft: softLimit ?? Infinity, hard: hardLimit ?? Infinity };
}

/** Only root may raise the hard limit too. */
function setSoftLimit(libc: Libc | null, order: Limit & { readonly resource: number }): boolean {
  if (libc === null) return false;
  const { resource, soft, hard } = order;
  const limits = Buffer.alloc(16);
  limits.writeBigUInt64LE(BigInt(soft), 0);
  limits.writeBigUInt64LE(Number.isFinite(hard) ? BigInt(Math.max(soft, hard)) : unlimited, 8);
  return libc.prlimit(0, resource, limits, null) === 0;
}

function tooFewFiles(minimum: number): string {
  return (
    `The minimum number of file descriptors required to run this process is ${minimum} as per the "minfds" ` +
    'command-line argument or config file setting. The current environment will only allow you to open ' +
    `${minimum} file descriptors.  Either raise the number of usable file descriptors in your environment ` +
    '(see README.rst) or lower the minfds setting in the config file to allow the process to start.'
  );
}

function tooFewProcesses(minimum: number): string {
  return (
    `The minimum number of available processes required to run this program is ${minimum} as per the "minprocs" ` +
    'command-line argument or config file setting. The current environment will only allow you to open ' +
    `${minimum} processes.  Either raise the number of usable processes in your environment ` +
    '(see README.rst) or lower the minprocs setting in the config file to allow the program to start.'
  );
}

const rlimitNproc = 6;
const rlimitNofile = 7;
const unlimited = 2n ** 64n - 1n;
