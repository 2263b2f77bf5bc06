// Starts the load generator and listens to it.
import { type ChildProcess, fork } from 'node:child_process';
import { resolve } from 'node:path';
import type { Plan, Report } from './plan.ts';
import { waitUntil } from '../../support/wait-until.ts';

/** A load that runs in a process of its own. */
export class Load {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #progress = { answers: 0, failed: 0 };
  #report: Report | null = null;
  #over = false;

  constructor(plan: Plan) {
    this.#child = fork(resolve(import.meta.dirname, 'generator.ts'), [JSON.stringify(plan)], {
      execArgv: ['--import', 'tsx'],
    });
    running.add(this.#child);
    this.#child.on('message', (message) => this.#hear(message));
    this.#ended = new Promise((settle) => {
      this.#child.once('exit', () => {
        running.delete(this.#child);
        this.#over = true;
        settle();
      });
    });
  }

  /** How many were answered so far. */
  get answers(): number {
    return this.#progress.answers;
  }

  get failed(): number {
    return this.#progress.failed;
  }

  /** Waits for so many more answers, for up to three minutes. */
  async answered(more: number): Promise<void> {
    const goal = this.answers + more;
    await waitUntil(() => this.#over || this.answers >= goal, {
      what: () => `${goal} answers; there were ${this.answers}, and ${this.failed} failures`,
      deadlineMs: 180_000,
    });
  }

  /** Lets what is in flight come to its end, and tells what was found. */
  async stop(): Promise<Report> {
    if (!this.#over) this.#child.send('stop', () => undefined);
    return await this.over();
  }

  /** The same for a load that ends by itself. */
  async over(): Promise<Report> {
    await this.#ended;
    if (this.#report === null) throw new Error('the load generator has ended without a report');
    return this.#report;
  }

  discard(): void {
    this.#child.kill('SIGKILL');
  }

  #hear(message: unknown): void {
    if (typeof message !== 'object' || message === null) return;
    if ('progress' in message && isProgress(message.progress)) this.#progress = message.progress;
    if ('report' in message && isReport(message.report)) this.#report = message.report;
  }
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

function isProgress(value: unknown): value is { answers: number; failed: number } {
  return typeof value === 'object' && value !== null && 'answers' in value && 'failed' in value;
}

function isReport(value: unknown): value is Report {
  return typeof value === 'object' && value !== null && 'answered' in value && 'latency' in value;
}
