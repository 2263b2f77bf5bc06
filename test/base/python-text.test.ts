import { expect } from 'chai';
import { pythonRepr } from '../../src/base/python-text.ts';

// Every expectation is the answer of Python's repr().
describe('Python text', () => {
  const cases: readonly [string, string][] = [
    ['', "''"],
    ['plain text', "'plain text'"],
    ["it's", `"it's"`],
    [`it's "so"`, String.raw`'it\'s "so"'`],
    [String.raw`a\b`, String.raw`'a\\b'`],
    ['a\nb\tc\rd', String.raw`'a\nb\tc\rd'`],
    ['\u0000\u001b\u007f', String.raw`'\x00\x1b\x7f'`],
    ['é ü 日本 😀', `'é ü 日本 😀'`],
    ['\u00a0\u00ad\u200b\u2028', String.raw`'\xa0\xad\u200b\u2028'`],
    ['\u{e0001}', String.raw`'\U000e0001'`],
  ];
  for (const [text, repr] of cases) {
    it(`writes ${repr}`, () => expect(pythonRepr(text)).to.equal(repr));
  }
});
