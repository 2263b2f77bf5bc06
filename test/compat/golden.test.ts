// The golden records against the real supervisord of this machine: what ours is held against is still true.
import { expectRecord } from './compare-records.ts';
import { describeScenarios, recordOf } from './describe-scenarios.ts';
import { readGolden } from './golden.ts';
import { loadScenarios } from './load-scenarios.ts';
import type { Played } from './play-all.ts';
import { reference } from './players.ts';

describeScenarios('the golden records, held against supervisord', {
  scenarios: loadScenarios(),
  player: reference,
  needs: ['supervisord'],
  check: async ({ area, scenario }, { first, again }) => {
    const expectGolden = (played: Played): void =>
      expectRecord(recordOf(played), readGolden(area)[scenario.name]?.reference);
    try {
      expectGolden(first);
    } catch {
      // The timing of the real daemon under load is not ours to mend: it gets a second try, alone.
      expectGolden(await again());
    }
  },
});
