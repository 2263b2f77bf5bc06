// The listening socket that the processes of a FastCGI program share, as those who configure, open and hand it on speak
// of it.

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

/** An open socket that listens, or why there is none: the name of a system error, or words. */
export type OpenedSocket = { readonly fd: number } | { readonly error: string };

/** supervisord's sentence for a socket that cannot be made. */
export function socketError({ url }: Pick<FcgiSocket, 'url'>, reason: string): string {
  return `Could not create FastCGI socket ${url}: ${reason}`;
}
