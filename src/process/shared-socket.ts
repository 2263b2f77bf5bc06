// The listening sockets that the daemon holds for its children, opened for the first process that needs one. That which the
// processes of a FastCGI program share (supervisord's socket_manager.py) is closed when the last one is gone; the file of a unix
// socket stays, as under supervisord. That of an embedded proxy lingers: whoever connects while the proxy is replaced waits in
// its queue.

import { closeSync } from 'node:fs';
import type { Clock, Timer } from '../base/clock.ts';
import { ConfigError } from '../base/errors.ts';
import { type ChildSocket, type OpenedSocket, type ProxySocket, socketError } from '../base/child-socket.ts';
import type { GroupConfig, ProcessConfig } from '../config/programs.ts';
import type { Logger } from '../logs/logger.ts';

interface SocketSurroundings {
  /** Null where native calls cannot be made. */
  readonly listen: ((socket: ChildSocket) => OpenedSocket) | null;
  readonly logger: Pick<Logger, 'info'>;
  readonly clock: Clock;
}

/** Longer than the last pause of a proxy that fails at the usual startretries; a stop and a start are closer together. */
const proxyLingerMs = 5000;

export class SharedSocket {
  readonly #socket: ChildSocket;
  readonly #around: SocketSurroundings;
  #fd = -1;
  #holders = 0;
  #lingering: Timer | null = null;

  constructor(socket: ChildSocket, around: SocketSurroundings) {
    this.#socket = socket;
    this.#around = around;
  }

  /** What it becomes in a child. */
  get becomes(): 'stdin' | 'listening' {
    return this.#socket.kind === 'proxy' ? 'listening' : 'stdin';
  }

  /** The open socket, to be released once; the error is supervisord's sentence. */
  acquire(): OpenedSocket {
    const { listen, logger } = this.#around;
    if (listen === null) return { error: 'FastCGI programs need native calls, which cannot be made here' };
    this.#lingering?.cancel();
    this.#lingering = null;
    if (this.#fd === -1) {
      if (this.becomes === 'stdin') logger.info(`Creating socket ${this.#socket.url}`);
      const opened = listen(this.#socket);
      if ('error' in opened) return { error: socketError(this.#socket, opened.error) };
      this.#fd = opened.fd;
    }
    this.#holders += 1;
    return { fd: this.#fd };
  }

  release(): void {
    this.#holders -= 1;
    if (this.#holders > 0 || this.#fd === -1) return;
    if (this.becomes === 'stdin') this.#close();
    else this.#lingering ??= this.#around.clock.after(proxyLingerMs, () => this.#close());
  }

  /** Closes the daemon's own end, for good: whoever has the socket goes on listening, and nobody does after it. */
  letGo(): void {
    this.#lingering?.cancel();
    this.#lingering = null;
    if (this.#fd !== -1) this.#close();
  }

  #close(): void {
    if (this.becomes === 'stdin') this.#around.logger.info(`Closing socket ${this.#socket.url}`);
    closeSync(this.#fd);
    this.#fd = -1;
  }

  /** Opens and closes it if nobody has it open; answers why it cannot be opened. */
  check(): string | null {
    if (this.#around.listen === null || this.#holders > 0) return null;
    const opened = this.acquire();
    if ('error' in opened) return opened.error;
    this.release();
    return null;
  }
}

/** The sockets of one life of the daemon, one for each program. */
export class SharedSockets {
  readonly #around: SocketSurroundings;
  readonly #sockets = new WeakMap<ChildSocket, SharedSocket>();
  /** Those of proxies, by address: one that was changed may listen where the one before it did. */
  readonly #proxies = new Map<string, SharedSocket>();

  constructor(around: SocketSurroundings) {
    this.#around = around;
  }

  of({ socket, listening }: Pick<ProcessConfig, 'socket' | 'listening'>): SharedSocket | null {
    if (listening !== undefined) return this.#ofProxy(listening);
    if (socket === null) return null;
    const shared = this.#sockets.get(socket) ?? new SharedSocket(socket, this.#around);
    this.#sockets.set(socket, shared);
    return shared;
  }

  /** The end of all is near: nobody is to wait in a queue that will not be served. */
  letGo(): void {
    for (const socket of this.#proxies.values()) socket.letGo();
  }

  /** Without native calls a proxy listens itself. */
  #ofProxy(listening: ProxySocket): SharedSocket | null {
    if (this.#around.listen === null) return null;
    const known = this.#proxies.get(listening.url) ?? new SharedSocket(listening, this.#around);
    this.#proxies.set(listening.url, known);
    return known;
  }

  /** Finds out at once, and not at the first spawn, that a socket of the group cannot be made: then throws ConfigError. */
  check({ processes }: Pick<GroupConfig, 'processes'>): void {
    const first = new Map(processes.map((process) => [process.socket, process]));
    for (const [socket, { section, where }] of first) {
      const problem = socket === null ? null : (this.of({ socket })?.check() ?? null);
      if (socket === null || problem === null) continue;
      throw new ConfigError(problem, {
        where,
        section,
        option: 'socket',
        value: socket.url,
        accepted: 'an address that is free, or a path in a directory that the daemon may write to',
      });
    }
  }
}
