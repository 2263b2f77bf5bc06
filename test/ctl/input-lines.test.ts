import { expect } from 'chai';
import { InputLines } from '../../src/ctl/input-lines.ts';

const linesOf = async (chunks: readonly (string | Uint8Array)[]): Promise<(string | null)[]> => {
  const input = new InputLines(
    (async function* () {
      for (const chunk of chunks) yield Buffer.from(chunk);
    })(),
  );
  const lines: (string | null)[] = [];
  for (let line = await input.next(); line !== null; line = await input.next()) lines.push(line);
  return [...lines, await input.next()];
};

describe('the lines of an input that is no terminal', () => {
  const euro = Buffer.from('€');
  const cases: readonly [string, readonly (string | Uint8Array)[], readonly string[]][] = [
    ['end at line ends', ['one\ntwo\n\n'], ['one', 'two', '']],
    ['end at the end of the input too', ['one\ntwo'], ['one', 'two']],
    [
      'may come in pieces, cut inside a character',
      ['on', 'e\nt', euro.subarray(0, 1), euro.subarray(1)],
      ['one', 't€'],
    ],
    ['may have a carriage return before their end', ['one\r\ntwo\n'], ['one', 'two']],
    ['are none without input', [], []],
  ];
  for (const [what, chunks, lines] of cases) {
    it(what, async () => {
      expect(await linesOf(chunks)).to.deep.equal([...lines, null]);
    });
  }

  it('end where one is longer than any command', async () => {
    let asked = 0;
    const input = new InputLines(
      (async function* () {
        for (;;) {
          asked += 1;
          yield Buffer.alloc(65_536, 'x');
        }
      })(),
    );
    expect([await input.next(), await input.next()]).to.deep.equal([null, null]);
    expect(asked).to.be.lessThan(40);
  });

  it('end at an error, such as that of a directory', async () => {
    const input = new InputLines(
      // oxlint-disable-next-line require-yield -- it fails before it has anything
      (async function* () {
        throw new Error('EISDIR');
      })(),
    );
    expect(await input.next()).to.equal(null);
  });
});
