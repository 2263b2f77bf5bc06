// The other end of a unix socket.

/** Who connected, as the kernel knows them; pid 0 is a process that cannot be seen from here. */
export interface Peer {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}
