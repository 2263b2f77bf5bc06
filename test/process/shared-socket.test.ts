import { expect } from 'chai';
import type { FcgiSocket } from '../../src/base/fcgi-socket.ts';
import { groupConfig, makeSupervisor, processConfig } from '../support/make-process.ts';

const socket: FcgiSocket = {
  kind: 'unix',
  url: 'unix:///run/x',
  path: '/run/x',
  mode: 0o700,
  owner: null,
  backlog: null,
};

function twoProcesses(options: Parameters<typeof processConfig>[1] = {}) {
  const processes = ['a', 'b'].map((name) => ({ ...processConfig(name, { autostart: false, ...options }), socket }));
  const made = makeSupervisor([{ ...groupConfig('x', 999, processes), kind: 'fcgi-program' }]);
  const said = (): string[] => made.lines.splice(0).map((line) => line.replace(/^\w+ /, ''));
  return { ...made, said };
}

describe('the socket that processes share', () => {
  it('is opened and closed once when its group is made', () => {
    const { supervisor, host, said } = twoProcesses();
    supervisor.addConfiguredGroups();
    expect(host.listened).to.deep.equal([socket]);
    expect(said()).to.deep.equal(['Creating socket unix:///run/x', 'Closing socket unix:///run/x']);
  });

  it('is opened for the first process that starts, is the stdin of each, and is closed after the last', () => {
    const { supervisor, host, said, find } = started();
    find('a').start();
    find('b').start();
    expect(said()).to.deep.equal([
      'Creating socket unix:///run/x',
      "spawned: 'a' with pid 100",
      "spawned: 'b' with pid 101",
    ]);
    expect(new Set(host.spawned.map(({ stdin }) => (stdin === 'pipe' ? -1 : stdin.socket))).size).to.equal(1);
    expect(host.spawned[0]?.stdin).not.to.equal('pipe');
    for (const name of ['a', 'b']) {
      find(name).stop();
      host.end(find(name).pid, { code: 0 });
    }
    expect(said().filter((line) => !line.startsWith('killing'))).to.deep.equal([
      'stopped: a (exit status 0)',
      'stopped: b (exit status 0)',
      'Closing socket unix:///run/x',
    ]);
    expect(supervisor.mayStart()).to.equal(true);
  });

  it('stays open over a restart that follows at once', () => {
    const { clock, host, said, find } = started();
    find('a').start();
    clock.advance(1000);
    host.end(find('a').pid, { code: 1 });
    find('a').stop();
    host.end(find('a').pid, { code: 0 });
    expect(said().filter((line) => line.includes('socket'))).to.deep.equal([
      'Creating socket unix:///run/x',
      'Closing socket unix:///run/x',
    ]);
  });

  it('is closed while a process that failed waits for its next try', () => {
    const { clock, host, said, find } = started();
    find('a').start();
    host.end(find('a').pid, { code: 1 });
    expect(said().slice(-2)).to.deep.equal(['exited: a (exit status 1; not expected)', 'Closing socket unix:///run/x']);
    clock.advance(1000);
    expect(said()).to.deep.equal(['Creating socket unix:///run/x', "spawned: 'a' with pid 101"]);
  });

  it('is closed before a process is said to be given up', () => {
    const { said, find } = started({ command: '/nope', startretries: 0 });
    find('a').start();
    expect(said()).to.deep.equal([
      'Creating socket unix:///run/x',
      "spawnerr: can't find command '/nope'",
      'Closing socket unix:///run/x',
      'gave up: a entered FATAL state, too many start retries too quickly',
    ]);
  });

  it('fails the start of a process when it cannot be made, which is tried again', () => {
    const { clock, host, find } = started();
    host.listenError = 'EADDRINUSE';
    find('a').start();
    expect([find('a').wireState, find('a').spawnError]).to.deep.equal([
      'BACKOFF',
      'Could not create FastCGI socket unix:///run/x: EADDRINUSE',
    ]);
    host.listenError = null;
    clock.advance(1000);
    expect(find('a').wireState).to.equal('STARTING');
  });

  it('that cannot be made refuses the configuration at the start, with its place', () => {
    const { supervisor, host } = twoProcesses();
    host.listenError = 'ENOENT';
    expect(() => supervisor.addConfiguredGroups()).to.throw('Could not create FastCGI socket unix:///run/x: ENOENT');
  });

  it('that cannot be made is a fault when its group is added, and nothing has changed', () => {
    const { supervisor, host, file } = makeSupervisor([]);
    supervisor.addConfiguredGroups();
    file.groups = [groupConfig('x', 999, [{ ...processConfig('a'), socket }])];
    supervisor.reread();
    host.listenError = 'ENOENT';
    expect(() => supervisor.addGroup('x')).to.throw(
      /^FAILED: Could not create FastCGI socket unix:\/\/\/run\/x: ENOENT — .*accepted: an address that is free/,
    );
    expect(supervisor.groups()).to.deep.equal([]);
    host.listenError = null;
    supervisor.addGroup('x');
    expect(host.spawned.map(({ name }) => name)).to.deep.equal(['a']);
  });
});

/** A group that has been made, and said so. */
function started(options: Parameters<typeof processConfig>[1] = {}) {
  const made = twoProcesses(options);
  made.supervisor.addConfiguredGroups();
  made.said();
  return made;
}
