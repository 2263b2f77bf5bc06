import { expect } from 'chai';
import { processDetails } from '../../src/supervisor/details.ts';
import { why } from '../../src/supervisor/why.ts';
import { formatSpan } from '../../src/supervisor/words.ts';
import { groupConfig, makeSupervisor, processConfig } from '../support/make-process.ts';

function single(options: Parameters<typeof processConfig>[1] = {}) {
  const made = makeSupervisor([groupConfig('x', 999, [processConfig('x', options), processConfig('db')])]);
  made.supervisor.addConfiguredGroups();
  const x = made.find('x');
  // Dates are local.
  const say = (): string => why(x, made.clock.wall()).replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'DATE');
  return { ...made, x, say };
}

describe('why a process is as it is', () => {
  it('is said of each state, with what comes next and how it ended before', () => {
    const { x, say, clock, host } = single({ startretries: 1, startsecs: 2 });
    expect(say()).to.equal('never started');
    x.start();
    clock.advance(500);
    expect(say()).to.equal('started (pid 100); RUNNING in 1.5 s, startsecs');
    host.end(x.pid, { code: 3 });
    expect(say()).to.equal(
      'try 1 failed: Exited too quickly (process log may have details); exit status 3 after 0.5 s, DATE; ' +
        'next try in 1 s, startretries',
    );
    clock.advance(1000);
    expect(say()).to.equal('started (pid 101); RUNNING in 2 s, startsecs; before that exit status 3 after 0.5 s, DATE');
    clock.advance(62_000);
    expect(say()).to.equal('up for 1 min 2 s (pid 101); before that exit status 3 after 0.5 s, DATE');
    x.stop();
    clock.advance(3000);
    expect(say()).to.equal('was sent SIGTERM; SIGKILL in 7 s, stopwaitsecs');
    host.end(x.pid, { signal: 15, core: false });
    expect(say()).to.equal('stopped by a person: terminated by SIGTERM after 1 min 5 s, DATE');
    x.start();
    clock.advance(2000);
    host.end(x.pid, { code: 0 });
    expect(say()).to.equal('exit status 0 after 2 s, DATE, not started again (autorestart=unexpected)');
  });

  it('is the reason and the last end of what was given up, or what could not be executed', () => {
    const quick = single({ startretries: 0 });
    quick.x.start();
    quick.host.end(quick.x.pid, { signal: 11, core: true });
    expect(quick.say()).to.equal(
      'given up: Exited too quickly (process log may have details); terminated by SIGSEGV (core dumped) after 0 s, DATE',
    );
    const missing = single({ startretries: 0, command: '/nope/\u001b[31m' });
    missing.x.start();
    expect(missing.say()).to.equal(String.raw`given up: can't find command '/nope/\x1b[31m'`);
  });

  it('tells of a health that is not good, and of a restart for it', () => {
    const health = { kind: 'tcp', host: 'h', port: 1, shown: 'tcp://h:1' } as const;
    const { x, say, clock, host } = single({ health, startsecs: 0 });
    x.start();
    const report = (outcome: 'healthy' | 'unhealthy' | 'unknown', text: string, failures = 0): void =>
      x.probed({ outcome, text, atMs: clock.wall(), failures });
    expect(say()).to.equal('started (pid 100); RUNNING in 0 s, startsecs; its health was not asked for yet');
    clock.advance(1000);
    report('unhealthy', 'refused the connection');
    expect(say()).to.equal('up for 1 s (pid 100); not healthy yet: refused the connection (tcp://h:1)');
    report('healthy', 'accepted a connection');
    expect(say()).to.equal('up for 1 s (pid 100)');
    report('unknown', 'could not be asked: EMFILE');
    expect(say()).to.equal('up for 1 s (pid 100); its health is not known: could not be asked: EMFILE (tcp://h:1)');
    report('unhealthy', 'no answer within 2 s', 2);
    expect(say()).to.equal('up for 1 s (pid 100); 2 of 3 probes failed: no answer within 2 s (tcp://h:1)');
    expect(processDetails(x, clock.wall())).to.deep.include({
      health: {
        check: 'tcp://h:1',
        outcome: 'unhealthy',
        text: 'no answer within 2 s',
        time: Math.floor(clock.wall() / 1000),
        failures: 2,
      },
      watchdog_restarts: { health: 0, memory: 0 },
    });
    x.giveUpRun({ reason: 'health', text: 'it hangs' });
    clock.advance(250);
    expect(say()).to.equal('is restarted by its watchdog (it hangs): was sent SIGTERM; SIGKILL in 0.75 s');
    host.end(100, { signal: 9, core: false });
    expect(say()).to.equal(
      'started (pid 101); RUNNING in 0 s, startsecs; its health was not asked for yet; before that terminated by SIGKILL ' +
        'after 1.25 s (restarted by its watchdog: it hangs), DATE',
    );
    x.giveUpRun({ reason: 'memory', text: 'it grows' });
    x.stop();
    host.end(101, { code: 0 });
    expect(say(), 'the later wish counts').to.equal('stopped by a person: exit status 0 after 0 s, DATE');
  });

  it('is what it waits for, by its dependency or by restart_delay', () => {
    const waiting = single({ depends_on: [{ name: 'x:db', until: 'ready', atLeast: null }] });
    waiting.x.start();
    expect(waiting.say()).to.equal('waiting for x:db to be ready');
    const delayed = single({ restart_delay: 4, autorestart: true });
    delayed.x.start();
    delayed.clock.advance(1000);
    delayed.host.end(delayed.x.pid, { code: 1 });
    expect(delayed.say()).to.match(/exit status 1, starts again 4 seconds after it \(restart_delay\)/);
  });

  it('is that nobody started it, stopped it while it waited, or that it cannot be signalled', () => {
    expect(single({ autostart: false }).say()).to.equal('never started (autostart=false)');
    const { x, say, host } = single();
    host.spawnError = 'no';
    x.start();
    x.stop();
    expect(say()).to.match(/^stopped by a person: no, DATE$/);
    host.spawnError = null;
    x.start();
    host.signalError = 'EPERM';
    x.stop();
    expect(say()).to.match(/^it could not be signalled \(pid \d+\)$/);
  });
});

describe('the details of a process', () => {
  it('have what supervisord tells and ours, and one of code, signal and error for each end', () => {
    const { x, clock, host } = single({ essential: true, autorestart: true });
    x.start();
    clock.advance(1000);
    host.end(x.pid, { code: 3 });
    clock.advance(250);
    host.end(x.pid, { signal: 9, core: false });
    host.spawnError = 'no';
    clock.advance(1000);
    const details = processDetails(x, clock.wall());
    expect(details).to.include({
      name: 'x',
      group: 'x',
      statename: 'BACKOFF',
      ready: false,
      essential: true,
      restarts: 2,
      waiting_for: '',
    });
    const at = Math.floor(clock.wall() / 1000);
    expect(details.ends).to.deep.equal([
      { time: at - 1, ran: 1, state: 'RUNNING', by: 'itself', exit_code: 3 },
      { time: at - 1, ran: 0.25, state: 'STARTING', by: 'itself', signal: 'SIGKILL' },
      { time: at, ran: 0, state: 'STARTING', by: 'itself', error: 'no' },
    ]);
  });
});

describe('a length of time', () => {
  const cases: readonly [number, string][] = [
    [0, '0 s'],
    [-5, '0 s'],
    [4, '0 s'],
    [250, '0.25 s'],
    [12_340, '12.3 s'],
    [59_990, '60 s'],
    [60_000, '1 min 0 s'],
    [3_725_000, '1 h 2 min'],
    [90_000_000, '1 d 1 h'],
  ];
  for (const [ms, text] of cases) it(`of ${ms} ms reads ${text}`, () => expect(formatSpan(ms)).to.equal(text));
});
