import { expect } from 'chai';
import { printable } from '../../src/base/printable.ts';

describe('printable', () => {
  it('leaves text, tabs and all scripts as they are', () => {
    const text = 'a\tb c\u00e9 \u043f\u0440\u0438\u0432\u0435\u0442 \u4f60\u597d \u{1f40e} \\';
    expect(printable(text)).to.equal(text);
  });

  it('shows what would move the cursor, colour, end the line or turn the direction', () => {
    const text = '\u001b[31m\r\n\u0000\u007f\u009b\u202e\u2028\ud800\u{e0001}';
    expect(printable(text)).to.equal('\\x1b[31m\\x0d\\x0a\\x00\\x7f\\x9b\\u202e\\u2028\\ud800\\u{e0001}');
  });
});
