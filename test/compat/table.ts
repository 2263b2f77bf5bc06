// The generated part of docs/compatibility.md: the scenarios, what deviates on purpose, and one row for each thing of the
// contract with its verdict and the scenarios that show it.
import { contract, contractRows } from './contract.ts';
import { rowsShownBy } from './coverage.ts';
import type { Golden } from './golden.ts';
import type { AreaScenario } from './load-scenarios.ts';
import type { Verdict } from './scenario.ts';

/** A scenario with its number and all that it shows. */
interface Shown {
  readonly one: AreaScenario;
  /** Its area and its number in it: `rpc 7`. */
  readonly number: string;
  readonly rows: ReadonlySet<string>;
  /** The rows that its verdict is about. */
  readonly judged: ReadonlySet<string>;
}

/** A row of the contract with the scenarios that show it. */
export interface CoveredRow {
  readonly id: string;
  readonly scenarios: readonly Shown[];
}

/** Numbers the scenarios and finds out what each shows. */
export function coverage(
  all: readonly AreaScenario[],
  goldenOf: (one: AreaScenario) => Golden | undefined,
): { readonly shown: readonly Shown[]; readonly rows: readonly CoveredRow[] } {
  const shown = all.map((one, index): Shown => {
    const first = all.findIndex(({ area }) => area === one.area);
    const { verdict, shows } = one.scenario;
    const judged = verdict === undefined ? [] : (verdict.about ?? shows ?? []);
    return {
      one,
      number: `${one.area} ${index - first + 1}`,
      rows: rowsShownBy(one.scenario, goldenOf(one)),
      judged: new Set(judged.map((name) => contractRows.get(name)?.id ?? name)),
    };
  });
  const rows = contract.flatMap((part) => part.rows);
  return {
    shown,
    rows: rows.map(({ id }) => ({ id, scenarios: shown.filter((each) => each.rows.has(id) || each.judged.has(id)) })),
  };
}

/** The Markdown between the markers. */
export function describeCoverage({ shown, rows }: ReturnType<typeof coverage>): string {
  const covered = new Map(rows.map((row) => [row.id, row]));
  const tables = contract.map(({ title, rows: ids }) => {
    const lines = ids.map((row) => describeRow(names(row), covered.get(row.id)?.scenarios ?? []));
    return `#### ${title}\n\n| what | verdict | shown by |\n| --- | --- | --- |\n${lines.join('\n')}\n`;
  });
  return [
    `### Deviations that a scenario shows\n\n${describeVerdicts(shown)}`,
    `### Row by row\n\nThe numbers are those of the scenarios below.\n\n${tables.join('\n')}`,
    `### The scenarios\n\n${describeScenarios(shown)}`,
  ].join('\n');
}

function describeRow(name: string, scenarios: readonly Shown[]): string {
  const id = /`([^`]+)`/.exec(name)?.[1] ?? name;
  const verdicts = scenarios.filter(({ judged }) => judged.has(id)).flatMap(({ one }) => one.scenario.verdict ?? []);
  const judgement = verdicts.length === 0 ? 'same' : verdicts.map(describeVerdict).join('; ');
  // Those that are about it come first; beyond a few, more say no more.
  const about = (each: Shown): number => (each.judged.has(id) || (each.one.scenario.shows ?? []).includes(id) ? 0 : 1);
  const ordered = scenarios.toSorted((left, right) => about(left) - about(right));
  const some = ordered.slice(0, 4).map(({ number }) => number);
  const more = ordered.length > some.length ? [`${ordered.length - some.length} more`] : [];
  return `| ${name} | ${scenarios.length === 0 ? '' : judgement} | ${[...some, ...more].join(', ')} |`;
}

function describeVerdict({ is, what, why }: Verdict): string {
  return is === 'better' ? `better on purpose: ${what} (${why})` : `not offered: ${what} (${why})`;
}

function describeVerdicts(shown: readonly Shown[]): string {
  const lines = shown.flatMap(({ one: { scenario }, number }) =>
    scenario.verdict === undefined ? [] : [`- ${describeVerdict(scenario.verdict)} — ${number}`],
  );
  return `${lines.length === 0 ? 'None.' : lines.join('\n')}\n`;
}

function describeScenarios(shown: readonly Shown[]): string {
  const areas = [...new Set(shown.map(({ one }) => one.area))];
  return areas
    .map((area) => {
      const own = shown.filter(({ one }) => one.area === area);
      const lines = own.map(({ one }, index) => `${index + 1}. ${one.scenario.name}`);
      return `#### ${area}\n\n${lines.join('\n')}\n`;
    })
    .join('\n');
}

/** `supervisord --umask` with its short form behind it. */
function names({ id, aliases = [] }: { readonly id: string; readonly aliases?: readonly string[] }): string {
  const shorter = aliases.map((alias) => `\`${alias.split(' ')[1]}\``);
  return [`\`${id}\``, ...shorter].join(', ');
}
