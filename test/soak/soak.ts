// `npm run soak [-- --restarts N --calls N --gigabytes N]`: a daemon under real load, and after each tenth of it what the
// daemon holds. Ends with 1 when it holds more after the last tenth than after the first.
import { parseArgs } from 'node:util';
import { runSoak, type Outcome } from './run-soak.ts';
import { findGrowth, fullBounds, type Tenth } from './verdict.ts';

const { values } = parseArgs({
  options: {
    restarts: { type: 'string', default: '100000' },
    calls: { type: 'string', default: '1000000' },
    gigabytes: { type: 'string', default: '10' },
    /** Seconds of rest after each tenth. */
    rest: { type: 'string', default: '15' },
    /** No further tenth is begun after so long. */
    minutes: { type: 'string', default: '600' },
    preload: { type: 'string' },
  },
});

const columns = [
  'tenth',
  'min',
  'restarts',
  'calls',
  'GB',
  'events',
  'busy KB',
  'private KB',
  'RSS KB',
  'heap KB',
  'used KB',
];
const furtherColumns = ['external KB', 'descriptors', 'threads', 'zombies', 'timers'];
const widths = [...columns, ...furtherColumns].map((name) => Math.max(name.length, 8));
const started = performance.now();

print([...columns, ...furtherColumns]);
const outcome = await runSoak({
  volume: {
    restarts: Number(values.restarts),
    calls: Number(values.calls),
    bytes: Number(values.gigabytes) * 1e9,
  },
  restMs: Number(values.rest) * 1000,
  looks: 15,
  limitMs: Number(values.minutes) * 60_000,
  ...(values.preload === undefined ? {} : { preload: values.preload }),
  report: (tenth, line) => print(rowOf(tenth, line)),
});
const problems = [
  ...findGrowth(outcome.tenths, fullBounds),
  ...outcome.failures.map((what) => `a call failed: ${what}`),
];
if (outcome.tenths.length < 10) process.stdout.write(`only ${outcome.tenths.length} tenths in the time given\n`);
process.stdout.write(`${problems.length === 0 ? 'as at the start' : problems.join('\n')}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

function rowOf(tenth: number, line: { readonly sample: Tenth; readonly outcome: Outcome }): string[] {
  const { sample, outcome: so } = line;
  const numbers = [
    tenth,
    (performance.now() - started) / 60_000,
    so.done.restarts,
    so.done.calls,
    so.done.bytes / 1e9,
    so.done.events,
    sample.busyKb,
    sample.privateKb,
    sample.residentKb,
    sample.heapKb,
    sample.heapUsedKb,
    sample.externalKb,
    sample.descriptors,
    sample.threads,
    sample.zombies,
    sample.timers,
  ];
  return numbers.map((value) => (Number.isInteger(value) || value >= 100 ? value.toFixed(0) : value.toFixed(1)));
}

function print(cells: readonly string[]): void {
  process.stdout.write(`${cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join(' ')}\n`);
}
