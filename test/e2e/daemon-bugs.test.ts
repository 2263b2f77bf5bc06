// A daemon whose own handlers throw: the real program, with a preloaded file that runs into real errors on demand.
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'chai';
import { describeStory } from '../support/modes.ts';
import { ask } from '../support/rpc.ts';
import { startDaemon, type Daemon, type DaemonOptions } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

describeStory('surviving bugs of its own', (mode) => {
  let daemon: Daemon;

  afterEach(() => daemon.discard());

  const start = async (options: Partial<DaemonOptions> & { readonly nodeOptions?: string } = {}): Promise<void> => {
    const preloaded = resolve(import.meta.dirname, '../fixtures/breaks-on-demand.cjs');
    daemon = await startDaemon(mode, {
      config: '[program:one]\ncommand=sleep 3600\nautorestart=true\n',
      ...options,
      environment: { NODE_OPTIONS: `--require=${preloaded} ${options.nodeOptions ?? ''}`, BUGS: '.' },
    });
  };
  const breakIt = (what: string): string => daemon.write(what, '');
  const mend = (what: string): void => rmSync(daemon.path(what));
  const unexpected = (what: string): number =>
    daemon.messages.filter((line) => line === `CRIT unexpected: TypeError: a bug in ${what}`).length;

  it('logs each with its stack, in a request, a page, a timer, a signal or a promise, and goes on as if it had not been', async () => {
    await start();
    const { pid } = await daemon.waitForState('one', 'RUNNING');

    breakIt('rpc');
    expect(await daemon.call('getPID').catch(String)).to.equal('Error: HTTP 500 to supervisor.getPID');
    mend('rpc');
    expect(await daemon.call('getPID')).to.equal(daemon.pid);

    const page = { method: 'GET', path: '/stylesheets/supervisor.css' };
    breakIt('http');
    expect((await ask(daemon.address, page)).status).to.equal(500);
    mend('http');
    expect((await ask(daemon.address, page)).status).to.equal(200);

    breakIt('signal');
    daemon.signal('SIGUSR2');
    await waitUntil(() => unexpected('signal') === 1, { what: () => `the stack in ${daemon.output}` });
    mend('signal');
    daemon.signal('SIGUSR2');
    await daemon.waitForMessage(/received SIGUSR2 indicating log reopen request/);

    breakIt('promise');
    await waitUntil(() => unexpected('promise') === 1, { what: () => `the stack in ${daemon.output}` });

    breakIt('timer');
    process.kill(pid, 'SIGKILL');
    const again = await daemon.waitForProcess('one', (info) => info.statename === 'RUNNING' && info.pid !== pid);
    await waitUntil(() => unexpected('timer') > 0, { what: () => `the stack in ${daemon.output}` });
    mend('timer');
    expect(again.pid).to.not.equal(pid);

    for (const what of ['rpc', 'http', 'signal', 'promise', 'timer'])
      expect(daemon.output).to.match(new RegExp(`TypeError: a bug in ${what}\\n +at .*breaks-on-demand.cjs`));
    daemon.signal('SIGTERM');
    expect((await daemon.waitForEnd()).status).to.equal(0);
    expect(daemon.descendants()).to.deep.equal([]);
  });

  it('logs ten stacks of a storm in ten seconds, then how many more there were, and answers meanwhile', async () => {
    await start();
    breakIt('storm');
    await waitUntil(() => unexpected('storm') === 10, { what: () => `ten stacks in ${daemon.output}` });
    for (let call = 0; call < 10; call += 1) expect(await daemon.call('getPID')).to.equal(daemon.pid);
    await daemon.waitForState('one', 'RUNNING');
    mend('storm');
    daemon.signal('SIGTERM');
    expect((await daemon.waitForEnd()).status).to.equal(0);
    expect(daemon.output).to.match(
      /CRIT unexpected: \d{2,} more errors were not logged; the last was TypeError: a bug in storm\n/,
    );
    // Where all that took more than ten seconds, another ten are told.
    expect(unexpected('storm') % 10).to.equal(0);
  });

  it('ends with status 1 and the stack where one comes before there is a log', async () => {
    await start({ files: { 'start-up': '' }, config: '[program:one]\ncommand=sleep 3600\n', comesUp: false });
    expect((await daemon.waitForEnd()).status).to.equal(1);
    expect(daemon.errors).to.match(/^TypeError: a bug in start-up\n +at /);
    expect(daemon.descendants()).to.deep.equal([]);
  });

  it('ends at once when its memory is exhausted, with V8’s own words on stderr, its programs with it under parent_death', async () => {
    const config = '[supervisord]\nparent_death=true\n[program:one]\ncommand=sleep 3600\n';
    await start({ config, nodeOptions: '--max-old-space-size=48' });
    await daemon.waitForState('one', 'RUNNING');
    breakIt('memory');
    expect((await daemon.waitForEnd()).signal).to.be.oneOf(['SIGABRT', 'SIGTRAP', 'SIGILL']);
    expect(daemon.errors).to.contain('JavaScript heap out of memory');
    await waitUntil(() => daemon.descendants().length === 0, { what: 'the end of its programs' });
  });
});
