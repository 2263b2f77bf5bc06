// One turn of one contender: a scratch folder, a pipe for records, and everything that was started, which is stopped by pid
// at the end whatever happened. All that is started inherits a mark, by which also grandchildren are found.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from '../support/proc.ts';
import { cleanEnvironment } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { Commands, Contender } from './contenders.ts';
import { pidsWith, treeOf } from './proc.ts';
import { nowMs, Records } from './records.ts';
import { supervisors, type Fleet, type Place } from './supervisors.ts';
import type { Tool } from './tool.ts';

/** A file system in memory, so that no disk is measured; the usual place where there is none. */
export const memoryFolder = isWritable('/dev/shm') ? '/dev/shm' : tmpdir();

/** A supervisor that runs. */
export interface Running {
  readonly pid: number;
  /** On the clock of the records: when it was executed. */
  readonly executedMs: number;
  readonly place: Place;
  /** Resolves, with the time, when the process has ended. */
  readonly ended: Promise<number>;
  /** The processes that it consists of: its tree without those that it was told to run. */
  own(): number[];
}

export class Scene {
  readonly folder: string;
  readonly records: Records;
  readonly #tool: Tool;
  readonly #contender: Contender;
  readonly #commands: Commands;
  readonly #mark = `COREVISOR_BENCH=${randomUUID()}`;
  readonly #descriptors: number[] = [];
  readonly #running: { child: ChildProcess; signal: NodeJS.Signals }[] = [];

  constructor(order: { contender: Contender; commands: Commands; tool: Tool; inMemory: boolean }) {
    this.folder = mkdtempSync(join(order.inMemory ? memoryFolder : tmpdir(), 'corevisor-bench-'));
    this.records = new Records(join(this.folder, 'records'));
    this.#tool = order.tool;
    this.#contender = order.contender;
    this.#commands = order.commands;
    scenes.add(this);
  }

  get tool(): string {
    return this.#tool.path;
  }

  /** Starts the contender, or another in its place; `stdout` is a descriptor. */
  async start(fleet: Fleet, { contender = this.#contender, stdout }: StartOptions = {}): Promise<Running> {
    const supervisor = supervisors[contender];
    const place = { folder: this.folder, tool: this.#tool.path, commands: this.#commands };
    const words = supervisor.prepare(place, fleet);
    const variables = { BENCH_DO: fleet.words[0] ?? '', ...supervisor.environment?.(place) };
    return await this.launch(words, {
      variables,
      signal: supervisor.stopSignal,
      ...(stdout === undefined ? {} : { stdout }),
    });
  }

  /** Starts a command line and learns when it was executed. */
  async launch(words: readonly string[], options: SpawnOptions = {}): Promise<Running> {
    const skip = this.records.of('x').length;
    const child = this.spawn([this.#tool.path, 'exec', ...words], options);
    const pid = child.pid ?? 0;
    const ended = once(child, 'exit').then(() => nowMs());
    // What is short may end before its first record is read.
    const gone = ended.then(() => delay(1000, null, { ref: false })).then(() => endedAtOnce(words));
    gone.catch(() => undefined);
    const [executed] = await Promise.race([this.records.take('x', { count: 1, skip }), gone]);
    const programs = (): Set<number> => new Set(this.records.of('s').map((record) => record.pid));
    return {
      pid,
      executedMs: executed?.atMs ?? Number.NaN,
      place: { folder: this.folder, tool: this.#tool.path, commands: this.#commands },
      ended,
      own: () => {
        const started = programs();
        return treeOf(pid).filter((one) => !started.has(one));
      },
    };
  }

  /** Starts a process that is ended with the scene. */
  spawn(words: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const { variables = {}, signal = 'SIGTERM', stdout = 'ignore', stdin = 'ignore' } = options;
    const child = spawn(words[0] ?? '', words.slice(1), {
      cwd: this.folder,
      env: { ...this.environment, ...variables },
      stdio: [stdin, stdout, 'ignore'],
    });
    child.on('error', () => undefined);
    this.#running.push({ child, signal });
    return child;
  }

  /** What every process gets. With NODE_EXTRA_CA_CERTS Node would read all certificates at its start. */
  get environment(): NodeJS.ProcessEnv {
    const { NODE_EXTRA_CA_CERTS: _, ...environment } = cleanEnvironment();
    const [name = '', value = ''] = this.#mark.split('=');
    return { ...environment, BENCH_RECORDS: this.records.path, [name]: value };
  }

  /** A descriptor of a pipe whose other end is read and forgotten, as a container engine that is fast would. */
  openDiscardedPipe(): number {
    const path = join(this.folder, 'stdout.pipe');
    spawnSync('mkfifo', [path]);
    this.spawn(['cat', path]);
    const fd = openSync(path, 'w');
    this.#descriptors.push(fd);
    return fd;
  }

  /** Stops what still runs, and removes the folder. */
  async end(): Promise<void> {
    try {
      for (const { child, signal } of this.#running.toReversed()) if (isRunning(child)) child.kill(signal);
      const ends = Promise.all(
        this.#running.filter(({ child }) => isRunning(child)).map(({ child }) => once(child, 'exit')),
      );
      await Promise.race([ends, delay(60_000, null, { ref: false })]);
      // Of runit nobody waits for the services; whoever of them has not ended by then is killed below.
      const what = 'those that were started';
      await waitUntil(() => this.#left().length === 0, { what, deadlineMs: 5000 }).catch(() => undefined);
    } finally {
      this.discard();
    }
  }

  /** Kills what is left, more than once: what was just being started was not among the others. */
  discard(): void {
    if (!scenes.delete(this)) return;
    for (let left = this.#left(), tries = 0; left.length > 0 && tries < 20; tries += 1) {
      for (const pid of left) kill(pid);
      left = this.#left();
    }
    for (const fd of this.#descriptors) closeSync(fd);
    this.records.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #left(): number[] {
    return pidsWith(this.#mark).filter(isAlive);
  }
}

interface StartOptions {
  readonly contender?: Contender;
  readonly stdout?: number;
}

interface SpawnOptions {
  readonly variables?: Readonly<Record<string, string>>;
  readonly signal?: NodeJS.Signals;
  readonly stdout?: number | 'ignore' | 'pipe';
  readonly stdin?: 'ignore' | 'pipe';
}

function endedAtOnce(words: readonly string[]): never {
  throw new Error(`it ended at once: ${words.join(' ')}`);
}

const scenes = new Set<Scene>();

process.once('exit', () => {
  for (const scene of scenes) scene.discard();
});

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null && child.pid !== undefined;
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
