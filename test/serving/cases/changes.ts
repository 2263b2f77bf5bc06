// Changes of the configuration under load: `update` and `scale`. Where the number of workers changes, nginx is reloaded.
import type { ServingCase } from '../under-load.ts';
import { bothFronts, type Scene, underLoad } from '../under-load.ts';

export const changes: readonly ServingCase[] = [
  {
    name: 'update after a changed environment and after numprocs 2 → 4 → 1',
    fronts: bothFronts,
    run: async (front) =>
      await underLoad({ shape: { front }, plan: { retryReused: front === 'nginx' } }, async (scene) => {
        const { system, problem } = scene;
        const before = await system.pids();
        system.reshape({ environment: ',VERSION="2"' });
        await change(scene, { words: ['update'], workers: 2 });
        const stayed = (await system.pids()).filter((pid) => before.includes(pid));
        if (stayed.length > 0) problem(`a changed environment left ${stayed.join(' ')} as they were`);
        for (const numprocs of [4, 1]) {
          system.reshape({ numprocs });
          await change(scene, { words: ['update'], workers: numprocs });
        }
      }),
  },
  {
    name: 'scale up and down: 2 → 4 → 1 → 2',
    fronts: bothFronts,
    run: async (front) =>
      await underLoad({ shape: { front }, plan: { retryReused: front === 'nginx' } }, async (scene) => {
        for (const count of [4, 1, 2]) await change(scene, { words: ['scale', 'web', String(count)], workers: count });
      }),
  },
];

/** Runs the command and expects so many workers after it, those that were there before still the same as far as they stay. */
async function change(scene: Scene, order: { words: readonly string[]; workers: number }): Promise<void> {
  const { system, load, note, problem } = scene;
  const begun = performance.now();
  const { status, stdout, stderr } = await system.ctl(...order.words);
  note(
    `${order.words.join(' ')} to ${order.workers} workers took ${((performance.now() - begun) / 1000).toFixed(1)} s`,
  );
  if (status !== 0) problem(`${order.words.join(' ')} ended with ${status}: ${stdout}${stderr}`);
  for (let worker = 0; worker < order.workers; worker += 1) await system.listens(worker);
  const pids = await system.pids();
  if (pids.length !== order.workers) problem(`${order.words.join(' ')}: ${pids.length} workers, not ${order.workers}`);
  await load.answered(1000);
}
