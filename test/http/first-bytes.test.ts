import { expect } from 'chai';
import { withAsciiTarget } from '../../src/http/first-bytes.ts';

describe('the first line of a request', () => {
  const cases: readonly (readonly [what: string, sent: string, seen: string])[] = [
    ['stays when it is ASCII', 'GET /a HTTP/1.1\r\nHost: ü\r\n\r\n', 'GET /a HTTP/1.1\r\nHost: ü\r\n\r\n'],
    [
      'has its other characters escaped',
      'GET /é/世 HTTP/1.1\r\nA: é\r\n',
      'GET /%C3%A9/%E4%B8%96 HTTP/1.1\r\nA: é\r\n',
    ],
    ['may not be complete yet', 'GET /é', 'GET /%C3%A9'],
    ['may be empty', '', ''],
  ];
  for (const [what, sent, seen] of cases) {
    it(what, () => expect(withAsciiTarget(Buffer.from(sent)).toString()).to.equal(seen));
  }

  it('may be no text at all', () => {
    expect(withAsciiTarget(Buffer.from([0x16, 0x03, 0xff, 0x0a, 0xff])).toString('latin1')).to.equal(
      '\x16\x03%FF\n\xff',
    );
  });
});
