// The connections to one member that are kept open between requests.

import http from 'node:http';
import type net from 'node:net';
import type { Duplex } from 'node:stream';

export class MemberAgent extends http.Agent {
  readonly #idleMs: number;
  #isResting = false;

  /** `idleMs` is also how long the member may be silent before a request over one of them hears `timeout`. */
  constructor(idleMs: number) {
    super({ keepAlive: true, timeout: idleMs });
    this.#idleMs = idleMs;
  }

  /** While it rests, connections are closed as soon as nothing is in flight on them, those that are idle at once. */
  set isResting(isResting: boolean) {
    this.#isResting = isResting;
    if (!isResting) return;
    for (const socket of Object.values(this.freeSockets).flat()) socket?.destroy();
  }

  /** All lead to the same place. */
  override getName(): string {
    return 'member';
  }

  /** A worker may have said that it closes an idle connection sooner; a request that is under way may still take its time. */
  override reuseSocket(socket: net.Socket, request: http.ClientRequest): void {
    if (socket.timeout !== this.#idleMs) socket.setTimeout(this.#idleMs);
    super.reuseSocket(socket, request);
  }

  override keepSocketAlive(socket: Duplex): boolean {
    const isKept: unknown = super.keepSocketAlive(socket);
    return isKept !== false && !this.#isResting;
  }
}
