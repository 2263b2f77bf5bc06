// Counts what becomes of the requests of a load.
import type { Failure, Kind, Report } from './plan.ts';

const detailed = 20_000;

export class Tally {
  readonly #began = performance.now();
  readonly #answered: Record<Kind, number> = { plain: 0, chunked: 0, slow: 0, post: 0, upload: 0, websocket: 0 };
  readonly #failures: Failure[] = [];
  readonly #latencies: number[] = [];
  readonly #workers = new Map<string, number>();
  #lastAnswer = this.#began;
  #longestGapMs = 0;
  answers = 0;
  failed = 0;
  retried = 0;

  /** A right answer; `tookMs` without what the request asked for, null for a session. */
  answer(kind: Kind, { tookMs, worker }: { tookMs: number | null; worker: string | null }): void {
    this.answers += 1;
    this.#answered[kind] += 1;
    if (tookMs !== null) this.#latencies.push(tookMs);
    if (worker !== null) this.#workers.set(worker, (this.#workers.get(worker) ?? 0) + 1);
    const now = performance.now();
    this.#longestGapMs = Math.max(this.#longestGapMs, now - this.#lastAnswer);
    this.#lastAnswer = now;
  }

  failure(failure: Failure): void {
    this.failed += 1;
    if (this.#failures.length < detailed) this.#failures.push(failure);
  }

  report(): Report {
    const sorted = Float64Array.from(this.#latencies).toSorted();
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return {
      seconds: (performance.now() - this.#began) / 1000,
      answered: this.#answered,
      failed: this.failed,
      failures: this.#failures,
      retried: this.retried,
      latency: { p50: at(0.5), p99: at(0.99), max: at(1) },
      longestGapMs: this.#longestGapMs,
      workers: Object.fromEntries(this.#workers),
    };
  }
}
