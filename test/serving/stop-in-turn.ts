// Two systems behind a balancer that obeys /readyz, one of them stopped and started anew, then the other, under load.
import { type Backend, Balancer } from '../support/balancer.ts';
import { waitUntil } from '../support/wait-until.ts';
import { type CaseOutcome, loaded } from './under-load.ts';

/** The balancer looks five times a second. */
export const predrain = 2;

/** One of the two. */
export interface Standing {
  readonly backend: Backend;
  /** Stops it and answers its exit status. */
  stop(): Promise<number | null>;
  /** Takes it away, whatever is left of it. */
  discard(): Promise<void>;
  /** What it knows of what happened. */
  log(): Promise<string>;
  /** The POSTs that its workers have seen more than once. */
  doubledPosts(): readonly string[];
}

/** Stops so many, one after the other, each with another one beside it. */
export async function stopInTurn(start: () => Promise<Standing>, stops: number): Promise<CaseOutcome> {
  const balancer = await Balancer.start();
  const standing: Standing[] = [];
  const logs: string[] = [];
  const doubled: string[] = [];
  const refill = async (): Promise<void> => {
    while (standing.length < 2) standing.push(await start());
    await balancer.use(standing.map(({ backend }) => backend));
    await waitUntil(() => balancer.readyCount() === 2, { what: 'two that are ready', deadlineMs: 60_000 });
  };
  try {
    await refill();
    const outcome = await loaded(
      {
        port: balancer.port,
        log: () => '',
        doubledPosts: () => [...doubled, ...standing.flatMap((one) => one.doubledPosts())],
      },
      async ({ load, note, problem }) => {
        for (let stop = 0; stop < stops; stop += 1) {
          await load.answered(500);
          const leaving = standing.shift();
          if (leaving === undefined) return;
          const begun = performance.now();
          const status = await leaving.stop();
          note(`a stop took ${((performance.now() - begun) / 1000).toFixed(1)} s`);
          if (status !== 0) problem(`it ended with ${status}`);
          await load.answered(500);
          doubled.push(...leaving.doubledPosts());
          logs.push(await leaving.log());
          await leaving.discard();
          await refill();
        }
      },
    );
    return outcome.problems.length === 0 ? outcome : { ...outcome, problems: [...outcome.problems, ...logs] };
  } finally {
    balancer.stop();
    for (const one of standing) await one.discard();
  }
}
