// DNS rebinding: a page of somebody else's site, whose name is made to point to 127.0.0.1 after it was loaded, asks a server
// that only this machine can reach, and the browser takes the answer for the site's own. The name stands in Host, with the
// port of this very server, for the browser has connected to it. What a proxy in front passes on has the proxy's port.
// Only a server without a password needs this: a browser does not show one site's password to another.

import { isIP } from 'node:net';
import { isLoopback } from '../config/loopback.ts';

/** Names that nobody can register for the whole world to look up (RFC 6761, 6762, 8375, 9476). */
const privateEndings = /(?:^|\.)(?:localhost|local|test|internal|home\.arpa)$/;

/** Whether Host names a site of the Internet although the server listens on loopback only. */
export function isRebound(
  host: string | undefined,
  server: { readonly host: string; readonly port: number; readonly ownName: string },
): boolean {
  if (host === undefined || !isLoopback(server.host)) return false;
  const [, name = '', port = '80'] = /^(.*?)(?::(\d+))?$/.exec(host.trim().toLowerCase()) ?? [];
  if (Number(port) !== server.port) return false;
  const bare = name.replace(/\.$/, '').replace(/^\[(.*)\]$/, '$1');
  // A name without a dot is looked up in this machine's own files and domain.
  return (
    isIP(bare) === 0 &&
    bare.includes('.') &&
    !privateEndings.test(bare) &&
    bare !== server.host.toLowerCase() &&
    bare !== server.ownName.toLowerCase()
  );
}
