// The load generator as a process of its own: forked with a plan (start-load.ts), it tells how far it is while it runs and
// what it found at the end. Told to stop, it waits for what is in flight.
import { runClients, type Running } from './clients.ts';
import type { Plan } from './plan.ts';
import { Tally } from './tally.ts';

const progressMs = 50;

const plan: unknown = JSON.parse(process.argv[2] ?? '');
if (!isPlan(plan)) throw new Error('the plan is missing');
const running: Running = { plan, tally: new Tally(), stop: false };
const stop = (): void => {
  running.stop = true;
};
process.on('message', stop);
process.on('disconnect', () => process.exit(1));
if (plan.seconds !== undefined) setTimeout(stop, plan.seconds * 1000);
setInterval(() => tell({ answers: running.tally.answers, failed: running.tally.failed }), progressMs);
await runClients(running);
const report = running.tally.report();
process.send?.({ report }, () => process.exit(0));

function tell(progress: { answers: number; failed: number }): void {
  process.send?.({ progress });
}

function isPlan(value: unknown): value is Plan {
  return typeof value === 'object' && value !== null && 'port' in value && 'mix' in value;
}
