// Each of ours with the other real one: Debian's supervisorctl, unmodified, with our daemon, and corevisorctl with the real
// supervisord. Every scenario in which the control command is run, held against the same golden records.
import { expectRecord } from './compare-records.ts';
import { describeScenarios, recordOf } from './describe-scenarios.ts';
import { readGolden } from './golden.ts';
import { loadScenarios, selectScenarios, type AreaScenario } from './load-scenarios.ts';
import type { Played } from './play-all.ts';
import { oursWithRealCtl, realWithOurCtl } from './players.ts';

const words = (process.env['COREVISOR_COMPAT_WORDS'] ?? '').split(' ').filter((word) => word !== '');
const scenarios = selectScenarios(loadScenarios(), words).filter(
  ({ scenario }) => scenario.verdict === undefined && scenario.steps.some((step) => 'ctl' in step),
);

describeScenarios('the real supervisorctl with our daemon', {
  scenarios,
  player: oursWithRealCtl,
  needs: ['koffi', 'supervisord'],
  check: (one, { first }) => expectGolden(one, first),
});

describeScenarios('our corevisorctl with the real supervisord', {
  scenarios,
  player: realWithOurCtl,
  needs: ['supervisord'],
  check: async (one, { first, again }) => {
    try {
      expectGolden(one, first);
    } catch {
      // As in golden.test.ts: the real daemon under load.
      expectGolden(one, await again());
    }
  },
});

function expectGolden({ area, scenario }: AreaScenario, played: Played): void {
  expectRecord(recordOf(played), readGolden(area)[scenario.name]?.reference);
}
