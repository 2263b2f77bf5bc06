// One case of the suite: a system, a load on it, what is done to the system meanwhile, and what became of the requests.
import type { Failure, Kind, Plan, Report } from './load/plan.ts';
import { Load } from './load/start-load.ts';
import { type Front, type Shape, System } from './system.ts';

/** A row of the table in docs/serving.md. */
export interface ServingCase {
  readonly name: string;
  readonly fronts: readonly Front[];
  /** `volume`: what a build can afford, or all of it. */
  run(front: Front, volume: Volume): Promise<CaseOutcome>;
}

export type Volume = 'build' | 'full';

export interface CaseOutcome {
  readonly report: Report;
  /** What must not be; empty when the promise was kept. */
  readonly problems: readonly string[];
  /** What was counted or measured besides. */
  readonly notes: readonly string[];
}

export const bothFronts: readonly Front[] = ['nginx', 'proxy'];

/** 64 connections: most are kept open, some carry one request each, some are WebSockets. */
export const everyKind = {
  connections: { keepAlive: 48, fresh: 8, websocket: 8 },
  mix: { plain: 60, chunked: 10, slow: 1, post: 20, upload: 9 },
} as const satisfies Partial<Plan>;

export const getsOnly = {
  connections: { keepAlive: 24, fresh: 8 },
  mix: { plain: 70, chunked: 20, slow: 1 },
} as const satisfies Partial<Plan>;

export interface Scene {
  readonly system: System;
  readonly load: Load;
  readonly note: (text: string) => void;
  readonly problem: (text: string) => void;
}

/**
 * Starts the system and the load, does `body` once the load runs, and judges. A failed request is a problem unless
 * `allows` it; one POST that workers have seen twice always is.
 */
export async function underLoad(
  order: { shape: Shape; plan?: Partial<Plan>; allows?: (failure: Failure) => boolean },
  body: (scene: Scene) => Promise<void>,
): Promise<CaseOutcome> {
  const system = await System.start(order.shape);
  try {
    const place = {
      port: system.port,
      log: (ids: readonly string[]) => system.trace(ids) + system.log(),
      doubledPosts: () => system.doubledPosts(),
    };
    return await loaded({ ...order, ...place }, async (scene) => await body({ ...scene, system }));
  } finally {
    await system.stop();
  }
}

/** The same on whatever answers at a port. */
export async function loaded(
  order: {
    port: number;
    plan?: Partial<Plan>;
    allows?: (failure: Failure) => boolean;
    /** What is known of what happened, and of these requests. */
    log: (ids: readonly string[]) => string;
    doubledPosts: () => readonly string[];
  },
  body: (scene: Omit<Scene, 'system'>) => Promise<void>,
): Promise<CaseOutcome> {
  const { port, plan = {}, allows = () => false } = order;
  const notes: string[] = [];
  const problems: string[] = [];
  const load = new Load({ ...everyKind, ...plan, port });
  try {
    await load.answered(300);
    await body({ load, note: (text) => notes.push(text), problem: (text) => problems.push(text) });
    const report = await load.stop();
    const failures = report.failures.filter((failure) => !allows(failure));
    problems.push(...describeFailures(failures));
    if (report.failed > report.failures.length) problems.push(`${report.failed} failed, too many to look at`);
    const doubled = order.doubledPosts();
    if (doubled.length > 0) problems.push(`${doubled.length} POSTs were done twice: ${doubled.slice(0, 5).join(', ')}`);
    if (problems.length > 0) problems.push(order.log(failures.slice(0, 10).map(({ id }) => id)));
    return { report, problems, notes };
  } finally {
    load.discard();
  }
}

/** One line for each way to fail, with how often and an example. */
export function describeFailures(failures: readonly Failure[]): string[] {
  const ways = new Map<string, Failure[]>();
  for (const failure of failures) {
    const { kind, reason, begun, reused } = failure;
    const way = `${kind}: ${reason}${begun ? ', after the answer had begun' : ''}${reused ? ', reused connection' : ''}`;
    ways.set(way, [...(ways.get(way) ?? []), failure]);
  }
  return [...ways].map(([way, those]) => {
    const [first] = those;
    const when = first === undefined ? '' : `${clock(first.sentAt)} to ${clock(first.failedAt)}`;
    return `${those.length} × ${way} (the first: ${first?.id}, ${when})`;
  });
}

/** Whether it is a request that may be sent twice, and does not change anything. */
export function isGet(kind: Kind): boolean {
  return kind !== 'post' && kind !== 'upload';
}

/** The time of day as the logs write it. */
export function clock(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23);
}
