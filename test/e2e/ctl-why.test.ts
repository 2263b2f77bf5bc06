// `corevisorctl why` and --json, asked of a real daemon, of a real supervisord, and of nobody.
import { expect } from 'chai';
import { type Outcome, runCtl } from '../support/ctl.ts';
import { describeStory } from '../support/modes.ts';
import { describeWith } from '../support/requirements.ts';
import { child, type Daemon, startDaemon } from '../support/run-supervisord.ts';

const ctl = (daemon: Daemon, ...words: string[]): Promise<Outcome> =>
  runCtl('corevisorctl', { config: daemon.configFile, arguments: words });

describeStory('saying why', (mode) => {
  it('tells of each process what it waits for or how it last ended, in a line and as JSON', async () => {
    const daemon = await startDaemon(mode, {
      config: `[program:job]\ncommand=${child('exits-with.sh')} 0\nstartsecs=0
[program:bad]\ncommand=${child('exits-with.sh')} 7\nstartretries=0
[program:wäb-%%]\ncommand=${child('stays.sh')}
[program:late]\ncommand=${child('stays.sh')}\ndepends_on=never
[program:never]\ncommand=${child('stays.sh')}\nstartsecs=3600\n`,
    });

    await daemon.waitForState('bad', 'FATAL');
    await daemon.waitForState('job', 'EXITED');
    const killed = await daemon.waitForState('wäb-%%', 'RUNNING');
    process.kill(killed.pid, 'SIGKILL');
    await daemon.waitForProcess('wäb-%%', ({ pid }) => pid !== killed.pid && pid !== 0);
    await daemon.waitForState('wäb-%%', 'RUNNING');

    const all = await ctl(daemon, 'why');
    expect(all.status).to.equal(0);
    const lines = all.stdout.trimEnd().split('\n');
    expect(lines).to.have.length(5);
    expect(lines[0]).to.match(/^bad: FATAL, given up: Exited too quickly .*; exit status 7 after [\d.]+ s, \d{4}-/);
    expect(lines[1]).to.match(
      /^job: EXITED, exit status 0 after [\d.]+ s, .* not started again \(autorestart=unexpected\)$/,
    );
    expect(lines[2]).to.equal('late: STARTING, waiting for never to be ready');
    expect(lines[3]).to.match(/^never: STARTING, started \(pid \d+\); RUNNING in (59 min|1 h)/);
    expect(lines[4]).to.match(/^wäb-%%: RUNNING, up for .* \(pid \d+\); before that terminated by SIGKILL after /);
    expect((await ctl(daemon, 'why', 'wäb-%%', 'nope')).stdout).to.match(
      /^wäb-%%: RUNNING, .*\nnope: ERROR \(no such process\)\n$/,
    );
    expect((await ctl(daemon, 'why', 'nope')).status).to.equal(1);

    const status = await ctl(daemon, 'status', '--json', 'bad', 'wäb-%%');
    expect([status.status, status.stderr]).to.deep.equal([3, '']);
    const { processes, errors } = JSON.parse(status.stdout);
    expect(errors).to.deep.equal([]);
    expect(processes[0]).to.deep.include({
      name: 'bad',
      statename: 'FATAL',
      ready: false,
      restarts: 0,
      essential: false,
    });
    expect(processes[0].last_exit).to.include({ exit_code: 7, signal: null, state: 'STARTING', by: 'itself' });
    expect(processes[1]).to.deep.include({ name: 'wäb-%%', ready: true, restarts: 1, waiting_for: null });
    expect(processes[1].last_exit).to.include({ exit_code: null, signal: 'SIGKILL', state: 'RUNNING' });

    await daemon.call('stopProcess', 'wäb-%%');
    expect((await ctl(daemon, 'why', 'wäb-%%')).stdout).to.match(
      /^wäb-%%: STOPPED, stopped by a person: terminated by SIGTERM after /,
    );
    await daemon.stop();
  });

  it('is a document of JSON too when nobody answers', async () => {
    const daemon = await startDaemon(mode, { config: '' });
    daemon.signal('SIGTERM');
    await daemon.waitForEnd();
    const { status, stdout, stderr } = await ctl(daemon, 'status', '--json');
    expect([status, stderr]).to.deep.equal([4, '']);
    expect(JSON.parse(stdout)).to.deep.equal({
      processes: [],
      scaled: [],
      errors: [{ error: `unix://${daemon.path('supervisor.sock')} no such file` }],
    });
    await daemon.stop();
  });
});

describeWith(['supervisord'], 'asking a supervisord why', () => {
  it('says that it needs corevisord, and ends with 1', async () => {
    const daemon = await startDaemon('reference', { config: `[program:p]\ncommand=${child('stays.sh')}\n` });
    const plain = await ctl(daemon, 'why', 'p');
    expect([plain.status, plain.stdout]).to.deep.equal([1, 'needs corevisord\n']);
    const json = await ctl(daemon, 'status', '--json');
    expect([json.status, JSON.parse(json.stdout)]).to.deep.equal([
      1,
      { processes: [], scaled: [], errors: [{ error: 'needs corevisord' }] },
    ]);
    await daemon.stop();
  });
});
