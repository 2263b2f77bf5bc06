import { expect } from 'chai';
import { RecordQueue } from '../../src/logs/record-queue.ts';

function makeQueue(limitBytes: number): RecordQueue {
  return new RecordQueue({ limitBytes, note: (dropped) => Buffer.from(`(${dropped} dropped)`) });
}

function push(queue: RecordQueue, ...texts: readonly string[]): number {
  return texts.reduce((lost, text) => lost + queue.push(Buffer.from(text)), 0);
}

/** Writes everything, so many bytes at a time. */
function writeOut(queue: RecordQueue, step = Infinity): string {
  let text = '';
  for (let next = queue.next(); next !== null; next = queue.next()) {
    const count = Math.min(step, next.length);
    text += Buffer.from(next.subarray(0, count)).toString();
    queue.wrote(next, count);
  }
  return text;
}

describe('what waits for a full pipe', () => {
  it('comes out in order', () => {
    const queue = makeQueue(100);
    push(queue, 'one,', 'two,', 'three');
    expect(writeOut(queue)).to.equal('one,two,three');
    expect(queue.isEmpty).to.equal(true);
  });

  it('comes out whole when the pipe takes a byte at a time', () => {
    const queue = makeQueue(100);
    push(queue, 'one,', 'two');
    expect(writeOut(queue, 1)).to.equal('one,two');
  });

  it('loses its oldest records when there is no room, and says so in their place', () => {
    const queue = makeQueue(9);
    expect(push(queue, 'aaa', 'bbb', 'ccc', 'ddd', 'eee')).to.equal(6);
    expect(writeOut(queue)).to.equal('(2 dropped)cccdddeee');
  });

  it('says each gap once', () => {
    const queue = makeQueue(6);
    push(queue, 'aaa', 'bbb', 'ccc');
    expect(writeOut(queue)).to.equal('(1 dropped)bbbccc');
    push(queue, 'ddd');
    expect(writeOut(queue)).to.equal('ddd');
  });

  it('never cuts a record of which a part is out', () => {
    const queue = makeQueue(8);
    queue.push(Buffer.from('abcdef'), 2);
    push(queue, 'ggg', 'hhh', 'iii');
    expect(writeOut(queue)).to.equal('cdef(2 dropped)iii');
  });

  it('says the gap behind a record that was begun before it', () => {
    const queue = makeQueue(8);
    push(queue, 'aaaa');
    const first = queue.next();
    queue.wrote(first ?? Buffer.alloc(0), 1);
    push(queue, 'bbb', 'ccc', 'ddd');
    expect(writeOut(queue)).to.equal('aaa(2 dropped)ddd');
  });

  it('does not count a record as begun before a byte of it is out', () => {
    const queue = makeQueue(6);
    push(queue, 'aaa', 'bbb');
    queue.wrote(queue.next() ?? Buffer.alloc(0), 0);
    push(queue, 'ccc');
    expect(writeOut(queue)).to.equal('(1 dropped)bbbccc');
  });

  it('keeps a record that is on its way, whatever comes meanwhile', () => {
    const queue = makeQueue(6);
    push(queue, 'aaa', 'bbb');
    const onItsWay = queue.begin();
    push(queue, 'ccc', 'ddd');
    expect(Buffer.from(onItsWay ?? []).toString()).to.equal('aaa');
    queue.wrote(onItsWay ?? Buffer.alloc(0), 3);
    expect(writeOut(queue)).to.equal('(2 dropped)ddd');
  });

  it('takes a record that is bigger than all its room, alone', () => {
    const queue = makeQueue(4);
    push(queue, 'aaa', 'bbbbbbbb');
    expect(writeOut(queue)).to.equal('(1 dropped)bbbbbbbb');
  });

  it('keeps its own copy of the bytes', () => {
    const queue = makeQueue(100);
    const bytes = Buffer.from('before');
    queue.push(bytes);
    bytes.write('after!');
    expect(writeOut(queue)).to.equal('before');
  });

  it('can be given up, and then says how many were lost', () => {
    const queue = makeQueue(100);
    push(queue, 'aaa', 'bbb');
    expect(queue.dropAll()).to.equal(6);
    push(queue, 'ccc');
    expect(writeOut(queue)).to.equal('(2 dropped)ccc');
  });

  it('says nothing between the records where no note may stand', () => {
    const queue = new RecordQueue({ limitBytes: 3 });
    push(queue, 'aaa', 'bbb');
    expect(writeOut(queue)).to.equal('bbb');
    expect(queue.isEmpty).to.equal(true);
  });

  it('counts the bytes that wait', () => {
    const queue = makeQueue(100);
    push(queue, 'aaa', 'bbb');
    queue.wrote(queue.next() ?? Buffer.alloc(0), 2);
    expect(queue.bytes).to.equal(4);
    writeOut(queue);
    expect(queue.bytes).to.equal(0);
  });
});
