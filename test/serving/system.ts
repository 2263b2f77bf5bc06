// A whole system under load: a real daemon, two workers of test/fixtures/serving, and in front of them the image's nginx
// (its conf/nginx.conf on a port and in a folder of this run) or the embedded proxy.
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import type { Backend } from '../support/balancer.ts';
import { run, type Outcome, ctlCommand } from '../support/ctl.ts';
import { freePortRange, freePorts } from '../support/free-port.ts';
import { makeDirectory, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { fetchOnce, paths, refuses } from '../support/serving.ts';
import { waitUntil } from '../support/wait-until.ts';

export type Front = 'nginx' | 'proxy';

/** What the workers run: with `corevisor/worker`, without anything of ours, or with a SIGTERM handler of their own. */
export type Application = 'worker.mjs' | 'application.cjs' | 'own-handler.cjs';

/** The configuration of a system; the further lines are those of the sections that they are named after. */
export interface Shape {
  readonly front: Front;
  readonly application?: Application;
  readonly numprocs?: number;
  readonly program?: string;
  readonly upstream?: string;
  readonly supervisord?: string;
  /** As in `environment=`, after a comma. */
  readonly environment?: string;
}

/** Up to so many workers have a port. */
const mostWorkers = 4;

export class System {
  readonly daemon: Daemon;
  /** Of nginx or the embedded proxy. */
  readonly port: number;
  /** As a balancer sees it. */
  readonly backend: Backend;
  readonly #firstPort: number;
  #shape: Shape;

  private constructor(parts: { daemon: Daemon; port: number; firstPort: number; shape: Shape }) {
    this.daemon = parts.daemon;
    this.port = parts.port;
    this.#firstPort = parts.firstPort;
    this.#shape = parts.shape;
    const { port, daemon } = parts;
    this.backend = { port, isReady: async () => await saysReady(daemon.path('supervisor.sock')) };
  }

  /** Starts it and waits until the front passes requests on. */
  static async start(shape: Shape): Promise<System> {
    const directory = makeDirectory();
    mkdirSync(join(directory, 'posts'));
    const firstPort = await freePortRange(mostWorkers);
    const [port = 0] = await freePorts(1);
    const daemon = await startDaemon('native', {
      directory,
      config: configOf(shape, { port, firstPort }),
      files: { 'nginx.conf': imagesNginx({ directory, port }) },
      environment: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` },
    });
    const system = new System({ daemon, port, firstPort, shape });
    for (let worker = 0; worker < (shape.numprocs ?? 2); worker += 1) await system.listens(worker);
    await waitUntil(() => system.serves(), { what: () => `the first answer of ${shape.front}\n${system.log()}` });
    return system;
  }

  /** `web:web-N` of each configured worker. */
  get workers(): string[] {
    return Array.from({ length: this.#shape.numprocs ?? 2 }, (_, index) => this.nameOf(index));
  }

  nameOf(index: number): string {
    return `web:web-${this.portOf(index)}`;
  }

  portOf(index: number): number {
    return this.#firstPort + index;
  }

  /** The pids of all workers that run, in the order of their ports. */
  async pids(): Promise<number[]> {
    const all = await this.daemon.infos();
    return all.filter(({ group, pid }) => group === 'web' && pid !== 0).map(({ pid }) => pid);
  }

  async pidOf(name: string): Promise<number> {
    return (await this.daemon.info(name)).pid;
  }

  /** Writes the file anew, with this changed; nothing is read yet. */
  reshape(change: Partial<Shape>): void {
    this.#shape = { ...this.#shape, ...change };
    this.daemon.writeConfig(configOf(this.#shape, { port: this.port, firstPort: this.#firstPort }));
  }

  /** Runs corevisorctl to its end. */
  async ctl(...words: readonly string[]): Promise<Outcome> {
    return await run([...ctlCommand.corevisorctl, '-c', this.daemon.configFile, ...words], { timeoutMs: 600_000 });
  }

  /** The same where it must succeed. */
  async must(...words: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.ctl(...words);
    expect(status, `corevisorctl ${words.join(' ')}: ${stdout}${stderr}\n${this.log()}`).to.equal(0);
    return stdout;
  }

  /** Waits until this worker takes connections. */
  async listens(worker: number): Promise<void> {
    await waitUntil(async () => !(await refuses(this.portOf(worker))), {
      what: () => `worker ${worker} to listen\n${this.log()}`,
      deadlineMs: 60_000,
    });
  }

  async serves(): Promise<boolean> {
    const answer = await fetchOnce({ port: this.port, path: '/plain/first' }).catch(() => null);
    return answer?.status === 200;
  }

  /** The ids of the POSTs that workers have seen more than once. */
  doubledPosts(): string[] {
    const seen = new Set<string>();
    return this.posts().flatMap(({ id }) => {
      const again = seen.has(id);
      seen.add(id);
      return again ? [id] : [];
    });
  }

  /** Each POST that a worker has seen, and the pid of that one. */
  posts(): { id: string; pid: number }[] {
    const folder = this.daemon.path('posts');
    if (!existsSync(folder)) return [];
    return readdirSync(folder).flatMap((name) => {
      const ids = readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1);
      return ids.map((id) => ({ id, pid: Number(name) }));
    });
  }

  /** The ends of the daemon's log and of nginx's errors. */
  log(): string {
    const errors = this.daemon.lines('nginx.errors').filter((line) => !line.includes('buffered to a temporary file'));
    return `${this.daemon.read('supervisord.log').slice(-8000)}${errors.slice(-5).join('\n')}`;
  }

  /** What nginx or the embedded proxy has written about these requests. */
  trace(ids: readonly string[]): string {
    const names = ids.map((id) => new RegExp(`/${id}\\b`));
    const lines = this.daemon.lines('daemon.stdout').filter((line) => names.some((name) => name.test(line)));
    return lines.map((line) => `${line}\n`).join('');
  }

  /** While this is so, a worker that starts never comes to listening. */
  get brokenFile(): string {
    return this.daemon.path('broken');
  }

  async stop(): Promise<void> {
    if (this.daemon.alive) {
      this.daemon.signal('SIGTERM');
      await this.daemon.waitForEnd(120_000);
    }
    await this.daemon.stop();
  }
}

/** What /readyz says on the daemon's own socket. */
function saysReady(socketPath: string): Promise<boolean> {
  return new Promise((done) => {
    const request = http.get({ socketPath, path: '/readyz', agent: false, timeout: 2000 }, (answer) => {
      answer.resume();
      done(answer.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => done(false));
  });
}

function configOf(shape: Shape, { port, firstPort }: { port: number; firstPort: number }): string {
  const { front, application = 'worker.mjs', numprocs = 2, environment = '' } = shape;
  const script = resolve(paths.root, 'test/fixtures/serving', application);
  const proxy = `[proxy:web]\nlisten=127.0.0.1:${port}\nupstream=web\n`;
  return `[supervisord]
${shape.supervisord ?? ''}
[program:web]
command=${process.execPath} ${script}
numprocs=${numprocs}
numprocs_start=${firstPort}
process_name=%(program_name)s-%(process_num)d
environment=PORT="%(process_num)d",POSTS_DIR="%(here)s/posts",BROKEN_FILE="%(here)s/broken"${environment}
priority=10
stdout_logfile=/dev/stdout
stdout_logfile_maxbytes=0
stderr_logfile=/dev/stderr
stderr_logfile_maxbytes=0
${shape.program ?? ''}
[upstream:web]
server=127.0.0.1:%(process_num)d
${front === 'nginx' ? 'file=%(here)s/upstream-web.conf\nreload=nginx' : ''}
${shape.upstream ?? ''}
${front === 'nginx' ? nginxProgram : proxy}`;
}

// As root nginx would give its own processes another user, who may not enter the folder.
const nginxProgram = `[program:nginx]
command=nginx -c %(here)s/nginx.conf -e stderr -g "${process.getuid?.() === 0 ? 'user root; ' : ''}worker_processes 2; daemon off;"
priority=20
stopsignal=QUIT
stdout_logfile=/dev/stdout
stdout_logfile_maxbytes=0
stderr_logfile=%(here)s/nginx.errors
stderr_logfile_maxbytes=0
`;

/** The image's file with this folder and port. */
function imagesNginx({ directory, port }: { directory: string; port: number }): string {
  const text = readFileSync(resolve(paths.root, 'conf/nginx.conf'), 'utf8');
  const moved = text.replaceAll('/run/corevisor', directory).replaceAll(/\blisten 80\b/g, `listen 127.0.0.1:${port}`);
  expect(moved).to.include(directory).and.include(`127.0.0.1:${port}`);
  return moved;
}
