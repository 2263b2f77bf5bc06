import { expect } from 'chai';
import { Cooler, Heat } from '../../src/logs/cooling.ts';
import { FakeClock } from '../support/fake-clock.ts';

describe('the heat of a pipe', () => {
  it('lets it rest long after a small read', () => {
    expect(new Heat().restAfter(100, 0)).to.equal('long');
  });

  it('lets it rest shortly for 250 ms after a big read', () => {
    const heat = new Heat();
    expect(heat.restAfter(8192, 1000)).to.equal('short');
    expect(heat.restAfter(100, 1250)).to.equal('short');
    expect(heat.restAfter(100, 1251)).to.equal('long');
  });

  it('lets it rest not at all while reads are full', () => {
    const heat = new Heat();
    expect(heat.restAfter(16_384, 0)).to.equal('none');
    expect(heat.restAfter(65_536, 0)).to.equal('none');
    expect(heat.restAfter(16_383, 0)).to.equal('short');
  });

  it('lets a pipe that has come to rest before rest again, unless it is full by then', () => {
    const heat = new Heat();
    expect(heat.restAfter(60_000, 0, 65_536)).to.equal('short');
    expect(heat.restAfter(65_536, 0, 65_536)).to.equal('none');
  });

  it('is renewed by each big read', () => {
    const heat = new Heat();
    heat.restAfter(65_536, 0);
    heat.restAfter(65_536, 200);
    expect(heat.restAfter(1, 450)).to.equal('short');
  });
});

describe('pipes that rest', () => {
  it('are woken together, 20 ms after the first', () => {
    const clock = new FakeClock();
    const cooler = new Cooler(clock, 'long');
    const woken: string[] = [];
    cooler.rest(() => woken.push('a'));
    clock.advance(15);
    cooler.rest(() => woken.push('b'));
    clock.advance(4);
    expect(woken).to.deep.equal([]);
    clock.advance(1);
    expect(woken).to.deep.equal(['a', 'b']);
  });

  it('are woken once', () => {
    const clock = new FakeClock();
    const cooler = new Cooler(clock, 'long');
    let times = 0;
    const wake = (): void => void (times += 1);
    cooler.rest(wake);
    cooler.rest(wake);
    clock.advance(100);
    expect(times).to.equal(1);
  });

  it('may rest again from being woken', () => {
    const clock = new FakeClock();
    const cooler = new Cooler(clock, 'long');
    let times = 0;
    const wake = (): void => {
      times += 1;
      if (times < 3) cooler.rest(wake);
    };
    cooler.rest(wake);
    clock.advance(60);
    expect(times).to.equal(3);
  });

  it('set no timer when none rests', () => {
    const clock = new FakeClock();
    const cooler = new Cooler(clock, 'long');
    let times = 0;
    const wake = (): void => void (times += 1);
    cooler.rest(wake);
    cooler.forget(wake);
    expect(clock.pending).to.equal(0);
    cooler.rest(wake);
    clock.advance(20);
    expect(clock.pending).to.equal(0);
    expect(times).to.equal(1);
  });
});
