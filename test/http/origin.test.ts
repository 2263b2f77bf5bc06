import { expect } from 'chai';
import { isForeign } from '../../src/http/origin.ts';

describe('a request of another site', () => {
  const foreign: readonly (readonly [string, Record<string, string>])[] = [
    ['is marked cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['is marked same-site: another port, another subdomain', { 'sec-fetch-site': 'same-site' }],
    ['has another origin', { host: 'daemon:9001', origin: 'http://evil.example' }],
    ['has the same host and another port', { host: 'daemon:9001', origin: 'http://daemon:9002' }],
    ['hides its origin', { host: 'daemon:9001', origin: 'null' }],
    ['is marked, whatever origin it has', { 'sec-fetch-site': 'cross-site', host: 'd', origin: 'http://d' }],
  ];
  for (const [what, headers] of foreign) it(what, () => expect(isForeign(headers)).to.equal(true));
});

describe('a request that is nobody else’s', () => {
  const own: readonly (readonly [string, Record<string, string>])[] = [
    ['comes from a script, which says nothing', { host: 'daemon:9001' }],
    ['comes from the page itself', { 'sec-fetch-site': 'same-origin' }],
    ['was typed by the user', { 'sec-fetch-site': 'none' }],
    ['has the origin that was asked', { host: 'daemon:9001', origin: 'http://daemon:9001' }],
    [
      'has the origin that a proxy was asked for',
      { host: '127.0.0.1:9001', origin: 'https://ops.example', 'x-forwarded-host': 'ops.example' },
    ],
    ['is marked, behind a proxy that changes Host', { 'sec-fetch-site': 'same-origin', host: 'a', origin: 'http://b' }],
  ];
  for (const [what, headers] of own) it(what, () => expect(isForeign(headers)).to.equal(false));
});
