// The golden records: golden/<area>.json, by the name of the scenario what the real supervisord answered and, where a
// verdict says that ours differs, what ours answers instead.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { StepRecord } from './play-scenario.ts';

export interface Golden {
  readonly reference: readonly StepRecord[];
  readonly ours?: readonly StepRecord[];
}

/** By the name of the scenario, in the order of the scenarios. */
export type GoldenArea = Readonly<Record<string, Golden>>;

/** The records of an area; none if it was never recorded. */
export function readGolden(area: string): GoldenArea {
  if (!existsSync(fileOf(area))) return {};
  const text: unknown = JSON.parse(readFileSync(fileOf(area), 'utf8'));
  if (!isGoldenArea(text)) throw new Error(`${fileOf(area)} holds no golden records`);
  return text;
}

/** Writes the records of an area; without any the file goes. */
export function writeGolden(area: string, records: GoldenArea): void {
  if (Object.keys(records).length === 0) rmSync(fileOf(area), { force: true });
  else writeFileSync(fileOf(area), `${JSON.stringify(records, null, 2)}\n`);
}

/** The areas that have a file. */
export function goldenAreas(): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .toSorted();
}

const folder = resolve(import.meta.dirname, 'golden');

function fileOf(area: string): string {
  return resolve(folder, `${area}.json`);
}

function isGoldenArea(value: unknown): value is GoldenArea {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every(
      (record: unknown) =>
        typeof record === 'object' && record !== null && 'reference' in record && Array.isArray(record.reference),
    )
  );
}
