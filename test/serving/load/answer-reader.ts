// Reads HTTP/1.1 answers from the bytes of one connection, as little as a load generator needs and that rightly (RFC 9112
// sections 6 and 7): lengths, chunks, bodies that the end of the connection ends, interim answers, protocol switches.

/** One whole answer; `body` as latin1. */
export interface Answer {
  readonly status: number;
  /** By lower-case name; of several with one name the last. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Whether the connection can carry another request. */
  readonly keepAlive: boolean;
}

type Framing =
  | { readonly kind: 'length'; left: number }
  | { readonly kind: 'chunked'; left: number; place: 'size' | 'data' | 'data end' | 'trailer' }
  | { readonly kind: 'until the end' };

/** Answers of one connection, one after the other. */
export class AnswerReader {
  #bytes: Buffer = Buffer.alloc(0);
  #head: { status: number; headers: Map<string, string>; keepAlive: boolean } | null = null;
  #framing: Framing | null = null;
  #parts: string[] = [];
  #begun = false;

  /** Whether anything of the answer that is waited for has come. */
  get begun(): boolean {
    return this.#begun;
  }

  /** What came after a 101 and is no HTTP any more. */
  get rest(): Buffer {
    return this.#bytes;
  }

  /** Takes what has come; answers the answer that is complete by that, else null. Throws on what is no HTTP. */
  push(bytes: Buffer): Answer | null {
    this.#begun ||= bytes.length > 0;
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
    while (this.#head === null || this.#framing === null) if (!this.#readHead()) return null;
    return this.#readBody(this.#framing) ? this.#finish() : null;
  }

  /** The connection has ended: the answer that this completes, or null when there is none or it is cut off. */
  end(): Answer | null {
    return this.#framing?.kind === 'until the end' ? this.#finish() : null;
  }

  #readHead(): boolean {
    const end = this.#bytes.indexOf('\r\n\r\n');
    if (end === -1) return false;
    const [first = '', ...lines] = this.#bytes.toString('latin1', 0, end).split('\r\n');
    this.#bytes = this.#bytes.subarray(end + 4);
    const [, version, code] = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(first) ?? malformed(first);
    const status = Number(code);
    if (status >= 100 && status < 200 && status !== 101) return true;
    const headers = new Map(lines.map(headerOf));
    const coding = headers.get('transfer-encoding');
    const length = headers.get('content-length');
    this.#framing = framingOf({ status, coding, length });
    const wish = headers.get('connection')?.toLowerCase() ?? '';
    const keepAlive = (version === '1' ? wish !== 'close' : wish === 'keep-alive') && status !== 101;
    this.#head = { status, headers, keepAlive: keepAlive && this.#framing.kind !== 'until the end' };
    return true;
  }

  /** Answers whether the body is complete. */
  #readBody(framing: Framing): boolean {
    switch (framing.kind) {
      case 'length':
        this.#take(framing);
        return framing.left === 0;
      case 'until the end':
        this.#take({ left: this.#bytes.length });
        return false;
      case 'chunked':
        return this.#readChunks(framing);
    }
  }

  #readChunks(framing: Framing & { kind: 'chunked' }): boolean {
    for (;;) {
      if (framing.place === 'data') {
        this.#take(framing);
        if (framing.left > 0) return false;
        framing.place = 'data end';
      }
      const line = this.#line();
      if (line === null) return false;
      if (framing.place === 'data end') {
        if (line !== '') malformed(line);
        framing.place = 'size';
      } else if (framing.place === 'size') {
        const [, size = ''] = /^([\da-f]{1,8})(?:\s*;.*)?$/i.exec(line) ?? malformed(line);
        framing.left = Number.parseInt(size, 16);
        framing.place = framing.left === 0 ? 'trailer' : 'data';
      } else if (line === '') {
        return true;
      }
    }
  }

  #take(wanted: { left: number }): void {
    const count = Math.min(wanted.left, this.#bytes.length);
    if (count > 0) this.#parts.push(this.#bytes.toString('latin1', 0, count));
    this.#bytes = this.#bytes.subarray(count);
    wanted.left -= count;
  }

  #line(): string | null {
    const end = this.#bytes.indexOf('\r\n');
    if (end === -1) return null;
    const line = this.#bytes.toString('latin1', 0, end);
    this.#bytes = this.#bytes.subarray(end + 2);
    return line;
  }

  #finish(): Answer | null {
    if (this.#head === null) return null;
    const answer = { ...this.#head, body: this.#parts.length === 1 ? (this.#parts[0] ?? '') : this.#parts.join('') };
    this.#head = null;
    this.#framing = null;
    this.#parts = [];
    this.#begun = this.#bytes.length > 0;
    return answer;
  }
}

function framingOf(said: { status: number; coding: string | undefined; length: string | undefined }): Framing {
  const { status, coding, length } = said;
  if (status === 101 || status === 204 || status === 304) return { kind: 'length', left: 0 };
  if (coding !== undefined) {
    return coding.toLowerCase() === 'chunked' ? { kind: 'chunked', left: 0, place: 'size' } : malformed(coding);
  }
  if (length === undefined) return { kind: 'until the end' };
  return /^\d+$/.test(length) ? { kind: 'length', left: Number(length) } : malformed(length);
}

function headerOf(line: string): [string, string] {
  const colon = line.indexOf(':');
  return colon > 0 ? [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] : malformed(line);
}

function malformed(text: string): never {
  throw new Error(`no HTTP/1.1: ${text.slice(0, 60)}`);
}
