// The way back: a member's answer to the client, as it comes. Headers keep their order and spelling, but for those that are
// about one connection (RFC 9110, 7.6.1): what concerns the client's own, Node adds.

import type { IncomingMessage, ServerResponse } from 'node:http';

const aboutOneConnection = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);

/** Passes an answer on; what breaks off half-way breaks off for the client, too. */
export function passAnswer(answer: IncomingMessage, response: ServerResponse): void {
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, returnedHeaders(answer.rawHeaders));
  const hasLength = answer.headers['content-length'] !== undefined;
  let hasBegun = false;
  answer.on('data', (bytes: Buffer) => {
    hasBegun = true;
    if (isLastOf(answer)) return void response.end(bytes);
    if (response.write(bytes)) return;
    answer.pause();
    response.once('drain', () => answer.resume());
  });
  answer.on('end', () => {
    if (response.writableEnded) return;
    const { rawTrailers } = answer;
    if (rawTrailers.length > 0) response.addTrailers(pairsOf(rawTrailers));
    response.end();
  });
  answer.on('close', () => {
    if (!answer.complete) response.destroy();
  });
  // Such as events from the server: the client is to know at once that they will come.
  if (!hasLength) {
    setImmediate(() => {
      if (!hasBegun && !response.writableEnded) response.flushHeaders();
    });
  }
}

/** Whether what was just read of a message was the end of it: then it can go out with it, in one piece. */
export function isLastOf({ complete, readableLength, rawTrailers }: IncomingMessage): boolean {
  return complete && readableLength === 0 && rawTrailers.length === 0;
}

/** Name and value in turns, as they came. */
export function returnedHeaders(raw: readonly string[]): string[] {
  const headers: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    if (!aboutOneConnection.has(name.toLowerCase())) headers.push(name, raw[at + 1] ?? '');
  }
  return headers;
}

/** Name and value of each trailer, as `addTrailers` takes them. */
export function pairsOf(raw: readonly string[]): [string, string][] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [raw[2 * index] ?? '', raw[2 * index + 1] ?? '']);
}
