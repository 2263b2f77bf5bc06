// stopastree and killastree on real trees: children in sessions of their own, daemons that forked twice, empty environments,
// and the end of what a process left behind before its next run.
import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { describeStory } from '../support/modes.ts';
import { child, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

describeStory('ending the whole tree', (mode) => {
  let daemon: Daemon;

  afterEach(() => daemon.stop());

  /** Pids of those that wrote to the file. */
  const noted = (file: string): number[] => [...new Set(daemon.lines(file).map((line) => parseInt(line, 10)))];

  const untilReady = (file: string): Promise<unknown> =>
    waitUntil(() => existsSync(daemon.path(`${file}.ready`)), { what: `five descendants in ${file}` });

  it('sends the stopsignal to descendants that left the group, forked twice or emptied their environment', async () => {
    daemon = await startDaemon(mode, {
      config: `
[program:wide]
command=${child('scatters.sh')} %(here)s/wide
stopastree=true
stopwaitsecs=30
`,
    });
    await untilReady('wide');
    const pids = noted('wide');
    expect(pids).to.have.length(5);
    await daemon.call('stopProcess', 'wide');
    expect(daemon.lines('wide').filter((line) => line.endsWith(' term'))).to.have.length.at.least(5);
    expect((await daemon.info('wide')).statename).to.equal('STOPPED');
    expect(pids.filter(isAlive)).to.deep.equal([]);
  });

  it('kills them all after stopwaitsecs with killastree, and nobody else', async () => {
    daemon = await startDaemon(mode, {
      config: `
[program:stubborn]
command=${child('scatters.sh')} %(here)s/stubborn ${child('ignores-term.sh')}
killastree=true
stopwaitsecs=1

[program:other]
command=${child('scatters.sh')} %(here)s/other ${child('stays.sh')}
environment=SUPERVISOR_PROCESS_NAME="stubborn",SUPERVISOR_GROUP_NAME="stubborn"
`,
    });
    await untilReady('stubborn');
    await untilReady('other');
    const pids = noted('stubborn');
    await daemon.call('stopProcess', 'stubborn');
    expect(pids.filter(isAlive)).to.deep.equal([]);
    expect(daemon.lines('stubborn').filter((line) => line.endsWith(' term'))).to.deep.equal([]);
    const others = noted('other');
    expect(others.filter(isAlive)).to.deep.equal(others);
    await daemon.call('stopProcess', 'other');
    expect(others.filter(isAlive), 'without the option they stay').to.deep.equal(others);
    for (const pid of others) process.kill(pid, 'SIGKILL');
  });

  it('kills what a program that ended by itself left behind before it is started again', async () => {
    daemon = await startDaemon(mode, {
      config: `
[program:crashes]
command=/bin/sh -c 'for pid in $(cat %(here)s/runs/* 2>/dev/null); do kill -0 $pid 2>/dev/null && echo $pid >>%(here)s/met; done; mkdir -p runs; ${child('scatters.sh')} %(here)s/runs/$$ /bin/true; echo $$ >>%(here)s/ends; exit 1'
directory=%(here)s
killastree=true
startsecs=0
autorestart=true
`,
    });
    await waitUntil(() => daemon.lines('ends').length >= 4, { what: 'four runs', deadlineMs: 60_000 });
    await daemon.call('stopProcess', 'crashes');
    expect(daemon.read('met'), 'leftovers that a later run met').to.equal('');
    await daemon.waitForMessage(/^INFO killed \d+ processes that crashes left behind$/, { count: 3 });
    expect(daemon.descendants()).to.deep.equal([]);
  });

  it('catches a process that runs away from it under ever new pids', async () => {
    daemon = await startDaemon(mode, {
      config: `
[program:runs-away]
command=${child('hops.sh')} %(here)s/hops
killastree=true
startsecs=0
autorestart=false
`,
    });
    await daemon.waitForState('runs-away', 'EXITED');
    await waitUntil(() => daemon.descendants().length === 0, { what: 'the end of the last hop', deadlineMs: 5000 });
    await daemon.waitForMessage(/^INFO killed \d+ process(es)? that runs-away left behind$/);
  });

  it('ends the tree of every program at a shutdown', async () => {
    daemon = await startDaemon(mode, {
      config: `
[program:wide]
command=${child('scatters.sh')} %(here)s/wide ${child('stays.sh')}
stopastree=true
`,
    });
    await untilReady('wide');
    const pids = noted('wide');
    daemon.signal('SIGTERM');
    expect((await daemon.waitForEnd()).status).to.equal(0);
    expect(pids.filter(isAlive)).to.deep.equal([]);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
