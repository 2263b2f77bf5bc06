// Request bodies: read whole up to a limit, or thrown away so that an answer can be read by a client that is still
// sending (closing a socket with unread bytes resets it, and the answer is lost on the way).

import type { IncomingMessage } from 'node:http';
import { type Exchange, type Headers, type Status, writeError } from './answers.ts';

/** More than any call needs; what is sent to a process's stdin counts too. */
const bodyLimit = 16 * 2 ** 20;
/** A body that is thrown away is waited for this long. */
const longestDropped = 64 * 2 ** 20;

/** Whether the request says how long its body is, and that is not too long; otherwise it is answered. */
export function hasGoodLength(exchange: Exchange): true | Promise<false> {
  const size = exchange.request.headers['content-length'];
  if (size !== undefined && Number(size) <= bodyLimit) return true;
  const status = size === undefined ? 411 : 413;
  return refuse(exchange, { status, headers: [['Connection', 'close']] }).then(() => false);
}

/** Answers an error at once, whether or not the body has come, and ends the answer only when no more of it comes. */
export async function refuse(
  exchange: Exchange,
  answer: { readonly status: Status; readonly headers: Headers },
): Promise<void> {
  const response = writeError(exchange, answer);
  await dropBody(exchange.request);
  response.end();
}

/** Whether the client holds its body back until it is told to go on, and may be told so. */
export function awaitsContinue(request: IncomingMessage): boolean {
  return isHeldBack(request) && Number(request.headers['content-length']) <= bodyLimit;
}

function isHeldBack({ headers }: IncomingMessage): boolean {
  return /^100-continue$/i.test(headers.expect ?? '');
}

/** Reads the body; null when the client left before its end. */
export function readBody(request: IncomingMessage): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > bodyLimit) request.destroy();
      else chunks.push(chunk);
    });
    request.on('end', () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    );
    request.on('error', () => resolve(null));
    request.on('close', () => resolve(null));
  });
}

/** Throws the body away; done at its end, when the client left, or when it is too long to wait for or held back. */
export function dropBody(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let size = 0;
    if (isHeldBack(request)) resolve();
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > longestDropped) resolve();
    });
    request.on('end', resolve);
    request.on('error', () => resolve());
    request.on('close', resolve);
  });
}
