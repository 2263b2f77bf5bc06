// All scenarios by area: the files of scenarios/, one an area.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { Scenario } from './scenario.ts';

export interface AreaScenario {
  readonly area: string;
  readonly scenario: Scenario;
}

/** Every scenario, areas by name, in the order of the files. */
export function loadScenarios(): AreaScenario[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.slice(0, -'.ts'.length))
    .toSorted()
    .flatMap(loadArea);
}

/** Those whose area and name hold every one of the words. */
export function selectScenarios(all: readonly AreaScenario[], words: readonly string[]): AreaScenario[] {
  return all.filter(({ area, scenario }) =>
    words.every((word) => `${area} ${scenario.name}`.toLowerCase().includes(word.toLowerCase())),
  );
}

const folder = resolve(import.meta.dirname, 'scenarios');

// Not `import()`, because mocha collects the tests of a file while it is loaded.
const load = createRequire(import.meta.url);

function loadArea(area: string): AreaScenario[] {
  const module: unknown = load(join(folder, `${area}.ts`));
  if (!isArea(module)) throw new Error(`scenarios/${area}.ts exports no scenarios`);
  return module.scenarios.map((scenario) => ({ area, scenario }));
}

function isArea(module: unknown): module is { readonly scenarios: readonly Scenario[] } {
  return typeof module === 'object' && module !== null && 'scenarios' in module && Array.isArray(module.scenarios);
}
