import { expect } from 'chai';
import { splitWords } from '../../src/base/shell-words.ts';

// Every expectation is the answer of Python's shlex.split.
describe('shell words', () => {
  const split: readonly [string, readonly string[]][] = [
    ['', []],
    ['  \t\n ', []],
    ['cat', ['cat']],
    [' a  b\tc\nd ', ['a', 'b', 'c', 'd']],
    ["'a b'c", ['a bc']],
    [`"a b"'c d'`, ['a bc d']],
    [`a "" ''`, ['a', '', '']],
    [String.raw`a\ b`, ['a b']],
    [String.raw`"a\"b\\c\nd"`, [String.raw`a"b\c\nd`]],
    [String.raw`'a\b'`, [String.raw`a\b`]],
    [String.raw`\"a\'`, [`"a'`]],
    ['a#b #c', ['a#b', '#c']],
    ['$HOME *.txt ~', ['$HOME', '*.txt', '~']],
    ['a;b|c>d', ['a;b|c>d']],
    ['é 😀', ['é', '😀']],
    ['a\\\nb', ['a\nb']],
    [`it"'"s`, [`it's`]],
  ];
  for (const [line, words] of split) {
    it(`splits ${JSON.stringify(line)}`, () => expect(splitWords(line)).to.deep.equal({ words }));
  }

  const refused: readonly [string, string][] = [
    ['a "b', 'No closing quotation'],
    ["a 'b", 'No closing quotation'],
    ['a\\', 'No escaped character'],
    ['"a\\', 'No escaped character'],
  ];
  for (const [line, error] of refused) {
    it(`refuses ${JSON.stringify(line)}`, () => expect(splitWords(line)).to.deep.equal({ error }));
  }
});
