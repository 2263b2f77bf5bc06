import { expect } from 'chai';
import { type End, History } from '../../src/process/history.ts';
import { groupConfig, makeSupervisor, processConfig } from '../support/make-process.ts';

const end = (atMs: number, how: End['how']): End => ({ atMs, ranMs: 5, state: 'RUNNING', by: 'itself', how });

function single(options: Parameters<typeof processConfig>[1] = {}) {
  const made = makeSupervisor([groupConfig('x', 999, [processConfig('x', options)])]);
  made.supervisor.addConfiguredGroups();
  return { ...made, x: made.find('x') };
}

describe('the history of a process', () => {
  it('keeps the last ten ends', () => {
    const history = new History();
    for (let at = 1; at <= 1000; at += 1) history.add(end(at, { code: at % 256 }));
    expect(history.ends.map(({ atMs }) => atMs)).to.deep.equal([991, 992, 993, 994, 995, 996, 997, 998, 999, 1000]);
    expect(history.last?.atMs).to.equal(1000);
  });

  it('remembers how the last run ended, however many starts fail after it', () => {
    const history = new History();
    expect(history.lastStatus).to.equal(null);
    history.add(end(0, { code: 3 }));
    for (let at = 1; at <= 100; at += 1) history.add(end(at, { error: 'no such file' }));
    expect(history.lastStatus).to.deep.equal({ code: 3 });
  });

  it('counts all ends by kind, and starts in which nothing was executed', () => {
    const history = new History([0, 2]);
    for (const code of [0, 2, 2, 1]) history.add(end(0, { code }));
    history.add(end(0, { signal: 9, core: false }));
    for (const by of ['person', 'shutdown', 'watchdog'] as const) history.add({ ...end(0, { code: 0 }), by });
    for (let at = 0; at < 20; at += 1) history.add(end(at, { error: 'no such file' }));
    expect(history.counts).to.deep.equal({ expected: 3, unexpected: 1, signal: 1, stopped: 3 });
    expect(history.failedStarts).to.equal(20);
  });

  it('says when, after how long, in what state and by whose wish a process ended', () => {
    const { x, clock, host } = single({ autorestart: true, startretries: 0 });
    x.start();
    clock.advance(1500);
    host.end(x.pid, { code: 3 });
    clock.advance(500);
    host.end(x.pid, { signal: 9, core: false });
    x.start();
    clock.advance(2000);
    x.stop();
    x.stop('shutdown');
    host.end(x.pid, { code: 0 });
    x.start();
    x.stop('shutdown');
    host.end(x.pid, { code: 0 });
    const told = x.history.ends.map(({ ranMs, state, by, how }) => [ranMs, state, by, how]);
    expect(told).to.deep.equal([
      [1500, 'RUNNING', 'itself', { code: 3 }],
      [500, 'STARTING', 'itself', { signal: 9, core: false }],
      [2000, 'STOPPING', 'person', { code: 0 }],
      [0, 'STOPPING', 'shutdown', { code: 0 }],
    ]);
    expect(x.history.last?.atMs).to.equal(clock.wall());
  });

  it('calls an end RUNNING that comes after startsecs but before their timer', () => {
    const { x, host } = single({ startsecs: 0 });
    x.start();
    host.end(x.pid, { code: 0 });
    expect(x.history.last?.state).to.equal('RUNNING');
  });

  it('tells why nothing could be executed', () => {
    const { x, host } = single();
    host.spawnError = 'unknown error during fork';
    x.start();
    expect(x.history.last).to.include({ ranMs: 0, state: 'STARTING', by: 'itself' });
    expect(x.history.last?.how).to.deep.equal({ error: 'unknown error during fork' });
    expect(x.history.lastStatus).to.equal(null);
  });

  it('counts the starts that nobody asked for', () => {
    const { x, clock, host } = single({ autorestart: true });
    x.start();
    expect(x.restarts).to.equal(0);
    clock.advance(1000);
    host.end(x.pid, { code: 0 });
    expect(x.restarts).to.equal(1);
    host.end(x.pid, { code: 0 });
    expect(x.timeLeftMs).to.equal(1000);
    clock.advance(1000);
    expect([x.restarts, x.tries]).to.deep.equal([2, 1]);
    x.restart();
    host.end(x.pid, { code: 0 });
    expect(x.restarts).to.equal(2);
  });
});
