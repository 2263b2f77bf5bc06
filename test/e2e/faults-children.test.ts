// What a child may do to whoever supervises it: not end, end too early, leave, hold on to its pipes, stop, leave zombies.
import { chmodSync, chownSync, copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { cpuMsOf, isAlive, openFilesOf, stateOf, zombiesOf } from '../support/proc.ts';
import { describeStory } from '../support/modes.ts';
import { describeWith } from '../support/requirements.ts';
import { child, makeDirectory, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

describeStory('surviving what children do', (mode) => {
  describeWith(['root', 'setpriv'], 'to get out of reach', () => {
    let daemon: Daemon;

    before(async () => {
      const directory = makeDirectory();
      chownSync(directory, news.uid, news.gid);
      // A program that becomes root for good, whoever starts it, as su does.
      const becomesRoot = join(directory, 'becomes-root');
      copyFileSync(setprivPath(), becomesRoot);
      chmodSync(becomesRoot, 0o4755);
      daemon = await startDaemon(mode, {
        directory,
        config: `
[supervisord]
user=news

[program:grown]
command=%(here)s/becomes-root --reuid=0 --regid=0 --clear-groups sleep 3600
stopwaitsecs=1
autorestart=false
`,
      });
    });

    after(() => daemon.stop());

    it('says that it does not know what it may not signal, and knows it again when that ends', async () => {
      const { pid } = await daemon.waitForState('grown', 'RUNNING');
      expect(await daemon.fault('stopProcess', 'grown')).to.equal(`FAILED: unknown problem killing grown (${pid})`);
      const { statename } = await daemon.info('grown');
      expect({ statename, alive: isAlive(pid) }).to.deep.equal({ statename: 'UNKNOWN', alive: true });
      expect(daemon.messages.find((line) => line.startsWith('CRIT unknown problem killing grown'))).to.match(/EPERM/);
      end(pid);
      expect(await daemon.waitForState('grown', 'STOPPED')).to.include({ pid: 0, exitstatus: -1 });
      expect(await daemon.call('startProcess', 'grown')).to.equal(true);
      end((await daemon.info('grown')).pid);
    });
  });

  let daemon: Daemon;

  before(async () => {
    daemon = await startDaemon(mode, {
      config: `
[program:deaf]
command=${child('ignores-term.sh')}
stdout_logfile=%(here)s/deaf
stopwaitsecs=2

[program:background]
command=${child('goes-to-background.sh')} %(here)s/background-pids
stdout_logfile=%(here)s/background
startretries=0
autostart=false

[program:leaver]
command=${child('leaves-group.sh')} %(here)s/left-pid
stopasgroup=true
stopwaitsecs=5

[program:closed]
command=${child('closes-streams.sh')}

[program:late]
command=${child('keeps-pipe-open.sh')}
stdout_logfile=%(here)s/late
startsecs=0
autostart=false
autorestart=false

[program:stopped]
command=${child('stops-itself.sh')} %(here)s/continued
stopwaitsecs=1

[program:careless]
command=${child('leaves-zombies.sh')} 20
stdout_logfile=NONE

[program:brief]
command=/bin/sh -c 'exit %(process_num)d'
process_name=%(process_num)d
numprocs=100
startsecs=0
autostart=false
autorestart=false
stopasgroup=true
stdout_logfile=NONE
stderr_logfile=NONE
`,
    });
  });

  after(async () => {
    // What left its group is nobody's to stop.
    for (const pid of [...pidsIn(daemon, 'background-pids'), ...pidsIn(daemon, 'left-pid')]) end(pid);
    await daemon.stop();
  });

  it('kills a child that ignores TERM when stopwaitsecs are over, and not before', async () => {
    const { pid } = await daemon.waitForState('deaf', 'RUNNING');
    await waitUntil(() => daemon.lines('deaf').includes('ready'), { what: 'its deafness' });
    const askedAt = performance.now();
    const stopped = daemon.call('stopProcess', 'deaf');
    await waitUntil(() => !isAlive(pid), { what: 'its end', everyMs: 2 });
    const tookMs = performance.now() - askedAt;
    await stopped;
    expect(tookMs).to.be.within(2000, 5000);
    expect(daemon.messages).to.include(`WARN killing 'deaf' (${pid}) with SIGKILL`);
    expect(daemon.messages).to.include('WARN stopped: deaf (terminated by SIGKILL)');
    expect((await daemon.info('deaf')).statename).to.equal('STOPPED');
  });

  it('takes a child that goes to the background for one that ended, and leaves what it left alone', async () => {
    await daemon.call('startProcess', 'background', false);
    const { spawnerr } = await daemon.waitForState('background', 'FATAL');
    expect(spawnerr).to.equal('Exited too quickly (process log may have details)');
    await waitUntil(() => daemon.lines('background').includes('in the background'), { what: 'its output' });
    const [pid = 0] = pidsIn(daemon, 'background-pids');
    expect(isAlive(pid)).to.equal(true);
  });

  it('does not reach with stopasgroup what has left the group', async () => {
    await daemon.waitForState('leaver', 'RUNNING');
    const [pid = 0] = await waitUntil(() => (daemon.read('left-pid') === '' ? null : pidsIn(daemon, 'left-pid')), {
      what: 'a child outside the group',
    });
    await daemon.call('stopProcess', 'leaver');
    expect(isAlive(pid)).to.equal(true);
  });

  it('keeps a child that has closed its streams, at no cost', async () => {
    const { pid } = await daemon.waitForState('closed', 'RUNNING');
    await daemon.waitForState('careless', 'RUNNING');
    const before = { at: performance.now(), cpuMs: cpuMsOf(daemon.pid) };
    await waitUntil(() => performance.now() > before.at + 1000, { what: 'a second' });
    const share = (cpuMsOf(daemon.pid) - before.cpuMs) / (performance.now() - before.at);
    expect(share).to.be.lessThan(0.5);
    expect(await daemon.info('closed')).to.include({ statename: 'RUNNING', pid });
    expect(await daemon.call('stopProcess', 'closed')).to.equal(true);
  });

  it('goes on without a child whose own child holds the pipe, and loses neither its words nor a descriptor', async function () {
    this.timeout(90_000);
    const before = openFilesOf(daemon.pid);
    for (let run = 0; run < 100; run += 1) {
      const last = await daemon.waitForProcess('late', ({ statename }) => ['STOPPED', 'EXITED'].includes(statename));
      expect(last.exitstatus).to.equal(0);
      await daemon.call('startProcess', 'late', false);
    }
    await daemon.waitForState('late', 'EXITED');
    const said = (word: string): string[] => daemon.lines('late').filter((line) => line.startsWith(word));
    await waitUntil(() => said('late').length >= 100, { what: () => `100 late words in ${said('late').length}` });
    expect(said('early')).to.have.length(100);
    expect(said('late').toSorted()).to.deep.equal(
      said('early')
        .map((line) => line.replace('early', 'late'))
        .toSorted(),
    );
    await waitUntil(() => openFilesOf(daemon.pid) <= before, {
      what: () => `${before} open descriptors again, there are ${openFilesOf(daemon.pid)}`,
    });
  });

  it('takes a child that stops itself for a running one, and can stop it for good', async () => {
    const { pid } = await daemon.waitForState('stopped', 'RUNNING');
    await waitUntil(() => stateOf(pid) === 'T', { what: 'its standstill' });
    expect((await daemon.info('stopped')).statename).to.equal('RUNNING');
    await daemon.call('signalProcess', 'stopped', 'CONT');
    await waitUntil(() => daemon.lines('continued').length > 0, { what: 'its going on' });
    const askedAt = performance.now();
    expect(await daemon.call('stopProcess', 'stopped')).to.equal(true);
    expect(performance.now() - askedAt).to.be.within(1000, 5000);
    expect(await daemon.info('stopped')).to.include({ statename: 'STOPPED', exitstatus: -1 });
  });

  it('buries nothing but its own when a child leaves zombies', async () => {
    const { pid } = await daemon.waitForState('careless', 'RUNNING');
    await waitUntil(() => zombiesOf(pid).length === 20, {
      what: () => `20 zombies of the child, ${zombiesOf(pid).length}`,
    });
    expect(zombiesOf(daemon.pid)).to.deep.equal([]);
    await daemon.call('stopProcess', 'careless');
    await waitUntil(() => zombiesOf(daemon.pid).length === 0, { what: 'no zombies' });
    expect(stateOf(pid)).to.equal('');
  });

  it('reads the code of a child that is gone before anything could be done with it', async () => {
    await daemon.call('startProcessGroup', 'brief', false);
    const ended = await waitUntil(
      async () => {
        const infos = (await daemon.infos()).filter(({ group }) => group === 'brief');
        return infos.every(({ statename }) => statename === 'EXITED') ? infos : null;
      },
      { what: '100 exits' },
    );
    expect(ended.map(({ name, exitstatus }) => [name, String(exitstatus)])).to.deep.equal(
      ended.map(({ name }) => [name, name]),
    );
    expect(ended).to.have.length(100);
  });

  it('is not confused by a stop that comes while the child ends', async () => {
    const outcomes = new Set<string>();
    for (let run = 0; run < 30; run += 1) {
      await daemon.call('startProcess', 'brief:7', false);
      // The fault NOT_RUNNING: it was over before.
      await daemon.call('stopProcess', 'brief:7').catch(() => undefined);
      const { statename, pid } = await daemon.waitForState('brief:7', 'STOPPED', 'EXITED');
      expect(pid).to.equal(0);
      outcomes.add(statename);
    }
    expect([...outcomes].every((state) => ['STOPPED', 'EXITED'].includes(state))).to.equal(true);
  });
});

/** User 9 in every Debian. */
const news = { uid: 9, gid: 9 };

function setprivPath(): string {
  const folders = ['/usr/bin', '/bin', '/usr/local/bin'];
  return folders.map((folder) => join(folder, 'setpriv')).find((path) => existsSync(path)) ?? '';
}

function pidsIn(daemon: Daemon, file: string): number[] {
  return daemon.lines(file).map(Number);
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
