import { expect } from 'chai';
import type { NetworkCheck, ProbeResult } from '../../src/base/health-check.ts';
import type { ProgramOptions } from '../../src/config/options.ts';
import type { ManagedProcess } from '../../src/process/managed-process.ts';
import { createWatchdog } from '../../src/supervisor/watchdog.ts';
import { groupConfig, makeSupervisor, processConfig } from '../support/make-process.ts';

const check = { kind: 'tcp', host: '127.0.0.1', port: 9, shown: 'tcp://127.0.0.1:9' } as const;
const good: ProbeResult = { outcome: 'healthy', text: 'accepted a connection' };
const bad: ProbeResult = { outcome: 'unhealthy', text: 'refused the connection' };

/** Processes under a watchdog whose probes are answered by the test, or at once by `answer`. */
function watched(options: Partial<ProgramOptions> = {}, count = 1) {
  const names = Array.from({ length: count }, (_, index) => `x${index}`);
  const configs = names.map((name) => processConfig(name, { health: check, autorestart: true, ...options }));
  const asked: { at: number; check: NetworkCheck; done: (result: ProbeResult) => void; isGivenUp: boolean }[] = [];
  const answer: { now: ProbeResult | null } = { now: null };
  const usage = new Map<number, { rssBytes: number }>();
  const usageAsked: (readonly number[])[] = [];
  const made = makeSupervisor([groupConfig('g', 999, configs)], {
    watchdog: ({ clock, logger }) =>
      createWatchdog({
        clock,
        logger,
        mishaps: { guard: (action) => action() },
        probe(its, done) {
          const probe = { at: clock.now(), check: its, done, isGivenUp: false };
          asked.push(probe);
          const { now } = answer;
          if (now !== null) clock.after(1, () => void (probe.isGivenUp || done(now)));
          return () => void (probe.isGivenUp = true);
        },
        async usageOf(pids) {
          usageAsked.push(pids);
          return usage;
        },
      }),
  });
  made.supervisor.addConfiguredGroups();
  made.supervisor.start();
  const x: ManagedProcess = made.find('x0');
  const states = (): string[] => made.events.flatMap((event) => (event.type === 'PROCESS_STATE' ? [event.to] : []));
  return { ...made, x, asked, answer, usage, usageAsked, states };
}

describe('the health of a process', () => {
  it('is asked once a second until it is healthy, then once an interval, from start to start', () => {
    const { clock, asked, answer, x, lines } = watched();
    answer.now = bad;
    clock.advance(3500);
    expect(asked.map(({ at }) => at)).to.deep.equal([1000, 2000, 3000]);
    expect(x).to.deep.include({ wireState: 'RUNNING', isReady: false });
    expect(lines.filter((line) => line.startsWith('warn'))).to.deep.equal([]);
    answer.now = good;
    clock.advance(30_000);
    expect(asked.slice(3).map(({ at }) => at)).to.deep.equal([4000, 10_000, 20_000, 30_000]);
    expect(x.isReady).to.equal(true);
    expect(lines).to.include('info x0: healthy, accepted a connection (tcp://127.0.0.1:9)');
    expect(asked[0]?.check).to.deep.equal(check);
  });

  it('restarts it when it does not answer, within interval × retries + timeout, with the reason everywhere', () => {
    const { clock, asked, answer, x, events, lines, host } = watched();
    answer.now = good;
    clock.advance(20_500);
    answer.now = null;
    clock.advance(31_502);
    expect(x.wireState).to.equal('STOPPING');
    const text = '3 probes in a row failed, the last: no answer within 2 s (tcp://127.0.0.1:9)';
    expect(events.at(-2)).to.deep.equal({
      type: 'PROCESS_HEALTH',
      process: 'x0',
      group: 'g',
      pid: 100,
      reason: 'health',
      text,
    });
    expect(lines).to.include('warn x0: probe failed (1 of 3), no answer within 2 s (tcp://127.0.0.1:9)');
    expect(lines).to.include(`warn unhealthy: x0 (100) is restarted, ${text}`);
    expect(
      asked.every(({ isGivenUp }) => isGivenUp),
      'no probe is left',
    ).to.equal(true);
    const before = asked.length;
    clock.advance(990);
    expect(host.signals.map(({ signal }) => signal)).to.deep.equal([15]);
    clock.advance(10);
    expect(host.signals.map(({ signal }) => signal)).to.deep.equal([15, 9]);
    clock.advance(60_000);
    expect(asked.length, 'nobody asks one in STOPPING').to.equal(before);
    host.end(100, { signal: 9, core: false });
    expect(x).to.deep.include({ wireState: 'STARTING', pid: 101, isReady: false, lastProbe: null });
    answer.now = good;
    clock.advance(1500);
    expect(x).to.deep.include({ wireState: 'RUNNING', isReady: true });
  });

  it('forgives a failure that a success follows, and says both', () => {
    const { clock, answer, x, lines } = watched();
    answer.now = good;
    clock.advance(10_500);
    answer.now = bad;
    clock.advance(20_000);
    expect(x.lastProbe).to.deep.include({ outcome: 'unhealthy', text: 'refused the connection', failures: 2 });
    expect(x.isReady, 'it was healthy in this run').to.equal(true);
    answer.now = good;
    clock.advance(10_000);
    expect(x.lastProbe).to.deep.include({ outcome: 'healthy', failures: 0 });
    expect(lines).to.include('info x0: healthy again, accepted a connection (tcp://127.0.0.1:9)');
    answer.now = bad;
    clock.advance(20_000);
    expect(x.wireState).to.equal('RUNNING');
  });

  it('gives one that never becomes healthy up at the pace of the interval, after the start period', () => {
    const { clock, answer, x, states } = watched({ health_start_period: 60 });
    answer.now = bad;
    clock.advance(89_000);
    expect([x.wireState, x.restarts]).to.deep.equal(['RUNNING', 0]);
    clock.advance(1001);
    expect(states()).to.deep.equal(['STARTING', 'RUNNING', 'STOPPING']);
  });

  it('counts restarts for restart_limit, at which it is FATAL with the reason', () => {
    const { clock, answer, x, host } = watched({ restart_limit: { exits: 1, seconds: 3600 } });
    answer.now = bad;
    for (const pid of [100, 101]) {
      clock.advance(31_000);
      host.end(pid, { signal: 15, core: false });
    }
    expect(x).to.deep.include({ wireState: 'FATAL', watchdogRestarts: { health: 2, memory: 0 } });
    expect(x.spawnError).to.match(/^2 exits within 3600 seconds/);
  });

  it('does not count what could not be asked, and says it once', () => {
    const { clock, answer, x, lines } = watched();
    answer.now = good;
    clock.advance(10_500);
    answer.now = { outcome: 'unknown', text: 'could not be asked: EMFILE' };
    clock.advance(100_000);
    expect(x.wireState).to.equal('RUNNING');
    expect(x.lastProbe).to.deep.include({ outcome: 'unknown', failures: 0 });
    expect(lines.filter((line) => line.includes('EMFILE'))).to.deep.equal([
      'warn x0: its health is not known, could not be asked: EMFILE (tcp://127.0.0.1:9)',
    ]);
  });

  it('does not take a standstill of the daemon for one of the process', () => {
    const { clock, answer, x } = watched({ health_retries: 1 });
    answer.now = good;
    clock.advance(10_500);
    answer.now = null;
    clock.advance(9600);
    clock.leap(3600_000);
    clock.advance(1);
    expect(x.wireState).to.equal('RUNNING');
    expect(x.lastProbe).to.deep.include({ outcome: 'unknown', text: 'the daemon stood still meanwhile', failures: 0 });
    clock.advance(12_000);
    expect(x.wireState, 'it hangs indeed').to.equal('STOPPING');
  });

  it('takes an answer that arrived before the deadline was looked at', () => {
    const { clock, answer, asked, x } = watched({ health_retries: 1 });
    answer.now = good;
    clock.advance(10_500);
    answer.now = null;
    clock.advance(9600);
    clock.leap(2000);
    clock.after(0, () => asked.at(-1)?.done(good));
    clock.advance(10);
    expect(x.lastProbe).to.deep.include({ outcome: 'healthy' });
  });

  it('takes no answer to the probe of an earlier run', () => {
    const { clock, asked, host, x } = watched();
    clock.advance(1000);
    host.end(x.pid, { code: 0 });
    clock.advance(10);
    expect(asked[0]?.isGivenUp).to.equal(true);
    asked[0]?.done(good);
    expect(x).to.deep.include({ isReady: false, lastProbe: null });
  });

  it('asks by a command with the user, the environment and the directory of the process, killed at the deadline', () => {
    const exec = { kind: 'exec', command: '/bin/check it', shown: 'exec:/bin/check it' } as const;
    const { clock, host, x, lines } = watched({ health: exec, directory: '/srv', umask: 0o27 });
    clock.advance(1000);
    expect(host.spawned[1]).to.deep.equal({
      name: 'x0',
      file: '/bin/check',
      argv: ['/bin/check', 'it'],
      environment: { NAME: 'x0' },
      directory: '/srv',
      umask: 0o27,
      user: null,
      stdin: 'null',
      stdout: 'null',
      stderr: 'null',
    });
    clock.advance(2001);
    expect(host.signals, 'at the deadline').to.deep.equal([{ pid: 101, signal: 9, to: 'group' }]);
    host.end(101, { signal: 9, core: false });
    clock.advance(1000);
    host.end(102, { code: 1 });
    expect(x.lastProbe).to.deep.include({ outcome: 'unhealthy', text: 'exit status 1' });
    clock.advance(1000);
    host.end(103, { code: 0 });
    expect(x.isReady).to.equal(true);
    clock.advance(5000);
    host.spawnError = 'Too many processes in process table';
    clock.advance(10_000);
    expect(lines.at(-1)).to.match(/its health is not known, could not be asked: Too many processes/);
    host.spawnError = null;
    clock.advance(10_000);
    const underWay = host.living.at(-1);
    expect(underWay).to.be.greaterThan(103);
    x.stop();
    expect(host.signals.slice(-2).map(({ pid, signal }) => [pid, signal])).to.deep.equal([
      [100, 15],
      [underWay, 9],
    ]);
  });

  it('needs no timer while nobody is to be asked', () => {
    const { clock, x, host, answer } = watched();
    answer.now = good;
    clock.advance(5000);
    expect(clock.pending).to.equal(1);
    x.stop();
    host.end(x.pid, { code: 0 });
    expect(clock.pending).to.equal(0);
  });

  it('asks many in the same moments, a hundred at a time, spread over the interval', () => {
    const { clock, asked, answer } = watched({}, 250);
    answer.now = good;
    clock.advance(9000);
    asked.length = 0;
    clock.advance(10_000);
    const times = asked.map(({ at }) => at);
    expect(times.length).to.equal(250);
    expect([...new Set(times)].toSorted((a, b) => a - b)).to.deep.equal([10_000, 11_000, 12_000]);
    expect(times.filter((at) => at === 11_000).length).to.equal(100);
  });

  it('asks those beyond a hundred of one moment after a turn of the loop', () => {
    const { clock, asked } = watched({ health_interval: 0.1, health_timeout: 0.1 }, 150);
    for (const [index] of asked.entries()) expect(index).to.equal(0);
    clock.advance(99.9);
    const before = asked.length;
    clock.advance(30);
    expect(asked.length - before).to.equal(150);
  });
});

/** Lets that many checks pass. */
async function checks(clock: { advance(ms: number): void }, count: number): Promise<void> {
  for (let passed = 0; passed < count; passed += 1) {
    clock.advance(10_000);
    await new Promise(setImmediate);
  }
}

describe('the memory of a process', () => {
  const limit = { health: null, memory_limit: 100 * 1024 * 1024 };
  const above = { rssBytes: 120.25 * 1024 * 1024 };

  it('restarts it with the full stopwaitsecs when it is above the limit at two checks in a row', async () => {
    const { clock, usage, x, events, host } = watched(limit);
    usage.set(100, above);
    await checks(clock, 1);
    usage.set(100, { rssBytes: 1 });
    await checks(clock, 1);
    usage.set(100, above);
    await checks(clock, 1);
    expect(x.wireState).to.equal('RUNNING');
    await checks(clock, 1);
    expect(x.wireState).to.equal('STOPPING');
    expect(x.watchdogRestarts).to.deep.equal({ health: 0, memory: 1 });
    expect(events.at(-2)).to.deep.include({
      type: 'PROCESS_HEALTH',
      reason: 'memory',
      text: 'resident memory 120.3 MB at the second check in a row above memory_limit (100 MB)',
    });
    clock.advance(9999);
    expect(host.signals.map(({ signal }) => signal)).to.deep.equal([15]);
    clock.advance(1);
    expect(host.signals.map(({ signal }) => signal)).to.deep.equal([15, 9]);
    host.end(100, { signal: 9, core: false });
    await checks(clock, 2);
    expect(x).to.deep.include({ wireState: 'RUNNING', pid: 101 });
  });

  it('is asked for all in one call, and by no timer while nothing with a limit is up', async () => {
    const { clock, usageAsked, supervisor, host } = watched(limit, 3);
    await checks(clock, 1);
    expect(usageAsked).to.deep.equal([[100, 101, 102]]);
    for (const process of supervisor.findGroup('g')?.processes ?? []) {
      process.stop();
      host.end(process.pid, { code: 0 });
    }
    expect(clock.pending).to.equal(0);
  });

  it('takes nothing for a new run that was found of the one before', async () => {
    const { clock, usage, x, host } = watched(limit);
    usage.set(100, above).set(101, above);
    await checks(clock, 1);
    clock.advance(10_000);
    host.end(100, { code: 0 });
    await checks(clock, 1);
    expect(x).to.deep.include({ wireState: 'RUNNING', pid: 101, watchdogRestarts: { health: 0, memory: 0 } });
  });
});
