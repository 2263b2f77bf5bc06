// The answers of getProcessInfo and getAllProcessInfo as XML, kept from one call to the next. With every call the revision of
// each process is looked at, and what has changed is written anew. Beside that only time goes on: `now`, and the uptime of
// what is RUNNING.

import type { Clock } from '../base/clock.ts';
import { capped, formatUptime, processInfo, type VisibleProcess } from '../supervisor/snapshot.ts';
import { lexically } from './names.ts';
import { WrittenValue, writeValue } from './xmlrpc.ts';

/** A process, and the number that changes with all that is kept of it but what it waits for. */
type RevisedProcess = VisibleProcess & { readonly revision: number };

/** One process's struct: `beforeNow` NOW `afterNow`, and for what is RUNNING behind that UPTIME `afterUptime`. */
interface KeptInfo {
  readonly revision: number;
  /** '' when it waits for nothing, which takes a change to become otherwise. */
  readonly waitingFor: string;
  readonly beforeNow: string;
  readonly afterNow: string;
  /** Null where there is no uptime. */
  readonly afterUptime: string | null;
}

interface RevisedGroup {
  readonly processes: readonly RevisedProcess[];
}

/** Processes in the order of their names. */
interface KeptOrder {
  readonly groups: readonly RevisedGroup[];
  readonly members: readonly (readonly RevisedProcess[])[];
  readonly processes: readonly RevisedProcess[];
}

interface KeptAnswer {
  readonly value: WrittenValue;
  readonly processes: readonly RevisedProcess[];
  readonly infos: readonly KeptInfo[];
  /** `now`. */
  readonly seconds: number;
  /** The first uptime changes then, by the clock. */
  readonly untilMs: number;
}

/** Writes the answers of one daemon. */
export class WrittenInfos {
  readonly #clock: Pick<Clock, 'now' | 'wall'>;
  readonly #kept = new WeakMap<RevisedProcess, KeptInfo>();
  #order: KeptOrder = { groups: [], members: [], processes: [] };
  #all: KeptAnswer | null = null;

  constructor(clock: Pick<Clock, 'now' | 'wall'>) {
    this.#clock = clock;
  }

  /** The struct of a process. */
  one(process: RevisedProcess): WrittenValue {
    const seconds = this.#seconds();
    return new WrittenValue(textAt(seconds, { process, info: this.#info(process, seconds) }));
  }

  /** The structs of all processes of these groups, in the order of their names. */
  all(groups: readonly RevisedGroup[]): WrittenValue {
    const { processes } = this.#orderOf(groups);
    const seconds = this.#seconds();
    const nowMs = this.#clock.now();
    const kept = this.#all;
    if (kept?.seconds === seconds && nowMs < kept.untilMs && isOf(processes, kept)) return kept.value;
    const infos = processes.map((process) => this.#info(process, seconds));
    let xml = '';
    let leftMs = Infinity;
    for (const [index, process] of processes.entries()) {
      const info = infos[index];
      if (info === undefined) continue;
      xml += textAt(seconds, { process, info });
      if (info.afterUptime !== null) leftMs = Math.min(leftMs, 1000 - (process.uptimeMs % 1000));
    }
    const value = new WrittenValue(`<value><array><data>\n${xml}</data></array></value>\n`);
    this.#all = { value, processes, infos, seconds, untilMs: nowMs + leftMs };
    return value;
  }

  #orderOf(groups: readonly RevisedGroup[]): KeptOrder {
    const { groups: kept, members } = this.#order;
    const isKept = (group: RevisedGroup, index: number): boolean =>
      group === kept[index] && group.processes === members[index];
    if (groups.length !== kept.length || !groups.every(isKept)) {
      this.#order = { groups, members: groups.map((group) => group.processes), processes: lexically(groups) };
    }
    return this.#order;
  }

  #seconds(): number {
    return capped(Math.floor(this.#clock.wall() / 1000));
  }

  #info(process: RevisedProcess, seconds: number): KeptInfo {
    const kept = this.#kept.get(process);
    if (kept !== undefined && isAsKept(process, kept)) return kept;
    const info = infoOf(process, seconds);
    this.#kept.set(process, info);
    return info;
  }
}

function isOf(processes: readonly RevisedProcess[], { processes: kept, infos }: KeptAnswer): boolean {
  return (
    processes === kept &&
    infos.every((info, index) => {
      const process = processes[index];
      return process !== undefined && isAsKept(process, info);
    })
  );
}

function isAsKept(process: RevisedProcess, { revision, waitingFor }: KeptInfo): boolean {
  return process.revision === revision && (waitingFor === '' || process.waitingFor === waitingFor);
}

const nowMember = '<name>now</name>\n<value><int>';
const uptimeWords = ', uptime ';

/** Written as every struct is, then cut where time goes on: what stands in a process's own strings cannot look like markup. */
function infoOf(process: RevisedProcess, seconds: number): KeptInfo {
  const { revision, waitingFor, wireState } = process;
  const xml = writeValue({ ...processInfo(process, seconds) });
  const now = xml.indexOf(nowMember) + nowMember.length;
  const beforeNow = xml.slice(0, now);
  const rest = xml.slice(xml.indexOf('<', now));
  if (wireState !== 'RUNNING') return { revision, waitingFor, beforeNow, afterNow: rest, afterUptime: null };
  const uptime = rest.lastIndexOf(uptimeWords) + uptimeWords.length;
  const afterUptime = rest.slice(rest.indexOf('<', uptime));
  return { revision, waitingFor, beforeNow, afterNow: rest.slice(0, uptime), afterUptime };
}

function textAt(
  seconds: number,
  { process, info }: { readonly process: RevisedProcess; readonly info: KeptInfo },
): string {
  const { beforeNow, afterNow, afterUptime } = info;
  if (afterUptime === null) return beforeNow + seconds + afterNow;
  return beforeNow + seconds + afterNow + formatUptime(process.uptimeMs / 1000) + afterUptime;
}
