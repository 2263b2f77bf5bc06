import { expect } from 'chai';
import type { UpstreamConfig } from '../../src/config/upstreams.ts';
import { Upstreams } from '../../src/upstream/upstreams.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { type FakeGroup, group, later, proxyGroup, upstream } from './fakes.ts';

const busy =
  '  sl  local_address rem_address   st\n   0: 0100007F:1F40 0100007F:C0DE 01 00000000:00000000 00:00000000\n';

describe('taking a process out of the traffic', () => {
  it('is done at once where it drains by itself, and nginx is not told', async () => {
    const { upstreams, web, nginx, proxy, writes } = make({ drain: 'worker' });
    await upstreams.drain(web(0));
    expect(proxy.lines.at(-1)).to.include('"port":8000,"ready":false').and.include('"port":8001,"ready":true');
    upstreams.undrain(web(0));
    expect(proxy.lines.at(-1)).to.include('"port":8000,"ready":true');
    expect(nginx.signals).to.deep.equal([]);
    expect(writes()).to.equal(1);
  });

  it('leaves one that drains by itself in the file, whatever happens to it until it is back', async () => {
    const { upstreams, web, state, nginx, writes, pass } = make({ drain: 'worker' });
    await upstreams.drain(web(0));
    const [process] = state.groups[0]?.processes ?? [];
    for (const wireState of ['STOPPING', 'STOPPED', 'STARTING', 'RUNNING'] as const) {
      if (process !== undefined) process.wireState = wireState;
      upstreams.hear({ type: 'PROCESS_READY', group: 'web', process: 'web-8000' });
      await pass(1000);
    }
    expect([writes(), nginx.signals]).to.deep.equal([1, []]);
  });

  it('takes it out of the file, reloads nginx and waits until nobody is connected to it', async () => {
    const { upstreams, web, nginx, file, proc, pass } = make({ drain: 'reload' });
    proc.set('/proc/net/tcp', busy);
    const drained = follow(upstreams.drain(web(0)));
    await pass(100);
    expect(file()).to.include(':8001').and.not.include(':8000');
    expect(nginx.ran).to.deep.equal(['/bin/x --flag -t']);
    expect(nginx.signals).to.deep.equal([1]);
    await pass(5000);
    expect(drained.is).to.equal('waiting');
    proc.set('/proc/net/tcp', '');
    await pass(500);
    expect(drained.is).to.equal('done');
    upstreams.undrain(web(0));
    await pass(1000);
    expect(file()).to.include(':8000').and.include(':8001');
    expect(nginx.signals).to.deep.equal([1, 1]);
  });

  it('waits until nginx has new processes and the old ones take nothing more', async () => {
    const { upstreams, web, proc, pass } = make({ drain: 'reload' });
    proc.set('/proc/100/task/100/children', '7 8 ');
    const drained = follow(upstreams.drain(web(0)));
    await pass(1000);
    expect(drained.is).to.equal('waiting');
    proc.set('/proc/100/task/100/children', '7 9 ');
    proc.set('/proc/7/cmdline', 'nginx: worker process');
    await pass(1000);
    expect(drained.is).to.equal('waiting');
    proc.set('/proc/7/cmdline', 'nginx: worker process is shutting down');
    await pass(1000);
    expect(drained.is).to.equal('done');
  });

  it('ends when drain_timeout is over', async () => {
    const { upstreams, web, proc, pass } = make({ drain: 'reload', drainTimeout: 7 });
    proc.set('/proc/net/tcp', busy);
    const drained = follow(upstreams.drain(web(0)));
    await pass(6500);
    expect(drained.is).to.equal('waiting');
    await pass(1000);
    expect(drained.is).to.equal('done');
  });

  it('brings one back and takes the next one out with a single reload', async () => {
    const { upstreams, web, nginx, file, pass } = make({ drain: 'reload' });
    const first = follow(upstreams.drain(web(0)));
    await pass(1000);
    expect(first.is).to.equal('done');
    upstreams.undrain(web(0));
    const second = follow(upstreams.drain(web(1)));
    await pass(1000);
    expect(second.is).to.equal('done');
    expect(file()).to.include(':8000').and.not.include(':8001');
    expect(nginx.signals).to.deep.equal([1, 1]);
  });

  it('leaves the last one in the file and does not wait for it', async () => {
    const { upstreams, web, file, proc, pass } = make({ drain: 'reload' });
    const first = follow(upstreams.drain(web(1)));
    await pass(1000);
    proc.set('/proc/net/tcp', busy);
    const second = follow(upstreams.drain(web(0)));
    await pass(1000);
    expect([first.is, second.is]).to.deep.equal(['done', 'done']);
    expect(file()).to.include(':8000').and.not.include(':8001');
  });

  it('fails, and changes nothing, when the file is refused', async () => {
    const { upstreams, web, nginx, file, proxy, pass } = make({ drain: 'reload' });
    nginx.outcome = Promise.resolve({ status: { code: 1 }, said: 'no' });
    const drained = follow(upstreams.drain(web(0)));
    await pass(1000);
    expect(drained.is).to.match(/^nginx-8000 is not reloaded, .*: exit status 1; no$/);
    expect(file()).to.include(':8000');
    expect(nginx.signals).to.deep.equal([]);
    expect(proxy.lines.at(-1)).to.include('"port":8000,"ready":true');
  });

  it('waits for an nginx that is just starting, to tell it', async () => {
    const { upstreams, web, nginx, pass } = make({ drain: 'reload' });
    nginx.wireState = 'STARTING';
    const drained = follow(upstreams.drain(web(0)));
    await pass(1000);
    expect(drained.is).to.equal('waiting');
    nginx.wireState = 'RUNNING';
    await pass(1000);
    expect(nginx.signals).to.deep.equal([1]);
    expect(drained.is).to.equal('done');
  });

  it('is nothing for a process that is in no upstream', async () => {
    const { upstreams, nginx } = make({ drain: 'reload' });
    const stranger = { group: 'nginx', config: nginx.config };
    await upstreams.drain(stranger);
    upstreams.undrain(stranger);
    expect(upstreams.drainTimeoutMs(stranger)).to.equal(null);
    expect(upstreams.standsInUpstream('nginx')).to.equal(false);
  });

  it('is asked for by how long it may take', () => {
    const { upstreams, web } = make({ drainTimeout: 2.5 });
    expect(upstreams.drainTimeoutMs(web(1))).to.equal(2500);
    expect(upstreams.standsInUpstream('web')).to.equal(true);
  });

  it('is forgotten with its group, and looks at nothing once it is over', async () => {
    const { upstreams, web, state, file, clock, pass } = make({ drain: 'reload' });
    void upstreams.drain(web(0));
    await pass(1000);
    const { groups } = state;
    state.groups = groups.slice(1);
    upstreams.hear({ type: 'PROCESS_GROUP_REMOVED', group: 'web' });
    state.groups = groups;
    upstreams.hear({ type: 'PROCESS_GROUP_ADDED', group: 'web' });
    await pass(1000);
    expect(file()).to.include(':8000').and.include(':8001');
    expect(clock.pending).to.equal(0);
  });
});

describe('what is not ready for traffic', () => {
  it('is an upstream with too few members that are ready and stay, whatever else they do', async () => {
    const { upstreams, web, state } = make({ minReady: 2 });
    expect(upstreams.unready()).to.deep.equal([]);
    await upstreams.drain(web(0));
    expect(upstreams.unready()).to.deep.equal(['web: 1 of 2 ready']);
    upstreams.undrain(web(0));
    const [process] = state.groups[0]?.processes ?? [];
    if (process !== undefined) process.wireState = 'FATAL';
    expect(upstreams.unready()).to.deep.equal(['web: 1 of 2 ready']);
  });

  it('is every other process that starts by itself, unless it ended as it should or a person stopped it', () => {
    const { upstreams, nginx } = make({});
    for (const state of ['STARTING', 'EXITED', 'STOPPED', 'FATAL'] as const) {
      nginx.wireState = state;
      expect(upstreams.unready()).to.deep.equal(['nginx:nginx-8000']);
    }
    nginx.endedAsExpected = true;
    expect(upstreams.unready()).to.deep.equal([]);
    nginx.endedAsExpected = false;
    nginx.stoppedByPerson = true;
    expect(upstreams.unready()).to.deep.equal([]);
  });
});

function make(more: Partial<UpstreamConfig>) {
  const clock = new FakeClock();
  const files: string[] = [];
  const proc = new Map<string, string>([['/proc/100/task/100/children', '']]);
  const workers = group('web', 2);
  const front = proxyGroup('front');
  const servers = group('nginx', 1);
  const state: { groups: FakeGroup[] } = { groups: [workers, servers, front] };
  const [nginx] = servers.processes;
  const [proxy] = front.processes;
  if (nginx === undefined || proxy === undefined) throw new Error('nobody');
  const config = {
    groups: state.groups.map((each) => each.config),
    upstreams: [upstream('web', { reload: 'nginx', ...more })],
    proxies: [
      { name: 'front', host: '127.0.0.1', port: 8080, upstream: 'web', hold: 30, where: { file: 'web.conf', line: 9 } },
    ],
  };
  const upstreams = new Upstreams({
    config: () => config,
    groups: () => state.groups,
    replaceFile: (_file, text) => void files.push(text),
    readFile: () => null,
    readText: (path) => Promise.resolve(proc.get(path) ?? null),
    clock,
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  upstreams.prepare();
  // The children that nginx has after a reload, unless the test says otherwise.
  const signal = nginx.signal.bind(nginx);
  nginx.signal = (number) => {
    signal(number);
    if (proc.get('/proc/100/task/100/children') === '') proc.set('/proc/100/task/100/children', '1 ');
    else if (proc.get('/proc/100/task/100/children') === '1 ') proc.set('/proc/100/task/100/children', '2 ');
  };
  return {
    upstreams,
    state,
    clock,
    nginx,
    proxy,
    proc,
    web: (index: number) => {
      const process = workers.processes[index];
      if (process === undefined) throw new Error('no process');
      return { group: 'web', config: process.config };
    },
    file: () => files.at(-1) ?? '',
    writes: () => files.length,
    pass: async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 50) {
        clock.advance(50);
        await later();
      }
    },
  };
}

/** `waiting`, `done`, or why it failed. */
function follow(promise: Promise<void>): { is: string } {
  const seen = { is: 'waiting' };
  promise.then(
    () => (seen.is = 'done'),
    (error: unknown) => (seen.is = error instanceof Error ? error.message : String(error)),
  );
  return seen;
}
