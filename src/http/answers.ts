// How answers look on the wire: supervisord's status line words, its error body and its `Server` header, which clients
// may look at (its medusa/http_server.py). node:http adds what belongs to the connection.

import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request and the answer to it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** In the order in which they are sent. */
export type Headers = readonly (readonly [name: string, value: string])[];

const reasons = {
  200: 'OK',
  301: 'Moved Permanently',
  303: 'See Other',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Time-out',
  411: 'Length Required',
  413: 'Request Entity Too Large',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const;

export type Status = keyof typeof reasons;

const shortBytes = 2 ** 16;

/** Sends a whole answer. */
export function answer(
  exchange: Exchange,
  content: {
    readonly status: Status;
    readonly type: string;
    readonly headers?: Headers;
    readonly body: string | Buffer;
  },
): void {
  const { status, type, headers = [], body } = content;
  const length = Buffer.byteLength(body);
  begin(exchange, { status, headers: [['Content-Type', type], ...headers, ['Content-Length', String(length)]] });
  // A short text goes out in one piece with its head.
  exchange.response.end(typeof body === 'string' && length >= shortBytes ? Buffer.from(body) : body);
}

/** Sends supervisord's error page; nothing when the answer has already begun. */
export function answerError(exchange: Exchange, status: Status, headers: Headers = []): void {
  if (exchange.response.headersSent) exchange.response.destroy();
  else writeError(exchange, { status, headers }).end();
}

/** Sends supervisord's error page as far as a client must have it, and leaves the end to the caller. */
export function writeError(
  exchange: Exchange,
  { status, headers }: { readonly status: Status; readonly headers: Headers },
): ServerResponse {
  const { response } = exchange;
  const body = Buffer.from(errorBody(status));
  begin(exchange, {
    status,
    headers: [...headers, ['Content-Length', String(body.length)], ['Content-Type', 'text/html']],
  });
  response.write(body);
  return response;
}

/** Sends the head of an answer whose body follows. */
export function begin(
  { request, response }: Exchange,
  head: { readonly status: Status; readonly headers: Headers },
): void {
  response.sendDate = false;
  // As node:http wants them: name, value, name, value. flat() takes longer than all the rest of this.
  const headers: string[] = [];
  for (const [name, value] of ownHeaders()) headers.push(name, value);
  for (const [name, value] of head.headers) headers.push(name, value);
  // supervisord names the connection only when it ends; HTTP/1.0 must be told that it stays.
  if (request.httpVersion === '1.1' && response.shouldKeepAlive) response.removeHeader('Connection');
  else if (response.shouldKeepAlive && !isEndless(head.headers)) headers.push('Connection', 'Keep-Alive');
  response.writeHead(head.status, reasons[head.status], headers);
}

function ownHeaders(): [name: string, value: string][] {
  return [
    ['Server', 'Medusa/1.12'],
    ['Date', new Date().toUTCString()],
  ];
}

/** HTTP/1.0 knows the end of an answer without a length by the end of the connection. */
function isEndless(headers: Headers): boolean {
  return !headers.some(([name]) => name === 'Content-Length');
}

/** The whole text of an error answer, for a connection on which no request could be read. */
export function rawError(status: Status): string {
  const body = errorBody(status);
  const headers = [
    ...ownHeaders(),
    ['Connection', 'close'],
    ['Content-Length', String(body.length)],
    ['Content-Type', 'text/html'],
  ];
  const lines = [`HTTP/1.1 ${status} ${reasons[status]}`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  return [...lines, '', body].join('\r\n');
}

function errorBody(status: Status): string {
  const lines = ['<head>', '<title>Error response</title>', '</head>', '<body>', '<h1>Error response</h1>'];
  return [...lines, `<p>Error code ${status}.`, `<p>Message: ${reasons[status]}.`, '</body>', ''].join('\r\n');
}
