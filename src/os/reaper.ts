// The one place that buries the dead. It peeks at what has ended (waitid with WNOWAIT) and then decides by pid: a child of
// ours is waited for and delivered, a child that libuv made (helpers of packages) is left to libuv, which would otherwise
// never report its exit, and anything else is an orphan that became ours and is buried. Never waitpid(-1).
// Burying and telling are one step: once a child is buried its pid may be a stranger's, so whoever might signal it must
// know by then. What has ended and is not told yet is still there as a zombie, which a signal does not harm.

import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import type { ExitStatus } from '../base/child.ts';
import { systemClock } from '../base/clock.ts';
import { pieceMs } from '../base/pieces.ts';
import type { Libc } from './libc.ts';

export interface Reaper {
  /** Calls back once, in a later turn, when the child, made in this same tick, has ended. */
  expect(pid: number, onExit: (status: ExitStatus) => void): void;
  /** Children that nobody expects: what was left behind by those who died. */
  strays(): readonly number[];
  /** How many of those have been buried. */
  readonly buried: number;
  /** Calls back once, at the end of the next turn in which one of them was buried. */
  afterBurial(callback: () => void): void;
  /** Buries and delivers no more. */
  stop(): void;
}

export interface Reaping {
  readonly libc: Libc;
  /** Told of every process that was nobody's, once it is buried. */
  readonly onOrphan: (pid: number, status: ExitStatus) => void;
}

/** Starts burying; makes this process the one that orphans below it come to. */
export function startReaper(parts: Reaping): Reaper {
  const { libc, onOrphan } = parts;
  const expected = new Map<number, (status: ExitStatus) => void>();
  const waiting: (() => void)[] = [];
  // Overwritten with each call.
  const info = Buffer.alloc(128);
  const status = Buffer.alloc(4);
  let buriedStrays = 0;
  const libuv = watchLibuvChildren(() => schedule());
  let turn: NodeJS.Immediate | null = null;

  if (process.pid !== 1) libc.prctl(prSetChildSubreaper, 1, 0, 0, 0);
  process.on('SIGCHLD', schedule);
  // One may have ended before there was a handler.
  schedule();

  function schedule(): void {
    turn ??= setImmediate(run);
  }

  function run(): void {
    turn = null;
    const before = buriedStrays;
    let isMore = true;
    try {
      // Who hears of an exit usually starts a new child, and a program that dies at once would otherwise keep the loop from
      // ever going on.
      isMore = bury(systemClock.now() + pieceMs);
    } finally {
      // Also where somebody who was told threw: that is a bug, but not the others' one.
      if (isMore) schedule();
    }
    if (buriedStrays > before) for (const callback of waiting.splice(0)) callback();
  }

  /** Answers whether there may be more to bury. */
  function bury(deadline: number): boolean {
    do {
      const pid = peek(libc, info);
      if (pid === 0) return false;
      if (libuv.owns(pid)) return burySiblings(deadline);
      take(pid);
    } while (systemClock.now() < deadline);
    return true;
  }

  /** A child of libuv's stays in front until libuv takes it, in this turn: looks past it once, by the list of children. */
  function burySiblings(deadline: number): boolean {
    for (const pid of childrenOfMine()) {
      if (!libuv.owns(pid)) take(pid);
      if (systemClock.now() >= deadline) return true;
    }
    return false;
  }

  /** Waits for the pid if it has ended, and tells. */
  function take(pid: number): void {
    if (libc.waitpid(pid, status, wNohang) !== pid) return;
    const ended = exitStatus(status.readInt32LE(0));
    const onExit = expected.get(pid);
    expected.delete(pid);
    if (onExit !== undefined) return onExit(ended);
    buriedStrays += 1;
    onOrphan(pid, ended);
  }

  return {
    expect: (pid, onExit) => void expected.set(pid, onExit),
    strays: () => childrenOfMine().filter((pid) => !expected.has(pid) && !libuv.owns(pid)),
    get buried() {
      return buriedStrays;
    },
    afterBurial: (callback) => void waiting.push(callback),
    stop() {
      process.off('SIGCHLD', schedule);
      libuv.stop();
      if (turn !== null) clearImmediate(turn);
      turn = null;
      if (process.pid !== 1) libc.prctl(prSetChildSubreaper, 0, 0, 0, 0);
    },
  };
}

/** The pid of a child that has ended and is not buried yet; 0 when there is none. */
function peek(libc: Libc, info: Buffer): number {
  info.writeInt32LE(0, siPidOffset);
  if (libc.waitid(pAll, 0, info, wExited | wNohang | wNowait) !== 0) return 0;
  return info.readInt32LE(siPidOffset);
}

/** A wait status as waitpid(2) writes it. */
function exitStatus(status: number): ExitStatus {
  const signal = status & 0x7f;
  return signal === 0 ? { code: (status >> 8) & 0xff } : { signal, core: (status & 0x80) !== 0 };
}

interface LibuvChildren {
  owns(pid: number): boolean;
  stop(): void;
}

/** Knows the children that node:child_process makes from now on, whoever loads it, without loading it. */
function watchLibuvChildren(onExit: () => void): LibuvChildren {
  const alive = new Set<ChildProcess>();
  const onMade = (message: unknown): void => {
    if (!isAboutChild(message)) return;
    alive.add(message.process);
    message.process.once('exit', onExit);
  };
  subscribe('child_process', onMade);
  return {
    owns(pid) {
      for (const child of alive) {
        // Set for a child that could not be made, too.
        if (child.exitCode !== null || child.signalCode !== null) alive.delete(child);
        else if (child.pid === pid) return true;
      }
      return false;
    },
    stop: () => void unsubscribe('child_process', onMade),
  };
}

function isAboutChild(message: unknown): message is { readonly process: ChildProcess } {
  return typeof message === 'object' && message !== null && 'process' in message;
}

/** Children of this thread, which makes all of them; those it adopted are listed too. */
function childrenOfMine(): number[] {
  try {
    const text = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8');
    return text
      .split(' ')
      .filter((word) => word !== '')
      .map(Number);
  } catch {
    return [];
  }
}

// <sys/wait.h> and siginfo_t of 64-bit Linux.
const pAll = 0;
const wNohang = 1;
const wExited = 4;
const wNowait = 0x01000000;
const siPidOffset = 16;
const prSetChildSubreaper = 36;
