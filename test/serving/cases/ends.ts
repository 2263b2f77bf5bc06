// The end of a whole system under load, as `docker stop` has it: TERM to the daemon, behind a balancer that obeys /readyz.
import { Balancer } from '../../support/balancer.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { type Front, type Shape, System } from '../system.ts';
import { bothFronts, loaded, type ServingCase } from '../under-load.ts';

/** The balancer looks five times a second. */
const predrain = 2;

export const ends: readonly ServingCase[] = [
  {
    name: 'TERM to one of two daemons behind a balancer that obeys /readyz, four times',
    fronts: bothFronts,
    run: async (front) => {
      const balancer = await Balancer.start();
      const systems = [await System.start(shapeOf(front)), await System.start(shapeOf(front))];
      const doubled: string[] = [];
      try {
        await balancer.use(systems.map(({ backend }) => backend));
        await bothReady(balancer);
        return await loaded(
          {
            port: balancer.port,
            log: (ids) => systems.map((system) => system.trace(ids) + system.log()).join('\n'),
            doubledPosts: () => [...doubled, ...systems.flatMap((system) => system.doubledPosts())],
          },
          async ({ load, note, problem }) => {
            for (let stop = 0; stop < 4; stop += 1) {
              await bothReady(balancer);
              await load.answered(500);
              const [leaving, staying] = systems;
              if (leaving === undefined || staying === undefined) return;
              const begun = performance.now();
              leaving.daemon.signal('SIGTERM');
              const { status } = await leaving.daemon.waitForEnd(60_000);
              note(`a stop took ${((performance.now() - begun) / 1000).toFixed(1)} s`);
              if (status !== 0) problem(`the daemon ended with ${status}`);
              await load.answered(500);
              doubled.push(...leaving.doubledPosts());
              await leaving.stop();
              systems.splice(0, 2, staying, await System.start(shapeOf(front)));
              await balancer.use(systems.map(({ backend }) => backend));
            }
          },
        );
      } finally {
        balancer.stop();
        for (const system of systems) await system.stop();
      }
    },
  },
];

async function bothReady(balancer: Balancer): Promise<void> {
  await waitUntil(() => balancer.readyCount() === 2, { what: 'two ready backends', deadlineMs: 60_000 });
}

function shapeOf(front: Front): Shape {
  return { front, supervisord: `predrain=${predrain}` };
}
