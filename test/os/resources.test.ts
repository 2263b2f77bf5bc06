import { expect } from 'chai';
import { openFilesOfMine, pageSizeFrom, resourcesFrom, resourcesOf } from '../../src/os/resources.ts';

describe('what a process uses', () => {
  it('is read behind a name that looks like more of the line', () => {
    const stat = `7 (a) S 1 (b) c) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 900 900 20 0 1 0 12345 9999 300 18446744073709551615`;
    expect(resourcesFrom(stat, 4096)).to.deep.equal({ cpuSeconds: 3, rssBytes: 300 * 4096 });
  });

  it('is known of this process, about as Node tells it', () => {
    const { rssBytes = 0, cpuSeconds = 0 } = resourcesOf(process.pid) ?? {};
    const { user, system } = process.cpuUsage();
    expect(rssBytes / process.memoryUsage.rss()).to.be.within(0.8, 1.2);
    expect(cpuSeconds).to.be.within((user + system) / 1e6 - 0.5, (user + system) / 1e6 + 0.5);
  });

  it('is nothing for a process that is not there', () => {
    expect(resourcesOf(2 ** 22 + 1)).to.equal(null);
    expect(resourcesOf(0)).to.equal(null);
  });

  it('knows the size of a page, and takes 4096 where the kernel does not tell it', () => {
    const auxv = Buffer.alloc(48);
    auxv.writeBigUInt64LE(33n, 0);
    auxv.writeBigUInt64LE(6n, 16);
    auxv.writeBigUInt64LE(65_536n, 24);
    expect(pageSizeFrom(auxv)).to.equal(65_536);
    expect(pageSizeFrom(Buffer.alloc(7))).to.equal(4096);
  });

  it('counts the descriptors that are open', () => expect(openFilesOfMine()).to.be.greaterThan(2));
});
