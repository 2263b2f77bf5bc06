import { expect } from 'chai';
import { LoopDelay } from '../../src/http/loop-delay.ts';
import { FakeClock } from '../support/fake-clock.ts';

describe('the delay of the event loop', () => {
  it('is not measured before somebody asks', () => {
    const clock = new FakeClock();
    const delay = new LoopDelay(clock);
    expect(clock.pending).to.equal(0);
    expect(delay.read()).to.deep.include({ count: 0, sumSeconds: 0 });
    expect(clock.pending).to.equal(1);
  });

  it('is looked at twenty times a second while somebody asks, and counted by how long it was', () => {
    const clock = new FakeClock();
    const delay = new LoopDelay(clock);
    delay.read();
    clock.advance(1000);
    expect(delay.read()).to.deep.equal({ counts: Array.from({ length: 10 }, () => 20), count: 20, sumSeconds: 0 });
  });

  it('is how much later the timer rang than it should', () => {
    const clock = new FakeClock();
    const lateness = [3, 30, 300, 3000];
    const after: FakeClock['after'] = (ms, callback) => clock.after(ms + (lateness.shift() ?? 0), callback);
    const delay = new LoopDelay({ now: () => clock.now(), after });
    delay.read();
    clock.advance(4 * 50 + 3333);
    const { counts, count, sumSeconds } = delay.read();
    expect(counts).to.deep.equal([0, 1, 1, 1, 2, 2, 2, 3, 3, 3]);
    expect(count).to.equal(4);
    expect(sumSeconds).to.equal(3.333);
  });

  it('is looked at no more when nobody has asked for five minutes, and again when somebody does', () => {
    const clock = new FakeClock();
    const delay = new LoopDelay(clock);
    delay.read();
    clock.advance(299_000);
    expect(clock.pending).to.equal(1);
    delay.read();
    clock.advance(299_000);
    expect(clock.pending).to.equal(1);
    clock.advance(1_050);
    expect(clock.pending).to.equal(0);
    const { count } = delay.read();
    clock.advance(100);
    expect(delay.read().count).to.equal(count + 2);
  });

  it('is measured no more after the end, whoever asks', () => {
    const clock = new FakeClock();
    const delay = new LoopDelay(clock);
    delay.read();
    delay.close();
    delay.read();
    expect(clock.pending).to.equal(0);
  });
});
