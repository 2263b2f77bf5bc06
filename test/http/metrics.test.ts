import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'chai';
import type { Resources } from '../../src/base/resources.ts';
import { describeMetrics } from '../../src/http/describe-metrics.ts';
import { lines } from '../../src/http/exposition.ts';
import { metrics } from '../../src/http/metrics.ts';
import { readMetrics } from '../../src/http/metrics-route.ts';
import { fakeMetrics } from '../support/fake-metrics.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { groupConfig, makeSupervisor, processConfig } from '../support/make-process.ts';
import { makeConfig } from '../support/make-config.ts';
import { parsePrometheus, valueOf } from '../support/prometheus-text.ts';
import { LoopDelay } from '../../src/http/loop-delay.ts';

const page = resolve(import.meta.dirname, '../../docs/metrics.md');

function daemon(groups: Parameters<typeof makeSupervisor>[0]) {
  const made = makeSupervisor(groups);
  made.supervisor.addConfiguredGroups();
  made.supervisor.start();
  const used = new Map<number, Resources>();
  const scrape = async () => {
    const source = fakeMetrics({
      supervisor: made.supervisor,
      pools: () => made.pools.all(),
      resourcesOf: (pid) => used.get(pid) ?? null,
      orphans: () => 3,
      rolls: { running: 1, outcomes: { done: 2, failed: 5 } },
    });
    const readings = await readMetrics(
      {
        source,
        unready: () => ['x'],
        clock: made.clock,
        loopDelay: new LoopDelay(new FakeClock()),
        requests: { ok: 2, fault: 1 },
      },
      () => null,
    );
    return parsePrometheus([...lines(metrics, readings)].join(''));
  };
  return { ...made, used, scrape };
}

function one(options: Parameters<typeof processConfig>[1] = {}) {
  return daemon([groupConfig('web', 999, [processConfig('x', options)])]);
}

describe('the table of metrics', () => {
  it('is what docs/metrics.md says (UPDATE_DOCS=1 writes it)', () => {
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, describeMetrics());
    expect(readFileSync(page, 'utf8')).to.equal(describeMetrics());
  });

  it('has each name once, and a sentence for each', () => {
    expect(new Set(metrics.map(({ name }) => name)).size).to.equal(metrics.length);
    for (const { name, help } of metrics) {
      expect(name).to.match(/^corevisor_[a-z_]+$/);
      expect(help, name).to.match(/^[A-Z].*\.$/);
    }
  });
});

describe('metrics', () => {
  const process = { group: 'web', process: 'x' };
  it('tell the state of a process as one series for each state', async () => {
    const { clock, scrape } = one();
    const starting = await scrape();
    clock.advance(1000);
    const running = await scrape();
    const states = (families: typeof running) =>
      (families.get('corevisor_process_state')?.samples ?? [])
        .filter(({ value }) => value === 1)
        .map(({ labels }) => labels);
    expect(states(starting)).to.deep.equal([{ ...process, state: 'STARTING' }]);
    expect(states(running)).to.deep.equal([{ ...process, state: 'RUNNING' }]);
    expect(running.get('corevisor_process_state')?.samples).to.have.length(8);
  });

  it('tell whether a process is up and ready, and since when', async () => {
    const { clock, find, host, scrape } = one({ autorestart: false });
    let told = await scrape();
    expect(valueOf(told, 'corevisor_process_up', process)).to.equal(1);
    expect(valueOf(told, 'corevisor_process_ready', process)).to.equal(0);
    expect(valueOf(told, 'corevisor_process_start_time_seconds', process)).to.equal(clock.wall() / 1000);
    clock.advance(1000);
    told = await scrape();
    expect(valueOf(told, 'corevisor_process_ready', process)).to.equal(1);
    host.end(find('x').pid, { code: 0 });
    told = await scrape();
    expect(valueOf(told, 'corevisor_process_up', process)).to.equal(0);
    expect(told.get('corevisor_process_start_time_seconds')?.samples).to.deep.equal([]);
  });

  it('count how runs ended, and restarts that nobody asked for', async () => {
    const { clock, find, host, scrape } = one({ autorestart: true, exitcodes: [0, 7] });
    for (const how of [{ code: 7 }, { code: 1 }, { signal: 9, core: false }, { code: 0 }]) {
      clock.advance(1000);
      host.end(find('x').pid, how);
    }
    clock.advance(1000);
    find('x').stop();
    host.end(find('x').pid, { signal: 15, core: false });
    const told = await scrape();
    const exits = (kind: string) => valueOf(told, 'corevisor_process_exits_total', { ...process, kind });
    expect(['expected', 'unexpected', 'signal', 'stopped'].map(exits)).to.deep.equal([2, 1, 1, 1]);
    expect(valueOf(told, 'corevisor_process_restarts_total', process)).to.equal(4);
  });

  it('count starts in which nothing could be executed, and those in a row', async () => {
    const { clock, host, scrape } = one({ startretries: 5 });
    host.spawnError = 'no such file';
    host.end(100, { code: 1 });
    clock.advance(1000);
    clock.advance(2000);
    const told = await scrape();
    expect(valueOf(told, 'corevisor_process_spawn_failures_total', process)).to.equal(2);
    expect(valueOf(told, 'corevisor_process_backoff_tries', process)).to.equal(3);
  });

  it('tell what a process uses as long as it lives', async () => {
    const { used, find, scrape } = one();
    expect((await scrape()).get('corevisor_process_cpu_seconds_total')?.samples).to.deep.equal([]);
    used.set(find('x').pid, { cpuSeconds: 1.25, rssBytes: 4096 });
    const told = await scrape();
    expect(valueOf(told, 'corevisor_process_cpu_seconds_total', process)).to.equal(1.25);
    expect(valueOf(told, 'corevisor_process_resident_memory_bytes', process)).to.equal(4096);
  });

  it('tell how many of a group and of an upstream are ready', async () => {
    const config = makeConfig(
      '[program:x]\ncommand=x\nprocess_name=%(process_num)d\nnumprocs=3\nnumprocs_start=1\n' +
        '[upstream:x]\nserver=127.0.0.1:%(process_num)d\nmin_ready=2\n',
    );
    const { file, supervisor, clock, host, find, scrape } = daemon(config.groups);
    Object.assign(file, { upstreams: config.upstreams });
    supervisor.reread();
    clock.advance(1000);
    host.end(find('1').pid, { code: 1 });
    const told = await scrape();
    expect(valueOf(told, 'corevisor_group_processes', { group: 'x' })).to.equal(3);
    expect(valueOf(told, 'corevisor_group_ready_processes', { group: 'x' })).to.equal(2);
    expect(valueOf(told, 'corevisor_upstream_members', { upstream: 'x' })).to.equal(3);
    expect(valueOf(told, 'corevisor_upstream_ready_members', { upstream: 'x' })).to.equal(2);
    expect(valueOf(told, 'corevisor_upstream_min_ready', { upstream: 'x' })).to.equal(2);
  });

  it('tell of the daemon', async () => {
    const { supervisor, scrape } = one();
    supervisor.shutdown();
    const told = await scrape();
    expect(valueOf(told, 'corevisor_supervisor_state', { state: 'SHUTDOWN' })).to.equal(1);
    expect(valueOf(told, 'corevisor_supervisor_state', { state: 'RUNNING' })).to.equal(0);
    expect(valueOf(told, 'corevisor_rpc_requests_total', { result: 'ok' })).to.equal(2);
    expect(valueOf(told, 'corevisor_rolls_running')).to.equal(1);
    expect(valueOf(told, 'corevisor_rolls_total', { outcome: 'failed' })).to.equal(5);
    expect(valueOf(told, 'corevisor_ready')).to.equal(0);
    expect(valueOf(told, 'corevisor_orphans_buried_total')).to.equal(3);
    expect(valueOf(told, 'corevisor_daemon_resident_memory_bytes')).to.be.greaterThan(1e6);
    expect(told.get('corevisor_daemon_open_fds')?.samples).to.deep.equal([]);
  });

  it('take names whatever is in them', async () => {
    const told = await daemon([groupConfig('a"b\\', 1, [processConfig('ü\n')])]).scrape();
    expect(valueOf(told, 'corevisor_process_up', { group: 'a"b\\', process: 'ü\n' })).to.equal(1);
  });
});
