// Ours against the golden records of the real supervisord: every scenario, none left out. Without Python; `npm run compat`
// runs this file alone, with words on the command line only the scenarios whose area and name hold them.
import { expect } from 'chai';
import { expectRecord, sameRecord } from './compare-records.ts';
import { describeScenarios, recordOf } from './describe-scenarios.ts';
import { readGolden } from './golden.ts';
import { loadScenarios, selectScenarios } from './load-scenarios.ts';
import { ours } from './players.ts';

const words = (process.env['COREVISOR_COMPAT_WORDS'] ?? '').split(' ').filter((word) => word !== '');

describeScenarios('ours, held against the records of supervisord', {
  scenarios: selectScenarios(loadScenarios(), words),
  player: ours,
  needs: ['koffi'],
  check: ({ area, scenario }, { first }) => {
    const record = recordOf(first);
    const golden = readGolden(area)[scenario.name];
    if (scenario.verdict === undefined) {
      expectRecord(record, golden?.reference);
    } else {
      const isStale = sameRecord(record, golden?.reference);
      expect(isStale, 'ours answers as supervisord, against the verdict').to.equal(false);
      expectRecord(record, golden?.ours);
    }
  },
});
