import { expect } from 'chai';
import { Turns } from '../../src/base/turns.ts';
import { FakeClock } from '../support/fake-clock.ts';

const round = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('turns', () => {
  it('come in a later round of the loop when nobody else waits', async () => {
    const turns = new Turns(new FakeClock());
    let mine = false;
    const turn = turns.next().then(() => (mine = true));
    for (let step = 0; step < 10; step += 1) await Promise.resolve();
    expect(mine).to.equal(false);
    await turn;
    await turns.next();
  });

  it('come in the order of asking, with a pause between two that wait', async () => {
    const clock = new FakeClock();
    const turns = new Turns(clock);
    const seen: string[] = [];
    for (const name of ['first', 'second', 'third']) void turns.next().then(() => seen.push(name));
    const pass = async (milliseconds: number): Promise<readonly string[]> => {
      clock.advance(milliseconds);
      for (let step = 0; step < 3; step += 1) await round();
      return seen;
    };
    expect(await pass(0)).to.deep.equal(['first']);
    expect(await pass(4)).to.deep.equal(['first']);
    expect(await pass(1)).to.deep.equal(['first', 'second']);
    expect(await pass(5)).to.deep.equal(['first', 'second', 'third']);
  });
});
