import { expect } from 'chai';
import { readRange, tailRange } from '../../src/logs/log-ranges.ts';

const log = '0123456789';

/** [offset, length, the bytes or null for bad arguments]; recorded from supervisord 4.2.5's readFile. */
const reads: readonly (readonly [number, number, string | null])[] = [
  [0, 0, '0123456789'],
  [0, 4, '0123'],
  [4, 0, '456789'],
  [4, 3, '456'],
  [4, 100, '456789'],
  [10, 0, ''],
  [10, 5, ''],
  [11, 0, ''],
  [11, 5, ''],
  [-3, 0, '789'],
  [-10, 0, '0123456789'],
  [-100, 0, '0123456789'],
  [-3, 1, null],
  [-3, -1, null],
  [0, -1, null],
  [5, -5, null],
];

/** [offset, length, bytes, next offset, overflow]; recorded from supervisord 4.2.5's tailFile. */
const tails: readonly (readonly [number, number, string, number, boolean])[] = [
  [0, 4, '6789', 10, true],
  [5, 5, '56789', 10, false],
  [10, 5, '', 10, false],
  [0, 0, '', 10, true],
  [-5, 3, '789', 10, true],
  [0, 10, '0123456789', 10, false],
  [0, 100, '0123456789', 10, false],
  [3, 100, '0123456789', 10, false],
  [8, 4, '6789', 10, false],
  [10, 0, '', 10, false],
  [11, 0, '', 10, false],
  [20, 5, '', 10, false],
  [0, -1, '', 10, true],
  [20, -15, '', 10, true],
  [-100, 5, '56789', 10, true],
];

describe('reading a part of a log', () => {
  for (const [offset, length, bytes] of reads) {
    it(`answers ${bytes === null ? 'bad arguments' : `'${bytes}'`} for offset ${offset}, length ${length}`, () => {
      const range = readRange(log.length, { offset, length });
      expect(range === null ? null : log.slice(range.start, range.start + range.length)).to.equal(bytes);
    });
  }

  it('takes numbers with a fraction as the whole part of them', () => {
    expect(readRange(10, { offset: 1.9, length: 2.9 })).to.deep.equal({ start: 1, length: 2 });
  });
});

describe('tailing a log', () => {
  for (const [offset, length, bytes, next, overflow] of tails) {
    it(`answers ['${bytes}', ${next}, ${overflow}] for offset ${offset}, length ${length}`, () => {
      const range = tailRange(log.length, { offset, length });
      const text = log.slice(range.start, range.start + range.length);
      expect([text, range.offset, range.overflow]).to.deep.equal([bytes, next, overflow]);
    });
  }

  it('answers nothing of an empty log, wherever it is asked', () => {
    expect(tailRange(0, { offset: 0, length: 1600 })).to.deep.equal({
      start: 0,
      length: 0,
      offset: 0,
      overflow: false,
    });
  });
});
