// The committed inputs: nasty by hand, and each that once was a finding.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The texts of a file in corpus/. */
export function corpus(name: string): [string, ...string[]] {
  const texts: unknown = JSON.parse(readFileSync(resolve(import.meta.dirname, 'corpus', `${name}.json`), 'utf8'));
  if (!Array.isArray(texts)) throw new Error(`${name} is no list`);
  const [first = '', ...more] = texts.map(String);
  return [first, ...more];
}
