// node:http as the servers use it: its parser and its limits of time, on connections that are handed to it. What it would
// answer by itself, or not at all, is answered as supervisord would.

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { errorCode } from '../base/system-error.ts';
import { rawError, type Status } from './answers.ts';

/** A client must have sent its head, and then its whole request, within these; how long an answer takes is not limited. */
export const headTimeoutMs = 20_000;
const requestTimeoutMs = 120_000;

/** An HTTP server without a socket; `serve` gets every request, `onLate` whoever has not sent a whole one in time. */
export function makeHttp({
  serve,
  onLate,
}: {
  readonly serve: (request: IncomingMessage, response: ServerResponse) => void;
  readonly onLate: (socket: Socket) => void;
}): Server {
  // Synchronous, and no import: bytes that came with the connection must find the parser in place.
  const { createServer } = process.getBuiltinModule('node:http');
  const http = createServer({
    headersTimeout: headTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: 5000,
    keepAliveTimeout: 0,
    requireHostHeader: false,
    noDelay: true,
  });
  // An answer that takes its time still goes to a client that has said all it will (socat, nc -N). The property is
  // older than Node's types (Node 20, _http_server.js socketOnEnd).
  Object.assign(http, { httpAllowHalfOpen: true });
  http.on('request', serve);
  // Without these node:http says 100 before anybody has looked at the password, and 417 to what it does not know.
  http.on('checkContinue', serve);
  http.on('checkExpectation', serve);
  http.on('connect', (_request, socket) => socket.end(rawError(400), () => socket.destroy()));
  http.on('clientError', (error, socket) => {
    const status = statusOf(error);
    if (status === 408 && socket instanceof Socket) onLate(socket);
    if (!socket.writable || !(socket instanceof Socket)) return void socket.destroy();
    socket.end(rawError(status));
    return dropRest(socket);
  });
  // Not listening itself, it would otherwise not watch over its time-outs (Node 20, _http_server.js setupConnectionsTracking).
  http.emit('listening');
  return http;
}

/** What a client goes on sending for at most, and the pause in it after which it has understood. */
const longestDropped = 64 * 2 ** 20;
const pauseMs = 2000;

/** Throws away what still comes: closing now would reset the connection, and the answer would be lost on the way. */
function dropRest(socket: Socket): void {
  let size = 0;
  // With the parser's own listener goes the parser (Node 20, _http_server.js socketListenerWrap).
  socket.removeAllListeners('data');
  socket.on('data', (bytes: Buffer) => {
    size += bytes.length;
    if (size > longestDropped) socket.destroy();
  });
  socket.setTimeout(pauseMs, () => socket.destroy());
}

function statusOf(error: Error): Status {
  switch (errorCode(error)) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 408;
    case 'HPE_HEADER_OVERFLOW':
      return 431;
    default:
      return 400;
  }
}
