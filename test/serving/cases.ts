// All cases of the suite, in the order of the table in docs/serving.md.
import { changes } from './cases/changes.ts';
import { crashes, hangs } from './cases/crashes.ts';
import { ends } from './cases/ends.ts';
import { fronts } from './cases/fronts.ts';
import { rolls } from './cases/rolls.ts';
import type { ServingCase } from './under-load.ts';

export const servingCases: readonly ServingCase[] = [...rolls, ...changes, ...crashes, ...hangs, ...ends, ...fronts];
