import { expect } from 'chai';
import { isLoopback } from '../../src/config/loopback.ts';

describe('loopback', () => {
  for (const host of [
    'localhost',
    'LOCALHOST',
    '127.0.0.1',
    '127.8.9.1',
    '::1',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
  ])
    it(`is ${host}`, () => expect(isLoopback(host)).to.equal(true));

  for (const host of [
    '',
    '*',
    '0.0.0.0',
    '::',
    '[::]',
    '10.0.0.1',
    '[fe80::1]',
    '127.example.org',
    'localhost.example.org',
    'web',
    '::2',
  ])
    it(`is not ${host === '' ? 'every address' : host}`, () => expect(isLoopback(host)).to.equal(false));
});
