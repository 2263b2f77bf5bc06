import { expect } from 'chai';
import { TroubleLog } from '../../src/http/trouble-log.ts';
import { FakeClock } from '../support/fake-clock.ts';

describe('what clients do wrong', () => {
  let clock: FakeClock;
  let lines: string[];
  let trouble: TroubleLog;
  beforeEach(() => {
    clock = new FakeClock();
    lines = [];
    trouble = new TroubleLog({ section: 'inet_http_server', clock, warn: (text) => void lines.push(text) });
  });

  it('is said at once', () => {
    trouble.note('wrong password', '10.0.0.5');
    trouble.note('too slow', '10.0.0.5');
    expect(lines).to.deep.equal([
      '[inet_http_server] wrong password: 10.0.0.5',
      '[inet_http_server] too slow: 10.0.0.5',
    ]);
  });

  it('is then said once a minute, with how often and who', () => {
    for (const who of ['a', 'b', 'b', 'c', 'c', 'c', 'd', 'e']) trouble.note('too slow', who);
    clock.advance(60_000);
    expect(lines.slice(1)).to.deep.equal([
      '[inet_http_server] too slow: 7 more in the last minute (3 by c, 2 by b, 1 by d, 1 by others)',
    ]);
  });

  it('is bounded, however many do it', () => {
    for (let who = 0; who < 100_000; who += 1) trouble.note('too slow', String(who));
    clock.advance(60_000);
    expect(lines).to.have.length(2);
    expect(lines[1]).to.contain('99999 more').and.to.contain('99996 by others').and.to.have.length.below(200);
  });

  it('needs no timer once there was a quiet minute', () => {
    trouble.note('too slow', 'a');
    trouble.note('too slow', 'a');
    clock.advance(120_000);
    expect(clock.pending).to.equal(0);
    expect(lines).to.have.length(2);
    trouble.note('too slow', 'a');
    expect(lines).to.have.length(3);
  });

  it('is said to the end when the server closes', () => {
    trouble.note('too slow', 'a');
    trouble.note('too slow', 'b');
    trouble.close();
    expect(lines[1]).to.contain('1 more');
    expect(clock.pending).to.equal(0);
  });
});
