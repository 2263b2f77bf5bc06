// Lines of an input that is no terminal: a pipe, a file, /dev/null.

/** Far more than any command, far less than what would fill the memory: an input without line ends is no script. */
const longestLine = 2 ** 20;

/** Reads lines one after the other, as they are asked for. */
export class InputLines {
  readonly #input: AsyncIterator<unknown>;
  readonly #decoder = new TextDecoder();
  #text = '';
  #ended = false;

  constructor(input: AsyncIterable<unknown>) {
    this.#input = input[Symbol.asyncIterator]();
  }

  /** The next line without its end; null at the end of the input, and at what cannot be read or is no line. */
  async next(): Promise<string | null> {
    for (;;) {
      const end = this.#text.indexOf('\n');
      if (end !== -1) {
        const line = this.#text.slice(0, end).replace(/\r$/, '');
        this.#text = this.#text.slice(end + 1);
        return line;
      }
      if (this.#ended || this.#text.length > longestLine) {
        const rest = this.#ended && this.#text !== '' ? this.#text : null;
        this.#text = '';
        this.#ended = true;
        return rest;
      }
      this.#text += await this.#read();
    }
  }

  async #read(): Promise<string> {
    try {
      const { done, value } = await this.#input.next();
      if (done !== true && value instanceof Uint8Array) return this.#decoder.decode(value, { stream: true });
    } catch {
      // A directory, say: nothing more comes.
    }
    this.#ended = true;
    return '';
  }
}
