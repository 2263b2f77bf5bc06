// What was measured, for a terminal, for docs/performance.md and for machines.
import { cpus, release } from 'node:os';
import { spawnSync } from 'node:child_process';
import { contenders, titles, type Contender, type Field } from './contenders.ts';
import type { Result } from './run-bench.ts';
import { median } from './statistics.ts';

/** A block of lines for each figure: median, lowest and highest, and the ratio to supervisord. */
export function writeText(results: readonly Result[]): string {
  return byFamily(results).map(writeBlock).join('\n');
}

/** One row for each figure: ours with its range, supervisord's, the ratio, then everybody who played. */
export function writeMarkdown(results: readonly Result[]): string {
  const others = contenders.filter(
    (contender) =>
      contender !== 'ours' && contender !== 'supervisord' && results.some(({ values }) => values.has(contender)),
  );
  const head = ['what', 'unit', 'Corevisor', 'supervisord', '×', ...others.map((contender) => titles[contender])];
  const rows = byFamily(results).map(({ figure, values }) => {
    const both = (['ours', 'supervisord'] as const).map((contender) => withRange(values.get(contender)));
    return [figure.what, figure.unit, ...both, ratio(values, 'ours'), ...others.map((one) => middle(values.get(one)))];
  });
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** All single values, with the machine. */
export function writeJson(results: readonly Result[], field: Field): string {
  const figures = results.map(({ figure, values }) => ({ ...figure, values: Object.fromEntries(values) }));
  return `${JSON.stringify({ machine: describeMachine(), missing: Object.fromEntries(field.missing), figures }, null, 2)}\n`;
}

/** One line on the machine and what is installed on it. */
export function describeMachine(): string {
  const supervisord = spawnSync('supervisord', ['--version'], { encoding: 'utf8' }).stdout?.trim() ?? '';
  const peer = supervisord === '' ? '' : `, supervisord ${supervisord}`;
  return `${cpus().length} CPUs, Linux ${release()}, Node ${process.version.slice(1)}${peer}`;
}

/** What belongs together stands together, also where it was measured at different times. */
function byFamily(results: readonly Result[]): Result[] {
  const families = [...new Set(results.map(({ figure }) => figure.family))];
  return families.flatMap((family) => results.filter(({ figure }) => figure.family === family));
}

function writeBlock({ figure, values }: Result): string {
  const lines = [...values].map(([contender, numbers]) => {
    const range = `${round(Math.min(...numbers))}–${round(Math.max(...numbers))}`;
    const factor = ratio(values, contender);
    return `  ${titles[contender].padEnd(20)}${round(median(numbers)).padStart(10)}  ${range.padEnd(20)}${factor === '' ? '' : `× ${factor}`}`;
  });
  return `${figure.name}: ${figure.what} (${figure.unit})\n${lines.map((line) => `${line.trimEnd()}\n`).join('')}`;
}

/** A contender's median by supervisord's; '' where there is none. */
function ratio(values: Result['values'], contender: Contender): string {
  const [one, other] = [values.get(contender), values.get('supervisord')];
  if (one === undefined || other === undefined || contender === 'supervisord' || median(other) <= 0) return '';
  return round(median(one) / median(other));
}

function middle(numbers: readonly number[] | undefined): string {
  return numbers === undefined ? '' : round(median(numbers));
}

function withRange(numbers: readonly number[] | undefined): string {
  if (numbers === undefined) return '';
  const range = numbers.length > 1 ? ` (${round(Math.min(...numbers))}–${round(Math.max(...numbers))})` : '';
  return `${round(median(numbers))}${range}`;
}

/** Three digits that count, and thousands set apart. */
function round(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString('en', { minimumFractionDigits: 0, maximumFractionDigits: Math.min(digits, 5) });
}
