// A soak: portions of load, ten unless told otherwise, and after each a rest in which is measured what the daemon holds.
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Load, type Volume } from './load.ts';
import { median, medianOf, privateKbOf, sample, type Sample } from './sample.ts';
import type { Tenth } from './verdict.ts';
import { waitUntil } from '../support/wait-until.ts';

/** What a soak was made of and what it found. */
export interface Outcome {
  readonly done: Volume & { readonly events: number; readonly faults: number };
  readonly tenths: readonly Tenth[];
  /** Calls that were not answered. */
  readonly failures: readonly string[];
}

export interface SoakOrder {
  readonly volume: Volume;
  readonly portions?: number;
  /** Loaded into the daemon; for a leak that is planted. */
  readonly preload?: string;
  /** How long a rest is, and into how many looks it is divided. */
  readonly restMs: number;
  readonly looks: number;
  /** No further tenth is begun after so long; none by default. */
  readonly limitMs?: number;
  /** Called after each tenth. */
  report(tenth: number, line: { readonly sample: Tenth; readonly outcome: Outcome }): void;
}

/** Runs it all on a daemon of its own. */
export async function runSoak(order: SoakOrder): Promise<Outcome> {
  const { volume, portions = 10 } = order;
  const portion = {
    restarts: Math.ceil(volume.restarts / portions),
    calls: Math.ceil(volume.calls / portions),
    bytes: 2 * Math.ceil(volume.bytes / portions / 2),
  };
  const load = await Load.start(portion, order.preload === undefined ? {} : { preload: order.preload });
  const deadline = performance.now() + (order.limitMs ?? Infinity);
  try {
    const tenths: Tenth[] = [];
    for (let tenth = 1; tenth <= portions && performance.now() < deadline; tenth += 1) {
      const busyKb = await work(load);
      const one = { ...(await rest(load, order)), busyKb };
      tenths.push(one);
      order.report(tenth, { sample: one, outcome: outcomeOf(load, tenths) });
    }
    return outcomeOf(load, tenths);
  } finally {
    await load.stop();
  }
}

/** One portion; answers the median of the daemon's private memory meanwhile, in KiB. */
async function work(load: Load): Promise<number> {
  const looks: number[] = [];
  const looking = setInterval(() => looks.push(privateKbOf(load.daemon.pid)), 250);
  try {
    await load.work();
  } finally {
    clearInterval(looking);
  }
  return median(looks);
}

/**
 * Nothing is asked of the daemon: first its listener gets what waits, then garbage is collected, for V8 puts that off while
 * there is room, and what is not collected yet would hide what is kept for ever. Then it is looked at again and again.
 */
async function rest(load: Load, { restMs, looks }: SoakOrder): Promise<Sample> {
  let seen = -1;
  const isCalm = (): boolean => {
    const before = seen;
    seen = load.events;
    return seen === before;
  };
  await waitUntil(isCalm, { what: 'the listener to get all events', deadlineMs: 60_000, everyMs: 500 });
  writeFileSync(`${load.resources}.collect`, '');
  const isCollected = (): boolean => !existsSync(`${load.resources}.collect`);
  await waitUntil(isCollected, { what: 'garbage to be collected', deadlineMs: 60_000 });
  const samples: Sample[] = [];
  for (let look = 0; look < looks; look += 1) {
    await delay(restMs / looks);
    samples.push(sample(load.daemon.pid, load.resources));
  }
  return medianOf(samples);
}

function outcomeOf(load: Load, tenths: readonly Tenth[]): Outcome {
  const { restarts, calls, bytes, events, faults, failures } = load;
  return { done: { restarts, calls, bytes, events, faults }, tenths: [...tenths], failures: [...failures] };
}
