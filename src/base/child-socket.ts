// The listening sockets that the daemon makes for its children: that which the processes of a FastCGI program share, and that
// of an embedded proxy, as those who configure, open and hand them on speak of them.

/** `url` is how supervisord writes it, in logs and comparisons; a backlog of null is as long as the system allows. */
export type FcgiSocket = UnixFcgiSocket | TcpFcgiSocket;

export interface UnixFcgiSocket {
  readonly kind: 'unix';
  readonly url: string;
  /** Absolute. */
  readonly path: string;
  readonly mode: number;
  /** null leaves it to the daemon's user; a gid of -1 leaves the group. */
  readonly owner: { readonly uid: number; readonly gid: number } | null;
  readonly backlog: number | null;
}

export interface TcpFcgiSocket {
  readonly kind: 'tcp';
  readonly url: string;
  /** A name or an IPv4 address. */
  readonly host: string;
  readonly port: number;
  readonly backlog: number | null;
}

/** Where an embedded proxy listens; the daemon holds the socket, so that nobody is refused while the proxy is replaced. */
export interface ProxySocket {
  readonly kind: 'proxy';
  /** For logs and comparisons. */
  readonly url: string;
  /** A name, an IPv4 or IPv6 address, or '' for every address of this machine. */
  readonly host: string;
  readonly port: number;
}

/** A socket that the daemon listens on for its children. */
export type ChildSocket = FcgiSocket | ProxySocket;

/** An open socket that listens, or why there is none: the name of a system error, or words. */
export type OpenedSocket = { readonly fd: number } | { readonly error: string };

/** The sentence for a socket that cannot be made; supervisord's for FastCGI. */
export function socketError({ kind, url }: Pick<ChildSocket, 'kind' | 'url'>, reason: string): string {
  if (kind === 'proxy') return `cannot listen on ${url}: ${reason}`;
  return `Could not create FastCGI socket ${url}: ${reason}`;
}
