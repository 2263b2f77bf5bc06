// Burying on real processes: orphans as PID 1 and as subreaper, beside children of ours and of libuv's.
import { expect } from 'chai';
import { bundleDriver, type Driver } from '../fixtures/os/bundle.ts';
import type { OrphanReport } from '../fixtures/os/driver.ts';
import { describeWith } from '../support/requirements.ts';

describeWith(['koffi'], 'the reaper', () => {
  let driver: Driver;

  before(async () => {
    driver = await bundleDriver();
  });

  after(() => driver.remove());

  it('loses no exit of ours, steals none of libuv’s, and buries the orphans in between', async () => {
    const { answer } = await driver.play('crowd', { path: 'native' });
    expect(answer).to.deep.equal({ ours: 300, theirs: 100, orphans: 300, zombies: 0 });
  });

  it('buries 1,000 orphans as a subreaper', async () => {
    const { answer } = await driver.play<OrphanReport>('orphans', { path: 'native', parameter: { count: 1000 } });
    expect(answer).to.deep.equal({ buried: 1000, zombies: 0 });
  });

  describeWith(['root'], 'as PID 1', () => {
    const around = ['unshare', '--pid', '--fork', '--mount-proc'];

    it('buries 1,000 orphans', async () => {
      const parameter = { count: 1000 };
      const { answer } = await driver.play<OrphanReport>('orphans', { path: 'native', parameter, around });
      expect(answer).to.deep.equal({ buried: 1000, zombies: 0 });
    });

    it('loses no exit of anybody’s', async () => {
      const { answer } = await driver.play('crowd', { path: 'native', around });
      expect(answer).to.deep.equal({ ours: 300, theirs: 100, orphans: 300, zombies: 0 });
    });
  });
});
