// shutdown_timeout: one deadline for the whole ordered stop, whatever the programs make of their stop signals.
import { expect } from 'chai';
import { describeStory } from '../support/modes.ts';
import { child, startDaemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

const stubborn = (name: string): string => `[program:${name}]
command=${child('ignores-term.sh')}
stdout_logfile=%(here)s/${name}.out
stopwaitsecs=60
`;

describeStory('the time for a shutdown', (mode) => {
  it('ends by one deadline although two groups ignore TERM one after the other, and says so', async () => {
    const daemon = await startDaemon(mode, {
      config: `[supervisord]\nshutdown_timeout=1.5\n${stubborn('a')}${stubborn('b')}`,
    });
    await waitUntil(() => ['a.out', 'b.out'].every((name) => daemon.lines(name).includes('ready')), {
      what: 'both programs',
    });
    expect(daemon.output).to.match(/supervisord\.conf:\d+: shutdown_timeout=1\.5 is shorter than the 120 seconds/);
    const askedAt = performance.now();
    daemon.signal('SIGTERM');
    expect(await daemon.waitForEnd()).to.deep.equal({ status: 0, signal: null });
    expect(performance.now() - askedAt).to.be.greaterThan(1400);
    expect(daemon.messages).to.include('WARN shutdown_timeout of 1.5 seconds is over: killing a, b');
    expect(daemon.messages).to.include('WARN stopped: a (terminated by SIGKILL)');
    expect(daemon.messages).to.include('WARN stopped: b (terminated by SIGKILL)');
    await daemon.stop();
  });

  it('holds for the stop before a HUP too, after which all begins anew', async () => {
    const daemon = await startDaemon(mode, { config: `[supervisord]\nshutdown_timeout=0.5\n${stubborn('a')}` });
    await waitUntil(() => daemon.lines('a.out').includes('ready'), { what: 'the program' });
    daemon.signal('SIGHUP');
    await daemon.waitForMessage(/^WARN shutdown_timeout of 0.5 seconds is over: killing a$/);
    await daemon.waitForMessage(/^INFO supervisord started with pid /, { count: 2 });
    await daemon.waitUntilAnswering();
    await daemon.waitForState('a', 'RUNNING');
    await daemon.stop();
  });
});

describeStory('leaving behind what cannot be killed', (mode) => {
  it('ends five seconds after SIGKILL, with status 1, and names it', async () => {
    const daemon = await startDaemon(mode, {
      config: `[supervisord]\nshutdown_timeout=0.5\n[program:stuck]\ncommand=${child('is-traced.py')}\nstdout_logfile=%(here)s/out\n`,
    });
    const [line] = await waitUntil(() => (daemon.lines('out').length > 0 ? daemon.lines('out') : null), {
      what: 'a traced process',
    });
    const tracer = Number(/^ready (\d+)$/.exec(line ?? '')?.[1]);
    const { pid } = await daemon.info('stuck');
    daemon.signal('SIGTERM');
    expect(await daemon.waitForEnd()).to.deep.equal({ status: 1, signal: null });
    expect(daemon.messages).to.include(`CRIT not even SIGKILL has ended stuck (${pid}) within 5 seconds: left behind`);
    process.kill(tracer, 'SIGKILL');
    await daemon.stop();
  });
});
