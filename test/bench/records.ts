// What children tell of themselves, over a named pipe: programs/tool.c says how.
import { spawnSync } from 'node:child_process';
import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';

/** x: about to become the daemon; s: a child's first instruction; e: its last; f: first event; c: events so far. */
export type Kind = 'x' | 's' | 'e' | 'f' | 'c';

export interface ChildRecord {
  readonly kind: Kind;
  readonly pid: number;
  /** Milliseconds of the monotonic clock, as `performance`'s but from another origin. */
  readonly atMs: number;
  /** Bytes or events. */
  readonly number: number;
}

/** All records of one scene, in the order in which they came. */
export class Records {
  readonly path: string;
  readonly #byKind = new Map<Kind, ChildRecord[]>();
  readonly #socket: Socket;
  #rest = '';
  #wake: (() => void) | null = null;
  #isClosed = false;

  constructor(path: string) {
    this.path = path;
    spawnSync('mkfifo', [path]);
    // For writing too: so there is always a reader and a writer, and no end.
    this.#socket = new Socket({ fd: openSync(path, constants.O_RDWR | constants.O_NONBLOCK), writable: false });
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => this.#read(text));
    this.#socket.on('error', () => undefined);
  }

  of(kind: Kind): readonly ChildRecord[] {
    return this.#byKind.get(kind) ?? [];
  }

  /** The first `count` of a kind, behind the first `skip` of them. */
  async take(kind: Kind, wanted: { count: number; skip?: number; deadlineMs?: number }): Promise<ChildRecord[]> {
    const { count, skip = 0, deadlineMs = 60_000 } = wanted;
    const deadline = performance.now() + deadlineMs;
    for (;;) {
      const some = this.of(kind);
      if (some.length >= skip + count) return some.slice(skip, skip + count);
      if (this.#isClosed) throw new Error('the scene has ended');
      const leftMs = deadline - performance.now();
      if (leftMs <= 0)
        throw new Error(`waited ${deadlineMs} ms in vain for ${count} records ${kind}, ${some.length - skip} came`);
      await this.#news(leftMs);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.destroy();
    this.#wake?.();
  }

  #news(mostMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, mostMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const [kind = '', pid, nanoseconds, number] = line.split(' ');
      if (!isKind(kind)) continue;
      const record = { kind, pid: Number(pid), atMs: Number(nanoseconds) / 1e6, number: Number(number) };
      const known = this.#byKind.get(kind);
      if (known === undefined) this.#byKind.set(kind, [record]);
      else known.push(record);
    }
    this.#wake?.();
    this.#wake = null;
  }
}

/** Now, on the clock of the records. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

function isKind(text: string): text is Kind {
  return ['x', 's', 'e', 'f', 'c'].includes(text);
}
