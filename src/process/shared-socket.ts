// The listening socket that the processes of a FastCGI program share (supervisord's socket_manager.py): opened for the
// first process that needs it, closed when the last one is gone. The file of a unix socket stays, as under supervisord.

import { closeSync } from 'node:fs';
import { ConfigError } from '../base/errors.ts';
import { type FcgiSocket, type OpenedSocket, socketError } from '../base/fcgi-socket.ts';
import type { GroupConfig, ProcessConfig } from '../config/programs.ts';
import type { Logger } from '../logs/logger.ts';

interface SocketSurroundings {
  /** Null where native calls cannot be made. */
  readonly listen: ((socket: FcgiSocket) => OpenedSocket) | null;
  readonly logger: Pick<Logger, 'info'>;
}

export class SharedSocket {
  readonly #socket: FcgiSocket;
  readonly #around: SocketSurroundings;
  #fd = -1;
  #holders = 0;

  constructor(socket: FcgiSocket, around: SocketSurroundings) {
    this.#socket = socket;
    this.#around = around;
  }

  /** The open socket, to be released once; the error is supervisord's sentence. */
  acquire(): OpenedSocket {
    const { listen, logger } = this.#around;
    if (listen === null) return { error: 'FastCGI programs need native calls, which cannot be made here' };
    if (this.#holders === 0) {
      logger.info(`Creating socket ${this.#socket.url}`);
      const opened = listen(this.#socket);
      if ('error' in opened) return { error: socketError(this.#socket, opened.error) };
      this.#fd = opened.fd;
    }
    this.#holders += 1;
    return { fd: this.#fd };
  }

  release(): void {
    this.#holders -= 1;
    if (this.#holders > 0) return;
    this.#around.logger.info(`Closing socket ${this.#socket.url}`);
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
  readonly #sockets = new WeakMap<FcgiSocket, SharedSocket>();

  constructor(around: SocketSurroundings) {
    this.#around = around;
  }

  of({ socket }: Pick<ProcessConfig, 'socket'>): SharedSocket | null {
    if (socket === null) return null;
    const shared = this.#sockets.get(socket) ?? new SharedSocket(socket, this.#around);
    this.#sockets.set(socket, shared);
    return shared;
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
