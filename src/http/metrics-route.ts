// GET /metrics: reads everybody at one moment, asks the kernel what they use, and writes it all down, in pieces between which
// everything else gets its turn. routes.ts loads this file when the first scrape comes.

import type { Clock } from '../base/clock.ts';
import type { Resources } from '../base/resources.ts';
import type { SupervisorStateName } from '../base/states.ts';
import type { UpstreamConfig } from '../config/upstreams.ts';
import type { GroupConfig } from '../config/programs.ts';
import { processesNamed, type UpstreamProcess } from '../upstream/members.ts';
import { answer, answerError, type Exchange } from './answers.ts';
import { contentType, lines } from './exposition.ts';
import type { RpcSurroundings } from './rpc-route.ts';
import { type CountReading, type MeteredProcess, metrics, type ProcessReading, type Readings } from './metrics.ts';

/** What metrics need of the daemon. */
export interface MetricsSource {
  readonly supervisor: {
    readonly state: SupervisorStateName;
    readonly config: { readonly upstreams: readonly UpstreamConfig[] };
    groups(): readonly {
      readonly config: GroupConfig;
      readonly processes: readonly (MeteredProcess & UpstreamProcess)[];
    }[];
  };
  readonly rolls: Readings['rolls'];
  pools(): Readings['pools'];
  /** Null for a process that is not there. */
  resourcesOf(pid: number): Resources | null;
  openFiles(): number | null;
  /** How many orphans were buried; null where none are. */
  orphans(): number | null;
  lostLogBytes(): number;
}

/** This much of one turn of the loop. */
const pieceMs = 5;

export async function answerMetrics(
  exchange: Exchange,
  around: RpcSurroundings & { readonly path: string },
): Promise<void> {
  const { method } = exchange.request;
  if (method !== 'GET' && method !== 'HEAD') return answerError(exchange, 400);
  const text: string[] = [];
  const pause = pacer(around);
  const { deps, loopDelay, requests } = around;
  const readings = await readMetrics({ ...deps, source: deps.metrics, loopDelay, requests }, pause);
  for (const line of lines(metrics, readings)) {
    text.push(line);
    const others = pause();
    if (others !== null) await others;
    if (exchange.response.destroyed) return undefined;
  }
  const body = Buffer.from(text.join(''));
  if (!around.largeAnswers.admit(exchange, body.length)) return answerError(exchange, 503);
  return answer(exchange, { status: 200, type: contentType, body });
}

interface Reading extends Pick<RpcSurroundings, 'loopDelay' | 'requests'> {
  readonly source: MetricsSource;
  readonly clock: Pick<Clock, 'wall'>;
  readonly unready: () => readonly string[];
}

/** Everything as it is now; `pause` is called again and again while that takes time. */
export async function readMetrics(
  { source, clock, loopDelay, requests, unready }: Reading,
  pause: () => Promise<void> | null,
): Promise<Readings> {
  const { supervisor } = source;
  const groups = supervisor.groups();
  const processes = groups.flatMap((group) => group.processes);
  // Everything that others can change is read in this turn; only then comes what takes time.
  const pids = processes.map(({ pid }) => pid);
  const read = processes.map(reading);
  const { rss, cpu } = { rss: process.memoryUsage.rss(), cpu: process.cpuUsage() };
  const rest = {
    groups: groups.map(({ config, processes: members }) => counted(config.name, members)),
    upstreams: supervisor.config.upstreams.map((upstream) => ({
      ...counted(upstream.name, processesNamed(upstream.name, groups)),
      minReady: upstream.minReady,
    })),
    rolls: { running: source.rolls.running, outcomes: { ...source.rolls.outcomes } },
    pools: source.pools().map(({ name, waiting, discarded }) => ({ name, waiting, discarded })),
    daemon: {
      state: supervisor.state,
      isReady: unready().length === 0,
      nodeVersion: process.version,
      startedAt: Math.round(clock.wall() / 1000 - process.uptime()),
      requests: { ...requests },
      orphans: source.orphans(),
      lostLogBytes: source.lostLogBytes(),
      resources: { cpuSeconds: (cpu.user + cpu.system) / 1e6, rssBytes: rss },
      openFiles: source.openFiles(),
      delays: loopDelay.read(),
    },
  };
  const measured: ProcessReading[] = [];
  for (const [index, each] of read.entries()) {
    const pid = pids[index] ?? 0;
    measured.push(pid === 0 ? each : { ...each, resources: source.resourcesOf(pid) });
    const others = pause();
    if (others !== null) await others;
  }
  return { processes: measured, ...rest };
}

function reading(process: MeteredProcess): ProcessReading {
  const { config, group, wireState, isReady, pid, startedAt, restarts, tries, lostLogBytes, history } = process;
  return {
    labels: [group, config.name],
    state: wireState,
    isAlive: pid !== 0,
    isReady,
    startedAt,
    restarts,
    watchdogRestarts: { ...process.watchdogRestarts },
    counts: { ...history.counts },
    failedStarts: history.failedStarts,
    tries,
    lostLogBytes,
    resources: null,
  };
}

function counted(name: string, processes: readonly { readonly isReady: boolean }[]): CountReading {
  return { name, members: processes.length, ready: processes.filter(({ isReady }) => isReady).length };
}

/** Lets the others have their turn when this one has gone on for long enough; null when it has not. */
function pacer({ deps: { clock }, turns }: RpcSurroundings): () => Promise<void> | null {
  let began = clock.now();
  const take = async (): Promise<void> => {
    await turns.next();
    began = clock.now();
  };
  return () => (clock.now() - began < pieceMs ? null : take());
}
