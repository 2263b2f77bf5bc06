// The data of the conformance suite: every scenario is named once and has its golden record, every thing of the contract
// is shown by one, and docs/compatibility.md says so. Nothing is played here.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'chai';
import { sectionKinds } from '../src/config/options.ts';
import { contractRows } from './compat/contract.ts';
import { describeStep, records } from './compat/describe-step.ts';
import { goldenAreas, readGolden, type Golden } from './compat/golden.ts';
import { loadScenarios, type AreaScenario } from './compat/load-scenarios.ts';
import { coverage, describeCoverage } from './compat/table.ts';

const all = loadScenarios();
const areas = new Map(goldenAreas().map((area) => [area, readGolden(area)]));
const covered = coverage(all, goldenOf);

describe('the scenarios of the conformance suite', () => {
  it('have names of their own', () => {
    const names = all.map(({ scenario }) => scenario.name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).to.deep.equal([]);
  });

  it('have golden records, and nothing else has', () => {
    const recorded = [...areas].flatMap(([area, golden]) => Object.keys(golden).map((name) => `${area}: ${name}`));
    expect(recorded).to.have.members(all.map(({ area, scenario }) => `${area}: ${scenario.name}`));
  });

  it('were recorded as they stand', () => {
    const changed = all.filter((one) => {
      const labels = one.scenario.steps.filter(records).map(describeStep);
      return (
        goldenOf(one)
          ?.reference.map(({ step }) => step)
          .join('\n') !== labels.join('\n')
      );
    });
    expect(changed.map(({ scenario }) => scenario.name)).to.deep.equal([]);
  });

  it('have a record of ours exactly where a verdict says that it differs', () => {
    const odd = all.filter((one) => (goldenOf(one)?.ours !== undefined) !== (one.scenario.verdict !== undefined));
    expect(odd.map(({ scenario }) => scenario.name)).to.deep.equal([]);
  });

  it('show things that there are, and say what a verdict is about', () => {
    const named = all.flatMap(({ scenario: { shows = [], verdict } }) => [...shows, ...(verdict?.about ?? [])]);
    expect(named.filter((name) => !contractRows.has(name))).to.deep.equal([]);
    const vague = all.filter(
      ({ scenario: { shows, verdict } }) => verdict !== undefined && (verdict.about ?? shows ?? []).length === 0,
    );
    expect(vague.map(({ scenario }) => scenario.name)).to.deep.equal([]);
  });

  it('show every thing of the contract', () => {
    const missing = covered.rows.filter(({ scenarios }) => scenarios.length === 0).map(({ id }) => id);
    expect(missing).to.deep.equal([]);
  });

  it('are what docs/compatibility.md says (UPDATE_DOCS=1 writes it)', () => {
    const page = resolve(import.meta.dirname, '../docs/compatibility.md');
    const [before = '', , after = ''] = readFileSync(page, 'utf8').split(/(?<=<!-- scenarios: .*-->\n)|(?=<!-- end)/);
    const fresh = `${before}\n${describeCoverage(covered)}\n${after}`;
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, fresh);
    expect(readFileSync(page, 'utf8')).to.equal(fresh);
  });
});

describe("the list of supervisord's contract", () => {
  it('has every option of our tables that is not our own, and no other but those of Python plugins', () => {
    const ours = sectionKinds
      .filter(({ since }) => since === 'supervisor')
      .flatMap(({ head, options }) =>
        Object.entries(options ?? {})
          .filter(([, { since }]) => since === 'supervisor')
          .map(([name]) => `${head.split(':')[0]}.${name}`),
      );
    expect(ours.filter((id) => !contractRows.has(id) && !isSharedOption(id))).to.deep.equal([]);
    const theirs = [...contractRows.keys()].filter(
      (id) => /^[a-z_-]+\.[a-z_.]+$/.test(id) && !/^(supervisor|system)\./.test(id),
    );
    expect(theirs.filter((id) => !ours.includes(id) && !notOurs.test(id))).to.deep.equal([]);
  });
});

/** Python plugins. */
const notOurs = /^ctlplugin\./;

/** An option of programs in a section of another kind of program. */
function isSharedOption(id: string): boolean {
  return /^(eventlistener|fcgi-program)\./.test(id) && contractRows.has(`program.${id.split('.')[1]}`);
}

function goldenOf({ area, scenario }: AreaScenario): Golden | undefined {
  return areas.get(area)?.[scenario.name];
}
