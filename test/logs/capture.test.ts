import { expect } from 'chai';
import { array, assert, constantFrom, infiniteStream, integer, property } from 'fast-check';
import { CaptureStore, createTokenSplitter } from '../../src/logs/capture.ts';

const begin = '<!--XSUPERVISOR:BEGIN-->';
const end = '<!--XSUPERVISOR:END-->';

const ignore = (): void => undefined;

/** What a reader is told of these chunks; pieces of one kind that follow each other are joined unless `pieces`. */
function told(chunks: readonly string[], { finish = true, pieces = false } = {}): string[] {
  const all: string[] = [];
  const tell = (kind: string, bytes: Buffer): void => {
    const last = all.at(-1);
    if (!pieces && last?.startsWith(kind) === true) all[all.length - 1] = last + bytes.toString('latin1');
    else all.push(kind + bytes.toString('latin1'));
  };
  const splitter = createTokenSplitter({
    outside: (bytes) => tell('out ', bytes),
    inside: (bytes) => tell('in ', bytes),
    ended: () => all.push('ended'),
    cutShort: () => all.push('cut short'),
  });
  for (const chunk of chunks) splitter.write(Buffer.from(chunk, 'latin1'));
  if (finish) splitter.finish();
  return all;
}

const cases: readonly {
  readonly title: string;
  readonly chunks: readonly string[];
  readonly told: readonly string[];
}[] = [
  { title: 'leaves output without tokens alone', chunks: ['plain\n'], told: ['out plain\n'] },
  { title: 'says nothing of nothing', chunks: ['', ''], told: [] },
  {
    title: 'tells what stands before, between and behind the tokens',
    chunks: [`before${begin}message${end}behind`],
    told: ['out before', 'in message', 'ended', 'out behind'],
  },
  { title: 'tells of an empty message', chunks: [begin + end], told: ['ended'] },
  {
    title: 'finds several messages in one chunk',
    chunks: [`${begin}1${end}${begin}2${end}`],
    told: ['in 1', 'ended', 'in 2', 'ended'],
  },
  {
    title: 'takes a begin token in a message, and an end token outside, as text',
    chunks: [`${end}a${begin}b${begin}c${end}`],
    told: [`out ${end}a`, `in b${begin}c`, 'ended'],
  },
  {
    title: 'finds a token behind what looks like the beginning of one',
    chunks: [`<!--XSUPERV<`, `!--XSUPERVISOR:BEGIN-->x<!--X${end}`],
    told: ['out <!--XSUPERV', 'in x<!--X', 'ended'],
  },
  { title: 'gives back what only looked like a token', chunks: ['a<!--XSUPER', 'MAN'], told: ['out a<!--XSUPERMAN'] },
  { title: 'gives back at the end what waited for more', chunks: ['a<!--XSUPER'], told: ['out a<!--XSUPER'] },
  {
    title: 'says that a message was cut short',
    chunks: [`${begin}half<!--XSUP`],
    told: ['in half<!--XSUP', 'cut short'],
  },
];

describe('finding captured messages', () => {
  for (const { title, chunks, told: expected } of cases) {
    it(title, () => expect(told(chunks)).to.deep.equal(expected));
  }

  it('keeps back only what may be the beginning of a token', () => {
    expect(told(['ready\n'], { finish: false })).to.deep.equal(['out ready\n']);
    expect(told(['a<', '!'], { finish: false })).to.deep.equal(['out a']);
    expect(told([`${begin}x<!--XSUPERVISOR:BE`], { finish: false })).to.deep.equal(['in x<!--XSUPERVISOR:BE']);
  });

  it('hands chunks on as they come, without copying', () => {
    expect(told(['one\n', 'two\n'], { pieces: true })).to.deep.equal(['out one\n', 'out two\n']);
    const chunk = Buffer.from('as it is');
    const seen: Buffer[] = [];
    const splitter = createTokenSplitter({
      outside: (bytes) => void seen.push(bytes),
      inside: ignore,
      ended: ignore,
      cutShort: ignore,
    });
    splitter.write(chunk);
    expect(seen[0]?.buffer).to.equal(chunk.buffer);
  });

  it('does not depend on where the chunks are cut', () => {
    const parts = constantFrom(begin, end, '<!--XSUPERVISOR:', '<', '!--', 'text', 'E', 'BEGIN-->', '\n');
    assert(
      property(array(parts, { maxLength: 12 }), infiniteStream(integer({ min: 1, max: 30 })), (made, sizes) => {
        const text = made.join('');
        const chunks: string[] = [];
        for (let at = 0; at < text.length;) {
          const size = sizes.next().value;
          chunks.push(text.slice(at, at + size));
          at += size;
        }
        expect(told(chunks)).to.deep.equal(told([text]));
      }),
    );
  });
});

/** What is kept of chunks of these lengths, the first made of `a`, the next of `b` and so on. */
function kept(maxBytes: number, lengths: readonly number[]): string {
  const store = new CaptureStore(maxBytes);
  for (const [index, length] of lengths.entries()) store.add(Buffer.alloc(length, 'abcdefgh'[index]));
  return store.take().toString();
}

describe('keeping a captured message', () => {
  // Each expectation is the answer of supervisord's BoundIO.
  const stores: readonly (readonly [number, readonly number[], string])[] = [
    [10, [4, 4], 'aaaabbbb'],
    [10, [4, 6], 'aaaabbbbbb'],
    [10, [4, 4, 4], 'bbbbcccc'],
    [10, [8, 3], 'aaaaabbb'],
    [10, [2, 2, 2, 2, 5], 'cddeeeee'],
    [10, [15], 'aaaaaaaaaaaaaaa'],
    [10, [15, 3], 'aaaaaaaaaaaabbb'],
    [10, [3, 15], 'bbbbbbbbbbbbbbb'],
  ];
  for (const [maxBytes, lengths, expected] of stores) {
    it(`keeps ${expected} of ${lengths.join(' + ')} bytes where ${maxBytes} are allowed`, () => {
      expect(kept(maxBytes, lengths)).to.equal(expected);
    });
  }

  it('forgets what was taken, and copies what it keeps', () => {
    const store = new CaptureStore(10);
    const chunk = Buffer.from('first');
    store.add(chunk);
    chunk.fill('x');
    expect(store.take().toString()).to.equal('first');
    store.add(Buffer.from('second'));
    expect(store.take().toString()).to.equal('second');
    expect(store.take().toString()).to.equal('');
  });

  it('keeps the newest of very many small pieces', () => {
    const store = new CaptureStore(1000);
    for (let number = 0; number < 5000; number += 1) store.add(Buffer.from(String(number % 10)));
    expect(store.take().toString()).to.equal('0123456789'.repeat(100));
  });
});
