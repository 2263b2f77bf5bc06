// A daemon that is abused while somebody else uses it as it is meant: a worker that counts its own heartbeats, a good client
// in a process of its own that asks again and again, and what the daemon's memory was at its highest.
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { resolve } from 'node:path';
import type { Address } from './rpc.ts';
import { child, startDaemon, type Daemon } from './run-supervisord.ts';
import { waitUntil } from './wait-until.ts';

/** What the others noticed of an attack. */
export interface Effects {
  /** How many answers the good client got meanwhile; how long it waited depends on what else the machine has to do. */
  readonly answers: number;
  readonly failures: readonly string[];
  /** How much memory the daemon had at its highest, beyond what it had before. */
  readonly grownMegabytes: number;
}

/** One daemon under abuse. */
export class Abused {
  readonly daemon: Daemon;
  readonly #worker: number;
  readonly #sockets = new Set<Socket>();

  private constructor(daemon: Daemon, worker: number) {
    this.daemon = daemon;
    this.#worker = worker;
  }

  static async start(options: { config?: string; files?: Readonly<Record<string, string>> } = {}): Promise<Abused> {
    const config = `[program:worker]\ncommand=${child('beats.cjs')}\nstdout_logfile=%(here)s/beats\n${options.config ?? ''}`;
    const daemon = await startDaemon('native', { config, files: options.files ?? {} });
    const { pid } = await daemon.waitForState('worker', 'RUNNING');
    return new Abused(daemon, pid);
  }

  /** A connection over which bytes are sent as they are. */
  open(bytes: string | Buffer = '', address: Address = this.daemon.address): Raw {
    const { socketPath, port = 0 } = address;
    const socket = socketPath === undefined ? connect({ host: '127.0.0.1', port }) : connect({ path: socketPath });
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return new Raw(socket, bytes);
  }

  /** Does something to the daemon while the good client asks, and says what that one noticed. */
  async during(attack: () => Promise<void>): Promise<Effects> {
    const good = new GoodClient(this.daemon.path('supervisor.sock'));
    try {
      await waitUntil(() => good.answers > 0, { what: () => `a first answer; ${good.failures.join(', ')}` });
      const before = memory(this.daemon.pid, 'VmRSS');
      writeFileSync(`/proc/${this.daemon.pid}/clear_refs`, '5'); // the highest mark begins anew, proc_pid_clear_refs(5)
      good.reset();
      await attack();
      const since = good.answers;
      await waitUntil(() => good.answers > since, { what: () => `an answer afterwards; ${good.failures.join(', ')}` });
      const { answers, failures } = good;
      return { answers, failures, grownMegabytes: memory(this.daemon.pid, 'VmHWM') - before };
    } finally {
      good.stop();
    }
  }

  /** Throws unless the worker is the same as at the start and its heart has never stopped. */
  async expectUnharmed(): Promise<void> {
    const { statename, pid } = await this.daemon.info('worker');
    if (statename !== 'RUNNING' || pid !== this.#worker) {
      throw new Error(`the worker is ${statename} with pid ${pid}, not ${this.#worker}`);
    }
    const seen = this.daemon.lines('beats').length;
    await waitUntil(() => this.daemon.lines('beats').length > seen, { what: 'a further heartbeat' });
    const gap = this.daemon.lines('beats').findIndex((line, index) => line !== `beat ${index + 1}`);
    if (gap !== -1) throw new Error(`heartbeat ${gap + 1} is missing`);
    const trouble = this.daemon.messages.filter((line) => /raised an unexpected exception|Server Error/.test(line));
    if (trouble.length > 0) throw new Error(`a bug was logged: ${trouble[0]?.slice(0, 500)}`);
  }

  closeAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.closeAll();
    await this.daemon.stop();
  }
}

/** One connection of an abuser. */
export class Raw {
  readonly socket: Socket;
  closed = false;
  #received = '';

  constructor(socket: Socket, bytes: string | Buffer) {
    this.socket = socket;
    socket.on('data', (chunk) => (this.#received += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => (this.closed = true));
    if (bytes.length > 0) socket.write(bytes);
  }

  get received(): string {
    return this.#received;
  }

  /** Waits until enough has come. */
  async until(condition: () => boolean): Promise<void> {
    const what = (): string => `more than ${JSON.stringify(this.#received.slice(-300))}`;
    await waitUntil(condition, { what, deadlineMs: 30_000 });
  }

  /** Waits until the daemon has closed the connection. */
  async over(): Promise<void> {
    await waitUntil(() => this.closed, { what: 'the end of the connection', deadlineMs: 30_000 });
  }

  /** Waits for a whole status line and answers its number. */
  async status(): Promise<number> {
    const what = (): string => `a status line in ${JSON.stringify(this.#received.slice(0, 200))}`;
    const found = await waitUntil(() => /^HTTP\/1\.\d (\d{3}) .*\r\n/.exec(this.#received), {
      what,
      deadlineMs: 20_000,
    });
    return Number(found[1]);
  }
}

/** Asks getState again and again over one connection after another; in a process of its own, for this one attacks. */
class GoodClient {
  answers = 0;
  failures: string[] = [];
  readonly #process: ChildProcess;

  constructor(socketPath: string) {
    const client = spawn(process.execPath, [resolve(import.meta.dirname, '../fixtures/asks-state.cjs'), socketPath], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process = client;
    createInterface({ input: client.stdout }).on('line', (line) => {
      if (line === 'answer') this.answers += 1;
      else this.failures.push(line);
    });
  }

  reset(): void {
    this.answers = 0;
    this.failures = [];
  }

  stop(): void {
    this.#process.kill();
  }
}

function memory(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1]) / 1024;
}
