// `npm run serving [-- --only TEXT --front nginx|proxy --times N]`: every case at full volume, as a table of Markdown;
// `npm run serving -- --throughput`: how many requests, against what one would write by hand. Ends with 1 when a promise was
// not kept.
import { parseArgs } from 'node:util';
import { servingCases } from './cases.ts';
import { answersOf } from './load/plan.ts';
import type { Front } from './system.ts';
import { compareThroughput } from './throughput.ts';
import type { CaseOutcome, ServingCase } from './under-load.ts';

const { values } = parseArgs({
  options: {
    /** Only the cases whose name has this in it. */
    only: { type: 'string', default: '' },
    front: { type: 'string', default: '' },
    times: { type: 'string', default: '1' },
    throughput: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '15' },
    seconds: { type: 'string', default: '2' },
  },
});

if (values.throughput) await printThroughput();
else await printCases();

async function printThroughput(): Promise<void> {
  const pairs = await compareThroughput({ rounds: Number(values.rounds), seconds: Number(values.seconds) });
  printTitles(['front', 'ours per second', 'by hand', 'ratio', 'ours per CPU second', 'by hand', 'ratio']);
  for (const [front, { ours, byHand, ratio, cpuRatio }] of Object.entries(pairs)) {
    const perSecond = [ours.perSecond.toFixed(0), byHand.perSecond.toFixed(0), ratio.toFixed(2)];
    print([front, ...perSecond, ours.perCpuSecond.toFixed(0), byHand.perCpuSecond.toFixed(0), cpuRatio.toFixed(2)]);
  }
}

async function printCases(): Promise<void> {
  printTitles(['case', 'front', 'requests', 'failed', 'tried again', 'seconds', 'p50 ms', 'p99 ms', 'max ms', 'notes']);
  for (const one of servingCases.filter(({ name }) => name.includes(values.only))) {
    for (const front of one.fronts.filter((name) => name.includes(values.front))) {
      for (let time = 0; time < Number(values.times); time += 1) await printCase(one, front);
    }
  }
}

async function printCase(one: ServingCase, front: Front): Promise<void> {
  try {
    const outcome = await one.run(front, 'full');
    print([one.name, front, ...figuresOf(outcome)]);
    process.stdout.write(outcome.problems.map((text) => `!! ${text}\n`).join(''));
    if (outcome.problems.length > 0) process.exitCode = 1;
  } catch (error) {
    print([one.name, front, String(error)]);
    process.exitCode = 1;
  }
}

function figuresOf({ report, notes }: CaseOutcome): string[] {
  const { failed, retried, seconds, latency } = report;
  const times = [latency.p50, latency.p99, latency.max].map((ms) => ms.toFixed(ms < 10 ? 1 : 0));
  return [String(answersOf(report)), String(failed), String(retried), seconds.toFixed(0), ...times, notes.join('; ')];
}

function printTitles(titles: readonly string[]): void {
  print(titles);
  print(titles.map(() => '---'));
}

function print(cells: readonly string[]): void {
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}
