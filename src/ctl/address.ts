// Where the daemon is: supervisorctl's server addresses, `http://host:port` and `unix:///path`
// (its xmlrpc.py SupervisorTransport; anything else is refused when a command first talks, not when it is read).
import { NamedError } from './client-errors.ts';

/** A server address as a user gives it; null means not given. */
export interface Address {
  readonly serverurl: string;
  readonly username: string | null;
  readonly password: string | null;
}

/** What node:http needs to reach it. */
export type Endpoint = { readonly socketPath: string } | { readonly host: string; readonly port: number };

/** Reads a server address; an unknown protocol is supervisorctl's ValueError. */
export function endpointOf(serverurl: string): Endpoint {
  if (serverurl.startsWith('unix://')) return { socketPath: serverurl.slice('unix://'.length) };
  if (!serverurl.startsWith('http://')) {
    throw new NamedError('ValueError', `Unknown protocol for serverurl ${serverurl}`);
  }
  const authority = /^[^/?#]*/.exec(serverurl.slice('http://'.length))?.[0] ?? '';
  const [, host = '', port = ''] = /^(?:.*@)?(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(authority) ?? [];
  return { host: host.replace(/^\[|\]$/g, '').toLowerCase(), port: port === '' ? 80 : portNumber(port) };
}

/** The scheme of a URL in lower case, '' when it has none. */
export function schemeOf(url: string): string {
  return /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(url)?.[1]?.toLowerCase() ?? '';
}

function portNumber(text: string): number {
  if (!/^\d+$/.test(text)) {
    throw new NamedError('ValueError', `Port could not be cast to integer value as '${text}'`);
  }
  const port = Number(text);
  if (port > 65535) throw new NamedError('ValueError', 'Port out of range 0-65535');
  return port;
}
