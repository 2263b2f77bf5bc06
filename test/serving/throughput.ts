// Throughput against what people would write by hand: ours through nginx against an nginx.conf with upstream keep-alive, the
// embedded proxy against a bare http-proxy with a keep-alive agent. All run in the same minutes, a few seconds each in turn, so
// that what else the machine does falls on all alike.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { cpuMsOfTrees } from '../support/cpu-time.ts';
import { freePorts } from '../support/free-port.ts';
import { cleanEnvironment } from '../support/run-supervisord.ts';
import { paths, refuses } from '../support/serving.ts';
import { waitUntil } from '../support/wait-until.ts';
import { median } from '../soak/sample.ts';
import { answersOf } from './load/plan.ts';
import { Load } from './load/start-load.ts';
import { type Front, System } from './system.ts';

/** One pair; the ratios are medians over all rounds of ours to the other's of the same round. */
export interface Comparison {
  readonly ours: Rate;
  readonly byHand: Rate;
  /** Of requests per second. */
  readonly ratio: number;
  /** Of requests per second of CPU, in which what else the machine does hardly counts. */
  readonly cpuRatio: number;
}

interface Rate {
  readonly perSecond: number;
  /** Requests for each second of CPU that the front, the workers and their supervisor used. */
  readonly perCpuSecond: number;
}

interface Measured {
  readonly name: string;
  /** Ours may fail nobody. What is written by hand may: its workers close connections that its front is about to use. */
  readonly isOurs: boolean;
  readonly port: number;
  /** Whose CPU time counts, with that of their descendants. */
  readonly roots: () => readonly number[];
  readonly rates: Rate[];
}

const fixtures = resolve(paths.root, 'test/fixtures/serving');

/** Measures both pairs in so many rounds of so many seconds for each of the four. */
export async function compareThroughput(order: {
  rounds: number;
  seconds: number;
}): Promise<{ nginx: Comparison; proxy: Comparison }> {
  const systems: System[] = [];
  const hands: ByHand[] = [];
  try {
    const start = async (front: Front): Promise<readonly [Measured, Measured]> => {
      const system = await System.start({ front });
      systems.push(system);
      const byHand = await ByHand.start(front);
      hands.push(byHand);
      return [
        { name: front, isOurs: true, port: system.port, roots: () => [system.daemon.pid], rates: [] },
        { name: `${front} by hand`, isOurs: false, port: byHand.port, roots: () => byHand.pids, rates: [] },
      ];
    };
    const pairs = [await start('nginx'), await start('proxy')];
    for (const one of pairs.flat()) await measure(one, 1);
    for (const one of pairs.flat()) one.rates.splice(0);
    for (let round = 0; round < order.rounds; round += 1) {
      // Forwards and backwards in turn, so that nobody is always the first.
      for (const pair of pairs)
        for (const one of round % 2 === 0 ? pair : pair.toReversed()) await measure(one, order.seconds);
    }
    const [nginx, proxy] = pairs.map(([ours, byHand]) => compared(ours.rates, byHand.rates));
    if (nginx === undefined || proxy === undefined) throw new Error('nothing was measured');
    return { nginx, proxy };
  } finally {
    for (const system of systems) await system.stop();
    for (const byHand of hands) await byHand.stop();
  }
}

/** Plain GETs over 64 connections that are kept open. */
async function measure({ name, isOurs, port, roots, rates }: Measured, seconds: number): Promise<void> {
  const before = cpuMsOfTrees(roots());
  const report = await new Load({ port, connections: { keepAlive: 64 }, mix: { plain: 1 }, seconds }).over();
  const cpuSeconds = (cpuMsOfTrees(roots()) - before) / 1000;
  if (report.failed > 0 && isOurs) throw new Error(`${name}: ${report.failed} failed: ${report.failures[0]?.reason}`);
  const answers = answersOf(report);
  rates.push({ perSecond: answers / report.seconds, perCpuSecond: answers / cpuSeconds });
}

function compared(ours: readonly Rate[], byHand: readonly Rate[]): Comparison {
  const middle = (rates: readonly Rate[]): Rate => ({
    perSecond: median(rates.map(({ perSecond }) => perSecond)),
    perCpuSecond: median(rates.map(({ perCpuSecond }) => perCpuSecond)),
  });
  const ratio = (of: (rate: Rate) => number): number =>
    median(ours.map((rate, round) => of(rate) / of(byHand[round] ?? rate)));
  return {
    ours: middle(ours),
    byHand: middle(byHand),
    ratio: ratio(({ perSecond }) => perSecond),
    cpuRatio: ratio(({ perCpuSecond }) => perCpuSecond),
  };
}

/** Two workers without anything of ours behind what stands in front of them, without a supervisor. */
class ByHand {
  readonly #folder: string;
  readonly #children: ChildProcess[] = [];
  port = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async start(front: Front): Promise<ByHand> {
    const byHand = new ByHand(await mkdtemp(join(tmpdir(), 'corevisor-by-hand-')));
    try {
      await byHand.#startAll(front);
    } catch (error) {
      await byHand.stop();
      throw error;
    }
    return byHand;
  }

  get pids(): readonly number[] {
    return this.#children.map(({ pid }) => pid ?? 0);
  }

  async stop(): Promise<void> {
    for (const child of this.#children.toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #startAll(front: Front): Promise<void> {
    const [port = 0, ...members] = await freePorts(3);
    for (const member of members) {
      const words = [join(fixtures, 'application.cjs')];
      await this.#start({ command: process.execPath, words, port: member, environment: { PORT: String(member) } });
    }
    this.port = port;
    if (front === 'proxy') {
      const words = [join(fixtures, 'bare-proxy.cjs'), String(port), ...members.map(String)];
      return await this.#start({ command: process.execPath, words, port });
    }
    const file = join(this.#folder, 'nginx.conf');
    await writeFile(file, handWritten({ folder: this.#folder, port, members }));
    return await this.#start({ command: 'nginx', words: ['-c', file, '-e', 'stderr'], port });
  }

  async #start(order: {
    command: string;
    words: readonly string[];
    port: number;
    environment?: Readonly<Record<string, string>>;
  }): Promise<void> {
    const { command, words, port, environment = {} } = order;
    const output = openSync(join(this.#folder, 'output'), 'a');
    const child = spawn(command, words, {
      env: { ...cleanEnvironment(), PATH: `${process.env['PATH'] ?? ''}:/usr/sbin`, ...environment },
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    this.#children.push(child);
    await waitUntil(async () => child.exitCode !== null || !(await refuses(port)), {
      what: command,
      deadlineMs: 30_000,
    });
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}`);
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
