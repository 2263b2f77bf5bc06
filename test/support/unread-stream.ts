// What a daemon may have as stdout and stderr, and nobody reads before the test says so: a pipe as a container engine makes
// it, a FIFO, a terminal, a socket. All that was in it and comes until then can be read in one go.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadLibc } from '../../src/os/libc.ts';
import { waitUntil } from './wait-until.ts';

export type StreamKind = 'pipe' | 'FIFO' | 'terminal' | 'socket';

export interface UnreadStream {
  /** A descriptor to give away; null for a socket, which spawn makes by itself. */
  open(): number | null;
  /** The process that has it. */
  given(process: ChildProcess): void;
  /** What can be read now. */
  read(): string;
  close(): void;
}

/** Makes one; nothing is read from it before `read`. */
export async function makeUnreadStream(kind: StreamKind): Promise<UnreadStream> {
  if (kind === 'socket') return new UnreadSocket();
  if (kind === 'terminal') return await makeTerminal();
  return kind === 'pipe' ? makePipe() : makeFifo();
}

/** Both ends by paths, the reading one opened so that it does not block. */
class UnreadFile implements UnreadStream {
  readonly #path: string;
  readonly #readEnd: number;
  readonly #end: () => void;

  constructor(paths: { readonly write: string; readonly read: string }, end: () => void) {
    this.#path = paths.write;
    this.#readEnd = openSync(paths.read, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    this.#end = end;
  }

  open(): number {
    return openSync(this.#path, constants.O_WRONLY | constants.O_NOCTTY);
  }

  given(): void {
    // It was opened for it.
  }

  read(): string {
    return readNow(this.#readEnd);
  }

  close(): void {
    closeSync(this.#readEnd);
    this.#end();
  }
}

function makeFifo(): UnreadStream {
  const folder = mkdtempSync(join(tmpdir(), 'corevisor-fifo-'));
  const path = join(folder, 'fifo');
  execFileSync('mkfifo', [path]);
  return new UnreadFile({ read: path, write: path }, () => rmSync(folder, { recursive: true }));
}

function makePipe(): UnreadStream {
  const { libc } = loadLibc();
  const ends = Buffer.alloc(8);
  if (libc === null || libc.pipe2(ends, constants.O_NONBLOCK | closeOnExec) !== 0) throw new Error('no pipe');
  const [read, write] = [ends.readInt32LE(0), ends.readInt32LE(4)];
  return new UnreadFile({ read: `/proc/self/fd/${read}`, write: `/proc/self/fd/${write}` }, () => {
    closeSync(read);
    closeSync(write);
  });
}

const closeOnExec = 0o2000000;

/** Held by a process of its own, which reads on request only. */
async function makeTerminal(): Promise<UnreadStream> {
  const script = join(import.meta.dirname, '../fixtures/holds-terminal.py');
  const holder = spawn('python3', [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  holder.stdout.setEncoding('latin1').on('data', (text: string) => (said += text));
  await waitUntil(() => said.includes('\n'), { what: 'the name of a terminal' });
  const [name = ''] = said.split('\n');
  let isAsked = false;
  return {
    open: () => openSync(name, constants.O_WRONLY | constants.O_NOCTTY),
    given: () => undefined,
    read() {
      if (!isAsked) holder.stdin.write('read\n');
      isAsked = true;
      const text = said.slice(name.length + 1).replaceAll('\r\n', '\n');
      return text;
    },
    close: () => void holder.kill(),
  };
}

/** The socket pair that node:child_process makes; Node itself takes some 100 KiB before it waits to be asked. */
class UnreadSocket implements UnreadStream {
  #process: ChildProcess | null = null;
  #read = '';
  #isAsked = false;

  open(): null {
    return null;
  }

  given(process: ChildProcess): void {
    this.#process = process;
  }

  read(): string {
    for (const stream of this.#isAsked ? [] : [this.#process?.stdout, this.#process?.stderr]) {
      stream?.setEncoding('latin1').on('data', (text: string) => (this.#read += text));
    }
    this.#isAsked = true;
    return this.#read;
  }

  close(): void {
    this.#process?.stdout?.destroy();
    this.#process?.stderr?.destroy();
  }
}

function readNow(fd: number): string {
  const chunk = Buffer.alloc(65536);
  let text = '';
  try {
    for (let count = -1; count !== 0;) {
      count = readSync(fd, chunk, 0, chunk.length, null);
      text += chunk.toString('latin1', 0, count);
    }
  } catch {
    // Nothing more now.
  }
  return text;
}
