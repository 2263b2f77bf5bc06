// memory_limit: what grows beyond it is restarted. One timer for all, which is set only while a process with a limit is up.

import type { Clock, Timer } from '../base/clock.ts';
import type { Mishaps } from '../logs/mishaps.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import type { Watchdog } from '../process/surroundings.ts';

export interface MemoryParts {
  readonly clock: Pick<Clock, 'after'>;
  readonly mishaps: Pick<Mishaps, 'guard'>;
  /** os/usage.ts's: resident memory by pid, of those that can be seen; never rejects. */
  usageOf(pids: readonly number[]): Promise<ReadonlyMap<number, { readonly rssBytes: number }>>;
}

/** One run of a process with a limit. */
interface Watch {
  readonly process: ManagedProcess;
  readonly pid: number;
  readonly limitBytes: number;
  wasAbove: boolean;
}

const everyMs = 10_000;

export class Memory implements Watchdog {
  readonly #parts: MemoryParts;
  readonly #watched = new Map<ManagedProcess, Watch>();
  #timer: Timer | null = null;
  #isChecking = false;

  constructor(parts: MemoryParts) {
    this.#parts = parts;
  }

  settled(process: ManagedProcess): void {
    const { memory_limit: limitBytes } = process.config.options;
    const pid = process.isUp ? process.pid : 0;
    if (limitBytes === null || (this.#watched.get(process)?.pid ?? 0) === pid) return;
    if (pid === 0) this.#watched.delete(process);
    else this.#watched.set(process, { process, pid, limitBytes, wasAbove: false });
    this.#arm();
  }

  close(): void {
    this.#watched.clear();
    this.#arm();
  }

  #arm(): void {
    if (this.#watched.size > 0 && !this.#isChecking) {
      this.#timer ??= this.#parts.clock.after(everyMs, () => void this.#check());
      return;
    }
    this.#timer?.cancel();
    this.#timer = null;
  }

  async #check(): Promise<void> {
    this.#timer = null;
    this.#isChecking = true;
    const watches = [...this.#watched.values()];
    const usage = await this.#parts.usageOf(watches.map(({ pid }) => pid));
    this.#isChecking = false;
    for (const watch of watches) {
      // Another run may have begun while the answer was on its way.
      if (this.#watched.get(watch.process) !== watch) continue;
      this.#parts.mishaps.guard(() => judge(watch, usage.get(watch.pid)?.rssBytes ?? 0));
    }
    this.#arm();
  }
}

function judge(watch: Watch, rssBytes: number): void {
  const { process, limitBytes, wasAbove } = watch;
  watch.wasAbove = rssBytes > limitBytes;
  if (!wasAbove || !watch.wasAbove) return;
  const text = `resident memory ${megabytes(rssBytes)} at the second check in a row above memory_limit (${megabytes(limitBytes)})`;
  process.giveUpRun({ reason: 'memory', text });
}

/** As memory_limit counts: 1 MB is 1024 times 1024 bytes. */
function megabytes(bytes: number): string {
  return `${Number((bytes / 1024 ** 2).toFixed(1))} MB`;
}
