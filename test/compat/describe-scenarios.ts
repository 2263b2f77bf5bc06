// A mocha block in which scenarios were played, a few at a time, before the first test; then each is one test.
import { describeWith, type RequirementName } from '../support/requirements.ts';
import type { AreaScenario } from './load-scenarios.ts';
import { playAll, type Played } from './play-all.ts';
import type { StepRecord } from './play-scenario.ts';
import type { Player } from './players.ts';

/** `check` gets the record of each scenario and a way to play it once more, alone. */
export function describeScenarios(
  title: string,
  options: {
    readonly scenarios: readonly AreaScenario[];
    readonly player: Player;
    readonly needs: readonly RequirementName[];
    readonly check: (one: AreaScenario, play: { first: Played; again: () => Promise<Played> }) => Promise<void> | void;
  },
): void {
  const { scenarios, player, needs, check } = options;
  for (const group of groupByNeeds(scenarios)) {
    const special = group[0]?.scenario.needs ?? [];
    const suffix = special.length === 0 ? '' : ` (needs ${special.join(', ')})`;
    describeWith([...needs, ...special], `${title}${suffix}`, () => {
      let played: ReadonlyMap<string, Played> = new Map();

      before(async function () {
        this.timeout(1_800_000);
        played = await playAll(group, { player });
      });

      for (const one of group) {
        it(`${one.area}: ${one.scenario.name}`, async function () {
          this.timeout(120_000);
          const again = async (): Promise<Played> =>
            resultOf(await playAll([one], { player, atOnce: 1 }), one.scenario.name);
          await check(one, { first: resultOf(played, one.scenario.name), again });
        });
      }
    });
  }
}

/** The record of a scenario; throws what kept it from being played to its end. */
export function recordOf(played: Played): readonly StepRecord[] {
  if ('error' in played) throw played.error;
  return played.record;
}

function resultOf(played: ReadonlyMap<string, Played>, name: string): Played {
  return played.get(name) ?? { error: new Error('it was not played') };
}

function groupByNeeds(scenarios: readonly AreaScenario[]): AreaScenario[][] {
  const groups = new Map<string, AreaScenario[]>();
  for (const one of scenarios) {
    const key = (one.scenario.needs ?? []).toSorted().join(' ');
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()];
}
