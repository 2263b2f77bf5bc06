// Request bodies: read whole up to a limit, or thrown away so that an answer can be read by a client that is still
// sending (closing a socket with unread bytes resets it, and the answer is lost on the way).

import type { IncomingMessage } from 'node:http';
import { answerError, type Exchange } from './answers.ts';

/** More than any call needs; what is sent to a process's stdin counts too. */
const bodyLimit = 16 * 2 ** 20;

/** Whether the request says how long its body is, and that is not too long; otherwise it has been answered. */
export function hasGoodLength(exchange: Exchange): boolean {
  const size = exchange.request.headers['content-length'];
  if (size !== undefined && Number(size) <= bodyLimit) return true;
  answerError(exchange, size === undefined ? 411 : 413, [['Connection', 'close']]);
  return false;
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
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', () => resolve(null));
    request.on('close', () => resolve(null));
  });
}

/** Throws the body away; done at its end, when the client left, or when it is too long to wait for. */
export function dropBody(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > bodyLimit) resolve();
    });
    request.on('end', resolve);
    request.on('error', () => resolve());
    request.on('close', resolve);
  });
}
