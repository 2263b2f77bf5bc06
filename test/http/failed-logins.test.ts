import { expect } from 'chai';
import { FailedLogins } from '../../src/http/failed-logins.ts';
import { FakeClock } from '../support/fake-clock.ts';

describe('failed logins', () => {
  let clock: FakeClock;
  let logins: FailedLogins;
  beforeEach(() => {
    clock = new FakeClock();
    logins = new FailedLogins(clock);
  });
  const fail = (address: string, times = 1): number => {
    let wait = 0;
    for (let count = 0; count < times; count += 1) wait = logins.waitFor(address, false);
    return wait;
  };

  it('wait longer and longer after the third, up to two seconds', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9].map(() => fail('10.0.0.5'))).to.deep.equal([
      0, 0, 0, 250, 500, 1000, 2000, 2000, 2000,
    ]);
  });

  it('make a first right password from there wait as long, so that nothing is learnt by not waiting', () => {
    fail('10.0.0.5', 6);
    expect(logins.waitFor('10.0.0.5', true)).to.equal(1000);
    expect(logins.waitFor('10.0.0.5', true)).to.equal(0);
  });

  it('never make those wait who have logged in before, nor other addresses', () => {
    expect(logins.waitFor('10.0.0.5', true)).to.equal(0);
    fail('10.0.0.5', 50);
    expect(logins.waitFor('10.0.0.5', true)).to.equal(0);
    expect(logins.waitFor('10.0.0.6', true)).to.equal(0);
    expect(fail('10.0.0.7')).to.equal(0);
  });

  it('are forgotten after ten minutes', () => {
    fail('10.0.0.5', 20);
    clock.advance(600_001);
    expect(fail('10.0.0.5')).to.equal(0);
  });

  it('count for a whole network of IPv6, which one host has', () => {
    fail('2001:db8:1:2::1', 3);
    expect(fail('2001:db8:1:2:ffff::9')).to.equal(250);
    expect(fail('2001:db8:1:3::1')).to.equal(0);
  });

  it('of 100,000 addresses are kept in bounded memory', () => {
    for (let host = 0; host < 100_000; host += 1) fail(`10.${host >> 16}.${(host >> 8) & 255}.${host & 255}`);
    expect(logins.size).to.be.at.most(8192);
  });
});
