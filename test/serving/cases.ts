// All cases of the suite, in the order of the table in docs/serving.md.
import { crashes } from './cases/crashes.ts';
import { fronts } from './cases/fronts.ts';
import type { ServingCase } from './under-load.ts';

export const servingCases: readonly ServingCase[] = [...crashes, ...fronts];
