// A log that cannot be written (disk full, input/output error, nobody reads) is said once, not once per write, and once
// more with what was lost when it can be written again. Pure but for the clock handed in.

import type { Clock } from '../base/clock.ts';

/** A disk that is nearly full takes small writes and refuses big ones: only this long without a failure counts as over. */
const calmMs = 1000;

export class WriteTrouble {
  readonly #path: string;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #say: ((text: string) => void) | undefined;
  readonly #onLost: ((bytes: number) => void) | undefined;
  #lostBytes = 0;
  #failedAt: number | null = null;

  constructor(options: {
    readonly path: string;
    readonly clock: Pick<Clock, 'now'>;
    readonly say: ((text: string) => void) | undefined;
    readonly onLost?: ((bytes: number) => void) | undefined;
  }) {
    this.#path = options.path;
    this.#clock = options.clock;
    this.#say = options.say;
    this.#onLost = options.onLost;
  }

  /** Whether the last word was that it cannot be written. */
  get isActive(): boolean {
    return this.#failedAt !== null;
  }

  /** Bytes were lost because of this errno. */
  failed(code: string, bytes: number): void {
    const isFirst = this.#failedAt === null;
    this.#failedAt = this.#clock.now();
    this.#lostBytes += bytes;
    this.#onLost?.(bytes);
    if (isFirst) this.#say?.(`cannot write to ${this.#path}: ${code}, what is written meanwhile is lost`);
  }

  /** A write succeeded. */
  worked(): void {
    if (this.#failedAt !== null && this.#clock.now() - this.#failedAt >= calmMs) this.#over('can be written again');
  }

  /** The log is given up. */
  closed(): void {
    if (this.#failedAt !== null) this.#over('is closed');
  }

  #over(what: string): void {
    const lost = this.#lostBytes;
    this.#lostBytes = 0;
    this.#failedAt = null;
    this.#say?.(`${this.#path} ${what}, ${lost} bytes were lost`);
  }
}
