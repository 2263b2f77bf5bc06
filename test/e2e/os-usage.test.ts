import { expect } from 'chai';
import { usageOf } from '../../src/os/usage.ts';

describe('what processes use', () => {
  it('is known of those that live, in one answer', async () => {
    const ballast = Buffer.alloc(64 * 1024 * 1024, 1);
    const usage = await usageOf([process.pid, process.ppid, 2 ** 22 + 1]);
    expect([...usage.keys()]).to.deep.equal([process.pid, process.ppid]);
    const own = usage.get(process.pid);
    expect(own?.rssBytes)
      .to.be.greaterThan(ballast.length)
      .and.be.lessThan(4 * process.memoryUsage.rss());
    expect(own?.cpuPercent).to.be.at.least(0);
  });

  it('is nothing of one that has ended, and nobody is asked for nothing', async () => {
    expect(await usageOf([2 ** 22 + 1])).to.deep.equal(new Map());
    expect(await usageOf([])).to.deep.equal(new Map());
  });
});
