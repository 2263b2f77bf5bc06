import { expect } from 'chai';
import { readAddress } from '../../src/config/address.ts';

describe('an address of a server', () => {
  const cases = [
    ['127.0.0.1:8000', { host: '127.0.0.1', port: 8000 }],
    ['app.internal:80', { host: 'app.internal', port: 80 }],
    ['[::1]:8000', { host: '::1', port: 8000 }],
    ['unix:/run/web.sock', { path: '/run/web.sock' }],
    ['127.0.0.1', null],
    [':8000', null],
    ['::1:8000', null],
    ['127.0.0.1:0', null],
    ['127.0.0.1:65536', null],
    ['unix:web.sock', null],
    ['unix:/run/a b', null],
    ['127.0.0.1:8000 backup', null],
    ['127.0.0.1:8000;', null],
  ] as const;
  for (const [text, address] of cases) {
    it(`${address === null ? 'is not' : 'is'} ${text}`, () => expect(readAddress(text)).to.deep.equal(address));
  }
});
