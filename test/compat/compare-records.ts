// Holds the record of a run against the golden one, and says step by step where they differ.
import { AssertionError } from 'chai';
import type { StepRecord } from './play-scenario.ts';

/** Throws an error that names the steps that differ, with what was expected and what came. */
export function expectRecord(actual: readonly StepRecord[], golden: readonly StepRecord[] | undefined): void {
  if (golden === undefined) throw new Error('there is no golden record: npm run compat:record -- WORDS OF THE NAME');
  const count = Math.max(actual.length, golden.length);
  const different = Array.from({ length: count }, (_, index) => index).filter(
    (index) => pretty(actual[index]) !== pretty(golden[index]),
  );
  if (different.length === 0) return;
  const places = different.map((index) => `${index + 1}: ${(golden[index] ?? actual[index])?.step}`);
  const show = (record: readonly StepRecord[]): string => different.map((index) => pretty(record[index])).join('\n');
  throw new AssertionError(`differs at step ${places.join(', ')}`, {
    actual: show(actual),
    expected: show(golden),
    showDiff: true,
  });
}

/** Whether two records say the same, the texts of the steps aside. */
export function sameRecord(left: readonly StepRecord[], right: readonly StepRecord[] | undefined): boolean {
  return pretty(left) === pretty(right);
}

function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2) ?? 'nothing';
}
