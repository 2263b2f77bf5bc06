// Groups and upstreams of a made-up configuration, and processes that remember what they were told.
import type { ProcessStateName } from '../../src/base/states.ts';
import type { UpstreamConfig } from '../../src/config/upstreams.ts';
import type { UpstreamGroup, UpstreamProcess } from '../../src/upstream/members.ts';
import { processConfig } from '../support/make-process.ts';

export interface FakeProcess extends UpstreamProcess {
  wireState: ProcessStateName;
  pid: number;
  readonly signals: number[];
  readonly lines: string[];
}

export interface FakeGroup extends UpstreamGroup {
  readonly processes: readonly FakeProcess[];
}

/** A group of one program with processes `name-8000`, `name-8001`, … */
export function group(name: string, count: number, kind: 'program' | 'group' | 'proxy' = 'program'): FakeGroup {
  const processes = Array.from({ length: count }, (_, index) => {
    const number = 8000 + index;
    const own = processConfig(`${name}-${number}`, { numprocs: count });
    return fakeProcess({ ...own, number, program: name });
  });
  return { config: { name, priority: 999, kind, processes: processes.map(({ config }) => config) }, processes };
}

/** A group `proxy` with one proxy. */
export function proxyGroup(name: string): FakeGroup {
  const process = fakeProcess(processConfig(name));
  return {
    config: { name: 'proxy', priority: 1000, kind: 'proxy', processes: [process.config] },
    processes: [process],
  };
}

export function upstream(name: string, more: Partial<UpstreamConfig> = {}): UpstreamConfig {
  return {
    name,
    server: '127.0.0.1:%(process_num)d',
    file: `/run/${name}.conf`,
    reload: null,
    test: '',
    drain: 'worker',
    drainTimeout: 30,
    minReady: 1,
    where: { file: 'web.conf', line: 7 },
    names: { here: '/etc' },
    ...more,
  };
}

function fakeProcess(config: UpstreamProcess['config']): FakeProcess {
  const signals: number[] = [];
  const lines: string[] = [];
  return {
    config,
    wireState: 'RUNNING',
    get isReady() {
      return this.wireState === 'RUNNING';
    },
    pid: 100,
    signals,
    lines,
    signal: (signal) => void signals.push(signal),
    writeStdin: (bytes) => void lines.push(bytes.toString()),
  };
}
