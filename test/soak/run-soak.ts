// A soak: ten portions of load, and after each a rest in which is measured what the daemon holds.
import { setTimeout as delay } from 'node:timers/promises';
import { Load, type Volume } from './load.ts';
import { medianOf, sample, type Sample } from './sample.ts';
import { waitUntil } from '../support/wait-until.ts';

/** What a soak was made of and what it found. */
export interface Outcome {
  readonly done: Volume & { readonly events: number; readonly faults: number };
  readonly tenths: readonly Sample[];
  /** Calls that were not answered. */
  readonly failures: readonly string[];
}

export interface SoakOrder {
  readonly volume: Volume;
  /** Loaded into the daemon; for a leak that is planted. */
  readonly preload?: string;
  /** How long a rest is, and into how many looks it is divided. */
  readonly restMs: number;
  readonly looks: number;
  /** Called after each tenth. */
  report(tenth: number, line: { readonly sample: Sample; readonly outcome: Outcome }): void;
}

const portions = 10;

/** Runs it all on a daemon of its own. */
export async function runSoak(order: SoakOrder): Promise<Outcome> {
  const { volume } = order;
  const portion = {
    restarts: Math.ceil(volume.restarts / portions),
    calls: Math.ceil(volume.calls / portions),
    bytes: 2 * Math.ceil(volume.bytes / portions / 2),
  };
  const load = await Load.start(portion, order.preload === undefined ? {} : { preload: order.preload });
  try {
    const tenths: Sample[] = [];
    for (let tenth = 1; tenth <= portions; tenth += 1) {
      await load.work();
      const one = await rest(load, order);
      tenths.push(one);
      order.report(tenth, { sample: one, outcome: outcomeOf(load, tenths) });
    }
    return outcomeOf(load, tenths);
  } finally {
    await load.stop();
  }
}

/** Nothing is asked of the daemon: first its listener gets what waits, then it is looked at again and again. */
async function rest(load: Load, { restMs, looks }: SoakOrder): Promise<Sample> {
  let seen = -1;
  const isCalm = (): boolean => {
    const before = seen;
    seen = load.events;
    return seen === before;
  };
  await waitUntil(isCalm, { what: 'the listener to get all events', deadlineMs: 60_000, everyMs: 500 });
  const samples: Sample[] = [];
  for (let look = 0; look < looks; look += 1) {
    await delay(restMs / looks);
    samples.push(sample(load.daemon.pid, load.resources));
  }
  return medianOf(samples);
}

function outcomeOf(load: Load, tenths: readonly Sample[]): Outcome {
  const { restarts, calls, bytes, events, faults, failures } = load;
  return { done: { restarts, calls, bytes, events, faults }, tenths: [...tenths], failures: [...failures] };
}
