import { expect } from 'chai';
import { createAnsiStripper } from '../../src/logs/strip-ansi.ts';

const cases: readonly {
  readonly title: string;
  readonly chunks: readonly string[];
  readonly left: readonly string[];
}[] = [
  { title: 'leaves plain text alone', chunks: ['plain\n'], left: ['plain\n'] },
  { title: 'leaves an empty chunk alone', chunks: [''], left: [''] },
  { title: 'takes colours out', chunks: ['\x1b[31mred\x1b[0m end'], left: ['red end'] },
  { title: 'takes cursor moves out', chunks: ['a\x1b[2Jb\x1b[1;1Hc\x1b[?25ld'], left: ['abcd'] },
  { title: 'takes one sequence after the other out', chunks: ['\x1b[1m\x1b[31m\x1b[4mx'], left: ['x'] },
  { title: 'ends a sequence only at a terminator that supervisord knows', chunks: ['a\x1b[3Gb, him'], left: ['aim'] },
  { title: 'drops what follows a sequence without end', chunks: ['a\x1b[12', '34'], left: ['a', ''] },
  { title: 'goes on with a sequence in the next chunk', chunks: ['a\x1b[3', '1mb'], left: ['a', 'b'] },
  { title: 'knows a sequence that is cut after its ESC', chunks: ['a\x1b', '[31mb'], left: ['a', 'b'] },
  { title: 'gives a lone ESC back', chunks: ['a\x1bb'], left: ['a\x1bb'] },
  { title: 'gives a lone ESC back with the next chunk', chunks: ['a\x1b', 'b'], left: ['a', '\x1bb'] },
  { title: 'sees the sequence behind a lone ESC', chunks: ['\x1b\x1b[1mx'], left: ['\x1bx'] },
  { title: 'keeps an ESC before an ESC over chunks', chunks: ['\x1b', '\x1b', '[1mx'], left: ['', '\x1b', 'x'] },
];

describe('taking terminal sequences out of output', () => {
  for (const { title, chunks, left } of cases) {
    it(title, () => {
      const strip = createAnsiStripper();
      expect(chunks.map((chunk) => strip(Buffer.from(chunk, 'latin1')).toString('latin1'))).to.deep.equal(left);
    });
  }

  it('answers the very chunk when there is nothing to take out', () => {
    const chunk = Buffer.from('as it is');
    expect(createAnsiStripper()(chunk)).to.equal(chunk);
  });

  it('does not depend on where the chunks are cut', () => {
    const text = 'one \x1b[31mtwo\x1b[0m \x1b three \x1b\x1b[2K four\x1b]0;title\x07 five\x1b[1;5Hsix';
    const whole = createAnsiStripper()(Buffer.from(text)).toString();
    for (let size = 1; size < text.length; size += 1) {
      const strip = createAnsiStripper();
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
        strip(Buffer.from(text.slice(index * size, (index + 1) * size))).toString(),
      );
      expect(pieces.join(''), `chunks of ${size}`).to.equal(whole);
    }
  });
});
