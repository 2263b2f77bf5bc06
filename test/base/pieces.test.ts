import { expect } from 'chai';
import { inPieces, pieceMs } from '../../src/base/pieces.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** Fails for one of them. */
function fail(item: number): void {
  if (item === 2) throw new Error('a bug');
}

describe('work that is done in pieces', () => {
  it('is done at once where it is short', () => {
    const done: number[] = [];
    void inPieces([1, 2, 3], { clock: new FakeClock(), work: (item) => void done.push(item) });
    expect(done).to.deep.equal([1, 2, 3]);
  });

  it('lets others have their turn between two pieces, in order', async () => {
    const clock = new FakeClock();
    const said: string[] = [];
    setImmediate(() => said.push('somebody else'));
    const over = inPieces(['a', 'b', 'c', 'd'], {
      clock,
      work(item) {
        said.push(item);
        clock.leap(pieceMs / 2);
      },
    });
    expect(said).to.deep.equal(['a', 'b']);
    await over;
    expect(said).to.deep.equal(['a', 'b', 'somebody else', 'c', 'd']);
  });

  it('ends with the first error, which is for whoever waits', async () => {
    const error = await inPieces([1, 2], { clock: new FakeClock(), work: fail }).catch((reason: unknown) => reason);
    expect(error).to.have.property('message', 'a bug');
  });
});
