// What the daemon ends with, and what it says before it does, when something essential ended.
import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { describeStory } from '../support/modes.ts';
import { child, type Daemon, startDaemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

const ends = (status: number): { status: number; signal: null } => ({ status, signal: null });
const other = `[program:other]\ncommand=${child('stays.sh')}\n`;

/** What was said for the end, without dates and the word before it. */
function lastWords(daemon: Daemon): string[] {
  return daemon.messages.filter((line) => line.startsWith('CRIT post-mortem: ')).map((line) => line.slice(18));
}

describeStory('ending because an essential process ended', (mode) => {
  it('ends with its exit code, everything else stopped in order, and says what happened', async () => {
    const daemon = await startDaemon(mode, {
      config: `${other}[program:web]
command=/bin/sh -c 'for i in 1 2 3; do echo line $i; done; printf "\\033[31mred\\n" >&2; sleep 1.5; exit 42'
priority=1
essential=true
autorestart=false
stdout_logfile=%(here)s/web.out
stderr_logfile=%(here)s/web.err
`,
    });
    expect(await daemon.waitForEnd()).to.deep.equal(ends(42));
    expect(daemon.messages).to.include('WARN stopped: other (terminated by SIGTERM)');
    const order = daemon.messages.filter((line) => /^(WARN exited|CRIT essential|WARN stopped|CRIT post)/.test(line));
    expect(order.slice(0, 3)).to.deep.equal([
      'WARN exited: web (exit status 42; not expected)',
      'CRIT essential process web has ended for good: shutting down, to end with exit status 42',
      'WARN stopped: other (terminated by SIGTERM)',
    ]);
    const said = lastWords(daemon);
    expect(said[0]).to.equal('essential process web has ended for good, the daemon ends with exit status 42');
    expect(said[1]).to.equal('web is EXITED (Bad exit code 42), it was restarted 0 times');
    expect(said[2]).to.match(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d exit status 42 after [\d.]+ s \(RUNNING\)$/);
    expect(said.slice(3)).to.deep.equal([
      `the last 3 lines of its stdout (${daemon.path('web.out')}):`,
      '| line 1',
      '| line 2',
      '| line 3',
      `the last line of its stderr (${daemon.path('web.err')}):`,
      String.raw`| \x1b[31mred`,
    ]);
    expect(daemon.read('supervisord.log'), 'the log file has it too').to.contain(`CRIT post-mortem: ${said[1]}`);
    await daemon.stop();
  });

  it('ends with 128 and the number of the signal that ended it', async () => {
    const daemon = await startDaemon(mode, {
      config: `[program:web]\ncommand=${child('stays.sh')}\nessential=true\nautorestart=false\nstartsecs=0\n`,
    });
    const { pid } = await daemon.waitForState('web', 'RUNNING');
    process.kill(pid, 'SIGKILL');
    expect(await daemon.waitForEnd()).to.deep.equal(ends(137));
    expect(lastWords(daemon)[2]).to.match(/ terminated by SIGKILL after /);
    await daemon.stop();
  });

  it('ends with 0 when it did its work and was not to be started again', async () => {
    const daemon = await startDaemon(mode, {
      comesUp: false,
      config: `${other}[program:job]\ncommand=${child('exits-with.sh')} 0\nstartsecs=0\nessential=true\n`,
    });
    expect(await daemon.waitForEnd()).to.deep.equal(ends(0));
    expect(lastWords(daemon)[1]).to.equal('job is EXITED, it was restarted 0 times');
    await daemon.stop();
  });

  it('ends with the last code of one that was given up, and tells how it ended before', async () => {
    const daemon = await startDaemon(mode, {
      comesUp: false,
      config: `[program:web]
command=/bin/sh -c 'echo try >>%(here)s/tries; exit $(wc -l <%(here)s/tries)'
startsecs=30
startretries=1
essential=true
`,
    });
    expect(await daemon.waitForEnd()).to.deep.equal(ends(2));
    const said = lastWords(daemon);
    expect(said[1]).to.equal(
      'web is FATAL (Exited too quickly (process log may have details)), it was restarted 1 time',
    );
    expect(said[2]).to.match(/ exit status 1 after [\d.]+ s \(STARTING\)$/);
    expect(said[3]).to.match(/ exit status 2 after [\d.]+ s \(STARTING\)$/);
    await daemon.stop();
  });

  it('ends with 70 when nothing could ever be executed, also while others start', async () => {
    const daemon = await startDaemon(mode, {
      comesUp: false,
      config: `${other}[program:web]\ncommand=/no/such/file\nstartretries=0\nessential=true\npriority=1\n`,
    });
    expect(await daemon.waitForEnd()).to.deep.equal(ends(70));
    expect(lastWords(daemon).join('\n')).to.match(/not started: can't find command '\/no\/such\/file'/);
    expect(daemon.messages.filter((line) => line.startsWith('INFO success: other'))).to.deep.equal([]);
    await daemon.stop();
  });

  it('ends when an essential group has nothing left, not before', async () => {
    const daemon = await startDaemon(mode, {
      config: `[program:a]\ncommand=${child('stays.sh')}\nautorestart=false\n[program:b]\ncommand=${child('stays.sh')}\nautorestart=false
[group:pair]\nprograms=a,b\nessential=true\n`,
    });
    const [a, b] = await Promise.all(['pair:a', 'pair:b'].map((name) => daemon.waitForState(name, 'RUNNING')));
    process.kill(a?.pid ?? 0, 'SIGKILL');
    await daemon.waitForState('pair:a', 'EXITED');
    expect(await daemon.call('getState')).to.deep.equal({ statecode: 1, statename: 'RUNNING' });
    process.kill(b?.pid ?? 0, 'SIGUSR1');
    expect(await daemon.waitForEnd()).to.deep.equal(ends(128 + 10));
    expect(lastWords(daemon)[0]).to.contain('essential group pair has ended for good');
    await daemon.stop();
  });

  it('goes on when a person stops it, and ends with 0 when a person ends the daemon', async () => {
    const daemon = await startDaemon(mode, {
      config: `[program:web]\ncommand=${child('stays.sh')}\nessential=true\n`,
    });
    await daemon.waitForState('web', 'RUNNING');
    await daemon.call('stopProcess', 'web');
    expect(await daemon.call('getState')).to.deep.equal({ statecode: 1, statename: 'RUNNING' });
    await daemon.call('startProcess', 'web');
    await daemon.call('shutdown');
    expect(await daemon.waitForEnd()).to.deep.equal(ends(0));
    expect(lastWords(daemon)).to.deep.equal([]);
    await daemon.stop();
  });

  it('does not count what ends after a HUP was asked for: all begins anew', async () => {
    const daemon = await startDaemon(mode, {
      config: `[program:web]\ncommand=${child('stays.sh')}\nessential=true\nautorestart=false\npriority=1
[program:slow]\ncommand=${child('stops-when-told.sh')} %(here)s/told\n`,
    });
    const { pid } = await daemon.waitForState('web', 'RUNNING');
    await waitUntil(() => existsSync(daemon.path('told.ready')), { what: 'the slow program' });
    daemon.signal('SIGHUP');
    await daemon.waitForMessage(/^INFO waiting for .*slow/);
    process.kill(pid, 'SIGKILL');
    await daemon.waitForMessage(/^WARN exited: web/);
    daemon.write('told', '');
    await daemon.waitForMessage(/^INFO supervisord started with pid /, { count: 2 });
    await daemon.waitUntilAnswering();
    expect((await daemon.waitForState('web', 'RUNNING')).pid).not.to.equal(pid);
    await daemon.stop();
  });

  it('keeps the code on a TERM or a HUP during that shutdown', async () => {
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
      const daemon = await startDaemon(mode, {
        config: `[program:web]\ncommand=${child('stays.sh')}\nessential=true\nautorestart=false
[program:slow]\ncommand=${child('stops-when-told.sh')} %(here)s/told\n`,
      });
      const { pid } = await daemon.waitForState('web', 'RUNNING');
      await waitUntil(() => existsSync(daemon.path('told.ready')), { what: 'the slow program' });
      process.kill(pid, 'SIGINT');
      await daemon.waitForMessage(/^INFO waiting for .*slow/);
      daemon.signal(signal);
      await daemon.waitForMessage(new RegExp(`^WARN (received|ignored) ${signal} indicating \\w+ request`));
      daemon.write('told', '');
      expect(await daemon.waitForEnd()).to.deep.equal(ends(130));
      await daemon.stop();
    }
  });

  it('ends for an event listener too', async () => {
    const daemon = await startDaemon(mode, {
      comesUp: false,
      config: `[eventlistener:ear]\ncommand=${child('exits-with.sh')} 9\nevents=TICK_3600\nstartsecs=0\nautorestart=false\nessential=true\n`,
    });
    expect(await daemon.waitForEnd()).to.deep.equal(ends(9));
    await daemon.stop();
  });

  it('says that the output is in the container’s log where it was passed straight through', async () => {
    const daemon = await startDaemon(mode, {
      comesUp: false,
      config: `[program:web]\ncommand=${child('exits-with.sh')} 5\nstartsecs=0\nautorestart=false\nessential=true
stdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=0\nstderr_logfile=NONE\n`,
    });
    expect(await daemon.waitForEnd()).to.deep.equal(ends(5));
    expect(lastWords(daemon).slice(-2)).to.deep.equal([
      "its stdout is in the container's log",
      'its stderr was not kept',
    ]);
    await daemon.stop();
  });

  it('says it on stderr when the daemon is silent', async () => {
    const daemon = await startDaemon(mode, {
      comesUp: false,
      config: `[supervisord]\nsilent=true\n[program:web]\ncommand=${child('exits-with.sh')} 5\nstartsecs=0\nautorestart=false\nessential=true\n`,
    });
    expect(await daemon.waitForEnd()).to.deep.equal(ends(5));
    expect(daemon.output).to.equal('');
    expect(daemon.errors).to.match(/^post-mortem: essential process web .* exit status 5\n/);
    await daemon.stop();
  });
});
