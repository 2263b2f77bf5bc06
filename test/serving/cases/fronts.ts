// What it costs to touch the front itself: nginx's reload by hand, and a restart of nginx or of the embedded proxy. Some
// requests are lost; what must not be is an answer that breaks off, a 5xx, or a loss of another kind than nginx's.
import { waitUntil } from '../../support/wait-until.ts';
import type { Failure } from '../load/plan.ts';
import { type ServingCase, type Scene, underLoad } from '../under-load.ts';

const times = 5;

export const fronts: readonly ServingCase[] = [
  {
    name: `nginx's reload by hand, ${times} times`,
    fronts: ['nginx'],
    run: async () => await touch('nginx', async ({ system }) => void (await system.must('signal', 'HUP', 'nginx'))),
  },
  {
    name: `a restart of the front itself, ${times} times`,
    fronts: ['nginx', 'proxy'],
    run: async (front) =>
      await touch(front, async ({ system }) => {
        await system.must('restart', front === 'nginx' ? 'nginx' : 'proxy:web');
        await waitUntil(() => system.serves(), { what: () => `${front}\n${system.log()}`, deadlineMs: 60_000 });
      }),
  },
];

async function touch(front: 'nginx' | 'proxy', once: (scene: Scene) => Promise<void>): ReturnType<typeof underLoad> {
  const outcome = await underLoad({ shape: { front }, allows: isGone }, async (scene) => {
    for (let time = 0; time < times; time += 1) {
      await once(scene);
      await scene.load.answered(2000);
    }
  });
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
