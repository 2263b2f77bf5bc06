// `npm run serving [-- --only TEXT --front nginx|proxy --times N]`: every case at full volume, as a table of Markdown, and
// below it what was noted. Ends with 1 when a promise was not kept.
import { parseArgs } from 'node:util';
import { servingCases } from './cases.ts';
import { answersOf } from './load/plan.ts';
import type { CaseOutcome } from './under-load.ts';

const { values } = parseArgs({
  options: {
    /** Only the cases whose name has this in it. */
    only: { type: 'string', default: '' },
    front: { type: 'string', default: '' },
    times: { type: 'string', default: '1' },
  },
});

const titles = ['case', 'front', 'requests', 'failed', 'tried again', 'seconds', 'p50 ms', 'p99 ms', 'max ms', 'notes'];
print(titles);
print(titles.map(() => '---'));
for (const one of servingCases.filter(({ name }) => name.includes(values.only))) {
  for (const front of one.fronts.filter((name) => name.includes(values.front))) {
    for (let time = 0; time < Number(values.times); time += 1) {
      const outcome = await one.run(front, 'full').catch((error: unknown) => String(error));
      if (typeof outcome === 'string') print([one.name, front, outcome]);
      else print([one.name, front, ...figuresOf(outcome)]);
      if (typeof outcome === 'string' || outcome.problems.length > 0) process.exitCode = 1;
      if (typeof outcome !== 'string') process.stdout.write(outcome.problems.map((text) => `!! ${text}\n`).join(''));
    }
  }
}

function figuresOf({ report, notes }: CaseOutcome): string[] {
  const { failed, retried, seconds, latency } = report;
  const times = [latency.p50, latency.p99, latency.max].map((ms) => ms.toFixed(ms < 10 ? 1 : 0));
  return [String(answersOf(report)), String(failed), String(retried), seconds.toFixed(0), ...times, notes.join('; ')];
}

function print(cells: readonly string[]): void {
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}
