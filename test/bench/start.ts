// From the exec of a supervisor to the first instruction of its only child.
import type { Experiment } from './experiment.ts';
import { contenders } from './contenders.ts';

export const start: Experiment = {
  figures: [
    { name: 'start-1', family: 'start', what: 'exec of the daemon → first instruction of its child', unit: 'ms' },
  ],
  contenders,
  rounds: 15,
  async measure({ scene }) {
    const running = await scene.start({ count: 1, words: ['stay'] });
    const [child] = await scene.records.take('s', { count: 1 });
    return { 'start-1': (child?.atMs ?? Number.NaN) - running.executedMs };
  },
};
