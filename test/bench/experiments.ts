// The benchmark's rows, in the order of its table.
import { events } from './events.ts';
import type { Experiment } from './experiment.ts';
import { fleets } from './fleet.ts';
import { growth } from './growth.ts';
import { chatty, outputs } from './output.ts';
import { restart } from './restart.ts';
import { start } from './start.ts';
import { status } from './status.ts';
import { storm } from './storm.ts';

export const experiments: readonly Experiment[] = [
  start,
  restart,
  ...fleets,
  status,
  storm,
  ...outputs,
  chatty,
  events,
  growth,
];
