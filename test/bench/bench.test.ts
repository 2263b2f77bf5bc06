// Every row of the benchmark is played once at the least size, by all who are installed. Of the times nothing is expected, only
// that there are figures.
import { expect } from 'chai';
import { findField, type Commands, type Contender } from './contenders.ts';
import type { Experiment } from './experiment.ts';
import { experiments } from './experiments.ts';
import { runBench, type Outcome } from './run-bench.ts';
import { tiny } from './scale.ts';
import { makeTool } from './tool.ts';

/** What only ours can tell. */
const onlyOurs: readonly string[] = ['storm-loop'];

/** pm2 takes part where it is cheap to start so many. */
const seldom: readonly Contender[] = ['pm2'];

describe('the benchmark', function () {
  this.timeout(120_000);

  for (const compile of [true, false]) {
    const tool = makeTool({ compile });
    const all = findField({ pm2: undefined, compiled: tool.compiled });
    // The program in Perl is what it is played with wherever there is no compiler; ours is enough to see that it works.
    const field = compile ? all : { ...all, present: new Map<Contender, Commands>([['ours', {}]]) };

    describe(`with a program in ${tool.compiled ? 'C' : 'Perl'}, by ${[...field.present.keys()].join(', ')}`, () => {
      const outcomes = new Map<Experiment, Promise<Outcome>>();

      // All at once, for nobody looks at the times.
      before(() => {
        for (const experiment of experiments) outcomes.set(experiment, play(experiment));
      });

      after(() => tool.remove());

      for (const experiment of experiments) {
        it(`measures ${experiment.figures.map(({ name }) => name).join(', ')}`, async () => {
          const outcome = await outcomes.get(experiment);
          expect(outcome?.failures).to.deep.equal([]);
          expect(missingIn(experiment, outcome)).to.deep.equal([]);
        });
      }
    });

    function play(experiment: Experiment): Promise<Outcome> {
      return runBench({
        experiments: [experiment],
        field,
        tool,
        scale: tiny,
        rounds: 1,
        wants: () => true,
        progress: () => {},
      });
    }

    /** Figures that should be there and are not. A limit need not have all of them, but one. */
    function missingIn(experiment: Experiment, outcome: Outcome | undefined): string[] {
      const results = outcome?.results ?? [];
      const players = experiment.contenders.filter((one) => field.present.has(one) && !seldom.includes(one));
      return players.flatMap((contender) => {
        const absent = results
          .filter(({ values }) => values.get(contender) === undefined)
          .map(({ figure }) => figure.name);
        const isWhole = contender === 'ours' || contender === 'supervisord';
        if (!isWhole) return absent.length === results.length ? [`${contender}: all`] : [];
        const excused = contender === 'ours' ? [] : onlyOurs;
        return absent.filter((name) => !excused.includes(name)).map((name) => `${contender}: ${name}`);
      });
    }
  }
});
