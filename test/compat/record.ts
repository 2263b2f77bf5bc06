// `npm run compat:record [-- WORDS]`: plays the scenarios whose area and name hold all the words, by default every one,
// against the real supervisord and writes the golden records; those with a verdict are played against ours too. What
// changes is for a person to review.
import { sameRecord } from './compare-records.ts';
import { readGolden, writeGolden, type Golden } from './golden.ts';
import { loadScenarios, selectScenarios, type AreaScenario } from './load-scenarios.ts';
import { playAll, type Played } from './play-all.ts';
import type { StepRecord } from './play-scenario.ts';
import { ours, reference } from './players.ts';

const all = loadScenarios();
const chosen = selectScenarios(all, process.argv.slice(2));
if (chosen.length === 0) throw new Error(`no scenario has all of these words: ${process.argv.slice(2).join(' ')}`);
const started = performance.now();
const theirs = await playAll(chosen, { player: reference, atOnce: 4, settled: report });
const withVerdict = chosen.filter(({ scenario }) => scenario.verdict !== undefined);
const own = await playAll(withVerdict, { player: ours, atOnce: 4 });
for (const area of new Set(all.map((one) => one.area))) writeArea(area);
const failed = [...theirs.values(), ...own.values()].filter((played) => 'error' in played).length;
print(`${chosen.length} played in ${Math.round((performance.now() - started) / 1000)} s, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function writeArea(area: string): void {
  const known = readGolden(area);
  const records = all
    .filter((one) => one.area === area)
    .map(({ scenario: { name, verdict } }): [string, Golden | undefined] => {
      const golden = recordOf(theirs.get(name)) ?? known[name]?.reference;
      const differing = verdict === undefined ? undefined : (recordOf(own.get(name)) ?? known[name]?.ours);
      if (golden === undefined) return [name, undefined];
      return [name, { reference: golden, ...(differing === undefined ? {} : { ours: differing }) }];
    })
    .filter((entry): entry is [string, Golden] => entry[1] !== undefined);
  writeGolden(area, Object.fromEntries(records));
}

function recordOf(played: Played | undefined): readonly StepRecord[] | undefined {
  if (played === undefined) return undefined;
  if ('record' in played) return played.record;
  print(String(played.error));
  return undefined;
}

function report({ area, scenario }: AreaScenario, played: Played): void {
  const known = readGolden(area)[scenario.name]?.reference;
  const word =
    'error' in played ? 'FAILED' : known === undefined ? 'new' : sameRecord(played.record, known) ? 'same' : 'CHANGED';
  print(`${word.padEnd(8)} ${area}: ${scenario.name}`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
