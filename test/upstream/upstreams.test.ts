import { expect } from 'chai';
import { ConfigError, Fault } from '../../src/base/errors.ts';
import type { SupervisorEvent } from '../../src/events/events.ts';
import type { UpstreamConfig } from '../../src/config/upstreams.ts';
import { Upstreams } from '../../src/upstream/upstreams.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { group, proxyGroup, upstream } from './fakes.ts';

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
  it('writes every file before anything starts, and reloads nothing', () => {
    const { upstreams, files, nginx } = make();
    upstreams.prepare();
    expect([...files.keys()]).to.deep.equal(['/run/web.conf']);
    expect(files.get('/run/web.conf')).to.include('server 127.0.0.1:8001 max_fails=0;');
    expect(nginx.processes[0]?.signals).to.deep.equal([]);
  });

  it('does nothing when processes come and go but the configured ones stay', () => {
    const { upstreams, writes, nginx, web, clock } = make();
    upstreams.prepare();
    const [worker] = web.processes;
    if (worker !== undefined) worker.wireState = 'STOPPING';
    upstreams.hear(changed);
    clock.advance(1000);
    expect(writes).to.have.length(1);
    expect(nginx.processes[0]?.signals).to.deep.equal([]);
  });

  it('writes and reloads once for a burst of changes', () => {
    const { upstreams, state, files, nginx, clock } = make();
    upstreams.prepare();
    state.groups = [nginx];
    upstreams.hear({ type: 'PROCESS_GROUP_REMOVED', group: 'web' });
    clock.advance(100);
    state.groups = [nginx, group('web', 3)];
    upstreams.hear(added);
    upstreams.hear(changed);
    clock.advance(1000);
    expect(files.get('/run/web.conf')).to.include('127.0.0.1:8002');
    expect(nginx.processes[0]?.signals).to.deep.equal([1]);
  });

  it('writes a server that is down when the group is removed for good', () => {
    const { upstreams, state, files, nginx, clock } = make();
    upstreams.prepare();
    state.groups = [nginx];
    upstreams.hear({ type: 'PROCESS_GROUP_REMOVED', group: 'web' });
    clock.advance(1000);
    expect(files.get('/run/web.conf')).to.match(/server \S+ down;/);
    expect(nginx.processes[0]?.signals).to.deep.equal([1]);
  });

  it('waits with the reload while nginx is starting', () => {
    const { upstreams, state, nginx, clock } = make();
    upstreams.prepare();
    const [process] = nginx.processes;
    if (process === undefined) throw new Error('no nginx');
    process.wireState = 'STARTING';
    state.groups = [nginx, group('web', 3)];
    upstreams.hear(added);
    clock.advance(1000);
    expect(process.signals).to.deep.equal([]);
    process.wireState = 'RUNNING';
    upstreams.hear(changed);
    clock.advance(1000);
    expect(process.signals).to.deep.equal([1]);
    upstreams.hear(changed);
    clock.advance(1000);
    expect(process.signals).to.deep.equal([1]);
  });

  it('does not reload an nginx that is stopped, which reads the file when it starts', () => {
    const { upstreams, state, nginx, clock } = make();
    upstreams.prepare();
    const [process] = nginx.processes;
    if (process === undefined) throw new Error('no nginx');
    process.wireState = 'STOPPED';
    state.groups = [nginx, group('web', 3)];
    upstreams.hear(added);
    clock.advance(1000);
    process.wireState = 'RUNNING';
    upstreams.hear(changed);
    clock.advance(1000);
    expect(process.signals).to.deep.equal([]);
  });

  it('takes a reread configuration only when groups are added or removed', () => {
    const { upstreams, state, files, clock } = make();
    upstreams.prepare();
    state.upstreams = [upstream('web', { server: '127.0.0.2:%(process_num)d' })];
    upstreams.hear(changed);
    clock.advance(1000);
    expect(files.get('/run/web.conf')).to.include('127.0.0.1:8000');
    upstreams.hear(added);
    clock.advance(1000);
    expect(files.get('/run/web.conf')).to.include('127.0.0.2:8000');
  });

  it('refuses to start with file and line when a file cannot be written', () => {
    const { upstreams, state } = make();
    state.problem = new Error('ENOENT: no such file or directory');
    expect(() => upstreams.prepare())
      .to.throw(ConfigError, 'cannot write the servers of upstream web: ENOENT')
      .with.property('detail')
      .that.matches(/^web\.conf:7: \[upstream:web\] file=\/run\/web\.conf/);
  });

  it('lives on when a file cannot be written later, and tries again at the next change', () => {
    const { upstreams, state, files, nginx, errors, clock } = make();
    upstreams.prepare();
    state.problem = new Error('ENOSPC');
    state.groups = [nginx, group('web', 3)];
    upstreams.hear(added);
    clock.advance(1000);
    expect(errors).to.have.length(1);
    state.problem = null;
    upstreams.hear(changed);
    clock.advance(1000);
    expect(files.get('/run/web.conf')).to.include('127.0.0.1:8002');
    expect(nginx.processes[0]?.signals).to.deep.equal([1]);
  });

  it('sets no timer once it is closed, nor without a change', () => {
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
    upstreams: [upstream('web', { reload: 'nginx' })] as UpstreamConfig[],
    problem: null as Error | null,
  };
  const proxies = [
    { name: 'front', host: '127.0.0.1', port: 8080, upstream: 'web', hold: 30, where: { file: 'web.conf', line: 9 } },
  ];
  const upstreams = new Upstreams({
    config: () => ({ upstreams: state.upstreams, proxies }),
    groups: () => state.groups,
    replaceFile(file, text) {
      if (state.problem !== null) throw state.problem;
      writes.push(file);
      files.set(file, text);
    },
    clock,
    logger: { info: () => undefined, error: (text) => void errors.push(text) },
  });
  return { upstreams, state, files, writes, errors, web, nginx, clock };
}
