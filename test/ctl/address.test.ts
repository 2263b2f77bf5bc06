import { expect } from 'chai';
import { endpointOf, schemeOf } from '../../src/ctl/address.ts';
import { NamedError } from '../../src/ctl/client-errors.ts';

describe('a server address', () => {
  const cases: readonly [string, object][] = [
    ['unix:///run/x.sock', { socketPath: '/run/x.sock' }],
    ['unix://x.sock', { socketPath: 'x.sock' }],
    ['http://localhost:9001', { host: 'localhost', port: 9001 }],
    ['http://LocalHost', { host: 'localhost', port: 80 }],
    ['http://127.0.0.1:9001/path?x#y', { host: '127.0.0.1', port: 9001 }],
    ['http://user:pw@host:1', { host: 'host', port: 1 }],
    ['http://[::1]:9001', { host: '::1', port: 9001 }],
    ['http://host:', { host: 'host', port: 80 }],
  ];
  for (const [url, endpoint] of cases) {
    it(`${url} is ${JSON.stringify(endpoint)}`, () => {
      expect(endpointOf(url)).to.deep.equal(endpoint);
    });
  }

  const refusals: readonly [string, string][] = [
    ['https://x', 'Unknown protocol for serverurl https://x'],
    ['HTTP://x', 'Unknown protocol for serverurl HTTP://x'],
    ['http://x:abc', "Port could not be cast to integer value as 'abc'"],
    ['http://x:65536', 'Port out of range 0-65535'],
  ];
  for (const [url, text] of refusals) {
    it(`${url} is refused`, () => {
      expect(() => endpointOf(url)).to.throw(NamedError, text);
    });
  }

  it('has its scheme in small letters', () => {
    expect(['HTTP://x', 'unix:/x', 'x', ''].map(schemeOf)).to.deep.equal(['http', 'unix', '', '']);
  });
});
