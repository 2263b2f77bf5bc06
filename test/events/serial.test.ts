import { expect } from 'chai';
import { Serial } from '../../src/events/serial.ts';

describe('a serial', () => {
  it('counts from 0', () => {
    const serial = new Serial();
    expect([serial.next(), serial.next(), serial.next()]).to.deep.equal([0, 1, 2]);
  });

  it('begins anew after the last number that is exact', () => {
    const serial = new Serial(Number.MAX_SAFE_INTEGER - 1);
    expect([serial.next(), serial.next(), serial.next()]).to.deep.equal([Number.MAX_SAFE_INTEGER, 0, 1]);
  });
});
