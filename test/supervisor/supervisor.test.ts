import { expect } from 'chai';
import { Fault } from '../../src/base/errors.ts';
import { groupConfig, listenerConfig, makeSupervisor, processConfig } from '../support/make-process.ts';

function threeGroups() {
  const made = makeSupervisor([
    groupConfig('late', 30, [processConfig('late')]),
    groupConfig('early', 10, [processConfig('e1', { priority: 2 }), processConfig('e2', { priority: 1 })]),
    groupConfig('also-late', 30, [processConfig('also-late', { autostart: false })]),
  ]);
  made.supervisor.addConfiguredGroups();
  made.supervisor.start();
  return made;
}

const names = (orders: readonly { name: string }[]): string[] => orders.map((order) => order.name);

/** A listener that is RUNNING, and a program. */
function withListener() {
  const made = makeSupervisor([
    listenerConfig('lst', { events: ['EVENT'], processes: [processConfig('lst')] }),
    groupConfig('x', 999, [processConfig('x')]),
  ]);
  made.supervisor.addConfiguredGroups();
  made.supervisor.start();
  made.clock.advance(1000);
  const say = (text: string): void => made.pools.heard({ group: 'lst', process: 'lst' }, Buffer.from(text));
  return { ...made, say };
}

describe('the supervisor', () => {
  it('starts groups by priority and name, members in the order of the file, and only what starts by itself', () => {
    const { host } = threeGroups();
    expect(names(host.spawned)).to.deep.equal(['e1', 'e2', 'late']);
  });

  it('stops one group after another, the highest priority number first, and then says that it ended', async () => {
    const { host, supervisor, find } = threeGroups();
    supervisor.shutdown();
    expect(host.signals.map(({ pid }) => pid)).to.deep.equal([find('late').pid]);
    host.end(find('late').pid, { code: 0 });
    expect(host.signals.map(({ pid }) => pid)).to.deep.equal([102, find('e1').pid, find('e2').pid]);
    host.end(find('e1').pid, { code: 0 });
    host.end(find('e2').pid, { code: 0 });
    expect(await supervisor.ended).to.equal('shutdown');
  });

  it('says every three seconds whom it waits for', () => {
    const { supervisor, clock, lines, host, find } = threeGroups();
    supervisor.shutdown();
    clock.advance(3000);
    host.end(find('late').pid, { code: 0 });
    clock.advance(3000);
    expect(lines.filter((line) => line.includes('to die'))).to.deep.equal([
      'info waiting for late, e1, e2 to die',
      'info waiting for late, e1, e2 to die',
      'info waiting for e1, e2 to die',
    ]);
  });

  it('restarts nothing that dies while it shuts down, and gives up what waits for a retry', async () => {
    const { host, supervisor, find } = threeGroups();
    host.end(find('e2').pid, { code: 1 });
    expect(find('e2').wireState).to.equal('BACKOFF');
    supervisor.shutdown();
    host.end(find('e1').pid, { code: 1 });
    host.end(find('late').pid, { code: 0 });
    expect(find('e2').wireState).to.equal('FATAL');
    expect(await supervisor.ended).to.equal('shutdown');
    expect(host.living).to.deep.equal([]);
  });

  it('turns a restart into a shutdown when it is told to end, and refuses a restart while it ends', async () => {
    const { host, supervisor, find } = threeGroups();
    expect(supervisor.restart()).to.equal(true);
    expect(supervisor.state).to.equal('RESTARTING');
    supervisor.shutdown();
    expect(supervisor.restart()).to.equal(false);
    for (const name of ['late', 'e1', 'e2']) host.end(find(name).pid, { code: 0 });
    expect(await supervisor.ended).to.equal('shutdown');
  });

  it('refuses a restart while the file is wrong, and then nothing has changed', () => {
    const { supervisor, trouble, find } = threeGroups();
    const before = find('late').wireState;
    trouble.file = 'a typo';
    expect(() => supervisor.restart()).to.throw('a typo');
    expect([supervisor.state, find('late').wireState]).to.deep.equal(['RUNNING', before]);
    trouble.file = null;
    expect(supervisor.restart()).to.equal(true);
    trouble.file = 'too late';
    expect(supervisor.restart(), 'under way already').to.equal(true);
    supervisor.shutdown();
  });

  it('ends at once when nothing runs', async () => {
    const { supervisor } = makeSupervisor([]);
    supervisor.addConfiguredGroups();
    supervisor.start();
    supervisor.restart();
    expect(await supervisor.ended).to.equal('restart');
  });

  it('adds a group of the last loaded file and starts it, once', () => {
    const { supervisor, file, host } = threeGroups();
    expect(() => supervisor.addGroup('new')).to.throw(Fault, 'BAD_NAME: new');
    file.groups = [...file.groups, groupConfig('new', 1, [processConfig('new')])];
    expect(() => supervisor.addGroup('new'), 'not loaded yet').to.throw(Fault, 'BAD_NAME: new');
    supervisor.reread();
    supervisor.addGroup('new');
    expect(names(host.spawned)).to.include('new');
    expect(() => supervisor.addGroup('new')).to.throw(Fault, 'ALREADY_ADDED: new');
  });

  it('forgets a group only when nothing of it runs', () => {
    const { supervisor, host, find } = threeGroups();
    expect(() => supervisor.removeGroup('late')).to.throw(Fault, 'STILL_RUNNING: late');
    find('late').stop();
    host.end(find('late').pid, { code: 0 });
    supervisor.removeGroup('late');
    expect(() => supervisor.removeGroup('late')).to.throw(Fault, 'BAD_NAME: late');
  });
});

describe('the supervisor of event listeners', () => {
  it('stops them last, once they had a second to answer what waits for them', () => {
    const { supervisor, host, find, clock } = withListener();
    supervisor.shutdown();
    host.end(find('x').pid, { code: 0 });
    expect(find('lst').wireState).to.equal('RUNNING');
    clock.advance(1000);
    expect(find('lst').wireState).to.equal('STOPPING');
  });

  it('stops them at once when they broke the protocol', () => {
    const { supervisor, host, find, say } = withListener();
    say('nonsense');
    supervisor.shutdown();
    host.end(find('x').pid, { code: 0 });
    expect(find('lst').wireState).to.equal('STOPPING');
  });

  it('ends when they end meanwhile by themselves', async () => {
    const { supervisor, host, find } = withListener();
    supervisor.shutdown();
    host.end(find('x').pid, { code: 0 });
    host.end(find('lst').pid, { code: 0 });
    expect(await supervisor.ended).to.equal('shutdown');
  });

  it('forgets a pool with its group', () => {
    const { supervisor, clock, host, find } = makeTicking();
    expect(clock.pending).to.equal(1);
    find('lst').stop();
    host.end(find('lst').pid, { code: 0 });
    supervisor.removeGroup('lst');
    expect(clock.pending).to.equal(0);
  });
});

/** A listener that gets ticks. */
function makeTicking() {
  const made = makeSupervisor([listenerConfig('lst', { events: ['TICK_5'], processes: [processConfig('lst')] })]);
  made.supervisor.addConfiguredGroups();
  made.supervisor.start();
  made.clock.advance(1000);
  return made;
}
