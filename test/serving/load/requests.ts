// The requests of a load as bytes, and whether an answer is the one that belongs to a request. Each carries an id that the
// application of test/fixtures/serving answers in a header and in the body, so that nobody else's answer passes for it.
import type { Answer } from './answer-reader.ts';
import type { Kind } from './plan.ts';

export type RequestKind = Exclude<Kind, 'websocket'>;

export interface LoadRequest {
  readonly kind: RequestKind;
  readonly id: string;
  /** Written one after the other, a turn of the loop between two. */
  readonly pieces: readonly Buffer[];
  readonly expected: string;
}

/** POSTs have a body that fits into a packet, one that does not, and one larger than the buffers on its way. */
const bodySizes = [20, 2_000, 40_000];

/** The request of this kind and number; `close` asks for the end of the connection. */
export function makeRequest(
  kind: RequestKind,
  { id, number, slowMs, close }: { id: string; number: number; slowMs: number; close: boolean },
): LoadRequest {
  const headers = `Host: localhost\r\n${close ? 'Connection: close\r\n' : ''}`;
  const get = (path: string, expected: string): LoadRequest => {
    return { kind, id, pieces: [Buffer.from(`GET ${path} HTTP/1.1\r\n${headers}\r\n`)], expected };
  };
  switch (kind) {
    case 'plain':
      return get(`/plain/${id}`, `${id} ${filler}`);
    case 'chunked':
      return get(`/chunked/${id}`, [0, 1, 2, 3].map((part) => `${id} part ${part}\n`).join(''));
    case 'slow':
      return get(`/slow/${id}/${slowMs}`, `${id} slow`);
    case 'post': {
      const body = bodyOf(id, number);
      const head = `POST /echo/${id} HTTP/1.1\r\n${headers}Content-Length: ${body.length}\r\n\r\n`;
      return { kind, id, pieces: [Buffer.from(head + body)], expected: body };
    }
    case 'upload': {
      const body = bodyOf(id, number);
      const middle = Math.floor(body.length / 2);
      const chunks = [body.slice(0, middle), body.slice(middle)].map(
        (part) => `${part.length.toString(16)}\r\n${part}\r\n`,
      );
      const head = `POST /echo/${id} HTTP/1.1\r\n${headers}Transfer-Encoding: chunked\r\n\r\n`;
      return { kind, id, pieces: [head, ...chunks, '0\r\n\r\n'].map((text) => Buffer.from(text)), expected: body };
    }
  }
}

/** What is wrong with the answer to this request; null when it is right. */
export function wrongWith(answer: Answer, { id, expected }: LoadRequest): string | null {
  if (answer.status !== 200) return `status ${answer.status}`;
  const answeredId = answer.headers.get('x-id');
  if (answeredId !== id) return `the answer to ${answeredId ?? 'nobody knows what'}`;
  if (answer.body === expected) return null;
  return expected.startsWith(answer.body) ? 'a truncated body' : 'another body';
}

const filler = '.'.repeat(200);

function bodyOf(id: string, number: number): string {
  return `${id} ${'x'.repeat(bodySizes[number % bodySizes.length] ?? 0)} ${id}`;
}
