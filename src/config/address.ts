// Where a server of an upstream listens, in nginx's spelling, which [upstream:x] server and the embedded proxy's command
// line share. Pure.

export type Address = { readonly host: string; readonly port: number } | { readonly path: string };

/** Reads `host:port`, `[ipv6]:port` or `unix:/path`; null when it is none of them. */
export function readAddress(server: string): Address | null {
  const unix = /^unix:(\/[^\s;{}'"\\:]+)$/.exec(server)?.[1];
  if (unix !== undefined) return { path: unix };
  const [, ipv6, name, digits = ''] = /^(?:\[([0-9A-Fa-f:.]+)\]|([\w.-]+)):(\d{1,5})$/.exec(server) ?? [];
  const host = ipv6 ?? name;
  const port = Number(digits);
  return host === undefined || port < 1 || port > 65_535 ? null : { host, port };
}
