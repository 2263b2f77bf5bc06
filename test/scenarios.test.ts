// The data of the conformance suite: every scenario is named once and has its golden record. Nothing is played here.
import { expect } from 'chai';
import { describeStep, records } from './compat/describe-step.ts';
import { goldenAreas, readGolden } from './compat/golden.ts';
import { loadScenarios } from './compat/load-scenarios.ts';

const all = loadScenarios();

describe('the scenarios of the conformance suite', () => {
  it('have names of their own', () => {
    const names = all.map(({ scenario }) => scenario.name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).to.deep.equal([]);
  });

  it('have golden records, and nothing else has', () => {
    const recorded = goldenAreas().flatMap((area) => Object.keys(readGolden(area)).map((name) => `${area}: ${name}`));
    expect(recorded).to.have.members(all.map(({ area, scenario }) => `${area}: ${scenario.name}`));
  });

  it('were recorded as they stand', () => {
    const changed = all.filter(({ area, scenario }) => {
      const labels = scenario.steps.filter(records).map(describeStep);
      const recorded = readGolden(area)[scenario.name]?.reference.map(({ step }) => step);
      return recorded?.join('\n') !== labels.join('\n');
    });
    expect(changed.map(({ scenario }) => scenario.name)).to.deep.equal([]);
  });

  it('have a record of ours exactly where a verdict says that it differs', () => {
    const odd = all.filter(({ area, scenario }) => {
      const golden = readGolden(area)[scenario.name];
      return (golden?.ours !== undefined) !== (scenario.verdict !== undefined);
    });
    expect(odd.map(({ scenario }) => scenario.name)).to.deep.equal([]);
  });
});
