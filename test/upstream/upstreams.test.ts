import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import type { RunOutcome } from '../../src/base/child.ts';
import { ConfigError, Fault } from '../../src/base/errors.ts';
import type { SupervisorEvent } from '../../src/events/events.ts';
import type { UpstreamConfig } from '../../src/config/upstreams.ts';
import { Upstreams } from '../../src/upstream/upstreams.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { type FakeGroup, group, later, proxyGroup, upstream } from './fakes.ts';

const changed: SupervisorEvent = {
  type: 'PROCESS_STATE',
  process: 'x',
  group: 'x',
  from: 'STARTING',
  to: 'RUNNING',
  tries: 0,
  pid: 1,
  expected: true,
};
const added: SupervisorEvent = { type: 'PROCESS_GROUP_ADDED', group: 'web' };

describe('keeping nginx up to date', () => {
  it('writes every file before anything starts, and reloads nothing', async () => {
    const { upstreams, files, nginx } = make();
    upstreams.prepare();
    expect([...files.keys()]).to.deep.equal(['/run/web.conf']);
    expect(files.get('/run/web.conf')).to.include('server 127.0.0.1:8001 max_fails=0;');
    expect(nginx.processes[0]?.signals).to.deep.equal([]);
  });

  it('does nothing when processes come and go but the configured ones stay', async () => {
    const { upstreams, writes, nginx, web, clock } = make();
    upstreams.prepare();
    const [worker] = web.processes;
    if (worker !== undefined) worker.wireState = 'STOPPING';
    upstreams.hear(changed);
    clock.advance(1000);
    await later();
    expect(writes).to.have.length(1);
    expect(nginx.processes[0]?.signals).to.deep.equal([]);
  });

  it('wakes nobody where there is no upstream, until a file is read that has one', async () => {
    const { upstreams, reread, state, files, clock } = make();
    const wanted = state.upstreams;
    state.upstreams = [];
    reread();
    clock.advance(1000);
    await later();
    upstreams.hear(added);
    upstreams.hear(changed);
    expect(clock.pending).to.equal(0);
    state.upstreams = wanted;
    reread();
    clock.advance(1000);
    await later();
    expect([...files.keys()]).to.deep.equal(['/run/web.conf']);
  });

  it('writes and reloads once for a burst of changes', async () => {
    const { upstreams, state, files, nginx, clock } = make();
    upstreams.prepare();
    state.groups = [nginx];
    upstreams.hear({ type: 'PROCESS_GROUP_REMOVED', group: 'web' });
    clock.advance(100);
    await later();
    state.groups = [nginx, group('web', 3)];
    upstreams.hear(added);
    upstreams.hear(changed);
    clock.advance(1000);
    await later();
    expect(files.get('/run/web.conf')).to.include('127.0.0.1:8002');
    expect(nginx.processes[0]?.signals).to.deep.equal([1]);
  });

  it('writes a server that is down when the group is removed for good', async () => {
    const { upstreams, state, files, nginx, clock } = make();
    upstreams.prepare();
    state.groups = [nginx];
    upstreams.hear({ type: 'PROCESS_GROUP_REMOVED', group: 'web' });
    clock.advance(1000);
    await later();
    expect(files.get('/run/web.conf')).to.match(/server \S+ down;/);
    expect(nginx.processes[0]?.signals).to.deep.equal([1]);
  });

  it('waits with the reload while nginx is starting', async () => {
    const { upstreams, state, nginx, clock } = make();
    upstreams.prepare();
    const [process] = nginx.processes;
    if (process === undefined) throw new Error('no nginx');
    process.wireState = 'STARTING';
    state.groups = [nginx, group('web', 3)];
    upstreams.hear(added);
    clock.advance(1000);
    await later();
    expect(process.signals).to.deep.equal([]);
    process.wireState = 'RUNNING';
    upstreams.hear(changed);
    clock.advance(1000);
    await later();
    expect(process.signals).to.deep.equal([1]);
    upstreams.hear(changed);
    clock.advance(1000);
    await later();
    expect(process.signals).to.deep.equal([1]);
  });

  it('does not reload an nginx that is stopped, which reads the file when it starts', async () => {
    const { upstreams, state, nginx, clock } = make();
    upstreams.prepare();
    const [process] = nginx.processes;
    if (process === undefined) throw new Error('no nginx');
    process.wireState = 'STOPPED';
    state.groups = [nginx, group('web', 3)];
    upstreams.hear(added);
    clock.advance(1000);
    await later();
    process.wireState = 'RUNNING';
    upstreams.hear(changed);
    clock.advance(1000);
    await later();
    expect(process.signals).to.deep.equal([]);
  });

  it('takes a reread section when its group runs as the file says, and waits for it otherwise', async () => {
    const { upstreams, reread, state, files, web, nginx, clock } = make();
    upstreams.prepare();
    state.upstreams = [upstream('web', { server: '127.0.0.2:%(process_num)d', reload: 'nginx' })];
    state.loaded = [group('web', 3), nginx];
    reread();
    clock.advance(1000);
    await later();
    expect(files.get('/run/web.conf')).to.include('127.0.0.1:8000');
    state.groups = [group('web', 3), nginx];
    upstreams.hear(added);
    clock.advance(1000);
    await later();
    expect(files.get('/run/web.conf')).to.include('127.0.0.2:8002');

    state.groups = state.loaded = [web, nginx];
    state.upstreams = [upstream('web', { server: '127.0.0.3:%(process_num)d', reload: 'nginx' })];
    reread();
    clock.advance(1000);
    await later();
    expect(files.get('/run/web.conf')).to.include('127.0.0.3:8001');
  });

  it('tests a changed file with the command of the program that reads it, and reloads only what passes', async () => {
    const { upstreams, state, files, nginx, errors, clock } = make();
    const [process] = nginx.processes;
    if (process === undefined) throw new Error('no nginx');
    upstreams.prepare();
    const before = files.get('/run/web.conf');
    expect(process.ran).to.deep.equal([]);
    process.outcome = Promise.resolve({ status: { code: 1 }, said: 'nginx: [emerg] no\x1b host\n\ntest failed\n' });
    state.groups = [nginx, group('web', 3)];
    for (let event = 0; event < 3; event += 1) {
      upstreams.hear(changed);
      clock.advance(1000);
      await later();
    }
    expect(process.ran).to.deep.equal(['/bin/x --flag -t']);
    expect(files.get('/run/web.conf')).to.equal(before);
    expect(process.signals).to.deep.equal([]);
    expect(errors).to.deep.equal([
      'nginx-8000 is not reloaded, /run/web.conf stays as it was: /bin/x --flag -t: ' +
        'exit status 1; nginx: [emerg] no\\x1b host; test failed',
    ]);

    process.outcome = Promise.resolve({ status: { code: 0 }, said: '' });
    state.groups = [nginx, group('web', 4)];
    upstreams.hear(added);
    clock.advance(1000);
    await later();
    expect(files.get('/run/web.conf')).to.include('127.0.0.1:8003');
    expect(process.signals).to.deep.equal([1]);
  });

  it('tests with another command where the file names one', async () => {
    const { upstreams, reread, state, nginx, clock } = make();
    state.upstreams = [upstream('web', { reload: 'nginx', test: 'check it' })];
    reread();
    upstreams.prepare();
    state.groups = [nginx, group('web', 3)];
    upstreams.hear(added);
    clock.advance(1000);
    await later();
    expect(nginx.processes[0]?.ran).to.deep.equal(['check it']);
  });

  for (const [what, outcome, words] of [
    ['cannot be started', { error: "can't find command 'nginx'" }, "can't find command 'nginx'"],
    ['never ends', { status: 'late', said: '' }, 'killed, as it took longer than 10 s'],
  ] as const) {
    it(`brings the old file back when the test ${what}`, async () => {
      const { upstreams, state, files, nginx, errors, clock } = make();
      const [process] = nginx.processes;
      if (process === undefined) throw new Error('no nginx');
      upstreams.prepare();
      process.outcome = Promise.resolve(outcome);
      state.groups = [nginx, group('web', 3)];
      upstreams.hear(added);
      clock.advance(1000);
      await later();
      expect(files.get('/run/web.conf')).not.to.include('127.0.0.1:8002');
      expect(errors).to.have.length(1);
      expect(errors[0]).to.include(words);
    });
  }

  it('lives on when the test itself fails over a bug', async () => {
    const { upstreams, state, files, nginx, errors, clock } = make();
    const [process] = nginx.processes;
    if (process === undefined) throw new Error('no nginx');
    upstreams.prepare();
    process.runBeside = () => Promise.reject(new Error('a bug'));
    for (const workers of [3, 4]) {
      state.groups = [nginx, group('web', workers)];
      upstreams.hear(added);
      clock.advance(1000);
      await later();
    }
    expect(errors).to.have.length(2);
    expect(errors[1]).to.include('a bug');
    expect(files.get('/run/web.conf')).not.to.include('127.0.0.1:8002');
  });

  it('tries a file again that was refused and that there was none of before', async () => {
    const { upstreams, reread, state, files, nginx, clock } = make();
    const [process] = nginx.processes;
    if (process === undefined) throw new Error('no nginx');
    upstreams.prepare();
    process.outcome = Promise.resolve({ status: { code: 1 }, said: '' });
    state.upstreams = [upstream('web', { reload: 'nginx', file: '/run/new.conf' })];
    reread();
    clock.advance(1000);
    await later();
    expect(process.signals).to.deep.equal([]);
    process.outcome = Promise.resolve({ status: { code: 0 }, said: '' });
    reread();
    clock.advance(1000);
    await later();
    expect(process.signals).to.deep.equal([1]);
    expect(files.get('/run/new.conf')).to.include('127.0.0.1:8001');
  });

  it('writes what has changed during a test after it', async () => {
    const { upstreams, state, files, nginx, clock } = make();
    const [process] = nginx.processes;
    if (process === undefined) throw new Error('no nginx');
    upstreams.prepare();
    const test = new EventEmitter();
    process.outcome = once(test, 'end').then((): RunOutcome => ({ status: { code: 0 }, said: '' }));
    state.groups = [nginx, group('web', 3)];
    upstreams.hear(added);
    clock.advance(1000);
    await later();
    state.groups = [nginx, group('web', 4)];
    upstreams.hear(added);
    clock.advance(1000);
    await later();
    expect(files.get('/run/web.conf')).not.to.include('127.0.0.1:8003');
    test.emit('end');
    await later();
    clock.advance(1000);
    await later();
    expect(files.get('/run/web.conf')).to.include('127.0.0.1:8003');
    expect(process.signals).to.deep.equal([1, 1]);
  });

  it('refuses to start with file and line when a file cannot be written', async () => {
    const { upstreams, state } = make();
    state.problem = new Error('ENOENT: no such file or directory');
    expect(() => upstreams.prepare())
      .to.throw(ConfigError, 'cannot write the servers of upstream web: ENOENT')
      .with.property('detail')
      .that.matches(/^web\.conf:7: \[upstream:web\] file=\/run\/web\.conf/);
  });

  it('lives on when a file cannot be written later, and tries again at the next change', async () => {
    const { upstreams, state, files, nginx, errors, clock } = make();
    upstreams.prepare();
    state.problem = new Error('ENOSPC');
    state.groups = [nginx, group('web', 3)];
    upstreams.hear(added);
    clock.advance(1000);
    await later();
    expect(errors).to.have.length(1);
    state.problem = null;
    upstreams.hear(changed);
    clock.advance(1000);
    await later();
    expect(files.get('/run/web.conf')).to.include('127.0.0.1:8002');
    expect(nginx.processes[0]?.signals).to.deep.equal([1]);
  });

  it('sets no timer once it is closed, nor without a change', async () => {
    const { upstreams, clock } = make();
    upstreams.prepare();
    expect(clock.pending).to.equal(0);
    upstreams.hear(changed);
    upstreams.close();
    expect(clock.pending).to.equal(0);
  });
});

describe('telling the embedded proxy its members', () => {
  it('happens as soon as its process has a pid, and again only when something changed', () => {
    const { upstreams, state, web, clock } = make();
    const proxies = proxyGroup('front');
    const [proxy] = proxies.processes;
    if (proxy === undefined) throw new Error('no proxy');
    state.groups = [web, proxies];
    proxy.wireState = 'STARTING';
    proxy.pid = 0;
    upstreams.hear(changed);
    proxy.pid = 7;
    clock.advance(0);
    expect(proxy.lines).to.have.length(1);
    expect(JSON.parse(proxy.lines[0] ?? '')).to.have.nested.property('members[1].port', 8001);

    upstreams.hear(changed);
    clock.advance(0);
    expect(proxy.lines).to.have.length(1);

    const [worker] = web.processes;
    if (worker !== undefined) worker.wireState = 'STOPPING';
    upstreams.hear(changed);
    clock.advance(0);
    expect(proxy.lines).to.have.length(2);
    expect(proxy.lines[1]).to.include('"port":8000,"ready":false');
  });

  it('happens anew for the process that takes its place', () => {
    const { upstreams, state, web, clock } = make();
    const proxies = proxyGroup('front');
    const [proxy] = proxies.processes;
    if (proxy === undefined) throw new Error('no proxy');
    state.groups = [web, proxies];
    upstreams.hear(changed);
    clock.advance(0);
    proxy.pid = 8;
    upstreams.hear(changed);
    clock.advance(0);
    expect(proxy.lines).to.have.length(2);
  });

  it('is tried again when the proxy could not be written to', () => {
    const { upstreams, state, web, clock } = make();
    const proxies = proxyGroup('front');
    const [proxy] = proxies.processes;
    if (proxy === undefined) throw new Error('no proxy');
    const deaf = {
      ...proxy,
      writeStdin: () => {
        throw new Fault('NO_FILE');
      },
    };
    state.groups = [web, { ...proxies, processes: [deaf] }];
    upstreams.hear(changed);
    clock.advance(0);
    state.groups = [web, proxies];
    upstreams.hear(changed);
    clock.advance(0);
    expect(proxy.lines).to.have.length(1);
  });
});

function make() {
  const clock = new FakeClock();
  const files = new Map<string, string>();
  const writes: string[] = [];
  const errors: string[] = [];
  const web = group('web', 2);
  const nginx = group('nginx', 1);
  const state = {
    groups: [web, nginx],
    /** What the file says, where it differs. */
    loaded: null as FakeGroup[] | null,
    upstreams: [upstream('web', { reload: 'nginx' })] as UpstreamConfig[],
    problem: null as Error | null,
    proc: new Map<string, string>(),
  };
  const proxies = [
    { name: 'front', host: '127.0.0.1', port: 8080, upstream: 'web', hold: 30, where: { file: 'web.conf', line: 9 } },
  ];
  const load = () => ({
    upstreams: state.upstreams,
    proxies,
    groups: (state.loaded ?? state.groups).map((each) => each.config),
  });
  let config = load();
  const upstreams = new Upstreams({
    config: () => config,
    groups: () => state.groups,
    replaceFile(file, text) {
      if (state.problem !== null) throw state.problem;
      writes.push(file);
      files.set(file, text);
    },
    readFile: (file) => files.get(file) ?? null,
    readText: (path) => Promise.resolve(state.proc.get(path) ?? null),
    clock,
    logger: { info: () => undefined, warn: () => undefined, error: (text) => void errors.push(text) },
  });
  const reread = (): void => {
    config = load();
    upstreams.reread();
  };
  return { upstreams, reread, state, files, writes, errors, web, nginx, clock };
}
