// Workers that are killed, and workers whose event loop hangs.
import { setTimeout as delay } from 'node:timers/promises';
import { fetchOnce } from '../../support/serving.ts';
import { waitUntil } from '../../support/wait-until.ts';
import type { Failure } from '../load/plan.ts';
import { Load } from '../load/start-load.ts';
import type { System } from '../system.ts';
import { bothFronts, describeFailures, getsOnly, isGet, type ServingCase, underLoad } from '../under-load.ts';

const kills = 30;
/** Three: nginx tries each once, and one may refuse because it is just starting while another one is killed. */
const workers = 3;
/** A request may be on its way through the front for so long. */
const sendingMs = 1_000;
/** A request that fails so much later than a kill has not failed because of it. */
const aftermathMs = 5_000;

const killed: ServingCase = {
  name: 'kill -9 of a worker every second for 30 s',
  fronts: bothFronts,
  async run(front) {
    const killedAt: number[] = [];
    const dead = new Set<number>();
    let seenBy = new Map<string, number>();
    const sentToTheDead = ({ sentAt, failedAt }: Failure): boolean =>
      killedAt.some((at) => sentAt <= at + sendingMs && failedAt >= at && failedAt <= at + aftermathMs);
    const plan = {
      connections: { keepAlive: 48, fresh: 16 },
      mix: { plain: 50, chunked: 10, slow: 1, post: 25, upload: 14 },
    };
    const allows = (failure: Failure): boolean => (isGet(failure.kind) ? failure.begun : sentToTheDead(failure));
    const outcome = await underLoad({ shape: { front, numprocs: workers }, plan, allows }, async ({ system, load }) => {
      for (let kill = 0; kill < kills; kill += 1) {
        // The others are back from their own kills, however slow the machine is: a request that nobody is there for is no
        // matter of the front. One that is killed while it starts would be started again with supervisord's growing pauses.
        const name = system.nameOf(kill % workers);
        for (let other = 1; other < workers; other += 1) await system.listens((kill + other) % workers);
        const { pid } = await system.daemon.waitForState(name, 'RUNNING');
        killedAt.push(Date.now());
        dead.add(pid);
        process.kill(pid, 'SIGKILL');
        await delay(1000);
      }
      await load.stop();
      seenBy = new Map(system.posts().map(({ id, pid }) => [id, pid]));
    });
    const { failures } = outcome.report;
    const gets = failures.filter(({ kind }) => isGet(kind)).length;
    const ofTheLiving = failures.filter(({ id }) => {
      const pid = seenBy.get(id);
      return pid !== undefined && !dead.has(pid);
    });
    const problems = describeFailures(ofTheLiving).map((text) => `a worker that was not killed had it: ${text}`);
    return {
      ...outcome,
      problems: [...outcome.problems, ...problems],
      notes: [
        `${kills} kills`,
        `POSTs that were lost with their worker: ${failures.length - gets}`,
        `GETs cut off after their answer had begun: ${gets}`,
      ],
    };
  },
};

/** Health as it is in production, in smaller numbers. */
const health = { interval: 2, timeout: 1, retries: 2, stopwaitsecs: 1 };

const hung: ServingCase = {
  name: 'a worker that hangs its event loop',
  fronts: bothFronts,
  run: async (front) =>
    await underLoad(
      {
        shape: { front, program: watchdog },
        plan: getsOnly,
        // What was just being answered when its worker fell silent.
        allows: ({ begun }) => begun,
      },
      async ({ system, note, problem }) => {
        const [dead = '', other = ''] = system.workers;
        const ownStartMs = await startTime(system);
        const [pid, otherPid] = [await system.pidOf(dead), await system.pidOf(other)];
        const direct = new Load({
          port: system.portOf(1),
          connections: { keepAlive: 4 },
          mix: { plain: 1 },
          pauseMs: 5,
        });
        try {
          await direct.answered(50);
          const backMs = await hang(system, pid);
          const { interval, retries, timeout, stopwaitsecs } = health;
          const promisedMs = (interval * retries + timeout + stopwaitsecs) * 1000 + ownStartMs;
          note(
            `back after ${seconds(backMs)}, promised ${seconds(promisedMs)} of which ${seconds(ownStartMs)} its own start`,
          );
          if (backMs > promisedMs + slackMs) problem(`back only after ${seconds(backMs)}, not ${seconds(promisedMs)}`);
          if ((await system.pidOf(other)) !== otherPid) problem('the other worker was restarted too');
          const report = await direct.stop();
          problemOfOthers(report.failures, problem);
          note(`the other worker meanwhile, asked directly: p99 ${report.latency.p99.toFixed(0)} ms`);
        } finally {
          direct.discard();
        }
      },
    ),
};

/** Between the end of a start, as it was measured, and the next one's on a busy machine. */
const slackMs = 2_000;

const watchdog = `health=http://127.0.0.1:%(process_num)d/healthz
health_interval=${health.interval}
health_timeout=${health.timeout}
health_retries=${health.retries}
health_stopwaitsecs=${health.stopwaitsecs}`;

/** Milliseconds from a kill of the first worker to the first answer of the next. */
async function startTime(system: System): Promise<number> {
  const pid = await system.pidOf(system.nameOf(0));
  process.kill(pid, 'SIGKILL');
  return await untilBack(system, pid);
}

/** Lets the first worker hang; milliseconds until another has taken its place and answers. */
async function hang(system: System, pid: number): Promise<number> {
  fetchOnce({ port: system.portOf(0), path: '/hang' }).catch(() => undefined);
  return await untilBack(system, pid);
}

async function untilBack(system: System, pid: number): Promise<number> {
  const begun = performance.now();
  const answers = async (): Promise<boolean> => {
    const now = await system.pidOf(system.nameOf(0));
    if (now === pid || now === 0) return false;
    const answer = await fetchOnce({ port: system.portOf(0), path: '/healthz' }).catch(() => null);
    return answer?.status === 200;
  };
  await waitUntil(answers, { what: () => `another worker than ${pid}\n${system.log()}`, deadlineMs: 60_000 });
  return performance.now() - begun;
}

function problemOfOthers(failures: readonly Failure[], problem: (text: string) => void): void {
  for (const text of describeFailures(failures)) problem(`the other worker: ${text}`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

export const crashes: readonly ServingCase[] = [killed];
export const hangs: readonly ServingCase[] = [hung];
