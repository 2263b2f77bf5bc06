// Who is connected to one server, and what each connection is at. A newcomer always gets in: when there are too many,
// the one that is worth least goes. The requests of one connection are taken one after another, as supervisord takes
// them, and others get their turn in between, however many are sent at once.

import type { Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';

/** In the order in which connections are given up: nothing due, its request is still coming, a log is followed, an answer is due. */
const uses = ['idle', 'asking', 'following', 'answering'] as const;

export type Use = (typeof uses)[number];

interface Connection {
  use: Use;
  /** When that began, by the clock. */
  since: number;
  /** What is to be done for it; the first is being done. */
  readonly due: (() => Promise<void>)[];
}

/** What began a moment ago gets its chance, however little it is worth so far. */
const chanceMs = 1000;

/** Requests that are sent ahead, without waiting for answers; node:http keeps each, and lets go of thousands but slowly. */
const mostDue = 1000;

export class Connections {
  readonly #limit: number;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #onGivenUp: (socket: Socket) => void;
  #isSweeping = false;
  /** Those whose use changed last are at the end. */
  readonly #open = new Map<Socket, Connection>();

  /** `onGivenUp` hears of each connection that is closed to make room. */
  constructor(
    limit: number,
    { clock, onGivenUp }: { readonly clock: Pick<Clock, 'now'>; readonly onGivenUp: (socket: Socket) => void },
  ) {
    this.#limit = limit;
    this.#clock = clock;
    this.#onGivenUp = onGivenUp;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Takes a new connection in. */
  admit(socket: Socket): void {
    this.#open.set(socket, { use: 'idle', since: this.#clock.now(), due: [] });
    if (this.#open.size > this.#limit && !this.#isSweeping) this.#sweepSoon();
  }

  /** The connection is closed: what was due for it falls away. */
  forget(socket: Socket): void {
    this.#open.get(socket)?.due.splice(0);
    this.#open.delete(socket);
  }

  mark(socket: Socket, use: Use): void {
    const connection = this.#open.get(socket);
    if (connection === undefined) return;
    connection.use = use;
    connection.since = this.#clock.now();
    this.#open.delete(socket);
    this.#open.set(socket, connection);
  }

  /** Does some work for a connection, after what was due before; it must not reject. `whenIdle` follows when nothing more is due. */
  enqueue(
    socket: Socket,
    { work, whenIdle }: { readonly work: () => Promise<void>; readonly whenIdle: () => void },
  ): void {
    const connection = this.#open.get(socket);
    if (connection === undefined) return;
    if (connection.due.length >= mostDue) {
      socket.destroy();
      return;
    }
    connection.due.push(work);
    // Not awaited: it ends by itself, and nothing in it rejects.
    if (connection.due.length === 1) void this.#workOff(socket, connection.due).then(whenIdle);
  }

  closeIdle(): void {
    for (const [socket, { due }] of this.#open) if (due.length === 0) socket.destroy();
  }

  closeAll(): void {
    for (const socket of this.#open.keys()) socket.destroy();
  }

  async #workOff(socket: Socket, due: (() => Promise<void>)[]): Promise<void> {
    for (let work = due[0]; work !== undefined; work = due[0]) {
      this.mark(socket, 'asking');
      await work();
      due.shift();
      // Hundreds of small requests fit into one read.
      if (due.length > 0) await new Promise((resolve) => setImmediate(resolve));
    }
    this.mark(socket, 'idle');
  }

  /** Not before what newcomers have sent was read: hundreds are accepted in one round of the loop. */
  #sweepSoon(): void {
    this.#isSweeping = true;
    setImmediate(() =>
      setImmediate(() => {
        this.#isSweeping = false;
        while (this.#open.size > this.#limit) this.#giveUpOne();
      }),
    );
  }

  #giveUpOne(): void {
    const socket = this.#leastWorth();
    if (socket === undefined) return;
    this.#onGivenUp(socket);
    socket.destroy();
    this.forget(socket);
  }

  #leastWorth(): Socket | undefined {
    const recent = this.#clock.now() - chanceMs;
    for (const unwanted of uses) {
      for (const [socket, { use, since }] of this.#open) {
        if (since > recent) break;
        if (use === unwanted) return socket;
      }
    }
    return this.#open.keys().next().value;
  }
}
