// What a proxy changes in the headers of a request that it passes on: those that are about one connection stay behind (RFC 9110,
// 7.6.1), and the client's address, protocol and host are told in X-Forwarded-*.
import type { IncomingHttpHeaders } from 'node:http';

/** Node has answered an `Expect: 100-continue` by then. */
const aboutOneConnection = ['connection', 'keep-alive', 'proxy-connection', 'te', 'upgrade', 'expect'];

interface RequestHead {
  readonly headers: IncomingHttpHeaders;
}

/** Prepares a request's headers for a member; `client` is the address that it came from. A protocol or host told by a proxy in front of us is kept. */
export function forwardHeaders(
  { headers }: RequestHead,
  { client: address, upgrade }: { readonly client: string; readonly upgrade: boolean },
): void {
  for (const name of aboutOneConnection) if (name in headers && (!upgrade || name !== 'upgrade')) delete headers[name];
  if (upgrade) headers.connection = 'Upgrade';

  const client = address.startsWith('::ffff:') ? address.replace(/^::ffff:(?=\d+\.)/, '') : address;
  const before = headers['x-forwarded-for'];
  headers['x-forwarded-for'] = before === undefined ? client : `${String(before)}, ${client}`;
  headers['x-forwarded-proto'] ??= 'http';
  if (headers.host !== undefined) headers['x-forwarded-host'] ??= headers.host;
}
