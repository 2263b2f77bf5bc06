// The daemon's memory some seconds after its start, and that it goes on working with what it has given back.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { runCtl } from '../support/ctl.ts';
import { describeStory } from '../support/modes.ts';
import { child, type Daemon, startDaemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

describeStory('giving memory back', (mode) => {
  let daemon: Daemon;

  afterEach(() => daemon.stop());

  const config = `[program:one]\ncommand=${child('stays.sh')}\n`;

  /** Pages of files, in kB. */
  const resident = (): number =>
    Number(/^RssFile:\s*(\d+)/m.exec(readFileSync(`/proc/${daemon.pid}/status`, 'utf8'))?.[1]);

  it('drops what the start has touched, and does all that it did before', async () => {
    daemon = await startDaemon(mode, { config });
    await daemon.waitForState('one', 'RUNNING');
    const before = resident();
    const after = await waitUntil(() => (resident() < before / 2 ? resident() : null), {
      what: () => `less than half of ${before} kB, ${resident()}`,
      deadlineMs: 60_000,
    });
    expect(after).to.be.greaterThan(0);
    const { pid } = await daemon.info('one');
    process.kill(pid, 'SIGKILL');
    await waitUntil(async () => (await daemon.info('one')).pid !== pid, { what: 'another pid' });
    await daemon.waitForState('one', 'RUNNING');
    for (const action of ['restart', 'stop', 'start', 'tail', 'reread', 'maintail']) {
      const words = action === 'reread' || action === 'maintail' ? [action] : [action, 'one'];
      const { status, stderr } = await runCtl('corevisorctl', { config: daemon.configFile, arguments: words });
      expect({ action, status, stderr }).to.deep.equal({ action, status: 0, stderr: '' });
    }
  });
});
