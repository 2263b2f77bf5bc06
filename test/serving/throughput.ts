// Throughput against what people would write by hand: ours through nginx against an nginx.conf with upstream keep-alive, the
// embedded proxy against a bare http-proxy with a keep-alive agent. Both pairs run in the same minutes, a few seconds each in
// turn, so that what else the machine does falls on all alike.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePorts } from '../support/free-port.ts';
import { cleanEnvironment } from '../support/run-supervisord.ts';
import { paths, refuses } from '../support/serving.ts';
import { waitUntil } from '../support/wait-until.ts';
import { answersOf } from './load/plan.ts';
import { Load } from './load/start-load.ts';
import { System } from './system.ts';

export interface Rates {
  /** Requests per second, the median of all rounds. */
  readonly ours: number;
  readonly byHand: number;
  /** The median of the ratios of the rounds. */
  readonly ratio: number;
  readonly ratios: readonly number[];
}

const fixtures = resolve(paths.root, 'test/fixtures/serving');

/** Measures both pairs in so many rounds of so many seconds for each of the four. */
export async function compareThroughput(order: {
  rounds: number;
  seconds: number;
}): Promise<{ nginx: Rates; proxy: Rates }> {
  const folder = await mkdtemp(join(tmpdir(), 'corevisor-by-hand-'));
  const systems: System[] = [];
  const byHand = new ByHand(folder);
  try {
    for (const front of ['nginx', 'proxy'] as const) systems.push(await System.start({ front }));
    const [nginx, proxy] = [await byHand.startNginx(), await byHand.startProxy()];
    const ports = [...systems.map(({ port }) => port), nginx, proxy];
    const rates: number[][] = ports.map(() => []);
    for (const port of ports) await rateOf(port, 1);
    for (let round = 0; round < order.rounds; round += 1) {
      // Forwards and backwards in turn, so that nobody is always the first.
      const indices = ports.map((_, index) => index);
      for (const index of round % 2 === 0 ? indices : indices.toReversed()) {
        rates[index]?.push(await rateOf(ports[index] ?? 0, order.seconds));
      }
    }
    const [ourNginx = [], ourProxy = [], theirNginx = [], theirProxy = []] = rates;
    return { nginx: compared(ourNginx, theirNginx), proxy: compared(ourProxy, theirProxy) };
  } finally {
    for (const system of systems) await system.stop();
    await byHand.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Answers per second to plain GETs over 64 connections that are kept open. */
async function rateOf(port: number, seconds: number): Promise<number> {
  const load = new Load({ port, connections: { keepAlive: 64 }, mix: { plain: 1 }, seconds });
  const report = await load.over();
  if (report.failed > 0) throw new Error(`${report.failed} failed: ${report.failures[0]?.reason}`);
  return answersOf(report) / report.seconds;
}

function compared(ours: readonly number[], byHand: readonly number[]): Rates {
  const ratios = ours.map((rate, round) => rate / (byHand[round] ?? 0));
  return { ours: median(ours), byHand: median(byHand), ratio: median(ratios), ratios };
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

/** Two workers without anything of ours behind what stands in front of them, without a supervisor. */
class ByHand {
  readonly #folder: string;
  readonly #children: ChildProcess[] = [];
  #members: readonly number[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  async startNginx(): Promise<number> {
    const members = await this.#workers();
    const [port = 0] = await freePorts(1);
    const file = join(this.#folder, 'nginx.conf');
    await writeFile(file, handWritten({ folder: this.#folder, port, members }));
    return await this.#start({ command: 'nginx', words: ['-c', file, '-e', 'stderr'], port });
  }

  async startProxy(): Promise<number> {
    const members = await this.#workers();
    const [port = 0] = await freePorts(1);
    const words = [join(fixtures, 'bare-proxy.cjs'), String(port), ...members.map(String)];
    return await this.#start({ command: process.execPath, words, port });
  }

  async stop(): Promise<void> {
    for (const child of this.#children.toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  }

  async #workers(): Promise<readonly number[]> {
    if (this.#members.length > 0) return this.#members;
    this.#members = await freePorts(2);
    const words = [join(fixtures, 'application.cjs')];
    for (const port of this.#members) {
      await this.#start({ command: process.execPath, words, port, environment: { PORT: String(port) } });
    }
    return this.#members;
  }

  async #start(order: {
    command: string;
    words: readonly string[];
    port: number;
    environment?: Readonly<Record<string, string>>;
  }): Promise<number> {
    const { command, words, port, environment = {} } = order;
    const output = openSync(join(this.#folder, 'output'), 'a');
    const child = spawn(command, words, {
      env: { ...cleanEnvironment(), PATH: `${process.env['PATH'] ?? ''}:/usr/sbin`, ...environment },
      stdio: ['ignore', output, output],
    });
    this.#children.push(child);
    await waitUntil(async () => child.exitCode !== null || !(await refuses(port)), {
      what: command,
      deadlineMs: 30_000,
    });
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}`);
    return port;
  }
}

function handWritten({ folder, port, members }: { folder: string; port: number; members: readonly number[] }): string {
  return `${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 2;
daemon off;
pid ${folder}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log ${folder}/access.log;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  upstream app {
    ${members.map((member) => `server 127.0.0.1:${member};`).join(' ')}
    keepalive 32;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://app;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
    }
  }
}
`;
}
