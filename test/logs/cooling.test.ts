import { expect } from 'chai';
import { Cooler, Heat } from '../../src/logs/cooling.ts';
import { FakeClock } from '../support/fake-clock.ts';

describe('the heat of a pipe', () => {
  it('is gone after a small read', () => {
    expect(new Heat().staysHot(100, 0)).to.equal(false);
  });

  it('lasts for 250 ms after a big read', () => {
    const heat = new Heat();
    expect(heat.staysHot(8192, 1000)).to.equal(true);
    expect(heat.staysHot(100, 1250)).to.equal(true);
    expect(heat.staysHot(100, 1251)).to.equal(false);
  });

  it('is renewed by each big read', () => {
    const heat = new Heat();
    heat.staysHot(65536, 0);
    heat.staysHot(65536, 200);
    expect(heat.staysHot(1, 450)).to.equal(true);
  });
});

describe('pipes that rest', () => {
  it('are woken together, 20 ms after the first', () => {
    const clock = new FakeClock();
    const cooler = new Cooler(clock);
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
    const cooler = new Cooler(clock);
    let times = 0;
    const wake = (): void => void (times += 1);
    cooler.rest(wake);
    cooler.rest(wake);
    clock.advance(100);
    expect(times).to.equal(1);
  });

  it('may rest again from being woken', () => {
    const clock = new FakeClock();
    const cooler = new Cooler(clock);
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
    const cooler = new Cooler(clock);
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
