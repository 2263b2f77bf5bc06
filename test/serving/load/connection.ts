// A client's end of one connection: a request and its answer, one after the other.
import net from 'node:net';
import { type Answer, AnswerReader } from './answer-reader.ts';

/** Why there is no whole answer. */
export interface Loss {
  readonly lost: string;
  readonly begun: boolean;
}

export class Connection {
  readonly #socket: net.Socket;
  readonly #reader = new AnswerReader();
  #settle: ((outcome: Answer | Loss) => void) | null = null;
  /** Why it can carry nothing any more. */
  #over: string | null = null;
  #exchanges = 0;

  constructor({ port, timeoutMs }: { port: number; timeoutMs: number }) {
    this.#socket = net.connect({ host: '127.0.0.1', port, noDelay: true });
    this.#socket.setTimeout(timeoutMs, () => this.#end(`no answer for ${timeoutMs} ms`));
    this.#socket.on('data', (bytes) => this.#take(bytes));
    this.#socket.on('error', (error) => this.#end('code' in error ? String(error.code) : error.message));
    this.#socket.on('end', () => this.#close());
    this.#socket.on('close', () => this.#close());
  }

  /** Whether another request may be sent, as far as can be seen from here. */
  get usable(): boolean {
    return this.#over === null;
  }

  /** Whether it has carried a request already. */
  get used(): boolean {
    return this.#exchanges > 0;
  }

  /** Sends the pieces and waits for what comes of it. */
  async exchange(pieces: readonly Buffer[]): Promise<Answer | Loss> {
    const outcome = await new Promise<Answer | Loss>((resolve) => {
      this.#settle = resolve;
      this.#write(pieces, 0);
    });
    this.#exchanges += 1;
    if ('lost' in outcome || !outcome.keepAlive) this.destroy();
    return outcome;
  }

  destroy(): void {
    this.#over ??= 'closed here';
    this.#socket.destroy();
  }

  #write(pieces: readonly Buffer[], index: number): void {
    const piece = pieces[index];
    if (piece === undefined || this.#over !== null) return;
    this.#socket.write(piece);
    if (index + 1 < pieces.length) setImmediate(() => this.#write(pieces, index + 1));
  }

  #take(bytes: Buffer): void {
    try {
      const answer = this.#reader.push(bytes);
      if (this.#settle === null) this.#end('bytes that nobody asked for');
      else if (answer !== null) this.#answer(answer);
    } catch (error) {
      this.#end(error instanceof Error ? error.message : String(error));
    }
  }

  #close(): void {
    const answer = this.#settle === null ? null : this.#reader.end();
    if (answer !== null) this.#answer(answer);
    this.#end('closed');
  }

  #end(why: string): void {
    this.#over ??= why;
    this.#socket.destroy();
    this.#answer({ lost: this.#over, begun: this.#reader.begun });
  }

  #answer(outcome: Answer | Loss): void {
    const settle = this.#settle;
    this.#settle = null;
    settle?.(outcome);
  }
}
