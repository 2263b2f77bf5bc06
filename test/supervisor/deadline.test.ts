import { expect } from 'chai';
import { groupConfig, makeSupervisor, processConfig } from '../support/make-process.ts';

function shuttingDown(timeout: number | null) {
  const made = makeSupervisor([
    groupConfig('first', 1, [processConfig('first', { stopwaitsecs: 60 })]),
    groupConfig('last', 2, [
      processConfig('a', { stopwaitsecs: 60, killasgroup: true }),
      processConfig('b', { stopwaitsecs: 60, startretries: 9 }),
    ]),
  ]);
  const { supervisor, file, clock } = made;
  Object.assign(file, { supervisord: { ...file.supervisord, shutdown_timeout: timeout } });
  supervisor.reread();
  supervisor.addConfiguredGroups();
  supervisor.start();
  clock.advance(1000);
  return made;
}

describe('shutdown_timeout', () => {
  it('kills at once whatever lives when it is over, also what was not asked to stop yet', async () => {
    const { supervisor, clock, host, find, lines } = shuttingDown(5);
    supervisor.shutdown();
    host.end(find('b').pid, { code: 0 });
    clock.advance(4999);
    expect(host.signals.map(({ pid, signal }) => [pid, signal])).to.deep.equal([
      [find('b').pid || 102, 15],
      [find('a').pid, 15],
    ]);
    host.signals.length = 0;
    clock.advance(1);
    expect(host.signals).to.deep.equal([
      { pid: find('first').pid, signal: 9, to: 'process' },
      { pid: find('a').pid, signal: 9, to: 'group' },
    ]);
    expect(lines).to.include('warn shutdown_timeout of 5 seconds is over: killing first, last:a');
    for (const pid of host.living) host.end(pid, { signal: 9, core: false });
    expect(await supervisor.ended).to.equal('shutdown');
    expect(supervisor.leftBehind).to.deep.equal([]);
    expect(clock.pending).to.equal(0);
  });

  it('leaves behind what does not die even of SIGKILL, five seconds later, and says so', async () => {
    const { supervisor, clock, host, find, lines } = shuttingDown(0.5);
    supervisor.shutdown();
    clock.advance(500);
    for (const name of ['first', 'b']) host.end(find(name).pid, { signal: 9, core: false });
    clock.advance(4999);
    expect(supervisor.leftBehind).to.deep.equal([]);
    clock.advance(1);
    expect(await supervisor.ended).to.equal('shutdown');
    expect(supervisor.leftBehind.map(({ config }) => config.name)).to.deep.equal(['a']);
    expect(lines).to.include(`crit not even SIGKILL has ended last:a (${find('a').pid}) within 5 seconds: left behind`);
  });

  it('is one deadline for a restart too, and whatever asks for the end once more gets no second one', async () => {
    const { supervisor, clock, host } = shuttingDown(5);
    supervisor.restart();
    clock.advance(4000);
    supervisor.shutdown();
    supervisor.shutdown();
    clock.advance(1000);
    expect(host.signals.filter(({ signal }) => signal === 9)).to.have.length(3);
    for (const pid of host.living) host.end(pid, { signal: 9, core: false });
    expect(await supervisor.ended).to.equal('shutdown');
  });

  it('costs nothing when everything stops in time, and without it nothing is killed early', async () => {
    for (const timeout of [null, 30]) {
      const { supervisor, clock, host, find } = shuttingDown(timeout);
      supervisor.shutdown();
      clock.advance(29_999);
      expect(host.signals.every(({ signal }) => signal === 15)).to.equal(true);
      for (const name of ['a', 'b', 'first']) host.end(find(name).pid, { code: 0 });
      expect(await supervisor.ended).to.equal('shutdown');
      expect(clock.pending).to.equal(0);
    }
  });
});
