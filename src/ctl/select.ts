// Which of all processes the words of a command mean: `name`, `group:name`, `group:*`; `all`, or no word, is every one.
import { parseNamespec } from '../base/namespec.ts';

/** What a word did not find. */
export interface Missing {
  readonly name: string;
  readonly error: 'no such group' | 'no such process';
}

/** Those that are meant, in the order of the words, and the words that mean none. */
export function select<Row extends { readonly group: string; readonly name: string }>(
  all: readonly Row[],
  names: readonly string[],
): readonly ({ readonly rows: readonly Row[] } | Missing)[] {
  if (names.length === 0 || names.includes('all')) return [{ rows: all }];
  return names.map((name) => {
    const { group, process } = parseNamespec(name);
    const rows = all.filter((row) => row.group === group && (process === null || row.name === process));
    if (rows.length > 0) return { rows };
    return process === null ? { name: group, error: 'no such group' } : { name, error: 'no such process' };
  });
}
