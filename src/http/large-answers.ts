// Answers that are as long as a log: a client that does not read its own would cost the daemon that much memory, and a
// hundred of them a hundred times as much. Beyond a sum they are refused until others are through.

import type { Exchange } from './answers.ts';

/** Shorter answers are never refused; there are only so many connections. */
const largeBytes = 2 ** 20;
/** Two whole logs of the usual size. */
const mostBytes = 128 * 2 ** 20;

export class LargeAnswers {
  #sending = 0;

  /** Whether there is room for this answer; if so it counts until it is sent or its client has left. */
  admit({ response }: Exchange, bytes: number): boolean {
    // To a client that has left already nothing is sent, and no 'close' comes any more.
    if (bytes < largeBytes || response.destroyed) return true;
    if (this.#sending > 0 && this.#sending + bytes > mostBytes) return false;
    this.#sending += bytes;
    response.once('close', () => {
      this.#sending -= bytes;
    });
    return true;
  }
}
