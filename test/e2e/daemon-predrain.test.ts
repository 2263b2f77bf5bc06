// predrain: what a load balancer that asks /readyz sees of a daemon that is told to end.
import { expect } from 'chai';
import { describeStory } from '../support/modes.ts';
import { startDaemon } from '../support/run-supervisord.ts';
import { ask } from '../support/rpc.ts';

describeStory('a daemon that is told to end while a load balancer sends it traffic', (mode) => {
  it('is not ready from TERM on, serves on for predrain seconds, restarts what crashes, and then ends', async () => {
    const daemon = await startDaemon(mode, {
      config: '[supervisord]\npredrain=3\n[program:web]\ncommand=sleep 1000\n',
    });
    const readyz = async (): Promise<string> => {
      const { status, body } = await ask(daemon.address, { path: '/readyz' });
      return `${status} ${body.toString()}`;
    };
    await daemon.waitForState('web', 'RUNNING');
    expect(await readyz()).to.equal('200 ok\n');
    const askedAt = performance.now();
    daemon.signal('SIGTERM');
    await daemon.waitForMessage(/^INFO not ready any more: serving on for 3 seconds \(predrain\)/);
    expect(await readyz()).to.equal('503 not ready: shutting down\n');
    expect((await ask(daemon.address, { path: '/livez' })).status).to.equal(200);
    expect(await daemon.call('getState')).to.deep.equal({ statecode: 1, statename: 'RUNNING' });
    const { pid } = await daemon.info('web');
    process.kill(pid, 'SIGKILL');
    await daemon.waitForProcess('web', (info) => info.pid !== 0 && info.pid !== pid, { what: 'a new process' });
    daemon.signal('SIGTERM');
    daemon.signal('SIGHUP');
    await daemon.waitForMessage(/^WARN ignored SIGHUP indicating restart request \(shutdown in progress\)$/);
    expect(await daemon.waitForEnd()).to.deep.equal({ status: 0, signal: null });
    expect(performance.now() - askedAt).to.be.within(2900, 20_000);
    await daemon.stop();
  });

  it('begins the stop at once when what it is there for has ended, and passes on its exit code', async () => {
    const daemon = await startDaemon(mode, {
      config:
        '[supervisord]\npredrain=60\n[program:web]\ncommand=sh -c "read line; exit 7"\nautorestart=false\nstartsecs=0\nessential=true\n',
    });
    await daemon.waitForState('web', 'RUNNING');
    await daemon.call('sendProcessStdin', 'web', 'end\n');
    expect(await daemon.waitForEnd()).to.deep.equal({ status: 7, signal: null });
    await daemon.stop();
  });
});
