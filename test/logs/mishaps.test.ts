import { expect } from 'chai';
import { Mishaps } from '../../src/logs/mishaps.ts';
import { FakeClock } from '../support/fake-clock.ts';

describe('mishaps', () => {
  it('are logged with their stacks', () => {
    const { mishaps, lines } = make();
    const error = new Error('broken');
    mishaps.report(error);
    mishaps.report('no error at all');
    expect(lines).to.deep.equal([`unexpected: ${error.stack}`, 'unexpected: no error at all']);
  });

  it('are counted beyond the tenth in ten seconds, however many come', () => {
    const { mishaps, lines, clock } = make();
    for (let each = 0; each < 10_000; each += 1) mishaps.report(new Error(`number ${each}`));
    expect(lines).to.have.length(10);
    clock.advance(10_000);
    expect(lines.slice(10)).to.deep.equal([
      'unexpected: 9990 more errors were not logged; the last was Error: number 9999',
    ]);
    mishaps.report(new Error('later'));
    expect(lines).to.have.length(12);
  });

  it('leave no timer behind', () => {
    const { mishaps, lines, clock } = make();
    for (let each = 0; each < 12; each += 1) mishaps.report(new Error('again'));
    mishaps.close();
    expect(lines).to.have.length(11);
    expect(clock.pending).to.equal(0);
  });

  it('are cut where they are long', () => {
    const { mishaps, lines } = make();
    mishaps.report(new Error('x'.repeat(1e6)));
    expect(lines[0]).to.have.length.below(10_000);
  });

  it('throw nothing themselves, even where the log does', () => {
    const mishaps = new Mishaps({
      clock: new FakeClock(),
      crit() {
        throw new Error('no log');
      },
    });
    mishaps.report(new Error('broken'));
    mishaps.guard(() => {
      throw new Error('broken too');
    });
  });
});

function make() {
  const clock = new FakeClock();
  const lines: string[] = [];
  return { clock, lines, mishaps: new Mishaps({ clock, crit: (text) => lines.push(text) }) };
}
