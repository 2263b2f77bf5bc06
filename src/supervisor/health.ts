// The health of processes: who is asked when, and what follows. All share one timer, which is set only while somebody is to
// be asked or an answer is due; those with the same interval are asked in the same moments, a hundred of them at a time.
// The rules are docs/health.md's.

import type { Clock, Timer } from '../base/clock.ts';
import { describeExit } from '../base/describe-exit.ts';
import type { HealthCheck, NetworkCheck, ProbeResult } from '../base/health-check.ts';
import type { Logger } from '../logs/logger.ts';
import type { Mishaps } from '../logs/mishaps.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import type { Watchdog } from '../process/surroundings.ts';
import {
  beginCount,
  countProbe,
  eagerMs,
  type HealthCount,
  type HealthRules,
  isGivenUp,
  nextDueMs,
} from './health-count.ts';

export interface HealthParts {
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'debug'>;
  /** A bug over one process does not keep the others from being asked. */
  readonly mishaps: Pick<Mishaps, 'guard'>;
  /** os/probe.ts's. */
  probe(check: NetworkCheck, done: (result: ProbeResult) => void): () => void;
}

/** One run of a process that is asked. */
interface Watch {
  readonly process: ManagedProcess;
  readonly pid: number;
  readonly check: HealthCheck;
  readonly rules: HealthRules;
  readonly timeoutMs: number;
  /** Its share of the interval by which its moments are moved. */
  readonly offset: number;
  dueAtMs: number;
  count: HealthCount;
  probe: Probe | null;
  /** What was said last of why it could not be asked. */
  trouble: string;
}

/** One probe under way. */
interface Probe {
  readonly dueAtMs: number;
  readonly deadlineMs: number;
  /** It was seen that the deadline has passed: what arrived before that is read first. */
  isLastCall: boolean;
  giveUp(): void;
}

/** So many are asked in one go; the next follow after a turn of the loop. */
const batch = 100;
/** Those beyond a batch that share an interval are asked in other tenths of it. */
const offsets = 10;
/** Looking at a deadline this much too late, the daemon stood still, and an answer had no chance to be read. */
const standstillMs = 250;

export class Health implements Watchdog {
  readonly #parts: HealthParts;
  readonly #watched = new Map<ManagedProcess, Watch>();
  /** Kept over restarts, so that the moments of a process stay the same. */
  readonly #seats = new WeakMap<ManagedProcess, number>();
  #nextSeat = 0;
  #timer: Timer | null = null;
  #timerAtMs = Infinity;
  /** Probes under way. */
  #underWay = 0;

  constructor(parts: HealthParts) {
    this.#parts = parts;
  }

  settled(process: ManagedProcess): void {
    const known = this.#watched.get(process);
    const pid = process.isUp ? process.pid : 0;
    if (known?.pid === pid) return;
    if (known !== undefined) this.#forget(known);
    if (pid !== 0) this.#begin(process);
  }

  /** Nobody is asked any more. */
  close(): void {
    for (const watch of this.#watched.values()) this.#forget(watch);
  }

  #begin(process: ManagedProcess): void {
    const { options } = process.config;
    if (options.health === null) return;
    const now = this.#parts.clock.now();
    const rules = {
      intervalMs: options.health_interval * 1000,
      retries: options.health_retries,
      startPeriodMs: options.health_start_period * 1000,
    };
    const seat = this.#seatOf(process);
    const watch: Watch = {
      process,
      pid: process.pid,
      check: options.health,
      rules,
      timeoutMs: options.health_timeout * 1000,
      offset: (Math.floor(seat / batch) % offsets) / offsets,
      dueAtMs: 0,
      count: beginCount(rules, now),
      probe: null,
      trouble: '',
    };
    watch.dueAtMs = nextDue(watch, now);
    this.#watched.set(process, watch);
    this.#wakeAt(watch.dueAtMs);
  }

  #seatOf(process: ManagedProcess): number {
    const known = this.#seats.get(process);
    if (known !== undefined) return known;
    this.#seats.set(process, this.#nextSeat);
    return this.#nextSeat++;
  }

  #forget(watch: Watch): void {
    this.#watched.delete(watch.process);
    if (watch.probe !== null) this.#end(watch, watch.probe);
    if (this.#watched.size === 0) this.#stopTimer();
  }

  #look(): void {
    const { clock, mishaps } = this.#parts;
    this.#stopTimer();
    const now = clock.now();
    let room = batch;
    // A Map may change while it is walked: what follows from an answer may end a run, and begin another.
    for (const watch of this.#watched.values()) {
      mishaps.guard(() => this.#lookAtDeadline(watch, now));
      if (room === 0 || watch.probe !== null || watch.dueAtMs > now + 1) continue;
      if (this.#watched.get(watch.process) !== watch) continue;
      room -= 1;
      mishaps.guard(() => this.#ask(watch, now));
    }
    this.#arm();
  }

  #lookAtDeadline(watch: Watch, now: number): void {
    const { probe, timeoutMs } = watch;
    if (probe === null || now < probe.deadlineMs) return;
    if (now - probe.deadlineMs > Math.min(standstillMs, timeoutMs / 2) && !probe.isLastCall) {
      return this.#over(watch, probe, { outcome: 'unknown', text: 'the daemon stood still meanwhile' });
    }
    if (!probe.isLastCall) {
      probe.isLastCall = true;
      return;
    }
    this.#over(watch, probe, { outcome: 'unhealthy', text: `no answer within ${timeoutMs / 1000} s` });
  }

  #ask(watch: Watch, now: number): void {
    const { check, process, dueAtMs, timeoutMs } = watch;
    const probe: Probe = { dueAtMs, deadlineMs: now + timeoutMs, isLastCall: false, giveUp: () => undefined };
    watch.dueAtMs = nextDue(watch, Math.max(now, dueAtMs));
    watch.probe = probe;
    this.#underWay += 1;
    const done = (result: ProbeResult): void => this.#over(watch, probe, result);
    if (check.kind !== 'exec') {
      probe.giveUp = this.#parts.probe(check, done);
      return;
    }
    const run = process.startBeside(check.command, (status) =>
      done({ outcome: 'code' in status && status.code === 0 ? 'healthy' : 'unhealthy', text: describeExit(status) }),
    );
    if ('error' in run) done({ outcome: 'unknown', text: `could not be asked: ${run.error}` });
    else probe.giveUp = run.kill;
  }

  /** The probe is over, or nobody wants to know any more. */
  #end(watch: Watch, probe: Probe): void {
    watch.probe = null;
    this.#underWay -= 1;
    probe.giveUp();
  }

  #over(watch: Watch, probe: Probe, result: ProbeResult): void {
    if (watch.probe !== probe) return;
    this.#end(watch, probe);
    const { process, rules, count: before } = watch;
    const { clock } = this.#parts;
    const { outcome, text } = result;
    if (outcome !== 'unknown') {
      watch.count = countProbe(rules, {
        count: before,
        isHealthy: outcome === 'healthy',
        dueAtMs: probe.dueAtMs,
      });
    }
    const { failures, wasHealthy } = watch.count;
    if (wasHealthy && !before.wasHealthy) watch.dueAtMs = nextDue(watch, clock.now());
    this.#say(watch, { result, before });
    process.probed({ outcome, text, atMs: clock.wall(), failures });
    if (outcome === 'unhealthy' && isGivenUp(rules, watch.count)) {
      const probes = failures === 1 ? 'a probe' : `${failures} probes in a row`;
      process.giveUpRun({ reason: 'health', text: `${probes} failed, the last: ${text} (${watch.check.shown})` });
    }
    if (this.#underWay === 0) this.#arm();
    else if (this.#watched.get(process) === watch) this.#wakeAt(watch.dueAtMs);
  }

  #say(watch: Watch, { result, before }: { readonly result: ProbeResult; readonly before: HealthCount }): void {
    const { logger } = this.#parts;
    const { name } = watch.process.config;
    const { failures, wasHealthy } = watch.count;
    const text = `${result.text} (${watch.check.shown})`;
    if (result.outcome === 'unknown') {
      if (watch.trouble !== result.text) logger.warn(`${name}: its health is not known, ${text}`);
      watch.trouble = result.text;
      return;
    }
    watch.trouble = '';
    if (result.outcome === 'healthy') {
      if (!before.wasHealthy) logger.info(`${name}: healthy, ${text}`);
      else if (before.failures > 0) logger.info(`${name}: healthy again, ${text}`);
    } else if (wasHealthy || failures > before.failures) {
      logger.warn(`${name}: probe failed (${failures} of ${watch.rules.retries}), ${text}`);
    } else logger.debug(`${name}: not healthy yet, ${text}`);
  }

  /** For the next of all moments. */
  #arm(): void {
    this.#stopTimer();
    const soon = this.#parts.clock.now() + 1;
    let at = Infinity;
    for (const { probe, dueAtMs } of this.#watched.values()) {
      at = Math.min(at, probe === null ? dueAtMs : probe.isLastCall ? soon : probe.deadlineMs);
    }
    this.#wakeAt(at);
  }

  #wakeAt(atMs: number): void {
    if (atMs >= this.#timerAtMs) return;
    const { clock } = this.#parts;
    this.#timer?.cancel();
    this.#timerAtMs = atMs;
    this.#timer = clock.after(Math.max(0, atMs - clock.now()), () => this.#look());
  }

  #stopTimer(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#timerAtMs = Infinity;
  }
}

function nextDue({ rules, count, offset }: Watch, nowMs: number): number {
  const stepMs = count.wasHealthy ? rules.intervalMs : eagerMs(rules);
  return nextDueMs(nowMs, { stepMs, offsetMs: offset * stepMs });
}
