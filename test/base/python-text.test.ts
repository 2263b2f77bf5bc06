import { expect } from 'chai';
import { outputText, pythonBytesRepr, pythonRepr } from '../../src/base/python-text.ts';

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

  const bytes: readonly [number[], string][] = [
    [[], "b''"],
    [[0x68, 0x69], "b'hi'"],
    [[0x88, 0x0a], String.raw`b'\x88\n'`],
    [[0x00, 0x1b, 0x7f, 0xff, 0x09, 0x0d, 0x5c], String.raw`b'\x00\x1b\x7f\xff\t\r\\'`],
    [[0x27], `b"'"`],
    [[0x27, 0x22], String.raw`b'\'"'`],
    [[0xc3, 0xa9], String.raw`b'\xc3\xa9'`],
  ];
  for (const [given, repr] of bytes) {
    it(`writes ${repr}`, () => expect(pythonBytesRepr(Buffer.from(given))).to.equal(repr));
  }

  it('shows output as text where it is UTF-8, and else its bytes', () => {
    expect(outputText(Buffer.from('héllo €\n'))).to.equal('héllo €\n');
    expect(outputText(Buffer.from('\ufeffmark'))).to.equal('\ufeffmark');
    expect(outputText(Buffer.from([0x88, 0x0a]))).to.equal(String.raw`Undecodable: b'\x88\n'`);
    expect(outputText(Buffer.from([0xed, 0xa0, 0x80]))).to.equal(String.raw`Undecodable: b'\xed\xa0\x80'`);
  });
});
