// THE list of metrics: one row per name, with what it means and where its values come from; docs/metrics.md is generated from
// it. What can be told of each process is told of each, also when it is 0: a rate needs the sample before the first one that
// counts. Pure.

import type { Resources } from '../base/resources.ts';
import { processStates, supervisorStates, type ProcessStateName, type SupervisorStateName } from '../base/states.ts';
import { corevisorVersion, supervisorVersion } from '../base/version.ts';
import type { Family, Sample } from './exposition.ts';
import { delayBounds, type Delays } from './loop-delay.ts';

/** What is told of one process; those of the supervisor fit. */
export interface MeteredProcess {
  readonly config: { readonly name: string };
  readonly group: string;
  readonly wireState: ProcessStateName;
  readonly isReady: boolean;
  /** 0 when no process lives. */
  readonly pid: number;
  /** Epoch seconds of the last start. */
  readonly startedAt: number;
  readonly restarts: number;
  readonly watchdogRestarts: Readonly<Record<string, number>>;
  /** Failed starts in a row. */
  readonly tries: number;
  readonly lostLogBytes: number;
  /** Ends by kind, and how often nothing could be executed. */
  readonly history: { readonly counts: Readonly<Record<string, number>>; readonly failedStarts: number };
}

/** One process at the moment of a scrape. */
export interface ProcessReading {
  /** Group and name, the values of the labels. */
  readonly labels: readonly [group: string, process: string];
  readonly state: ProcessStateName;
  readonly isAlive: boolean;
  readonly isReady: boolean;
  /** Epoch seconds; 0 = never. */
  readonly startedAt: number;
  readonly restarts: number;
  readonly watchdogRestarts: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
  readonly failedStarts: number;
  readonly tries: number;
  readonly lostLogBytes: number;
  /** Null for one that does not live. */
  readonly resources: Resources | null;
}

/** Processes that belong together. */
export interface CountReading {
  readonly name: string;
  readonly members: number;
  readonly ready: number;
}

/** Everything that one scrape tells. */
export interface Readings {
  readonly processes: readonly ProcessReading[];
  readonly groups: readonly CountReading[];
  readonly upstreams: readonly (CountReading & { readonly minReady: number })[];
  /** How many are under way, and how the others ended. */
  readonly rolls: { readonly running: number; readonly outcomes: Readonly<Record<string, number>> };
  readonly pools: readonly { readonly name: string; readonly waiting: number; readonly discarded: number }[];
  readonly daemon: {
    readonly state: SupervisorStateName;
    /** What /readyz says. */
    readonly isReady: boolean;
    readonly nodeVersion: string;
    /** Epoch seconds. */
    readonly startedAt: number;
    readonly requests: Readonly<Record<'ok' | 'fault', number>>;
    /** Null where the daemon buries none. */
    readonly orphans: number | null;
    readonly lostLogBytes: number;
    readonly resources: Resources;
    /** Null where that cannot be known. */
    readonly openFiles: number | null;
    readonly delays: Delays;
  };
}

type Row = Family<Readings>;

const ofProcess = ['group', 'process'] as const;

const processRows: readonly Row[] = [
  {
    name: 'corevisor_process_state',
    type: 'gauge',
    help: 'The state of a process: 1 for the one that it is in, 0 for all others.',
    labels: [...ofProcess, 'state'],
    *samples({ processes }) {
      for (const { labels, state } of processes) {
        for (const name of stateNames) yield { labels: [...labels, name], value: Number(name === state) };
      }
    },
  },
  ofEach('corevisor_process_up', {
    help: 'Whether the process lives: 1 from the spawn to the end, whatever its state.',
    value: ({ isAlive }) => Number(isAlive),
  }),
  ofEach('corevisor_process_ready', {
    help: 'Whether it is ready: RUNNING, or, with health, alive and probed with success since its start.',
    value: ({ isReady }) => Number(isReady),
  }),
  ofEach('corevisor_process_start_time_seconds', {
    help: 'When a process that lives was started, in seconds since the epoch.',
    value: ({ isAlive, startedAt }) => (isAlive ? startedAt : null),
  }),
  ofEach('corevisor_process_restarts_total', {
    type: 'counter',
    help: 'How often it was started again without anybody asking for it.',
    value: ({ restarts }) => restarts,
  }),
  {
    name: 'corevisor_process_watchdog_restarts_total',
    type: 'counter',
    help: 'How often the watchdog has restarted it: for probes that failed (health), or too much memory (memory).',
    labels: [...ofProcess, 'reason'],
    *samples({ processes }) {
      for (const { labels, watchdogRestarts } of processes) yield* byKey(labels, watchdogRestarts);
    },
  },
  {
    name: 'corevisor_process_exits_total',
    type: 'counter',
    help: 'How its runs ended: by itself with one of its exitcodes (expected), another code (unexpected) or a signal, or because a person, the daemon or the watchdog wanted it (stopped).',
    labels: [...ofProcess, 'kind'],
    *samples({ processes }) {
      for (const { labels, counts } of processes) yield* byKey(labels, counts);
    },
  },
  ofEach('corevisor_process_spawn_failures_total', {
    type: 'counter',
    help: 'How often nothing could be executed.',
    value: ({ failedStarts }) => failedStarts,
  }),
  ofEach('corevisor_process_backoff_tries', {
    help: 'Starts that failed in a row; 0 once it is RUNNING.',
    value: ({ tries }) => tries,
  }),
  ofEach('corevisor_process_cpu_seconds_total', {
    type: 'counter',
    help: 'CPU time of the process that lives, user and system, without its children.',
    value: ({ resources }) => resources?.cpuSeconds ?? null,
  }),
  ofEach('corevisor_process_resident_memory_bytes', {
    help: 'Resident memory of the process that lives, without its children.',
    value: ({ resources }) => resources?.rssBytes ?? null,
  }),
  ofEach('corevisor_process_log_lost_bytes_total', {
    type: 'counter',
    help: 'Bytes of its output that could not be written to its logs (a full disk, a FIFO without a reader).',
    value: ({ lostLogBytes }) => lostLogBytes,
  }),
];

const groupRows: readonly Row[] = [
  ofNamed('corevisor_group_processes', {
    label: 'group',
    help: 'Configured processes of a group.',
    tell: ({ groups }) => groups.map(({ name, members }) => [name, members]),
  }),
  ofNamed('corevisor_group_ready_processes', {
    label: 'group',
    help: 'Those of them that are ready.',
    tell: ({ groups }) => groups.map(({ name, ready }) => [name, ready]),
  }),
  ofNamed('corevisor_upstream_members', {
    label: 'upstream',
    help: 'Configured processes behind an upstream.',
    tell: ({ upstreams }) => upstreams.map(({ name, members }) => [name, members]),
  }),
  ofNamed('corevisor_upstream_ready_members', {
    label: 'upstream',
    help: 'Those of them that are ready.',
    tell: ({ upstreams }) => upstreams.map(({ name, ready }) => [name, ready]),
  }),
  ofNamed('corevisor_upstream_min_ready', {
    label: 'upstream',
    help: 'How many must be ready (min_ready): fewer, and /readyz answers 503.',
    tell: ({ upstreams }) => upstreams.map(({ name, minReady }) => [name, minReady]),
  }),
  {
    name: 'corevisor_rolls_running',
    type: 'gauge',
    help: 'Rolls (rolling-restart, update, scale) that are under way.',
    labels: [],
    samples: ({ rolls }) => [{ labels: [], value: rolls.running }],
  },
  {
    name: 'corevisor_rolls_total',
    type: 'counter',
    help: 'Rolls that are over since the last reload, by how: done, failed (halted by a process that did not come back), or cancelled.',
    labels: ['outcome'],
    samples: ({ rolls }) => byKey([], rolls.outcomes),
  },
];

const daemonRows: readonly Row[] = [
  {
    name: 'corevisor_build_info',
    type: 'gauge',
    help: 'Always 1; the labels say which Corevisor runs, which supervisord it stands for, and on which Node.',
    labels: ['version', 'supervisor_version', 'node_version'],
    samples: ({ daemon }) => [{ labels: [corevisorVersion, supervisorVersion, daemon.nodeVersion], value: 1 }],
  },
  {
    name: 'corevisor_supervisor_state',
    type: 'gauge',
    help: 'The state of the daemon: 1 for the one that it is in, 0 for all others.',
    labels: ['state'],
    samples: ({ daemon }) =>
      Object.keys(supervisorStates).map((name) => ({ labels: [name], value: Number(name === daemon.state) })),
  },
  ofDaemon('corevisor_ready', {
    help: 'Whether /readyz answers 200.',
    value: ({ isReady }) => Number(isReady),
  }),
  ofDaemon('corevisor_daemon_start_time_seconds', {
    help: 'When the daemon was started, in seconds since the epoch; a reload (SIGHUP) changes nothing of it.',
    value: ({ startedAt }) => startedAt,
  }),
  {
    name: 'corevisor_rpc_requests_total',
    type: 'counter',
    help: 'XML-RPC requests that were answered since the last reload, by how.',
    labels: ['result'],
    samples: ({ daemon }) => byKey([], daemon.requests),
  },
  ofNamed('corevisor_event_pool_waiting_events', {
    label: 'pool',
    help: 'Events that wait in the buffer of a pool of event listeners.',
    tell: ({ pools }) => pools.map(({ name, waiting }) => [name, waiting]),
  }),
  ofNamed('corevisor_event_pool_discarded_events_total', {
    type: 'counter',
    label: 'pool',
    help: 'Events that were discarded because the buffer (buffer_size) overflowed.',
    tell: ({ pools }) => pools.map(({ name, discarded }) => [name, discarded]),
  }),
  ofDaemon('corevisor_orphans_buried_total', {
    type: 'counter',
    help: 'Processes of nobody that the daemon has buried; absent without native calls.',
    value: ({ orphans }) => orphans,
  }),
  ofDaemon('corevisor_daemon_log_lost_bytes_total', {
    type: 'counter',
    help: "Bytes of the daemon's own log that could not be written.",
    value: ({ lostLogBytes }) => lostLogBytes,
  }),
  ofDaemon('corevisor_daemon_cpu_seconds_total', {
    type: 'counter',
    help: 'CPU time of the daemon, user and system.',
    value: ({ resources }) => resources.cpuSeconds,
  }),
  ofDaemon('corevisor_daemon_resident_memory_bytes', {
    help: 'Resident memory of the daemon.',
    value: ({ resources }) => resources.rssBytes,
  }),
  ofDaemon('corevisor_daemon_open_fds', {
    help: 'Descriptors that the daemon has open.',
    value: ({ openFiles }) => openFiles,
  }),
  {
    name: 'corevisor_daemon_event_loop_delay_seconds',
    type: 'histogram',
    help: 'How late the event loop of the daemon is, looked at every 50 ms while somebody scrapes, until nobody has for five minutes.',
    labels: [],
    *samples({ daemon: { delays } }) {
      for (const [index, bound] of delayBounds.entries()) {
        yield { labels: [], suffix: '_bucket', le: String(bound), value: delays.counts[index] ?? 0 };
      }
      yield { labels: [], suffix: '_bucket', le: '+Inf', value: delays.count };
      yield { labels: [], suffix: '_sum', value: delays.sumSeconds };
      yield { labels: [], suffix: '_count', value: delays.count };
    },
  },
];

/** What they are about, in the order in which they are told. */
export const metricKinds: readonly { readonly title: string; readonly rows: readonly Row[] }[] = [
  { title: 'Processes', rows: processRows },
  { title: 'Groups, upstreams and rolls', rows: groupRows },
  { title: 'The daemon', rows: daemonRows },
];

export const metrics: readonly Row[] = metricKinds.flatMap(({ rows }) => rows);

const stateNames = Object.keys(processStates);

interface Simple<Source> {
  readonly type?: 'counter';
  readonly help: string;
  /** Null where there is nothing to tell. */
  readonly value: (source: Source) => number | null;
}

/** One sample for each process. */
function ofEach(name: Row['name'], { type, help, value }: Simple<ProcessReading>): Row {
  return {
    name,
    type: type ?? 'gauge',
    help,
    labels: ofProcess,
    *samples({ processes }) {
      for (const process of processes) {
        const told = value(process);
        if (told !== null) yield { labels: process.labels, value: told };
      }
    },
  };
}

interface Named {
  readonly type?: 'counter';
  readonly label: string;
  readonly help: string;
  readonly tell: (source: Readings) => readonly (readonly [name: string, value: number])[];
}

/** One sample for each of those that are known by one name. */
function ofNamed(name: Row['name'], { type, label, help, tell }: Named): Row {
  return {
    name,
    type: type ?? 'gauge',
    help,
    labels: [label],
    samples: (source) => tell(source).map(([of, value]) => ({ labels: [of], value })),
  };
}

/** One sample. */
function ofDaemon(name: Row['name'], { type, help, value }: Simple<Readings['daemon']>): Row {
  return {
    name,
    type: type ?? 'gauge',
    help,
    labels: [],
    samples({ daemon }) {
      const told = value(daemon);
      return told === null ? [] : [{ labels: [], value: told }];
    },
  };
}

function* byKey(labels: readonly string[], values: Readonly<Record<string, number>>): Generator<Sample> {
  for (const [key, value] of Object.entries(values)) yield { labels: [...labels, key], value };
}
