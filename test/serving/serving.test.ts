// The promises of docs/serving.md, "What was proven": real daemons, workers, nginx and embedded proxies under a load that
// checks every answer. In every build; `npm run serving` does it at full volume and prints the table.
import { expect } from 'chai';
import { describeWith } from '../support/requirements.ts';
import { servingCases } from './cases.ts';
import type { Front } from './system.ts';
import { compareThroughput } from './throughput.ts';

const titles: Readonly<Record<Front, string>> = { nginx: 'behind nginx', proxy: 'behind the embedded proxy' };

for (const front of ['nginx', 'proxy'] as const) {
  describeWith(front === 'nginx' ? ['koffi', 'nginx'] : ['koffi'], `no request is lost ${titles[front]}`, function () {
    this.timeout(900_000);
    for (const one of servingCases.filter(({ fronts }) => fronts.includes(front))) {
      it(one.name, async () => {
        const { problems, notes } = await one.run(front, 'build');
        expect(problems, `${problems.join('\n')}\n${notes.join('\n')}`).to.deep.equal([]);
      });
    }
  });
}

describeWith(['koffi', 'nginx'], 'the comparison of throughput', function () {
  this.timeout(300_000);
  it('comes to its end, without a failed request', async () => {
    const { nginx, proxy } = await compareThroughput({ rounds: 1, seconds: 1 });
    for (const { ours, byHand } of [nginx, proxy])
      expect(Math.min(ours.perSecond, byHand.perSecond)).to.be.greaterThan(0);
  });
});
