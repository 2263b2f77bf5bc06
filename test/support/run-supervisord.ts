// Runs the daemon under test on a configuration in a directory of its own, and sees to it that nothing of it is left:
// everything it starts inherits a mark in its environment, by which the processes are found again in /proc.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { Mode } from './modes.ts';
import type { UnreadStream } from './unread-stream.ts';
import { callRpc, type Address } from './rpc.ts';
import { waitUntil } from './wait-until.ts';
import { XmlRpcFault, type XmlRpcValue } from '../../src/rpc/xmlrpc.ts';

export interface DaemonOptions {
  /** Sections after the head below; may extend the head's own sections, for the last value of an option wins. */
  readonly config: string;
  /** False for a configuration that stands alone. */
  readonly head?: boolean;
  /** Permissions of the file. */
  readonly configMode?: number;
  /** Further files by their path in the daemon's directory. */
  readonly files?: Readonly<Record<string, string>>;
  /** Command line flags after `--nodaemon --configuration FILE`. */
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Another folder with the bundles of dist/. */
  readonly bundles?: string;
  /** Words before the command, such as `taskset -c 0`. */
  readonly wrapper?: readonly string[];
  /**
   * Where stdout and stderr go: files by default; pipes are what a container engine gives, and a discarded one is read but
   * not kept; or what the test has.
   */
  readonly streams?: 'file' | 'pipe' | 'discarded pipe' | UnreadStream;
  /** False to return at once, for a daemon that is expected not to come up. */
  readonly comesUp?: boolean;
  /** Where everything lives instead of a new directory; it is removed at the end all the same. */
  readonly directory?: string;
  /** False to leave out `-n`. */
  readonly foreground?: boolean;
}

/** How a daemon ended. */
export interface Ending {
  readonly status: number | null;
  readonly signal: string | null;
}

/** What getProcessInfo answers. */
export interface ProcessInfo {
  readonly name: string;
  readonly group: string;
  readonly state: number;
  readonly statename: string;
  readonly description: string;
  readonly spawnerr: string;
  readonly exitstatus: number;
  readonly pid: number;
  readonly start: number;
  readonly stop: number;
  readonly now: number;
  readonly logfile: string;
  readonly stdout_logfile: string;
  readonly stderr_logfile: string;
}

/** Starts a daemon and waits until it answers. */
export async function startDaemon(mode: Mode, options: DaemonOptions): Promise<Daemon> {
  const daemon = new Daemon(mode, options);
  if (options.comesUp !== false) await daemon.waitUntilAnswering();
  return daemon;
}

/** The command line of a daemon in this mode, without flags. */
export const daemonCommand: Readonly<Record<Mode, readonly string[]>> = {
  native: [process.execPath, resolve(import.meta.dirname, '../../dist/corevisord.cjs')],
  portable: [process.execPath, '--no-addons', resolve(import.meta.dirname, '../../dist/corevisord.cjs')],
  reference: ['supervisord'],
};

function inBundles(word: string, bundles: string | undefined): string {
  return bundles !== undefined && word.endsWith('.cjs') ? join(bundles, basename(word)) : word;
}

/** The path of a child program in test/fixtures/children. */
export function child(name: string): string {
  return resolve(import.meta.dirname, '../fixtures/children', name);
}

/** One running daemon. */
export class Daemon {
  readonly mode: Mode;
  readonly directory: string;
  readonly configFile: string;
  readonly pid: number;
  /** Resolves when the daemon has ended and all it wrote was read. */
  readonly ended: Promise<Ending>;
  /** `NAME=value` of the variable by which all processes of this run are found. */
  readonly mark = `COREVISOR_TEST=${randomUUID()}`;
  readonly #process: ChildProcess;
  #ending: Ending | null = null;

  constructor(mode: Mode, options: DaemonOptions) {
    this.mode = mode;
    this.directory = options.directory ?? makeDirectory();
    this.configFile = this.write('supervisord.conf', (options.head === false ? '' : head) + options.config);
    chmodSync(this.configFile, options.configMode ?? 0o644);
    for (const [path, text] of Object.entries(options.files ?? {})) this.write(path, text);
    const words = [
      ...(options.wrapper ?? []),
      ...daemonCommand[mode].map((word) => inBundles(word, options.bundles)),
      ...(options.foreground === false ? [] : ['-n']),
      '-c',
      this.configFile,
      ...(options.flags ?? []),
    ];
    const [markName = '', markValue = ''] = this.mark.split('=');
    const stdout = this.#openStream('stdout', options.streams ?? 'file');
    const stderr = this.#openStream('stderr', options.streams ?? 'file');
    const unread = typeof options.streams === 'object' ? options.streams : null;
    this.#process = spawn(words[0] ?? '', words.slice(1), {
      cwd: this.directory,
      env: { ...cleanEnvironment(), [markName]: markValue, ...options.environment },
      stdio: ['ignore', stdout.fd ?? 'pipe', stderr.fd ?? 'pipe'],
    });
    if (stdout.fd !== null) closeSync(stdout.fd);
    if (stderr.fd !== null) closeSync(stderr.fd);
    unread?.given(this.#process);
    this.pid = this.#process.pid ?? 0;
    this.ended = Promise.all([once(this.#process, 'exit'), stdout.drained, stderr.drained]).then(
      ([[status, signal]]) => {
        this.#ending = { status, signal };
        return this.#ending;
      },
    );
    running.add(this);
  }

  get alive(): boolean {
    return this.#ending === null;
  }

  /** All that the daemon has written to its stdout so far: with nodaemon, its activity log. */
  get output(): string {
    return this.read('daemon.stdout');
  }

  get errors(): string {
    return this.read('daemon.stderr');
  }

  /** The log messages so far, without their dates. */
  get messages(): string[] {
    return this.output.split('\n').map((line) => line.replace(/^\S+ \S+,\d{3} /, ''));
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** '' for a file that is not there; it may vanish at any moment. */
  read(name: string): string {
    try {
      return readFileSync(this.path(name), 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
      throw error;
    }
  }

  lines(name: string): string[] {
    return this.read(name).split('\n').slice(0, -1);
  }

  write(name: string, text: string): string {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
    if (text.startsWith('#!')) chmodSync(this.path(name), 0o755);
    return this.path(name);
  }

  /** Replaces the sections after the head, for a later reread. */
  writeConfig(config: string): void {
    this.write('supervisord.conf', head + config);
  }

  get address(): Address {
    return { socketPath: this.path('supervisor.sock') };
  }

  async call(method: string, ...params: XmlRpcValue[]): Promise<XmlRpcValue> {
    return await callRpc(this.address, { method: method.includes('.') ? method : `supervisor.${method}`, params });
  }

  /** The text of the fault that a call is expected to answer. */
  async fault(method: string, ...params: XmlRpcValue[]): Promise<string> {
    const value = await this.call(method, ...params).catch((error: unknown) => error);
    if (value instanceof XmlRpcFault) return value.message;
    throw new Error(`${method} answered no fault but ${JSON.stringify(value)}`, { cause: value });
  }

  async info(name: string): Promise<ProcessInfo> {
    const value: unknown = await this.call('getProcessInfo', name);
    return isProcessInfo(value) ? value : failOn('getProcessInfo', value);
  }

  async infos(): Promise<ProcessInfo[]> {
    const value: unknown = await this.call('getAllProcessInfo');
    return Array.isArray(value) && value.every(isProcessInfo) ? value : failOn('getAllProcessInfo', value);
  }

  /** Waits until `condition` holds for the process, and returns what is known of it then. */
  async waitForProcess(
    name: string,
    condition: (info: ProcessInfo) => boolean,
    patience: { what?: string; deadlineMs?: number } = {},
  ): Promise<ProcessInfo> {
    const { what = 'a change', deadlineMs = 20_000 } = patience;
    let last: ProcessInfo | null = null;
    const look = async (): Promise<ProcessInfo | null> => {
      last = await this.info(name);
      return condition(last) ? last : null;
    };
    return await waitUntil(look, { what: () => `${what} of ${name}, which is ${JSON.stringify(last)}`, deadlineMs });
  }

  async waitForState(name: string, ...states: string[]): Promise<ProcessInfo> {
    return await this.waitForProcess(name, (info) => states.includes(info.statename), { what: states.join(' or ') });
  }

  /** Waits for a line of the activity log that matches. */
  async waitForMessage(pattern: RegExp, patience: { count?: number; deadlineMs?: number } = {}): Promise<string[]> {
    const { count = 1, deadlineMs = 20_000 } = patience;
    return await waitUntil(
      () => {
        const found = this.messages.filter((line) => pattern.test(line));
        return found.length >= count ? found : null;
      },
      { what: () => `${count} of ${pattern} in:\n${this.output}${this.errors}`, deadlineMs },
    );
  }

  async waitUntilAnswering(): Promise<void> {
    const what = (): string =>
      `an answer of the ${this.mode} daemon (${JSON.stringify(this.#ending)}):\n${this.output}${this.errors}`;
    await waitUntil(
      async () => {
        if (this.#ending !== null) throw new Error(`no answer, it has ended: ${what()}`);
        return existsSync(this.path('supervisor.sock')) && (await this.call('getState').catch(() => null));
      },
      { what, deadlineMs: 20_000 },
    );
  }

  signal(name: NodeJS.Signals): void {
    process.kill(this.pid, name);
  }

  /** Waits for the end of a daemon that was asked for or is expected to end. */
  async waitForEnd(deadlineMs = 20_000): Promise<Ending> {
    const what = (): string => `the end of the ${this.mode} daemon:\n${this.output}${this.errors}`;
    return await waitUntil(() => this.#ending, { what, deadlineMs });
  }

  /** Pids of all that the daemon started, directly or not, and that still lives, the daemon aside. */
  descendants(): number[] {
    return processesWith(this.mark).filter((pid) => pid !== this.pid);
  }

  /**
   * Stops the daemon if it still runs, expects that no process is left (unless `leaves`: then what is left is ended),
   * and removes its directory.
   */
  async stop(options: { leaves?: boolean } = {}): Promise<void> {
    if (!running.has(this)) return;
    try {
      if (this.#ending === null) this.signal('SIGTERM');
      await this.waitForEnd();
      if (options.leaves !== true) {
        const what = (): string =>
          `the end of ${describeProcesses(this.descendants())}, left by:\n${this.output}${this.errors}`;
        await waitUntil(() => this.descendants().length === 0, { what, deadlineMs: 3000 });
      }
    } finally {
      this.discard();
    }
  }

  /** Kills whatever is left, without ceremony. */
  discard(): void {
    if (this.#ending === null) this.#process.kill('SIGKILL');
    // More than once: what was just being started when the others were listed is not among them.
    for (let left = processesWith(this.mark), tries = 0; left.length > 0 && tries < 10; tries += 1) {
      for (const pid of left) kill(pid);
      left = processesWith(this.mark);
    }
    running.delete(this);
    rmSync(this.directory, { recursive: true, force: true });
  }

  #openStream(
    name: 'stdout' | 'stderr',
    kind: 'file' | 'pipe' | 'discarded pipe' | UnreadStream,
  ): { fd: number | null; drained: Promise<unknown> } {
    if (typeof kind === 'object') return { fd: kind.open(), drained: Promise.resolve() };
    const file = openSync(kind === 'discarded pipe' ? '/dev/null' : this.path(`daemon.${name}`), 'a');
    if (kind === 'file') return { fd: file, drained: Promise.resolve() };
    const pipe = this.path(`${name}.pipe`);
    spawnSync('mkfifo', [pipe]);
    const reader = spawn('cat', [pipe], { stdio: ['ignore', file, 'inherit'] });
    closeSync(file);
    return { fd: openSync(pipe, 'w'), drained: once(reader, 'exit') };
  }
}

/** A directory that children of any user can enter. */
export function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'corevisor-'));
  chmodSync(directory, 0o755);
  return directory;
}

/** The sections that every configuration begins with. */
export const head = `[supervisord]
logfile=%(here)s/supervisord.log
pidfile=%(here)s/supervisord.pid
childlogdir=%(here)s
[unix_http_server]
file=%(here)s/supervisor.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://%(here)s/supervisor.sock
`;

function isProcessInfo(value: unknown): value is ProcessInfo {
  return typeof value === 'object' && value !== null && 'statename' in value && 'pid' in value;
}

function failOn(method: string, value: unknown): never {
  throw new Error(`${method} answered ${JSON.stringify(value)}`);
}

const running = new Set<Daemon>();

// What a failed test left behind would keep mocha from ending, and outlive an interrupted one.
if (typeof globalThis.after === 'function') after(discardAll);
process.once('exit', discardAll);

function discardAll(): void {
  for (const daemon of running) daemon.discard();
}

/** Without what npm and mocha leave behind, and no child of a daemon should see. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_OPTIONS$|MOCHA|COREVISOR_|SUPERVISOR_)/.test(name),
  );
  return Object.fromEntries(kept);
}

function processesWith(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && readProc(name, 'environ').split('\0').includes(mark))
    .map(Number);
}

function describeProcesses(pids: readonly number[]): string {
  return pids.map((pid) => `${pid} (${readProc(String(pid), 'cmdline').replaceAll('\0', ' ').trim()})`).join(', ');
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
