// The daemon's end of a child's stdin, on real pipes.
import { closeSync, constants } from 'node:fs';
import { expect } from 'chai';
import { ChildStdin } from '../../src/process/stdin.ts';
import { closePipe, makePipe, readPipe } from '../support/real-pipe.ts';
import { waitUntil } from '../support/wait-until.ts';

describe("a child's stdin", () => {
  it('takes what is written, in order', () => {
    const { readEnd, writeEnd } = makePipe({ writing: constants.O_NONBLOCK });
    const stdin = new ChildStdin(writeEnd);
    expect(stdin.write(Buffer.from('one\n'))).to.equal(true);
    expect(stdin.write(Buffer.from('two\n'))).to.equal(true);
    expect(readPipe(readEnd)?.toString()).to.equal('one\ntwo\n');
    stdin.close();
    closeSync(readEnd);
  });

  it('says at the first write that the child has closed its end', () => {
    const { readEnd, writeEnd } = makePipe({ writing: constants.O_NONBLOCK });
    const stdin = new ChildStdin(writeEnd);
    closeSync(readEnd);
    expect(stdin.write(Buffer.from('lost\n'))).to.equal(false);
    expect(stdin.write(Buffer.from('lost too\n'))).to.equal(false);
    stdin.close();
  });

  it('says when the child has read what had to wait, however little that was', async () => {
    const { readEnd, writeEnd } = makePipe({ writing: constants.O_NONBLOCK });
    let isRead = false;
    const stdin = new ChildStdin(writeEnd, () => (isRead = true));
    const block = Buffer.alloc(4096);
    while (!stdin.isBusy) stdin.write(block);
    // What fitted was reported just now.
    await new Promise((resolve) => setImmediate(resolve));
    isRead = false;
    readPipe(readEnd);
    await waitUntil(() => isRead, { what: 'what waited to be written' });
    expect(stdin.isBusy).to.equal(false);
    expect(readPipe(readEnd)?.length).to.equal(block.length);
    stdin.close();
    closeSync(readEnd);
  });

  it('lets go of its descriptor, written to or not, and takes nothing any more', async () => {
    const pipes = [makePipe({ writing: constants.O_NONBLOCK }), makePipe({ writing: constants.O_NONBLOCK })];
    const [used, unused] = pipes.map(({ writeEnd }) => new ChildStdin(writeEnd));
    used?.write(Buffer.from('x'));
    used?.close();
    unused?.close();
    expect(used?.write(Buffer.from('y'))).to.equal(false);
    await new Promise((resolve) => setImmediate(resolve));
    for (const pipe of pipes) expect(() => closePipe(pipe)).to.throw(/EBADF/);
  });
});
