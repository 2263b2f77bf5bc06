import { expect } from 'chai';
import { LargePipes } from '../../src/logs/pipe-size.ts';

const kib = 1024;

/** Pipes of a kernel that notes what it is asked. */
function recordedPipes(): { pipes: LargePipes; asked: string[]; kernel: { allows: boolean } } {
  const asked: string[] = [];
  const kernel = { allows: true };
  const pipes = new LargePipes((fd, bytes) => {
    asked.push(`${fd}: ${bytes / kib} KiB`);
    return kernel.allows;
  });
  return { pipes, asked, kernel };
}

describe('the size of a pipe', () => {
  it('becomes 1 MiB when the pipe was full twice', () => {
    const { pipes, asked } = recordedPipes();
    const size = pipes.sizeOf(5);
    size.filled(64 * kib);
    size.filled(30 * kib);
    expect(asked).to.deep.equal([]);
    expect(size.bytes).to.equal(64 * kib);
    size.filled(63 * kib);
    expect(asked).to.deep.equal(['5: 1024 KiB']);
    expect(size.bytes).to.equal(1024 * kib);
    size.filled(64 * kib);
    size.filled(64 * kib);
    expect(asked).to.have.length(1);
  });

  it('stays as it is while less comes, or full ones are far between', () => {
    const { pipes, asked } = recordedPipes();
    const size = pipes.sizeOf(5);
    for (let times = 0; times < 10; times += 1) {
      size.filled(40 * kib);
      size.filled(64 * kib);
      size.cooled();
    }
    expect(asked).to.deep.equal([]);
  });

  it('is the usual one again when it is calm, unless more is in it still', () => {
    const { pipes, asked, kernel } = recordedPipes();
    const size = flooded(pipes, 5);
    kernel.allows = false;
    size.cooled();
    expect(size.bytes).to.equal(1024 * kib);
    kernel.allows = true;
    size.cooled();
    expect(size.bytes).to.equal(64 * kib);
    size.cooled();
    expect(asked).to.deep.equal(['5: 1024 KiB', '5: 64 KiB', '5: 64 KiB']);
  });

  it('is asked for once in a flood when the system refuses it, and again in the next', () => {
    const { pipes, asked, kernel } = recordedPipes();
    kernel.allows = false;
    const size = flooded(pipes, 5);
    size.filled(64 * kib);
    size.filled(64 * kib);
    expect(asked).to.have.length(1);
    size.cooled();
    size.filled(64 * kib);
    size.filled(64 * kib);
    expect(asked).to.have.length(2);
    expect(size.bytes).to.equal(64 * kib);
  });

  it('is large for eight pipes at once, so that the daemon stays far below what a user may have', () => {
    const { pipes, asked } = recordedPipes();
    const sizes = Array.from({ length: 9 }, (_, index) => flooded(pipes, index));
    expect(asked).to.have.length(8);
    expect(sizes[8]?.bytes).to.equal(64 * kib);
    sizes[0]?.cooled();
    flooded(pipes, 10);
    expect(asked.at(-1)).to.equal('10: 1024 KiB');
    flooded(pipes, 11);
    expect(asked.at(-1)).to.equal('10: 1024 KiB');
    sizes[1]?.forget();
    sizes[1]?.forget();
    flooded(pipes, 12);
    expect(asked.at(-1)).to.equal('12: 1024 KiB');
    flooded(pipes, 13);
    expect(asked.at(-1)).to.equal('12: 1024 KiB');
  });

  it('is the usual one where pipes cannot be resized', () => {
    const size = flooded(new LargePipes(null), 5);
    expect(size.bytes).to.equal(64 * kib);
    size.cooled();
    size.forget();
  });
});

function flooded(pipes: LargePipes, fd: number): ReturnType<LargePipes['sizeOf']> {
  const size = pipes.sizeOf(fd);
  size.filled(64 * kib);
  size.filled(64 * kib);
  return size;
}
