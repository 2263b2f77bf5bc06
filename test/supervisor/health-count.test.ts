import { expect } from 'chai';
import * as fc from 'fast-check';
import {
  beginCount,
  countProbe,
  eagerMs,
  type HealthRules,
  isGivenUp,
  nextDueMs,
} from '../../src/supervisor/health-count.ts';

const rules: HealthRules = { intervalMs: 10_000, retries: 3, startPeriodMs: 0 };

/** Asks by the rules until the run is given up or so much time has passed; answers when the last probe was due. */
function givenUpAt(
  some: HealthRules,
  {
    startedAtMs,
    isHealthy,
    untilMs,
  }: { startedAtMs: number; isHealthy: (dueAtMs: number) => boolean; untilMs: number },
): number | null {
  let count = beginCount(some, startedAtMs);
  let now = startedAtMs;
  while (now < untilMs) {
    now = nextDueMs(now, { stepMs: count.wasHealthy ? some.intervalMs : eagerMs(some), offsetMs: 0 });
    count = countProbe(some, { count, isHealthy: isHealthy(now), dueAtMs: now });
    if (isGivenUp(some, count)) return now;
  }
  return null;
}

describe('the health of a run', () => {
  it('is given up after as many failures in a row as health_retries says', () => {
    const hangsAt = 60_000;
    const at = givenUpAt(rules, { startedAtMs: 0, isHealthy: (due) => due <= hangsAt, untilMs: 200_000 });
    expect(at).to.equal(90_000);
  });

  it('is not given up over failures with a success between them', () => {
    const at = givenUpAt(rules, { startedAtMs: 0, isHealthy: (due) => due % 20_000 === 0, untilMs: 1_000_000 });
    expect(at).to.equal(null);
  });

  it('goes by the interval before the first success too, though it is asked once a second', () => {
    expect(givenUpAt(rules, { startedAtMs: 300, isHealthy: () => false, untilMs: 200_000 })).to.equal(30_000);
    const slow = { ...rules, startPeriodMs: 60_000 };
    expect(givenUpAt(slow, { startedAtMs: 300, isHealthy: () => false, untilMs: 200_000 })).to.equal(90_000);
  });

  it('is not given up at once when time has leapt before the first success', () => {
    let count = beginCount(rules, 0);
    for (const dueAtMs of [3_600_000, 3_601_000, 3_602_000]) {
      count = countProbe(rules, { count, isHealthy: false, dueAtMs });
    }
    expect(count.failures).to.equal(1);
  });

  it('counts from the first success on also within the start period', () => {
    const slow = { ...rules, startPeriodMs: 600_000 };
    expect(givenUpAt(slow, { startedAtMs: 0, isHealthy: (due) => due === 5000, untilMs: 200_000 })).to.equal(30_000);
  });

  it('is given up within interval × retries after the last success, or the start period, and never sooner than asked for', () => {
    const some = fc.record({
      intervalMs: fc.integer({ min: 100, max: 60_000 }),
      retries: fc.integer({ min: 1, max: 5 }),
      startPeriodMs: fc.integer({ min: 0, max: 120_000 }),
    });
    fc.assert(
      fc.property(some, fc.nat(1_000_000), fc.nat(50_000), fc.boolean(), (its, startedAtMs, upMs, everHealthy) => {
        const hangsAtMs = startedAtMs + upMs;
        let lastSuccess: number | null = null;
        const isHealthy = (due: number): boolean => {
          if (!everHealthy || due > hangsAtMs) return false;
          lastSuccess = due;
          return true;
        };
        const at = givenUpAt(its, { startedAtMs, isHealthy, untilMs: Infinity }) ?? Infinity;
        const bound = its.intervalMs * its.retries;
        if (lastSuccess === null) {
          const patient = startedAtMs + its.startPeriodMs;
          expect(at).to.be.at.most(patient + bound);
          expect(at).to.be.at.least(patient + bound - its.retries * eagerMs(its) - eagerMs(its));
        } else {
          expect(at).to.be.at.most(lastSuccess + bound);
          expect(at).to.be.greaterThan(lastSuccess + its.intervalMs * (its.retries - 1));
        }
      }),
    );
  });

  it('is asked at moments that all with the same interval share, moved by an offset', () => {
    expect(nextDueMs(0, { stepMs: 1000, offsetMs: 0 })).to.equal(1000);
    expect(nextDueMs(999.9, { stepMs: 1000, offsetMs: 0 })).to.equal(1000);
    expect(nextDueMs(1000, { stepMs: 1000, offsetMs: 200 })).to.equal(1200);
    expect(nextDueMs(100, { stepMs: 1000, offsetMs: 200 })).to.equal(200);
  });
});
