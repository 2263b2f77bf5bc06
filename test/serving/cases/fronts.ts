// What it costs to touch the front itself. A restart of the embedded proxy costs nothing. nginx is here to compare with: it
// loses requests, but not in the midst of an answer, and answers none with a 5xx.
import { waitUntil } from '../../support/wait-until.ts';
import type { Failure } from '../load/plan.ts';
import { type CaseOutcome, type Scene, type ServingCase, underLoad } from '../under-load.ts';

const times = 5;

export const fronts: readonly ServingCase[] = [
  {
    name: `a restart of the embedded proxy itself, ${times} times`,
    fronts: ['proxy'],
    run: async () =>
      await underLoad({ shape: { front: 'proxy' } }, async (scene) => await repeat(scene, restart('proxy:web'))),
  },
  {
    name: `a restart of nginx itself, ${times} times: losses are counted`,
    fronts: ['nginx'],
    run: async () => await touch(restart('nginx')),
  },
  {
    name: `nginx's reload by hand, ${times} times: losses are counted`,
    fronts: ['nginx'],
    run: async () => await touch(async ({ system }) => void (await system.must('signal', 'HUP', 'nginx'))),
  },
];

function restart(name: string): (scene: Scene) => Promise<void> {
  return async ({ system }) => {
    await system.must('restart', name);
    await waitUntil(() => system.serves(), { what: () => `${name}\n${system.log()}`, deadlineMs: 60_000 });
  };
}

async function repeat(scene: Scene, once: (scene: Scene) => Promise<void>): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await once(scene);
    await scene.load.answered(2000);
  }
}

async function touch(once: (scene: Scene) => Promise<void>): Promise<CaseOutcome> {
  const order = { shape: { front: 'nginx' }, allows: isGone } as const;
  const outcome = await underLoad(order, async (scene) => await repeat(scene, once));
  const count = (wanted: (failure: Failure) => boolean): number => outcome.report.failures.filter(wanted).length;
  const refused = count(isRefused);
  return {
    ...outcome,
    notes: [
      `refused while nobody listened: ${refused}`,
      `on connections that were just being closed: ${count((failure) => isGone(failure) && !isRefused(failure))}`,
      `longest time without an answer: ${outcome.report.longestGapMs.toFixed(0)} ms`,
    ],
  };
}

/** What a client sees of a front that closes and opens its doors, as long as nothing of an answer has come. */
function isGone({ reason, begun }: Failure): boolean {
  return !begun && ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'closed'].includes(reason);
}

function isRefused({ reason }: Failure): boolean {
  return reason === 'ECONNREFUSED';
}
