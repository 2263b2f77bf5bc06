// The end of a whole system under load, as `docker stop` has it: TERM to the daemon, behind a balancer that obeys /readyz. With
// real containers it is test/container/serving.test.ts.
import { predrain, type Standing, stopInTurn } from '../stop-in-turn.ts';
import { type Front, System } from '../system.ts';
import { bothFronts, type ServingCase } from '../under-load.ts';

export const ends: readonly ServingCase[] = [
  {
    name: 'TERM to one of two daemons behind a balancer that obeys /readyz, four times',
    fronts: bothFronts,
    run: async (front) => await stopInTurn(async () => await standing(front), 4),
  },
];

async function standing(front: Front): Promise<Standing> {
  const system = await System.start({ front, supervisord: `predrain=${predrain}` });
  return {
    backend: system.backend,
    async stop() {
      system.daemon.signal('SIGTERM');
      return (await system.daemon.waitForEnd(60_000)).status;
    },
    discard: async () => await system.stop(),
    log: () => Promise.resolve(system.log()),
    doubledPosts: () => system.doubledPosts(),
  };
}
