// Groups and upstreams of a made-up configuration, and processes that remember what they were told.
import type { RunOutcome } from '../../src/base/child.ts';
import type { ProcessStateName } from '../../src/base/states.ts';
import type { UpstreamConfig } from '../../src/config/upstreams.ts';
import type { JudgedGroup, JudgedProcess } from '../../src/upstream/readiness.ts';
import { processConfig } from '../support/make-process.ts';

export interface FakeProcess extends JudgedProcess {
  /** Ready follows it. */
  wireState: ProcessStateName;
  pid: number;
  endedAsExpected: boolean;
  stoppedByPerson: boolean;
  /** What was run beside it, and what comes of the next ones: an exit of 0 unless said otherwise. */
  readonly ran: string[];
  outcome: Promise<RunOutcome>;
  readonly signals: number[];
  readonly lines: string[];
}

export interface FakeGroup extends JudgedGroup {
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

function fakeProcess(config: JudgedProcess['config']): FakeProcess {
  return {
    config,
    wireState: 'RUNNING',
    get isReady() {
      return this.wireState === 'RUNNING';
    },
    pid: 100,
    endedAsExpected: false,
    stoppedByPerson: false,
    signals: [],
    lines: [],
    ran: [],
    outcome: Promise.resolve({ status: { code: 0 }, said: '' }),
    signal(signal) {
      this.signals.push(signal);
    },
    writeStdin(bytes) {
      this.lines.push(bytes.toString());
    },
    runBeside(command) {
      this.ran.push(command);
      return this.outcome;
    },
  };
}

/** Lets everything happen that only waits for promises. */
export function later(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
