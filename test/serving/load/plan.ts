// What a load is made of, and what it found: the words between the tests and the generator's process.

/** What is asked for; `websocket` is a session of several messages on a connection of its own. */
export type Kind = 'plain' | 'chunked' | 'slow' | 'post' | 'upload' | 'websocket';

export interface Plan {
  /** On 127.0.0.1. */
  readonly port: number;
  /** How many connections send requests one after the other, a new one for each request, and WebSockets. */
  readonly connections: { readonly keepAlive: number; readonly fresh?: number; readonly websocket?: number };
  /** How often each, as weights. */
  readonly mix: Readonly<Partial<Record<Exclude<Kind, 'websocket'>, number>>>;
  /** After so many requests, or so long, no more are begun; none by default: `stop` ends it. */
  readonly total?: number;
  readonly seconds?: number;
  /** Between two requests of a connection; none by default. */
  readonly pauseMs?: number;
  /** How long the answer to a slow request takes. */
  readonly slowMs?: number;
  /** No answer for so long is none. */
  readonly timeoutMs?: number;
  /**
   * Only where nginx itself is reloaded: a request on a reused connection that was closed before the first byte of the
   * answer is sent once more, and counted.
   */
  readonly retryReused?: boolean;
}

/** A request without an answer, with a 5xx, or with an answer that is not its own. */
export interface Failure {
  readonly kind: Kind;
  readonly id: string;
  readonly reason: string;
  /** Whether an answer had begun to come. */
  readonly begun: boolean;
  /** Whether its connection had carried another request before. */
  readonly reused: boolean;
  /** When it was sent, and when it failed; Date.now(). */
  readonly sentAt: number;
  readonly failedAt: number;
}

/** `latency` in milliseconds, without the time for which a slow request asked. */
export interface Report {
  readonly seconds: number;
  /** Answered with 200 and what belongs there. */
  readonly answered: Readonly<Record<Kind, number>>;
  readonly failed: number;
  /** The first 20,000 of them. */
  readonly failures: readonly Failure[];
  readonly retried: number;
  readonly latency: { readonly p50: number; readonly p99: number; readonly max: number };
  /** The longest time in which nothing was answered. */
  readonly longestGapMs: number;
  /** How many each worker answered, by its pid. */
  readonly workers: Readonly<Record<string, number>>;
}

/** How many were answered in all. */
export function answersOf({ answered }: Pick<Report, 'answered'>): number {
  return Object.values(answered).reduce((sum, count) => sum + count, 0);
}
