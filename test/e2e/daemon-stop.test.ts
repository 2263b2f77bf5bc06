// How a program is stopped: which signal, how long it is waited for, and who else is ended with it.
import { expect } from 'chai';
import { describeStory } from '../support/modes.ts';
import { child, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

const signals = ['TERM', 'INT', 'QUIT'] as const;
const familyCases = [
  {
    name: 'alone',
    script: 'forks-child.sh',
    options: '',
    dies: false,
    what: 'leaves the children of a stopped program alone',
  },
  {
    name: 'asgroup',
    script: 'forks-child.sh',
    options: 'stopasgroup=true',
    dies: true,
    what: 'ends them too with stopasgroup',
  },
  {
    name: 'kill-alone',
    script: 'forks-child-ignoring-term.sh',
    options: 'stopwaitsecs=1',
    dies: false,
    what: 'leaves them alone when the program has to be killed',
  },
  {
    name: 'kill-asgroup',
    script: 'forks-child-ignoring-term.sh',
    options: 'stopwaitsecs=1\nkillasgroup=true',
    dies: true,
    what: 'kills them too with killasgroup',
  },
] as const;

describeStory('stopping programs', (mode) => {
  let daemon: Daemon;

  before(async () => {
    const bySignal = signals.map(
      (name) => `
[program:by-${name}]
command=${child('notes-signals.sh')} %(here)s/by-${name}
stopsignal=${name}
`,
    );
    const families = familyCases.map(
      ({ name, script, options }) => `
[program:${name}]
command=${child(script)} %(here)s/${name}.pid
${options}
`,
    );
    daemon = await startDaemon(mode, {
      config: `${bySignal.join('')}${families.join('')}
[program:by-default-action]
command=${child('stays.sh')}
stopsignal=USR1
autorestart=true

[program:stubborn]
command=${child('ignores-term.sh')}
stopwaitsecs=1
stdout_logfile=%(here)s/stubborn

[program:slow]
command=${child('notes.sh')} %(here)s/slow slow 1

[program:signalled]
command=${child('notes-signals.sh')} %(here)s/signalled
`,
    });
    await daemon.waitForMessage(/^INFO success: /, { count: 11 });
  });

  after(() => daemon.stop({ leaves: true }));

  for (const name of signals) {
    it(`stops with ${name} when stopsignal says so`, async () => {
      await waitUntil(() => daemon.lines(`by-${name}`).includes('ready'), { what: 'the program to be ready' });
      expect(await daemon.call('stopProcess', `by-${name}`)).to.equal(true);
      expect(daemon.lines(`by-${name}`)).to.deep.equal(['ready', name]);
      expect((await daemon.info(`by-${name}`)).statename).to.equal('STOPPED');
      expect(daemon.messages).to.include(`INFO stopped: by-${name} (exit status 0)`);
    });
  }

  it('does not restart what it stopped, and names the signal that ended it', async () => {
    await daemon.call('stopProcess', 'by-default-action');
    const info = await daemon.info('by-default-action');
    expect(info.statename).to.equal('STOPPED');
    expect(info.exitstatus).to.equal(-1);
    expect(info.stop).to.be.greaterThan(0);
    expect(daemon.messages).to.include('WARN stopped: by-default-action (terminated by SIGUSR1)');
  });

  it('kills after stopwaitsecs what ignores the stop signal', async () => {
    const { pid } = await daemon.info('stubborn');
    await waitUntil(() => daemon.lines('stubborn').includes('ready'), { what: 'the program to be ready' });
    const askedAt = performance.now();
    await daemon.call('stopProcess', 'stubborn');
    expect(performance.now() - askedAt).to.be.within(950, 8000);
    expect((await daemon.info('stubborn')).statename).to.equal('STOPPED');
    expect(daemon.messages).to.include(`WARN killing 'stubborn' (${pid}) with SIGKILL`);
    expect(daemon.messages).to.include('WARN stopped: stubborn (terminated by SIGKILL)');
  });

  it('is STOPPING while it waits, and answers without waiting when asked to', async () => {
    expect(await daemon.call('stopProcess', 'slow', false)).to.equal(true);
    expect((await daemon.info('slow')).statename).to.equal('STOPPING');
    expect(await daemon.fault('stopProcess', 'slow')).to.equal('NOT_RUNNING: slow');
    await daemon.waitForState('slow', 'STOPPED');
    expect(daemon.lines('slow')).to.deep.equal(['start slow', 'stop slow']);
  });

  for (const { name, dies, what } of familyCases) {
    it(what, async () => {
      const pid = Number(await waitUntil(() => daemon.read(`${name}.pid`).trim(), { what: 'the pid of the child' }));
      expect(daemon.descendants()).to.include(pid);
      await daemon.call('stopProcess', name);
      if (dies) await waitUntil(() => !daemon.descendants().includes(pid), { what: 'the end of the child' });
      else expect(daemon.descendants()).to.include(pid);
    });
  }

  it('passes a signal on to the program and changes nothing else', async () => {
    await waitUntil(() => daemon.lines('signalled').includes('ready'), { what: 'the program to be ready' });
    const before = await daemon.info('signalled');
    expect(await daemon.call('signalProcess', 'signalled', 'HUP')).to.equal(true);
    await waitUntil(() => daemon.lines('signalled').includes('HUP'), { what: 'HUP' });
    expect(await daemon.call('signalProcess', 'signalled', '10')).to.equal(true);
    await waitUntil(() => daemon.lines('signalled').includes('USR1'), { what: 'USR1' });
    const after = await daemon.info('signalled');
    expect([after.pid, after.statename]).to.deep.equal([before.pid, 'RUNNING']);
    expect(await daemon.fault('signalProcess', 'signalled', 'NOPE')).to.equal('BAD_SIGNAL: NOPE');
  });
});
