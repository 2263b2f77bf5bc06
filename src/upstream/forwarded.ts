// What a proxy changes in the headers that it passes on: those that are about one connection stay behind (RFC 9110,
// 7.6.1), and the client's address, protocol and host are told in X-Forwarded-*.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** Node has answered an `Expect: 100-continue` by then. */
const aboutOneConnection = ['connection', 'keep-alive', 'proxy-connection', 'te', 'upgrade', 'expect'];

interface RequestHead {
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** Prepares a request's headers for a member. A protocol or host told by a proxy in front of us is kept. */
export function forwardHeaders({ headers, socket }: RequestHead, { upgrade }: { upgrade: boolean }): void {
  for (const name of aboutOneConnection) if (!upgrade || name !== 'upgrade') delete headers[name];
  if (upgrade) headers.connection = 'Upgrade';

  const client = (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');
  const before = headers['x-forwarded-for'];
  headers['x-forwarded-for'] = before === undefined ? client : `${String(before)}, ${client}`;
  headers['x-forwarded-proto'] ??= 'http';
  if (headers.host !== undefined) headers['x-forwarded-host'] ??= headers.host;
}

/** Prepares a member's response for the client; `keepAlive` is about the client's connection, not the member's. */
export function returnHeaders(answer: IncomingMessage, { keepAlive }: { keepAlive: boolean }): void {
  delete answer.headers['keep-alive'];
  answer.headers.connection = keepAlive ? 'keep-alive' : 'close';
}
