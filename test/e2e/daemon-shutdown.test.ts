// How the daemon ends: in order, with status 0, whatever asked for it; and what its other signals do.
import { expect } from 'chai';
import { existsSync, renameSync } from 'node:fs';
import { connect } from 'node:net';
import { describeStory } from '../support/modes.ts';
import { child, startDaemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

describeStory('shutting down', (mode) => {
  it('stops one group after the other, from the highest priority number to the lowest', async () => {
    // The longer a program takes to stop, the earlier it has to be asked: any other order shows.
    const daemon = await startDaemon(mode, {
      config: ['30 0.6', '20 0.3', '10 0']
        .map((line) => line.split(' '))
        .map(
          ([priority, seconds]) => `
[program:p${priority}]
command=${child('notes.sh')} %(here)s/order p${priority} ${seconds}
priority=${priority}
`,
        )
        .join(''),
    });
    await waitUntil(() => daemon.lines('order').length === 3, { what: 'three starts' });
    daemon.signal('SIGTERM');
    await daemon.waitForEnd();
    expect(daemon.lines('order').slice(3)).to.deep.equal(['stop p30', 'stop p20', 'stop p10']);
    await daemon.stop();
  });

  it('stops the members of a group together', async () => {
    const daemon = await startDaemon(mode, {
      config: `${['a', 'b', 'c', 'd'].map(member).join('')}[group:all-of-them]\nprograms=a,b,c,d\n`,
    });
    await waitUntil(() => daemon.lines('order').length === 4, { what: 'four starts' });
    const askedAt = performance.now();
    daemon.signal('SIGTERM');
    await daemon.waitForEnd();
    expect(performance.now() - askedAt).to.be.lessThan(5900);
    await daemon.stop();
  });

  it('kills what ignores the stop signal, and still ends with 0', async () => {
    const daemon = await startDaemon(mode, {
      config: `
[program:stubborn]
command=${child('ignores-term.sh')}
stdout_logfile=%(here)s/stubborn
stopwaitsecs=1
`,
    });
    await waitUntil(() => daemon.lines('stubborn').includes('ready'), { what: 'the program to be ready' });
    daemon.signal('SIGTERM');
    expect(await daemon.waitForEnd()).to.deep.equal({ status: 0, signal: null });
    expect(daemon.messages).to.include('WARN stopped: stubborn (terminated by SIGKILL)');
    await daemon.stop();
  });

  it('starts nothing any more, and answers SHUTDOWN_STATE meanwhile', async () => {
    const daemon = await startDaemon(mode, {
      config: `
[program:slow]
command=${child('notes.sh')} %(here)s/order slow 2
[program:other]
command=${child('stays.sh')}
autostart=false
`,
    });
    await waitUntil(() => daemon.lines('order').length === 1, { what: 'the start' });
    expect(await daemon.call('shutdown')).to.equal(true);
    await daemon.waitForMessage(/^INFO waiting for .*slow.* to die$/);
    expect(await daemon.fault('startProcess', 'other')).to.equal('SHUTDOWN_STATE');
    expect(await daemon.call('system.listMethods')).to.include('supervisor.getState');
    expect(await daemon.waitForEnd()).to.deep.equal({ status: 0, signal: null });
    await daemon.stop();
  });
});

describeStory('signals to the daemon', (mode) => {
  for (const name of ['TERM', 'INT', 'QUIT'] as const) {
    it(`ends in order with status 0 on ${name}`, async () => {
      const daemon = await startDaemon(mode, { config: `[program:p]\ncommand=${child('stays.sh')}\n` });
      await daemon.waitForState('p', 'STARTING', 'RUNNING');
      daemon.signal(`SIG${name}`);
      expect(await daemon.waitForEnd()).to.deep.equal({ status: 0, signal: null });
      expect(daemon.messages).to.include(`WARN received SIG${name} indicating exit request`);
      expect(daemon.messages).to.include('WARN stopped: p (terminated by SIGTERM)');
      expect(existsSync(daemon.path('supervisor.sock')), 'the socket is removed').to.equal(false);
      await daemon.stop();
    });
  }

  it('goes on stopping in order when TERM comes twice, and ignores HUP by then', async () => {
    const daemon = await startDaemon(mode, {
      config: `[program:slow]\ncommand=${child('notes.sh')} %(here)s/order slow 2\n`,
    });
    await waitUntil(() => daemon.lines('order').length === 1, { what: 'the start' });
    daemon.signal('SIGTERM');
    await daemon.waitForMessage(/^WARN received SIGTERM indicating exit request$/);
    daemon.signal('SIGTERM');
    await daemon.waitForMessage(/^WARN received SIGTERM indicating exit request$/, { count: 2 });
    daemon.signal('SIGHUP');
    await daemon.waitForMessage(/^WARN ignored SIGHUP indicating restart request \(shutdown in progress\)$/);
    expect(await daemon.waitForEnd()).to.deep.equal({ status: 0, signal: null });
    expect(daemon.lines('order')).to.deep.equal(['start slow', 'stop slow']);
    await daemon.stop();
  });

  it('starts everything anew from the file on HUP, in the same pid', async () => {
    const daemon = await startDaemon(mode, {
      config: `[program:kept]\ncommand=${child('stays.sh')}\n[program:dropped]\ncommand=${child('stays.sh')}\n`,
    });
    const before = await daemon.waitForState('kept', 'RUNNING');
    daemon.writeConfig(`[program:kept]\ncommand=${child('stays.sh')}\n[program:fresh]\ncommand=${child('stays.sh')}\n`);
    daemon.signal('SIGHUP');
    await daemon.waitForMessage(/^INFO supervisord started with pid /, { count: 2 });
    await daemon.waitUntilAnswering();
    const after = await daemon.waitForState('kept', 'RUNNING');
    expect(after.pid).not.to.equal(before.pid);
    expect((await daemon.infos()).map(({ name }) => name)).to.deep.equal(['fresh', 'kept']);
    expect(await daemon.call('getPID')).to.equal(daemon.pid);
    expect(daemon.messages).to.include('WARN received SIGHUP indicating restart request');
    expect(daemon.read('supervisord.log'), 'the log goes on').to.contain("spawned: 'dropped'");
    await daemon.stop();
  });

  if (mode !== 'reference') {
    it('ends on a TERM that comes between the last stop of a HUP and the new beginning', async () => {
      const daemon = await startDaemon(mode, { config: `[program:p]\ncommand=${child('stays.sh')}\n` });
      await daemon.waitForState('p', 'RUNNING');
      // A request that never comes to its end holds the closing of the sockets up for a second.
      const client = connect(daemon.path('supervisor.sock'));
      client.on('error', () => undefined);
      client.write('POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n');
      await daemon.call('getState');
      daemon.signal('SIGHUP');
      await waitUntil(() => !existsSync(daemon.path('supervisor.sock')), { what: 'the socket to go' });
      daemon.signal('SIGTERM');
      expect(await daemon.waitForEnd(5000)).to.deep.equal({ status: 0, signal: null });
      client.destroy();
      await daemon.stop();
    });
  }

  it('ends with 2 and removes its pidfile when its new log turns out to be impossible at HUP', async () => {
    const daemon = await startDaemon(mode, {
      config: `[program:p]\ncommand=${child('stays.sh')}\n`,
      files: { 'folder/x': '' },
    });
    await daemon.waitForState('p', 'RUNNING');
    daemon.writeConfig('[supervisord]\nlogfile=%(here)s/folder\n');
    daemon.signal('SIGHUP');
    expect(await daemon.waitForEnd()).to.deep.equal({ status: 2, signal: null });
    expect(daemon.errors.split('\n')[0]).to.match(/^Error: could not open log file .*folder: EISDIR/);
    expect(existsSync(daemon.path('supervisord.pid'))).to.equal(false);
    await daemon.stop();
  });

  it('opens its log files anew on USR2', async () => {
    const daemon = await startDaemon(mode, {
      config: `
[program:echo]
command=${child('echoes-stdin.sh')}
stdout_logfile=%(here)s/echo.log
`,
    });
    await daemon.waitForState('echo', 'RUNNING');
    await daemon.call('sendProcessStdin', 'echo', 'before\n');
    await waitUntil(() => daemon.read('echo.log') === 'before\n', { what: 'the first line' });
    renameSync(daemon.path('echo.log'), daemon.path('echo.log.old'));
    renameSync(daemon.path('supervisord.log'), daemon.path('supervisord.log.old'));
    daemon.signal('SIGUSR2');
    await waitUntil(() => existsSync(daemon.path('echo.log')), { what: 'a new log file of the program' });
    await waitUntil(() => existsSync(daemon.path('supervisord.log')), { what: 'a new log file of the daemon' });
    await daemon.call('sendProcessStdin', 'echo', 'after\n');
    await waitUntil(() => daemon.read('echo.log') === 'after\n', { what: 'the second line in the new file' });
    expect(daemon.read('echo.log.old')).to.equal('before\n');
    expect(daemon.read('supervisord.log.old')).to.contain('INFO received SIGUSR2 indicating log reopen request');
    expect(daemon.read('supervisord.log.old')).to.contain('INFO supervisord logreopen');
    await daemon.stop();
  });
});

function member(name: string): string {
  return `
[program:${name}]
command=${child('notes.sh')} %(here)s/order ${name} 1.5
`;
}
