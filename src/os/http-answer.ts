// Reads the status of an HTTP/1 response that comes in pieces, for a probe that wants nothing else of it. Pure.

/** What is known so far: nothing yet, the status, or why this is no answer. */
export type HttpAnswer = { readonly status: number } | { readonly problem: string } | null;

/** No status line and no head of an interim response is longer. */
const longest = 16 * 1024;

const beginning = 'HTTP/1.';

/** Reads one response. */
export class HttpAnswerReader {
  #text = '';
  /** Inside the head of an interim response, such as 103 Early Hints, which another one follows. */
  #isInterim = false;

  /** Takes the next bytes; once it has answered something, the rest means nothing. */
  read(chunk: Buffer): HttpAnswer {
    this.#text += chunk.toString('latin1');
    for (;;) {
      const step = this.#isInterim ? this.#skipHead() : this.#readStatus();
      if (step !== 'again') return step;
    }
  }

  #readStatus(): HttpAnswer | 'again' {
    const text = this.#text;
    if (!text.startsWith(beginning.slice(0, text.length))) return { problem: 'answered, but not with HTTP' };
    const end = text.indexOf('\n');
    if (end === -1 || end > longest) return this.#more();
    const line = text.slice(0, end).replace(/\r$/, '');
    const status = Number(/^HTTP\/1\.\d ([1-9]\d\d)(?: .*)?$/.exec(line)?.[1] ?? NaN);
    if (Number.isNaN(status)) return { problem: 'answered with a status line that is none' };
    // 101 is final: nobody has asked for another protocol, and no response follows.
    if (status >= 200 || status === 101) return { status };
    this.#isInterim = true;
    this.#text = text.slice(end + 1);
    return 'again';
  }

  #skipHead(): HttpAnswer | 'again' {
    const end = /^\r?\n|\n\r?\n/.exec(this.#text);
    if (end === null || end.index > longest) return this.#more();
    this.#isInterim = false;
    this.#text = this.#text.slice(end.index + end[0].length);
    return 'again';
  }

  #more(): HttpAnswer {
    return this.#text.length > longest ? { problem: 'answered with a head that does not end' } : null;
  }
}
