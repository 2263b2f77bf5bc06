import { expect } from 'chai';
import { findGrowth, fullBounds, type Tenth } from './verdict.ts';

const level: Tenth = {
  privateKb: 20_000,
  busyKb: 25_000,
  residentKb: 60_000,
  descriptors: 40,
  threads: 7,
  zombies: 0,
  timers: 2,
  heapKb: 10_000,
  heapUsedKb: 8000,
  externalKb: 1800,
};

describe('the verdict on a soak', () => {
  it('lets the timer of the page trim pass', () => {
    expect(findGrowth([level, { ...level, timers: 3 }], fullBounds)).to.deep.equal([]);
  });

  it('lets a twentieth pass, and anything that shrinks', () => {
    expect(
      findGrowth([level, { ...level, privateKb: 20_900, busyKb: 26_200, descriptors: 42 }], fullBounds),
    ).to.deep.equal([]);
    expect(findGrowth([level, { ...level, privateKb: 10_000, descriptors: 10, threads: 6 }], fullBounds)).to.deep.equal(
      [],
    );
  });

  const grown: readonly (readonly [Partial<Tenth>, RegExp])[] = [
    [{ privateKb: 21_100 }, /^private memory grew from 20000 to 21100 \(5\.5 %\)$/],
    [{ busyKb: 27_000 }, /^private memory under load grew/],
    [{ descriptors: 43 }, /^open descriptors grew/],
    [{ threads: 8 }, /^threads grew/],
    [{ timers: 4 }, /^timers grew/],
    [{ zombies: 1 }, /^1 zombies stay$/],
  ];
  for (const [change, problem] of grown) {
    it(`says that ${problem.source}`, () => {
      const [only, ...more] = findGrowth([level, level, { ...level, ...change }], fullBounds);
      expect(only).to.match(problem);
      expect(more).to.deep.equal([]);
    });
  }
});
