// docs/reliability.md names, for each fault, the test that produces it, and docs/security.md for each promise: one whose test
// is gone or renamed is refused.
// A cell is `path.test.ts`: "title", several of them joined by <br>.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'chai';

const root = resolve(import.meta.dirname, '..');

describe('docs/reliability.md', () => {
  const rows = rowsOf(readFileSync(resolve(root, 'docs/reliability.md'), 'utf8'));

  it('says of each fault what happens', () => {
    const unsaid = rows.filter(({ cells }) => cells.length !== 3 || cells.some((cell) => cell === ''));
    expect(unsaid.map(({ line }) => line)).to.deep.equal([]);
  });

  it('names tests that exist', () => {
    const missing = rows.flatMap(({ cells }) =>
      (cells[2] ?? '').split('<br>').filter((named) => !exists(named.trim())),
    );
    expect(missing).to.deep.equal([]);
  });
});

describe('docs/security.md', () => {
  it('names tests that exist', () => {
    const page = readFileSync(resolve(root, 'docs/security.md'), 'utf8').replaceAll(/\s+/g, ' ');
    const named = [...page.matchAll(/`(test\/[\w./-]+\.test\.ts)`((?:[:,] "[^"]+")*)/g)].map(
      ([, path = '', titles = '']) => ({
        path,
        titles: [...titles.matchAll(/"([^"]+)"/g)].map(([, title = '']) => title),
      }),
    );
    expect(named.length).to.be.greaterThan(5);
    const missing = named.flatMap(({ path, titles }) =>
      titles.length === 0
        ? [path].filter(() => !existsSync(resolve(root, path)))
        : titles.filter((title) => !exists(`\`${path}\`: "${title}"`)),
    );
    expect(missing).to.deep.equal([]);
  });
});

interface Row {
  readonly line: string;
  readonly cells: readonly string[];
}

function rowsOf(page: string): Row[] {
  const lines = page.split('\n').filter((line) => line.startsWith('|'));
  return lines.filter((line) => !/^\| *(fault|-+) *\|/.test(line)).map((line) => ({ line, cells: cellsOf(line) }));
}

/** A bar inside a cell is written `\|`. */
function cellsOf(line: string): string[] {
  const parts = line.split(/(?<!\\)\|/).slice(1, -1);
  return parts.map((cell) => cell.trim().replaceAll('\\|', '|'));
}

/** Whether a file has a test of that title, as it stands in the source. */
function exists(named: string): boolean {
  const found = /^`([\w./-]+\.test\.ts)`: "(.+)"$/.exec(named);
  const [, path = '', title = ''] = found ?? [];
  const file = resolve(root, path);
  if (found === null || !existsSync(file)) return false;
  const source = readFileSync(file, 'utf8');
  const quoted = [`'${title.replaceAll("'", "\\'")}'`, `"${title}"`, `\`${title}\``];
  return quoted.some((text) => new RegExp(`\\b(it|describe|describeWith)\\b[^;]{0,200}?${escaped(text)}`).test(source));
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
