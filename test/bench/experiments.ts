// The benchmark's rows, in the order of its table.
import type { Experiment } from './experiment.ts';
import { fleets } from './fleet.ts';
import { restart } from './restart.ts';
import { start } from './start.ts';
import { status } from './status.ts';

export const experiments: readonly Experiment[] = [start, restart, ...fleets, status];
