import { expect } from 'chai';
import { Turns } from '../../src/base/turns.ts';

describe('turns', () => {
  it('come one in each round of the loop, in the order of asking', async () => {
    const turns = new Turns();
    const seen: string[] = [];
    const all = ['first', 'second', 'third'].map((name) => turns.next().then(() => seen.push(name)));
    let rounds = 0;
    const count = (): void => {
      seen.push(`round ${(rounds += 1)}`);
      if (rounds < 4) setImmediate(count);
    };
    setImmediate(count);
    await Promise.all(all);
    const places = ['first', 'second', 'third'].map((name) => seen.indexOf(name));
    expect(places).to.deep.equal(places.toSorted((a, b) => a - b));
    expect(seen.slice(places[0], places[2]).filter((each) => each.startsWith('round'))).to.have.length.of.at.least(2);
  });
});
