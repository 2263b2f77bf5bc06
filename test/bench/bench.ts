// `npm run bench [-- --help]`: measures ours side by side with other supervisors and with what is possible at all, interleaved
// in one run, and prints medians, ranges and ratios. It asserts nothing; docs/performance.md has the last table.
import { existsSync, writeFileSync } from 'node:fs';
import { findField } from './contenders.ts';
import { experiments } from './experiments.ts';
import { readOptions, usage, UsageError, type Options } from './options.ts';
import { describeMachine, writeJson, writeMarkdown, writeText } from './report.ts';
import { runBench } from './run-bench.ts';
import { full, type Scale } from './scale.ts';
import { memoryFolder } from './scene.ts';
import { makeTool } from './tool.ts';

const figures = experiments.flatMap((experiment) => experiment.figures);

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
try {
  const options = readOptions(process.argv.slice(2), figures);
  if (options.help)
    print(`${usage}\nrows:\n${figures.map(({ name, what }) => `  ${name.padEnd(18)} ${what}\n`).join('')}`);
  else await bench(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

async function bench(options: Options): Promise<void> {
  if (options.pm2 !== null && !existsSync(options.pm2)) throw new UsageError(`--pm2: there is no ${options.pm2}`);
  // Before an hour of measuring, not after it.
  if (options.json !== null) writeJsonFile(options.json, '');
  const tool = makeTool();
  try {
    const all = findField({ pm2: options.pm2 ?? undefined, compiled: tool.compiled });
    const field = {
      ...all,
      present: new Map([...all.present].filter(([contender]) => options.peers.includes(contender))),
    };
    note(`${describeMachine()}; logs of output in ${memoryFolder}`);
    for (const [contender, why] of all.missing)
      if (options.peers.includes(contender)) note(`left out: ${contender}: ${why}`);
    const { rounds, wants } = options;
    const order = { experiments, field, tool, wants, scale: scaleOf(options), progress: note };
    const { results, failures } = await runBench({ ...order, ...(rounds === null ? {} : { rounds }) });
    print(options.markdown ? writeMarkdown(results) : writeText(results));
    if (options.json !== null) writeJsonFile(options.json, writeJson(results, field));
    for (const failure of failures) note(`not measured: ${failure}`);
  } finally {
    tool.remove();
  }
}

function scaleOf({ gigabytes, restarts }: Options): Scale {
  const bytes = gigabytes === null ? full.growth.bytes : gigabytes * 2 ** 30;
  return { ...full, growth: { bytes, restarts: restarts ?? full.growth.restarts } };
}

function writeJsonFile(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new UsageError(`--json: cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

function print(text: string): void {
  process.stdout.write(text);
}
