import { expect } from 'chai';
import { formatDate, formatUptime } from '../../src/supervisor/snapshot.ts';

describe('uptime', () => {
  const cases: readonly [number, string][] = [
    [0, '0:00:00'],
    [10, '0:00:10'],
    [3661, '1:01:01'],
    [86_400 + 7384, '1 day, 2:03:04'],
    [3 * 86_400, '3 days, 0:00:00'],
    [-5, '0:00:00'],
  ];
  for (const [seconds, text] of cases) {
    it(`of ${seconds} s reads ${text}`, () => {
      expect(formatUptime(seconds)).to.equal(text);
    });
  }
});

describe('the date of an end', () => {
  const cases: readonly [Date, string][] = [
    [new Date(2026, 10, 22, 19, 37), 'Nov 22 07:37 PM'],
    [new Date(2026, 0, 2, 0, 5), 'Jan 02 12:05 AM'],
    [new Date(2026, 5, 30, 12, 0), 'Jun 30 12:00 PM'],
  ];
  for (const [date, text] of cases) {
    it(`reads ${text}`, () => {
      expect(formatDate(date.getTime() / 1000)).to.equal(text);
    });
  }
});
