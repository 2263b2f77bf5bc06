import { expect } from 'chai';
import { formatNamespec, parseNamespec } from '../../src/base/namespec.ts';

describe('namespec', () => {
  const cases: readonly [string, string, string | null][] = [
    ['web', 'web', 'web'],
    ['web:web_00', 'web', 'web_00'],
    ['web:*', 'web', null],
    ['web:', 'web', null],
    ['a:b:c', 'a', 'b:c'],
    ['', '', ''],
  ];
  for (const [text, group, process] of cases) {
    it(`reads '${text}' as group '${group}' and ${process === null ? 'all its processes' : `process '${process}'`}`, () => {
      expect(parseNamespec(text)).to.deep.equal({ group, process });
    });
  }

  it('writes the short name when group and process are called the same', () => {
    expect(formatNamespec('web', 'web')).to.equal('web');
    expect(formatNamespec('web', 'web_00')).to.equal('web:web_00');
  });
});
