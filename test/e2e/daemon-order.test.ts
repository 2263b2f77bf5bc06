// depends_on with real processes: who is started when, who is stopped when, and what becomes of those that wait when
// something goes wrong meanwhile. A job waits for a file, so that a test decides when a wait is over.
import { expect } from 'chai';
import { type Ctl, runCtl } from '../support/ctl.ts';
import { describeStory } from '../support/modes.ts';
import { child, type Daemon, startDaemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Stays, and leaves nothing behind however it ends. */
const program = (name: string, options = ''): string =>
  `[program:${name}]\ncommand=${child('stays.sh')} ${name}\nstartsecs=0\n${options}\n`;

/** Notes its start and its stop in the file `order`; to be waited for before it is stopped. */
const noting = (name: string, options = '', seconds = 0): string =>
  `[program:${name}]\ncommand=${child('notes.sh')} %(here)s/order ${name} ${seconds}\nstartsecs=0\n${options}\n`;

/** Ends once the file `gate` is there. */
const job = (options = ''): string =>
  `[program:job]\ncommand=${child('ends-when.sh')} %(here)s/gate 0\nstartsecs=0\nautorestart=false\nexitcodes=0\n${options}\n`;

/** Ends with 1 the first time, and with 0 from then on. */
const secondTime = (options: string): string =>
  `[program:job]\ncommand=/bin/sh -c "echo try >>tries; test $(wc -l <tries) -ge 2"\ndirectory=%(here)s\nstartsecs=0\nexitcodes=0\n${options}\n`;

describeStory('depending on other programs', (mode) => {
  let daemon: Daemon;
  const start = async (config: string): Promise<void> => {
    daemon = await startDaemon(mode, { config });
  };
  const open = (): string => daemon.write('gate', '');
  const ctl = (...words: string[]): ReturnType<typeof runCtl> =>
    runCtl('corevisorctl', { config: daemon.configFile, arguments: words });
  const waiting = (name: string, what: string): Promise<unknown> =>
    daemon.waitForProcess(name, ({ statename, pid, description }) => {
      return statename === 'STARTING' && pid === 0 && description === `waiting for ${what}`;
    });
  const lineOf = (pattern: RegExp, count = 1): number =>
    daemon.messages.map((line, index) => (pattern.test(line) ? index : -1)).filter((index) => index >= 0)[count - 1] ??
    -1;

  afterEach(() => daemon.stop());

  it('starts a chain from its end and stops it from its beginning, against all priorities', async () => {
    await start(
      noting('web', 'priority=1\ndepends_on=cache', 0.4) +
        noting('cache', 'priority=2\ndepends_on=db', 0.2) +
        noting('db', 'priority=3'),
    );
    await waitUntil(() => daemon.lines('order').length === 3, { what: 'three starts' });
    daemon.signal('SIGTERM');
    expect(await daemon.waitForEnd()).to.deep.equal({ status: 0, signal: null });
    const order = ['start db', 'start cache', 'start web', 'stop web', 'stop cache', 'stop db'];
    expect(daemon.lines('order')).to.deep.equal(order);
  });

  it('holds back both sides and the top of a diamond until a job has completed', async () => {
    await start(
      job() +
        noting('top', 'depends_on=left,right') +
        noting('left', 'depends_on=job:completed') +
        noting('right', 'depends_on=job:completed'),
    );
    await waiting('top', 'left to be ready, right to be ready');
    await waiting('left', 'job to complete');
    expect(daemon.lines('order')).to.deep.equal([]);
    open();
    await daemon.waitForState('top', 'RUNNING');
    await waitUntil(() => daemon.lines('order').length === 3, { what: 'three starts' });
    const spawned = daemon.messages.filter((line) => line.includes('spawned: ')).map((line) => line.split("'")[1]);
    expect(spawned).to.deep.equal(['job', 'left', 'right', 'top']);
  });

  it('makes those that wait FATAL with the reason when a job fails, until somebody starts them again', async () => {
    await start(
      secondTime('autorestart=false') + program('web', 'depends_on=job:completed') + program('x', 'depends_on=web'),
    );
    for (const name of ['web', 'x']) {
      const { description } = await daemon.waitForState(name, 'FATAL');
      expect(description).to.equal('dependency job failed: Bad exit code 1');
    }
    expect((await ctl('start', 'x')).stdout).to.equal('x: started\n');
    expect((await daemon.info('web')).statename).to.equal('RUNNING');
    expect((await daemon.info('job')).statename).to.equal('EXITED');
  });

  it('waits for a job that is restarted until it completes', async () => {
    await start(secondTime('autorestart=unexpected') + program('web', 'depends_on=job:completed'));
    await daemon.waitForState('web', 'RUNNING');
    expect(daemon.lines('tries').length).to.equal(2);
    expect(daemon.messages.join('\n')).not.to.contain('gave up');
  });

  it('starts when enough of several are ready, although others have failed', async () => {
    const worker = '/bin/sh -c "test %(process_num)d != 0 && exec sleep 3600; exit 1"';
    const pool = `[program:pool]\ncommand=${worker}\nnumprocs=3\nprocess_name=%(process_num)d\nstartretries=0\n`;
    await start(pool + program('web', 'depends_on=pool:ready>=2') + program('all', 'depends_on=pool'));
    await daemon.waitForState('web', 'RUNNING');
    const { description } = await daemon.waitForState('all', 'FATAL');
    expect(description).to.equal('dependency pool:0 failed: Exited too quickly (process log may have details)');
    expect(lineOf(/success: web/)).to.be.above(lineOf(/success: 2/));
  });

  it('waits again for one that was killed while it waited for another', async () => {
    await start(job() + program('db', 'startsecs=1') + program('web', 'depends_on=db,job:completed'));
    const { pid } = await daemon.waitForState('db', 'RUNNING');
    await waiting('web', 'job to complete');
    process.kill(pid, 'SIGKILL');
    await daemon.waitForProcess('db', (info) => info.pid !== pid && info.pid !== 0);
    open();
    await daemon.waitForState('web', 'RUNNING');
    expect(lineOf(/spawned: 'web'/)).to.be.above(lineOf(/success: db/, 2));
    expect(lineOf(/success: db/, 2)).to.be.above(0);
  });

  it('never spawns what still waits when the daemon is told to end, and ends in order', async () => {
    await start(job('depends_on=db') + noting('db') + noting('web', 'depends_on=job:completed'));
    await waiting('web', 'job to complete');
    await waitUntil(() => daemon.lines('order').length === 1, { what: 'the start of db' });
    daemon.signal('SIGTERM');
    expect(await daemon.waitForEnd()).to.deep.equal({ status: 0, signal: null });
    expect(daemon.lines('order')).to.deep.equal(['start db', 'stop db']);
    expect(lineOf(/stopped: db/)).to.be.above(lineOf(/stopped: job/));
    expect(daemon.messages.join('\n')).not.to.match(/spawned: 'web'|gave up/);
  });

  it('never spawns what still waits when an essential program ends meanwhile, nor one whose own dependency failed', async () => {
    const guard = `[program:guard]\ncommand=${child('ends-when.sh')} %(here)s/fall 5\nstartsecs=0\nautorestart=false\nessential=true\n`;
    await start(
      job() + guard + program('web', 'depends_on=job:completed') + program('x', 'depends_on=guard:completed'),
    );
    await waiting('web', 'job to complete');
    daemon.write('fall', '');
    expect(await daemon.waitForEnd()).to.deep.equal({ status: 5, signal: null });
    expect(daemon.messages.join('\n')).not.to.match(/spawned: '(web|x)'/);
    expect(daemon.messages.join('\n')).to.contain(
      'gave up: x entered FATAL state, dependency guard failed: Bad exit code 5',
    );
  });

  it('ends at the deadline of a shutdown although something that ignores its stop holds up the rest', async () => {
    const stubborn = `[program:web]\ncommand=${child('ignores-term.sh')}\nstdout_logfile=%(here)s/stubborn\nstopwaitsecs=600\ndepends_on=db\nstartsecs=0\n`;
    await start(`[supervisord]\nshutdown_timeout=1\n${program('db')}${stubborn}`);
    await waitUntil(() => daemon.lines('stubborn').includes('ready'), { what: 'web to be ready' });
    daemon.signal('SIGTERM');
    await daemon.waitForEnd();
    expect(lineOf(/stopped: (db|web) \(terminated by SIGKILL\)/, 2)).to.be.above(0);
  });

  it('waits anew after HUP', async () => {
    await start(job() + program('web', 'depends_on=job:completed'));
    await waiting('web', 'job to complete');
    daemon.signal('SIGHUP');
    await daemon.waitForMessage(/supervisord started/, { count: 2 });
    await daemon.waitUntilAnswering();
    await waiting('web', 'job to complete');
    open();
    await daemon.waitForState('web', 'RUNNING');
    expect(daemon.messages.filter((line) => line.includes("spawned: 'web'")).length).to.equal(1);
  });

  it('stops what waits at once, and sends it no signal', async () => {
    await start(job() + program('web', 'depends_on=job:completed'));
    await waiting('web', 'job to complete');
    expect((await ctl('signal', 'HUP', 'web')).stdout).to.equal('web: ERROR (not running)\n');
    expect((await ctl('stop', 'web')).stdout).to.equal('web: stopped\n');
    open();
    await daemon.waitForState('job', 'EXITED');
    expect((await daemon.info('web')).statename).to.equal('STOPPED');
    expect(daemon.messages.join('\n')).not.to.contain("spawned: 'web'");
  });

  it('goes on waiting when what it waits for is removed, until that is added again', async () => {
    await start(job() + program('web', 'depends_on=job:completed'));
    await waiting('web', 'job to complete');
    await ctl('stop', 'job');
    await waiting('web', 'job to complete (it is stopped)');
    expect((await ctl('remove', 'job')).stdout).to.equal('job: removed process group\n');
    await waiting('web', 'job to complete (there is none)');
    expect((await ctl('add', 'job')).stdout).to.equal('job: added process group\n');
    await waiting('web', 'job to complete');
    open();
    await daemon.waitForState('web', 'RUNNING');
  });

  it('takes a dependency that an update brings, and refuses one that closes a circle', async () => {
    await start(program('web') + program('kept'));
    const before = await daemon.waitForState('web', 'RUNNING');
    const kept = await daemon.waitForState('kept', 'RUNNING');
    daemon.writeConfig(program('web', 'depends_on=db') + program('kept') + program('db', 'depends_on=web'));
    const refused = await ctl('reread');
    expect(refused.status).not.to.equal(0);
    expect(refused.stdout).to.contain('[program:db] depends on itself: db -> web -> db');
    expect((await daemon.info('web')).pid).to.equal(before.pid);
    daemon.writeConfig(program('web', 'depends_on=job:completed') + program('kept') + job());
    await ctl('update');
    expect(daemon.messages).to.include('INFO web: changed (depends_on none -> job:completed)');
    await waiting('web', 'job to complete');
    open();
    expect((await daemon.waitForState('web', 'RUNNING')).pid).not.to.equal(before.pid);
    expect((await daemon.info('kept')).pid).to.equal(kept.pid);
  });

  it('does not start with a circle, and prints it', async () => {
    const config = program('web', 'depends_on=db') + program('db', 'depends_on=web:started');
    daemon = await startDaemon(mode, { config, comesUp: false });
    expect((await daemon.waitForEnd()).status).to.equal(2);
    expect(daemon.errors).to.contain('Error: [program:db] depends on itself: db -> web -> db\n');
    expect(daemon.errors).to.match(/supervisord\.conf:\d+: \[program:db\] depends_on=web:started; accepted: /);
  });
});

const sorted = (text: string): string[] => text.trim().split('\n').toSorted();

/** All of it, with something that waits among it, by the tools that people use. */
function handles(tool: Ctl, start: (config: string) => Promise<Daemon>): void {
  it(`is stopped, started and restarted as a whole by ${tool}`, async () => {
    const daemon = await start(
      job() + noting('db') + noting('web', 'depends_on=db', 0.3) + noting('late', 'depends_on=job:completed'),
    );
    const ctl = (...words: string[]): ReturnType<typeof runCtl> =>
      runCtl(tool, { config: daemon.configFile, arguments: words });
    try {
      await waitUntil(() => daemon.lines('order').length === 2, { what: 'db and web to start' });
      expect((await ctl('status', 'late')).stdout).to.match(/^late +STARTING +waiting for job to complete\n$/);
      const stopped = await ctl('stop', 'all');
      expect(sorted(stopped.stdout)).to.deep.equal(['db: stopped', 'job: stopped', 'late: stopped', 'web: stopped']);
      expect(daemon.lines('order')).to.deep.equal(['start db', 'start web', 'stop web', 'stop db']);
      const started = ctl('start', 'all');
      await daemon.waitForState('late', 'STARTING');
      daemon.write('gate', '');
      const said = ['db: started', 'late: started', 'web: started'];
      expect(sorted((await started).stdout)).to.deep.equal(['job: started', ...said].toSorted());
      await waitUntil(() => daemon.lines('order').length === 7, { what: 'db, web and late to start' });
      const restarted = await ctl('restart', 'all');
      // What it says of the job depends on how quickly that ends.
      expect(sorted(restarted.stdout)).to.include.members(['web: stopped', 'db: stopped', ...said]);
      await waitUntil(() => daemon.lines('order').length === 13, { what: 'all to start again' });
      const order = daemon.lines('order').slice(7);
      expect(order.indexOf('stop web'), 'the stop of web').to.be.below(order.indexOf('stop db'));
      expect(order.indexOf('start db'), 'the start of db').to.be.below(order.indexOf('start web'));
    } finally {
      await daemon.stop();
    }
  });
}

describeStory('depending on other programs by supervisorctl', (mode) => {
  for (const tool of ['corevisorctl', 'supervisorctl'] as const) {
    handles(tool, (config) => startDaemon(mode, { config }));
  }
});
