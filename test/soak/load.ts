// The load of a soak: a daemon under which programs end as soon as they start, write without end and are asked about,
// while a listener hears of all of it. Each kind of work is done in portions, by processes of their own.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { join, resolve } from 'node:path';
import { cleanEnvironment, makeDirectory, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';
import { XmlRpcFault } from '../../src/rpc/xmlrpc.ts';

/** How much of each: restarts, RPC calls, and bytes of output, half of them to files that rotate, half through a pipe. */
export interface Volume {
  readonly restarts: number;
  readonly calls: number;
  readonly bytes: number;
}

const crashers = 4;
const fixture = (name: string): string => resolve(import.meta.dirname, '../fixtures/soak', name);

/** A daemon and those who keep it busy. */
export class Load {
  readonly daemon: Daemon;
  readonly #portion: Volume;
  readonly #client: ChildProcess;
  readonly #answers: Interface;
  readonly failures: string[] = [];
  calls = 0;
  faults = 0;
  bytes = 0;

  private constructor(daemon: Daemon, portion: Volume) {
    this.daemon = daemon;
    this.#portion = portion;
    this.#client = spawn(process.execPath, [fixture('calls-methods.cjs'), daemon.path('supervisor.sock')], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: cleanEnvironment(),
    });
    this.#client.stdin?.on('error', () => undefined);
    if (this.#client.stdout === null) throw new Error('a client without stdout');
    this.#answers = createInterface({ input: this.#client.stdout });
  }

  /** Starts a daemon for work in portions of this volume. `preload` is put into the daemon besides what reports. */
  static async start(portion: Volume, { preload = '' }: { preload?: string } = {}): Promise<Load> {
    const directory = makeDirectory();
    const environment = {
      RESOURCES_FILE: join(directory, 'resources.json'),
      NODE_OPTIONS: `--require ${fixture('reports-resources.cjs')} ${preload === '' ? '' : `--require ${preload}`}`,
    };
    const daemon = await startDaemon('native', {
      config: configOf(portion),
      directory,
      environment,
      streams: 'discarded pipe',
    });
    await waitUntil(() => existsSync(daemon.path('resources.json')), { what: 'the daemon to report its resources' });
    return new Load(daemon, portion);
  }

  /** The file in which the daemon reports on itself. */
  get resources(): string {
    return this.daemon.path('resources.json');
  }

  /** Times that a program was started again after it had ended by itself. */
  get restarts(): number {
    return Array.from({ length: crashers }, (_, number) => sizeOf(this.daemon.path(`runs.${number}`))).reduce(
      (sum, size) => sum + size,
      0,
    );
  }

  /** Events that the listener has answered, to the hundred. */
  get events(): number {
    return Number(this.daemon.read('events'));
  }

  /** One portion of everything at once; done when all of it is done. */
  async work(): Promise<void> {
    await Promise.all([this.#restart(), this.#call(), this.#write('rotated'), this.#write('piped')]);
    // The client may have stopped it last: what runs at rest is always the same.
    await this.daemon.call('startProcess', 'cycled').catch((error: unknown) => {
      if (!(error instanceof XmlRpcFault)) throw error;
    });
  }

  async stop(): Promise<void> {
    this.#client.kill();
    await this.daemon.stop();
  }

  async #restart(): Promise<void> {
    const target = this.restarts + this.#portion.restarts;
    await this.daemon.call('startProcessGroup', 'crasher');
    await waitUntil(() => this.restarts >= target, {
      what: () => `${target} restarts, there were ${this.restarts}`,
      deadlineMs: patienceMs,
      everyMs: 50,
    });
    await this.daemon.call('stopProcessGroup', 'crasher');
  }

  async #call(): Promise<void> {
    const ended = once(this.#client, 'exit').then(() => Promise.reject(new Error('the client has ended')));
    const line = Promise.race([once(this.#answers, 'line'), ended]);
    this.#client.stdin?.write(`${this.#portion.calls}\n`);
    const [text]: unknown[] = await line;
    const said: unknown = JSON.parse(String(text));
    if (!isReport(said)) throw new Error(`the client said ${String(text)}`);
    this.calls += said.answered;
    this.faults += said.faults;
    this.failures.push(...said.failures);
  }

  async #write(name: 'rotated' | 'piped'): Promise<void> {
    await this.daemon.call('startProcess', name);
    await waitUntil(async () => (await this.daemon.info(name)).statename === 'EXITED', {
      what: `the end of ${name}`,
      deadlineMs: patienceMs,
      everyMs: 500,
    });
    this.bytes += this.#portion.bytes / 2;
  }
}

/** A machine that is shared may take its time; a daemon that has stopped working is noticed all the same. */
const patienceMs = 60 * 60_000;

/** stopsignal=KILL, for what ends by itself may be killed as well. */
function configOf({ bytes }: Volume): string {
  const writes = `/bin/sh -c "yes 'a line of output, as long as lines of a log often are, with a few words in it' | head -c ${bytes / 2}"`;
  const oneShot = 'autostart=false\nautorestart=false\nstartsecs=0\n';
  return `[supervisord]
logfile_maxbytes=1MB
logfile_backups=2
[program:steady]
command=sh -c "echo steady; exec sleep 100000"
[program:cycled]
command=sleep 100000
startsecs=0
[program:crasher]
command=/usr/bin/printf x
numprocs=${crashers}
process_name=%(program_name)s_%(process_num)d
autostart=false
autorestart=true
startsecs=0
stdout_logfile=%(here)s/runs.%(process_num)d
stdout_logfile_maxbytes=0
[program:rotated]
command=${writes}
stdout_logfile=%(here)s/rotated.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=2
${oneShot}
[program:piped]
command=${writes}
stdout_logfile=/dev/stdout
stdout_logfile_maxbytes=0
stdout_capture_maxbytes=1KB
${oneShot}
[eventlistener:counter]
command=${process.execPath} ${fixture('counts-events.cjs')} %(here)s/events
events=PROCESS_STATE,REMOTE_COMMUNICATION,TICK_5
buffer_size=1000
`;
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

function isReport(value: unknown): value is { answered: number; faults: number; failures: string[] } {
  return typeof value === 'object' && value !== null && 'answered' in value && 'faults' in value;
}
