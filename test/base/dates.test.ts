import { expect } from 'chai';
import { dateAndTime } from '../../src/base/dates.ts';

describe('a date and time', () => {
  it('reads as C writes it, in local time', () => {
    expect(dateAndTime(new Date(2026, 10, 2, 0, 5, 7).getTime())).to.equal('Mon Nov  2 00:05:07 2026');
    expect(dateAndTime(new Date(2027, 0, 31, 23, 59, 59).getTime())).to.equal('Sun Jan 31 23:59:59 2027');
  });
});
