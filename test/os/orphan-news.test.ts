import { expect } from 'chai';
import { createOrphanNews } from '../../src/os/orphan-news.ts';
import { FakeClock } from '../support/fake-clock.ts';

describe('the news of orphans', () => {
  let clock: FakeClock;
  let said: string[];
  let tell: (count: number) => void;

  beforeEach(() => {
    clock = new FakeClock();
    said = [];
    const news = createOrphanNews({ clock, describe: () => 'exit status 3', say: (text) => said.push(text) });
    tell = (count) => {
      for (let pid = 1; pid <= count; pid += 1) news(pid, { code: 3 });
    };
  });

  it('names each that comes alone, and needs no timer for that', () => {
    tell(1);
    clock.advance(60_000);
    tell(1);
    expect(said).to.deep.equal(['reaped unknown pid 1 (exit status 3)', 'reaped unknown pid 1 (exit status 3)']);
    expect(clock.pending).to.equal(0);
  });

  it('names the first twenty of a burst and sums up the rest when its second is over', () => {
    tell(10_000);
    expect(said).to.have.length(20);
    clock.advance(999);
    expect(said).to.have.length(20);
    clock.advance(1);
    expect(said.slice(20)).to.deep.equal(['reaped 9980 more unknown pids']);
    expect(clock.pending).to.equal(0);
  });

  it('begins anew after a burst', () => {
    tell(21);
    clock.advance(1000);
    tell(20);
    expect(said).to.have.length(20 + 1 + 20);
  });

  it('counts what trickles in within the second, too', () => {
    for (let count = 0; count < 40; count += 1) {
      tell(1);
      clock.advance(20);
    }
    clock.advance(200);
    expect(said.slice(20)).to.deep.equal(['reaped 20 more unknown pids']);
  });
});
