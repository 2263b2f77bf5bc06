// The benchmark's command line.
import { parseArgs } from 'node:util';
import { contenders, type Contender } from './contenders.ts';
import type { Figure } from './experiment.ts';

export interface Options {
  readonly rounds: number | null;
  readonly wants: (figure: Figure) => boolean;
  readonly peers: readonly Contender[];
  readonly json: string | null;
  readonly markdown: boolean;
  readonly help: boolean;
  readonly pm2: string | null;
  /** Of the row `growth`; null for the benchmark's own. */
  readonly gigabytes: number | null;
  readonly restarts: number | null;
}

/** A value that cannot be used, in the user's words. */
export class UsageError extends Error {}

export const usage = `npm run bench [-- OPTIONS]: ours beside other supervisors, and beside what is possible at all

  --rounds N       turns of everybody in every row, 1 to 1000; by default each row has its own
  --only ROW,…     only these rows: a name, or a family such as start, memory, rpc
  --with PEER,…    only these of ${contenders.slice(1).join(', ')} beside ours; by default all that are there
  --pm2 PATH       pm2's command where it is not on the PATH; so does the variable BENCH_PM2
  --gigabytes N    output of the row growth, 0.001 to 1000
  --restarts N     restarts of the row growth, 1 to 10000000
  --json FILE      write every single value there
  --markdown       print the table of docs/performance.md
  --help           print this and the rows
`;

/** Throws UsageError. */
export function readOptions(
  argv: readonly string[],
  figures: readonly Figure[],
  pm2 = process.env['BENCH_PM2'],
): Options {
  const values = parse(argv);
  const only = values.only === undefined ? null : wordsOf('--only', values.only, namesOf(figures));
  const peers = values.with === undefined ? contenders : wordsOf('--with', values.with, contenders);
  return {
    rounds: numberOf('--rounds', values.rounds, { least: 1, most: 1000, whole: true }),
    wants: ({ name, family }) => only === null || only.includes(name) || only.includes(family),
    peers: contenders.filter((contender) => contender === 'ours' || peers.includes(contender)),
    json: values.json ?? null,
    markdown: values.markdown ?? false,
    help: values.help ?? false,
    pm2: values.pm2 ?? pm2 ?? null,
    gigabytes: numberOf('--gigabytes', values.gigabytes, { least: 0.001, most: 1000, whole: false }),
    restarts: numberOf('--restarts', values.restarts, { least: 1, most: 10_000_000, whole: true }),
  };
}

/** What `--only` takes: every row, and every family of more than one. */
export function namesOf(figures: readonly Figure[]): string[] {
  return [...new Set(figures.flatMap(({ family, name }) => [family, name]))];
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        rounds: { type: 'string' },
        only: { type: 'string' },
        with: { type: 'string' },
        pm2: { type: 'string' },
        gigabytes: { type: 'string' },
        restarts: { type: 'string' },
        json: { type: 'string' },
        markdown: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function wordsOf(option: string, text: string, known: readonly string[]): string[] {
  const words = text.split(',').map((word) => word.trim());
  const strange = words.filter((word) => !known.includes(word));
  if (strange.length > 0) throw new UsageError(`${option}: ${strange.join(', ')} is none of ${known.join(', ')}`);
  return words;
}

function numberOf(
  option: string,
  text: string | undefined,
  { least, most, whole }: { least: number; most: number; whole: boolean },
): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  throw new UsageError(`${option}: ${text} is not a ${whole ? 'whole ' : ''}number from ${least} to ${most}`);
}
