import { expect } from 'chai';
import type { TickPeriod } from '../../src/base/event-types.ts';
import { Ticks } from '../../src/events/ticks.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** A clock whose hands the test may move. */
class SetClock extends FakeClock {
  offsetMs = 0;

  override wall(): number {
    return super.wall() + this.offsetMs;
  }
}

function ticking(periods: TickPeriod | readonly TickPeriod[], offsetMs = 0) {
  const clock = new SetClock();
  clock.offsetMs = offsetMs;
  const begin = clock.wall() / 1000 - offsetMs / 1000;
  const whens: number[] = [];
  const kinds: TickPeriod[] = [];
  const ticks = new Ticks({
    clock,
    emit({ when, period }) {
      whens.push(when - begin);
      kinds.push(period);
    },
  });
  ticks.want([periods].flat());
  return { clock, whens, kinds, ticks };
}

describe('ticks', () => {
  it('come at whole multiples of the period, not at the beginning', () => {
    const { clock, whens } = ticking(5, 1200);
    expect(whens).to.deep.equal([]);
    clock.advance(3799);
    expect(whens).to.deep.equal([]);
    clock.advance(1);
    expect(whens).to.deep.equal([5]);
    clock.advance(10_000);
    expect(whens).to.deep.equal([5, 10, 15]);
  });

  it('come each hour although the clock is looked at each minute', () => {
    const { clock, whens } = ticking(3600);
    clock.advance(2 * 3600 * 1000);
    expect(whens).to.deep.equal([3600, 7200]);
  });

  it('come no second time for the same moment when the clock is set back a little', () => {
    const { clock, whens } = ticking(5);
    clock.advance(6000);
    clock.offsetMs = -3000;
    clock.advance(12_000);
    expect(whens).to.deep.equal([5, 10, 15]);
  });

  it('go on with the clock when it is set back far', () => {
    const { clock, whens } = ticking(5);
    clock.advance(61_000);
    clock.offsetMs = -60_000;
    clock.advance(9000);
    expect(whens.slice(-2)).to.deep.equal([5, 10]);
  });

  it('do not come once for each moment that a clock skips', () => {
    const { clock, whens } = ticking(5);
    clock.offsetMs = 3_600_000;
    clock.advance(5000);
    expect(whens).to.deep.equal([3605]);
  });

  it('notice within a minute that the clock was set', () => {
    const { clock, whens } = ticking(3600);
    clock.offsetMs = 3_600_000;
    clock.advance(60_000);
    expect(whens).to.deep.equal([3600]);
  });

  it('are not told early by a timer that rings early', () => {
    const { clock, whens } = ticking(5);
    clock.offsetMs = -2;
    clock.advance(5000);
    expect(whens).to.deep.equal([]);
    clock.advance(2);
    expect(whens).to.deep.equal([5]);
  });

  it('that fall together come in the order of their periods', () => {
    const { clock, kinds } = ticking([3600, 60, 5], 3_590_000);
    clock.advance(10_000);
    expect(kinds).to.deep.equal([5, 5, 60, 3600]);
  });

  it('go on when others are wanted too, or no more', () => {
    const { clock, whens, kinds, ticks } = ticking(60);
    clock.advance(58_000);
    ticks.want([5, 60]);
    clock.advance(2000);
    ticks.want([60]);
    clock.advance(60_000);
    expect(kinds).to.deep.equal([5, 60, 60]);
    expect(whens).to.deep.equal([60, 60, 120]);
  });

  it('have one timer, and none once nobody wants them', () => {
    const { clock, whens, ticks } = ticking([5, 60]);
    clock.advance(5000);
    expect(clock.pending).to.equal(1);
    ticks.want([]);
    expect(clock.pending).to.equal(0);
    clock.advance(60_000);
    expect(whens).to.deep.equal([5]);
  });
});
