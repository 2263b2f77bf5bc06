// `npm run fuzz [-- --seed N --inputs N --only NAME]`: inputs that nobody should send, a million of them, to everything
// that reads. Ends with 1 when there are findings. The same seed gives the same inputs.
import { parseArgs } from 'node:util';
import { runFuzz } from './run-fuzz.ts';
import { targets } from './targets.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    inputs: { type: 'string', default: '1000000' },
    /** Part of a target's name. */
    only: { type: 'string', default: '' },
  },
});
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
const chosen = targets.filter(({ name }) => name.includes(values.only));
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const started = performance.now();

const report = await runFuzz({ targets: chosen, seed, inputs: Number(values.inputs), thorough: true, print });
const minutes = ((performance.now() - started) / 60_000).toFixed(1);
print(`${report.inputs} inputs, ${report.findings.length} findings, seed ${seed}, ${minutes} minutes`);
process.exit(report.findings.length === 0 ? 0 : 1);
