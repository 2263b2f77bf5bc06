// Plays many scenarios a few at a time: most of a scenario is waiting for a child.
import type { AreaScenario } from './load-scenarios.ts';
import { playScenario, type StepRecord } from './play-scenario.ts';
import { Players, type Player } from './players.ts';

/** The record of a scenario, or why there is none. */
export type Played = { readonly record: readonly StepRecord[] } | { readonly error: unknown };

/** Plays all of them; by the name of the scenario. `settled` is told of each as it is done. */
export async function playAll(
  scenarios: readonly AreaScenario[],
  options: { player: Player; atOnce?: number; settled?: (one: AreaScenario, played: Played) => void },
): Promise<ReadonlyMap<string, Played>> {
  const { player, atOnce = 6, settled } = options;
  const players = new Players();
  const waiting = [...scenarios];
  const results = new Map<string, Played>();
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const played = await playScenario(next.scenario, { player, players }).then(
        (record): Played => ({ record }),
        (error: unknown): Played => ({ error }),
      );
      results.set(next.scenario.name, played);
      settled?.(next, played);
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, work));
  } finally {
    await players.close();
  }
  return results;
}
