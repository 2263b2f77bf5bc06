// restart_delay and restart_limit on a real daemon: what clients see while it waits, and when it gives up.
import { expect } from 'chai';
import { describeStory } from '../support/modes.ts';
import { child, startDaemon, type Daemon } from '../support/run-supervisord.ts';

describeStory('restarting with rules', (mode) => {
  let daemon: Daemon;

  afterEach(() => daemon.stop());

  it('waits in BACKOFF between an exit and the next start, which a person may end by a restart or a stop', async () => {
    daemon = await startDaemon(mode, {
      config: `
[program:waits]
command=${child('exits-with.sh')} 3
startsecs=0
autorestart=true
restart_delay=1000
restart_delay_max=1000
`,
    });
    const info = await daemon.waitForState('waits', 'BACKOFF');
    expect(info.description).to.equal('exit status 3, starts again 1000 seconds after it (restart_delay)');
    expect([info.pid, info.exitstatus]).to.deep.equal([0, 3]);
    expect(await daemon.fault('startProcess', 'waits')).to.equal('ALREADY_STARTED: waits');
    expect(await daemon.call('stopProcess', 'waits')).to.equal(true);
    expect((await daemon.info('waits')).statename).to.equal('STOPPED');
    await daemon.call('startProcess', 'waits', false);
    await daemon.waitForState('waits', 'BACKOFF');
    daemon.signal('SIGTERM');
    expect((await daemon.waitForEnd()).status, 'a shutdown waits for nothing').to.equal(0);
  });

  it('gives up what ends more often than restart_limit allows, says so, and counts anew after a start by hand', async () => {
    daemon = await startDaemon(mode, {
      config: `
[program:crashes]
command=${child('exits-with.sh')} 3
startsecs=0
autorestart=true
restart_limit=2/3600
`,
    });
    const reason = '3 exits within 3600 seconds (restart_limit=2/3600), the last: exit status 3';
    const info = await daemon.waitForState('crashes', 'FATAL');
    expect([info.spawnerr, info.description]).to.deep.equal([reason, reason]);
    const starts = (): number => daemon.messages.filter((line) => line.startsWith("INFO spawned: 'crashes'")).length;
    expect(starts()).to.equal(3);
    await daemon.call('startProcess', 'crashes', false);
    await daemon.waitForMessage(/^WARN gave up: crashes entered FATAL state/, { count: 2 });
    expect(starts()).to.equal(6);
  });
});
