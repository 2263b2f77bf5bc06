// What a program writes between `<!--XSUPERVISOR:BEGIN-->` and `<!--XSUPERVISOR:END-->` is a message for event listeners
// and stays out of its log (supervisord's dispatchers.py record_output). Tokens may be cut anywhere by the reads.
// Ours differs in one point: supervisord holds back up to 24 bytes, whatever they are, until more comes, and loses them at
// the end; here only what may be the beginning of a token waits, and nothing is lost. Pure.

const beginToken = Buffer.from('<!--XSUPERVISOR:BEGIN-->');
const endToken = Buffer.from('<!--XSUPERVISOR:END-->');

/** Is told what comes, in order. Bytes are only good until the call returns. */
export interface TokenReader {
  /** Bytes outside of the tokens; never empty. */
  outside(bytes: Buffer): void;
  /** Bytes between two tokens; never empty. */
  inside(bytes: Buffer): void;
  /** The end token was there. */
  ended(): void;
  /** Nothing more will come, and the end token was not there. */
  cutShort(): void;
}

/** One channel's output on its way to a TokenReader. */
export interface TokenSplitter {
  write(chunk: Buffer): void;
  /** Nothing more will come: what was taken for the beginning of a token is none. */
  finish(): void;
}

/** Finds the tokens in a stream of chunks. */
export function createTokenSplitter(reader: TokenReader): TokenSplitter {
  let isInside = false;
  let held: Buffer | null = null;

  function give(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (isInside) reader.inside(bytes);
    else reader.outside(bytes);
  }

  return {
    write(chunk) {
      let rest = held === null ? chunk : Buffer.concat([held, chunk]);
      held = null;
      for (;;) {
        const token = isInside ? endToken : beginToken;
        const at = rest.indexOf(token);
        if (at === -1) {
          const begun = beginningAtEnd(rest, token);
          give(rest.subarray(0, rest.length - begun));
          if (begun > 0) held = Buffer.from(rest.subarray(rest.length - begun));
          return;
        }
        give(rest.subarray(0, at));
        rest = rest.subarray(at + token.length);
        if (isInside) reader.ended();
        isInside = !isInside;
      }
    },
    finish() {
      if (held !== null) give(held);
      held = null;
      if (isInside) reader.cutShort();
    },
  };
}

/** How many bytes at the end may be the beginning of the token. */
function beginningAtEnd(bytes: Buffer, token: Buffer): number {
  for (let length = Math.min(token.length - 1, bytes.length); length > 0; length -= 1) {
    if (bytes.compare(token, 0, length, bytes.length - length) === 0) return length;
  }
  return 0;
}

/** So many small ones become a big one, whose front is cheaper to cut. */
const manyChunks = 256;

/** What is kept of a message: about the newest `maxBytes` (supervisord's loggers.py BoundIO). */
export class CaptureStore {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Keeps a copy. Where it does not fit as many of the oldest bytes go as it has; by itself it is never cut. */
  add(bytes: Buffer): void {
    if (this.#bytes + bytes.length > this.#maxBytes) this.#drop(bytes.length);
    this.#chunks.push(Buffer.from(bytes));
    this.#bytes += bytes.length;
    if (this.#chunks.length > manyChunks) this.#chunks = [Buffer.concat(this.#chunks)];
  }

  /** All that is kept, which is then forgotten. */
  take(): Buffer {
    const [only = Buffer.alloc(0), ...more] = this.#chunks;
    const all = more.length === 0 ? only : Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#bytes = 0;
    return all;
  }

  #drop(count: number): void {
    let left = Math.min(count, this.#bytes);
    this.#bytes -= left;
    while (left > 0) {
      const [oldest] = this.#chunks;
      if (oldest === undefined) return;
      if (oldest.length <= left) this.#chunks.shift();
      else this.#chunks[0] = oldest.subarray(left);
      left -= Math.min(left, oldest.length);
    }
  }
}
