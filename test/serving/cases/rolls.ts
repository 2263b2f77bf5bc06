// Rolling restarts: of workers that drain, of servers that know nothing of Corevisor, of workers that cannot drain, and to
// a version that never becomes ready.
import { rmSync, writeFileSync } from 'node:fs';
import type { Shape } from '../system.ts';
import { bothFronts, type Scene, type ServingCase, underLoad, type Volume } from '../under-load.ts';

/** nginx itself is reloaded where the workers cannot drain; nowhere else is a request sent twice by the client. */
function rollThreeTimes(
  name: string,
  order: { total: Readonly<Record<Volume, number>>; shape: Omit<Shape, 'front'>; retryReused?: boolean },
): ServingCase {
  const { shape, total, retryReused = false } = order;
  return {
    name,
    fronts: bothFronts,
    run: async (front, volume) =>
      await underLoad(
        { shape: { front, ...shape }, plan: { retryReused: retryReused && front === 'nginx' } },
        async (scene) => {
          for (let roll = 0; roll < 3; roll += 1) await rollOnce(scene);
          await scene.load.answered(Math.max(300, total[volume] - scene.load.answers));
        },
      ),
  };
}

async function rollOnce({ system, load, note, problem }: Scene): Promise<void> {
  const before = await system.pids();
  const begun = performance.now();
  const { status, stdout, stderr } = await system.ctl('rolling-restart', 'web:*');
  note(`a roll took ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  if (status !== 0) problem(`rolling-restart ended with ${status}: ${stdout}${stderr}`);
  const after = await system.pids();
  const stayed = after.filter((pid) => before.includes(pid));
  if (after.length !== before.length || stayed.length > 0)
    problem(`pids were ${before.join(' ')}, are ${after.join(' ')}`);
  await load.answered(300);
}

/** A new version that starts and never comes to listening, found by its health. */
const neverReady: ServingCase = {
  name: 'a new version that never becomes ready',
  fronts: bothFronts,
  run: async (front) =>
    await underLoad({ shape: { front, numprocs: 3, program: healthy } }, async ({ system, load, note, problem }) => {
      const before = await system.pids();
      writeFileSync(system.brokenFile, '');
      const { status, stdout, stderr } = await system.ctl('rolling-restart', 'web:*');
      note(`rolling-restart said: ${`${stdout}${stderr}`.trim().split('\n').at(-1)}`);
      if (status !== 1) problem(`rolling-restart ended with ${status}, not 1: ${stdout}${stderr}`);
      const stayed = (await system.pids()).filter((pid) => before.includes(pid));
      if (stayed.length !== before.length - 1)
        problem(`pids were ${before.join(' ')}, of them stayed ${stayed.join(' ')}`);
      await load.answered(1000);
      rmSync(system.brokenFile);
    }),
};

const healthy = `health=http://127.0.0.1:%(process_num)d/healthz
health_interval=1
health_timeout=1
health_retries=3
health_start_period=2`;

export const rolls: readonly ServingCase[] = [
  rollThreeTimes('rolling restart of all workers, three times', {
    total: { build: 100_000, full: 100_000 },
    shape: { application: 'worker.mjs' },
  }),
  rollThreeTimes('the same, a server that knows nothing of Corevisor, node_preload=true', {
    total: { build: 20_000, full: 100_000 },
    shape: { application: 'application.cjs', program: 'node_preload=true' },
  }),
  rollThreeTimes('the same, a server with a SIGTERM handler of its own, node_preload=true', {
    total: { build: 20_000, full: 100_000 },
    shape: { application: 'own-handler.cjs', program: 'node_preload=true' },
  }),
  rollThreeTimes('the same, workers that cannot drain, drain=reload', {
    total: { build: 20_000, full: 100_000 },
    shape: { application: 'application.cjs', upstream: 'drain=reload\ndrain_timeout=10' },
    retryReused: true,
  }),
  neverReady,
];
