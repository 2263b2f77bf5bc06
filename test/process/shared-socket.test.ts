import { expect } from 'chai';
import type { FcgiSocket } from '../../src/base/child-socket.ts';
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
    expect(new Set(host.spawned.map(({ stdin }) => (typeof stdin === 'object' ? stdin.socket : -1))).size).to.equal(1);
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

describe('the socket of an embedded proxy', () => {
  const listening = { kind: 'proxy', url: '127.0.0.1:8080', host: '127.0.0.1', port: 8080 } as const;
  const proxies = () => {
    const process = { ...processConfig('web'), listening };
    const made = makeSupervisor([{ ...groupConfig('proxy', 1000, [process]), kind: 'proxy' }]);
    made.supervisor.addConfiguredGroups();
    return made;
  };

  it('is opened for the first start, and is a descriptor of its own beside stdin', () => {
    const { supervisor, host } = proxies();
    expect(host.listened).to.deep.equal([]);
    supervisor.start();
    expect(host.listened).to.deep.equal([listening]);
    const [order] = host.spawned;
    expect(order?.stdin).to.equal('pipe');
    expect(order?.listening).to.be.a('number');
    expect(order?.environment).to.include({ COREVISOR_LISTEN_FD: '3' });
  });

  it('is the same one after a crash, a pause, and a stop that a start follows', () => {
    const { supervisor, clock, host, find } = proxies();
    supervisor.start();
    host.end(find('web').pid, { code: 1 });
    clock.advance(1000);
    clock.advance(1000);
    host.end(find('web').pid, { signal: 9, core: false });
    clock.advance(1000);
    find('web').stop();
    host.end(find('web').pid, { code: 0 });
    clock.advance(4999);
    find('web').start();
    expect(host.spawned).to.have.length(4);
    expect(host.listened).to.have.length(1);
    expect(new Set(host.spawned.map((order) => order.listening)).size).to.equal(1);
  });

  it('is closed five seconds after the end of one that does not come back', () => {
    const { supervisor, clock, host, find } = proxies();
    supervisor.start();
    clock.advance(1000);
    find('web').stop();
    host.end(find('web').pid, { code: 0 });
    clock.advance(5000);
    expect(clock.pending).to.equal(0);
    find('web').start();
    expect(host.listened).to.have.length(2);
  });

  it('is taken over by a changed proxy that listens in the same place', () => {
    const { supervisor, host, find } = proxies();
    supervisor.start();
    find('web').stop();
    host.end(find('web').pid, { code: 0 });
    supervisor.removeGroup('proxy');
    supervisor.addGroup('proxy');
    expect(host.spawned).to.have.length(2);
    expect(host.listened).to.have.length(1);
  });

  it('that cannot be opened is a failed start with the reason', () => {
    const { supervisor, host, find } = proxies();
    host.listenError = 'EADDRINUSE';
    supervisor.start();
    expect(find('web')).to.include({
      wireState: 'BACKOFF',
      spawnError: 'cannot listen on 127.0.0.1:8080: EADDRINUSE',
    });
  });
});
