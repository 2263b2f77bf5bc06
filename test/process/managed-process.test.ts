import { expect } from 'chai';
import { Fault } from '../../src/base/errors.ts';
import { groupConfig, makeSupervisor, processConfig } from '../support/make-process.ts';

function single(options: Parameters<typeof processConfig>[1] = {}) {
  const made = makeSupervisor([groupConfig('x', 999, [processConfig('x', options)])]);
  made.supervisor.addConfiguredGroups();
  return { ...made, x: made.find('x') };
}

describe('a managed process', () => {
  it('has a pid in the same tick in which it was started', () => {
    const { x } = single();
    x.start();
    expect(x.wireState).to.equal('STARTING');
    expect(x.pid).to.equal(100);
  });

  it('is RUNNING after startsecs and again after a crash, with a new pid', () => {
    const { x, clock, host } = single();
    x.start();
    clock.advance(1000);
    expect(x.wireState).to.equal('RUNNING');
    host.end(x.pid, { signal: 9, core: false });
    expect(x.wireState).to.equal('STARTING');
    expect(x.pid).to.equal(101);
    expect(host.living).to.deep.equal([101]);
  });

  it('waits for the end of what it left behind with killastree, a second at most, and hits nobody meanwhile', () => {
    const { x, clock, host, lines } = single({ killastree: true, autorestart: true });
    host.leavesNothing = false;
    x.start();
    clock.advance(1000);
    host.end(100, { code: 0 });
    expect(x.wireState, 'not told yet').to.equal('RUNNING');
    expect(host.endedTrees.map(({ pid, mark }) => [pid, mark])).to.deep.equal([[100, 77]]);
    x.signal(10);
    expect(host.signals, 'the pid may be a stranger’s').to.deep.equal([]);
    host.endedTrees[0]?.done(2);
    expect([x.wireState, x.pid]).to.deep.equal(['STARTING', 101]);
    expect(lines).to.include('info killed 2 processes that x left behind');
    host.end(101, { code: 0 });
    expect(x.wireState).to.equal('STARTING');
    clock.advance(1000);
    expect(x.wireState, 'ended too quickly').to.equal('BACKOFF');
    expect(lines).to.include('warn x left processes behind that do not die');
    host.endedTrees[1]?.done(1);
    expect(x.wireState).to.equal('BACKOFF');
  });

  it('stops while what it left behind is waited for', () => {
    const { x, clock, host } = single({ stopastree: true, killastree: true });
    host.leavesNothing = false;
    x.start();
    clock.advance(1000);
    x.stop();
    expect(host.signals).to.deep.equal([{ pid: 100, signal: 15, to: 'tree', mark: 77 }]);
    host.end(100, { code: 0 });
    expect(x.wireState).to.equal('STOPPING');
    host.endedTrees[0]?.done(0);
    expect(x.wireState).to.equal('STOPPED');
  });

  it('does not count the time of the run before into startsecs', () => {
    const { x, clock, host } = single({ startsecs: 0, autorestart: true });
    x.start();
    host.end(x.pid, { code: 0 });
    expect(x.wireState).to.equal('STARTING');
    clock.advance(0);
    expect(x.wireState).to.equal('RUNNING');
    expect(clock.pending).to.equal(0);
  });

  it('is started anew by no timer once it is stopped', () => {
    const { x, clock, host } = single();
    x.start();
    host.end(x.pid, { code: 1 });
    expect(x.wireState).to.equal('BACKOFF');
    x.stop();
    clock.advance(60_000);
    expect(x.wireState).to.equal('STOPPED');
    expect(host.spawned).to.have.length(1);
    expect(clock.pending).to.equal(0);
  });

  it('signals the group with the stopsignal when stopasgroup says so, and kills as killasgroup says', () => {
    const { x, clock, host } = single({ stopasgroup: true, killasgroup: true, stopwaitsecs: 2 });
    x.start();
    x.stop();
    clock.advance(2000);
    expect(host.signals).to.deep.equal([
      { pid: 100, signal: 15, to: 'group' },
      { pid: 100, signal: 9, to: 'group' },
    ]);
  });

  it("passes a client's signal to the process alone, and refuses one for a process that does not run", () => {
    const { x, host } = single({ stopasgroup: true });
    expect(() => x.signal(1)).to.throw(Fault, 'NOT_RUNNING');
    x.start();
    x.signal(1);
    expect(host.signals).to.deep.equal([{ pid: 100, signal: 1, to: 'process' }]);
  });

  it('does not take ESRCH for a lost process: its exit is on the way', () => {
    const { x, host } = single();
    x.start();
    host.signalError = 'ESRCH';
    x.stop();
    expect(x.wireState).to.equal('STOPPING');
  });

  it('keeps the reason of a start that failed until the next start', () => {
    const { x, host, clock } = single({ startretries: 0 });
    host.spawnError = "Too many processes in process table to spawn 'x'";
    x.start();
    expect(x.wireState).to.equal('FATAL');
    expect(x.spawnError).to.equal("Too many processes in process table to spawn 'x'");
    host.spawnError = null;
    x.start();
    expect(x.spawnError).to.equal('');
    clock.advance(1000);
    expect(x.wireState).to.equal('RUNNING');
  });

  it('answers a command that is not there in BACKOFF without asking for a child', () => {
    const { x, host } = single({ command: '/nope' });
    x.start();
    expect(x.wireState).to.equal('BACKOFF');
    expect(x.spawnError).to.equal("can't find command '/nope'");
    expect(host.spawned).to.deep.equal([]);
  });

  it('takes a bug on the way to a child for a failed start, and says so', () => {
    const { x, host, lines } = single();
    host.bug = new Error('no such thing');
    x.start();
    expect(x.wireState).to.equal('BACKOFF');
    expect(x.spawnError).to.equal("unexpected problem spawning 'x': no such thing");
    expect(lines.find((line) => line.startsWith('crit'))).to.contain('no such thing');
  });

  it('records exit codes, -1 for a signal, and the dates of start and end', () => {
    const { x, clock, host } = single({ autorestart: false });
    expect([x.startedAt, x.stoppedAt, x.exitStatus]).to.deep.equal([0, 0, 0]);
    x.start();
    clock.advance(5000);
    host.end(x.pid, { code: 3 });
    expect(x.exitStatus).to.equal(3);
    expect(x.spawnError).to.equal('Bad exit code 3');
    expect(x.stoppedAt - x.startedAt).to.equal(5);
    x.start();
    clock.advance(5000);
    host.end(x.pid, { signal: 15, core: false });
    expect(x.exitStatus).to.equal(-1);
  });

  it('wakes those who wait for a change at each change', async () => {
    const { x, clock } = single();
    const first = x.changed();
    x.start();
    await first;
    const second = x.changed();
    clock.advance(1000);
    await second;
    expect(x.wireState).to.equal('RUNNING');
  });

  it('refuses stdin to a process that does not run', () => {
    const { x } = single();
    expect(() => x.writeStdin(Buffer.from('a'))).to.throw(Fault, 'NOT_RUNNING');
    x.start();
    expect(() => x.writeStdin(Buffer.from('a'))).to.throw(Fault, 'NO_FILE');
  });
});

describe('a managed process with a watchdog', () => {
  const check = { kind: 'tcp', host: '127.0.0.1', port: 9, shown: 'tcp://127.0.0.1:9' } as const;
  const up = { outcome: 'healthy', text: 'accepted', atMs: 5, failures: 0 } as const;

  it('is ready only in the run whose probe succeeded', () => {
    const { x, host, clock } = single({ health: check });
    x.start();
    clock.advance(1000);
    expect([x.wireState, x.isReady, x.lastProbe]).to.deep.equal(['RUNNING', false, null]);
    x.probed(up);
    expect([x.isReady, x.lastProbe]).to.deep.equal([true, up]);
    x.probed({ ...up, outcome: 'unhealthy', failures: 1 });
    expect(x.isReady, 'until it is given up').to.equal(true);
    host.end(x.pid, { code: 1 });
    expect([x.wireState, x.isReady, x.lastProbe]).to.deep.equal(['STARTING', false, null]);
  });

  it('tells that it is restarted and why before it is stopped, counts it, and remembers whose wish it was', () => {
    const { x, host, clock, events } = single({ health: check });
    x.start();
    clock.advance(1000);
    x.giveUpRun({ reason: 'health', text: 'it hangs' });
    expect(events.slice(-2)).to.deep.equal([
      { type: 'PROCESS_HEALTH', process: 'x', group: 'x', pid: 100, reason: 'health', text: 'it hangs' },
      {
        type: 'PROCESS_STATE',
        process: 'x',
        group: 'x',
        from: 'RUNNING',
        to: 'STOPPING',
        tries: 0,
        pid: 100,
        expected: false,
      },
    ]);
    clock.advance(1000);
    expect(host.signals.map(({ signal }) => signal)).to.deep.equal([15, 9]);
    host.end(100, { signal: 9, core: false });
    expect(x).to.deep.include({ wireState: 'STARTING', pid: 101, restarts: 1, stoppedByPerson: false });
    expect(x.watchdogRestarts).to.deep.equal({ health: 1, memory: 0 });
    expect(x.history.last).to.deep.include({ state: 'STOPPING', by: 'watchdog', because: 'it hangs' });
    x.stop();
    host.end(101, { code: 0 });
    expect(x.history.last).to.deep.include({ by: 'person' }).and.not.to.have.property('because');
    x.giveUpRun({ reason: 'memory', text: 'it grows' });
    expect(x.watchdogRestarts).to.deep.equal({ health: 1, memory: 0 });
  });
});
