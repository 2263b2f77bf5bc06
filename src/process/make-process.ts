// A process with all that belongs to it: its channels, its environment, its place among listeners and shared sockets.

import type { ChildUser } from '../base/child.ts';
import type { Clock } from '../base/clock.ts';
import { ConfigError } from '../base/errors.ts';
import { pythonRepr } from '../base/python-text.ts';
import { errorCode } from '../base/system-error.ts';
import type { Config } from '../config/load.ts';
import type { GroupConfig, ProcessConfig } from '../config/programs.ts';
import type { EventBus } from '../events/events.ts';
import type { ListenerPools } from '../events/listener-pools.ts';
import { createAutoLog } from '../logs/auto-log.ts';
import type { Logger } from '../logs/logger.ts';
import type { Mishaps } from '../logs/mishaps.ts';
import type { SharedReading } from '../logs/output.ts';
import { type ChildSyslog, Channels } from './channels.ts';
import type { Host } from './host.ts';
import { readEnvFiles } from './env-file.ts';
import type { ListenerEar } from './listener-route.ts';
import type { AwaitRoom } from './event-pressure.ts';
import { ManagedProcess } from './managed-process.ts';
import { preload } from './node-preload.ts';
import type { StartOrder, Watchdog } from './surroundings.ts';
import type { SharedSockets } from './shared-socket.ts';

/** What all processes of one life of the daemon are made with. */
export interface MakingProcesses {
  readonly host: Host;
  readonly clock: Clock;
  /** The daemon's own, which children inherit. */
  readonly environment: Readonly<Record<string, string>>;
  /** dist/worker.cjs, for node_preload. */
  readonly workerModule: string;
  /** How long an HTTP server of this process may drain, in seconds; null where nobody has said so. */
  readonly drainSeconds: (process: ProcessConfig, group: string) => number | null;
  /** Where children reach the daemon; null when it has no server. */
  readonly serverUrl: string | null;
  readonly logger: Logger;
  readonly mishaps: Mishaps;
  readonly syslog: ChildSyslog | null;
  /** Functions that are the same for all are made once: each costs 56 bytes, twice a thousand times. */
  readonly emit: EventBus['emit'];
  readonly awaitRoom: AwaitRoom;
  readonly stripAnsi: () => boolean;
  readonly pools: ListenerPools;
  readonly reading: SharedReading;
  readonly sockets: SharedSockets;
  /** What the file said when it was last read. */
  readonly current: () => Config['supervisord'];
  readonly mayStart: () => boolean;
  /** A number that no other process tree has. */
  readonly newMark: () => number;
  /** Who looks after those that want it. */
  readonly watchdog: Watchdog;
  /** Of the supervisor that the processes are made for. */
  readonly order: () => StartOrder;
}

/** Makes one process of a group, not started yet; throws ConfigError when its AUTO log cannot be made. */
export function makeProcess(
  { process: config, group }: { readonly process: ProcessConfig; readonly group: GroupConfig },
  making: MakingProcesses,
): ManagedProcess {
  const { host, clock, logger, syslog, emit, awaitRoom, stripAnsi, pools, reading, sockets, current } = making;
  const { options, name } = config;
  const url = options.serverurl ?? making.serverUrl;
  return new ManagedProcess(config, {
    group: group.name,
    host,
    clock,
    logger,
    mishaps: making.mishaps,
    mayStart: making.mayStart,
    newMark: options.stopastree || options.killastree ? making.newMark : null,
    order: making.order(),
    watchdog: options.health === null && options.memory_limit === null ? null : making.watchdog,
    emit,
    socket: sockets.of(config),
    environment() {
      const read = readEnvFiles(options.env_file);
      if ('error' in read) return read;
      const own = { ...read.variables, ...options.environment };
      const names = { SUPERVISOR_PROCESS_NAME: name, SUPERVISOR_GROUP_NAME: group.name };
      const server = url === null ? {} : { SUPERVISOR_SERVER_URL: url };
      const seconds = making.drainSeconds(config, group.name);
      const drain = seconds === null ? {} : { COREVISOR_DRAIN_TIMEOUT: String(seconds) };
      const variables = { ...making.environment, SUPERVISOR_ENABLED: '1', ...server, ...names, ...drain, ...own };
      return options.node_preload ? withWorkerModule(variables, { making, user: options.user }) : { variables };
    },
    channels: new Channels({
      name,
      group: group.name,
      options,
      logger,
      mishaps: making.mishaps,
      syslog,
      clock,
      reading,
      stripAnsi,
      copyToLog: logger.isEnabled('debug'),
      listener: group.kind === 'eventlistener' ? earOf(pools, { group: group.name, process: name }) : null,
      autoLog: (channel) => makeAutoLog(current(), { process: name, channel }),
      emit,
      awaitRoom,
    }),
  });
}

/** Loaded by a user who cannot read it, it would end Node before the program. */
function withWorkerModule(
  variables: Readonly<Record<string, string>>,
  { making, user }: { readonly making: MakingProcesses; readonly user: ChildUser | null },
): ReturnType<typeof preload> {
  const { workerModule, host } = making;
  const problem = host.readProblem(workerModule, user);
  if (problem === null) return preload(variables, workerModule);
  const reader = user === null ? '' : ` as user ${user.name}`;
  return { error: `node_preload can't read ${pythonRepr(workerModule)}${reader}: ${problem}` };
}

function earOf(pools: ListenerPools, speaker: { readonly group: string; readonly process: string }): ListenerEar {
  return { heard: (bytes) => pools.heard(speaker, bytes), drained: () => pools.drained(speaker.group) };
}

function makeAutoLog(
  { childlogdir, identifier }: Config['supervisord'],
  log: { readonly process: string; readonly channel: 'stdout' | 'stderr' },
): string {
  try {
    return createAutoLog({ ...log, directory: childlogdir, identifier });
  } catch (error) {
    throw new ConfigError(`could not make an AUTO log in ${childlogdir}: ${errorCode(error)}`, {
      section: 'supervisord',
      option: 'childlogdir',
      value: childlogdir,
      accepted: 'a directory that the daemon may write to',
    });
  }
}
