// Processes and supervisors made of a configuration text, a fake clock and a fake host.

import { EventBus, type SupervisorEvent } from '../../src/events/events.ts';
import { ListenerPools } from '../../src/events/listener-pools.ts';
import { Serial } from '../../src/events/serial.ts';
import { ConfigError } from '../../src/base/errors.ts';
import type { EventTypeName } from '../../src/base/event-types.ts';
import type { Config } from '../../src/config/load.ts';
import type { GroupConfig, ProcessConfig } from '../../src/config/programs.ts';
import type { ProgramOptions } from '../../src/config/options.ts';
import type { Logger } from '../../src/logs/logger.ts';
import { ManagedProcess } from '../../src/process/managed-process.ts';
import { SharedSockets } from '../../src/process/shared-socket.ts';
import type { Watchdog } from '../../src/process/surroundings.ts';
import { Supervisor } from '../../src/supervisor/supervisor.ts';
import { FakeClock } from './fake-clock.ts';
import { makeConfig } from './make-config.ts';
import { fakeChannels, FakeHost } from './fake-host.ts';

const base = makeConfig('[program:x]\ncommand=/bin/x --flag\n');

/** One process's configuration; what is not said has supervisord's default. */
export function processConfig(name: string, options: Partial<ProgramOptions> = {}): ProcessConfig {
  const [x] = base.groups.flatMap((group) => group.processes);
  if (x === undefined) throw new Error('no process');
  return { ...x, name, program: name, options: { ...x.options, ...options } };
}

/** A group with its processes. */
export function groupConfig(name: string, priority: number, processes: readonly ProcessConfig[]): GroupConfig {
  return { name, priority, kind: 'group', processes };
}

/** A pool of event listeners. */
export function listenerConfig(
  name: string,
  { events, processes }: { readonly events: readonly EventTypeName[]; readonly processes: readonly ProcessConfig[] },
): GroupConfig {
  return { name, priority: -1, kind: 'eventlistener', listener: { events, bufferSize: 10 }, processes };
}

/** A supervisor of fakes with everything that a test looks at. */
export function makeSupervisor(
  groups: readonly GroupConfig[],
  more: {
    readonly watchdog?: (parts: { clock: FakeClock; logger: Logger }) => Watchdog;
    readonly load?: () => Config;
  } = {},
) {
  const { load } = more;
  const clock = new FakeClock();
  const host = new FakeHost();
  const events: SupervisorEvent[] = [];
  const lines: string[] = [];
  const say =
    (level: string) =>
    (text: string): void =>
      void lines.push(`${level} ${text}`);
  const logger: Logger = {
    crit: say('crit'),
    error: say('error'),
    warn: say('warn'),
    info: say('info'),
    debug: say('debug'),
    trace: say('trace'),
    blather: say('blather'),
    path: null,
    isEnabled: () => true,
    reopen: () => undefined,
    clear: () => undefined,
    settled: () => Promise.resolve(),
    close: () => undefined,
  };
  const bus = new EventBus((error) => {
    throw error;
  });
  bus.subscribe((event) => events.push(event));
  const pools = new ListenerPools({ bus, clock, log: logger, serial: new Serial(), identifier: 'supervisor' });
  const file = { ...base, groups };
  const sockets = new SharedSockets({ listen: (socket) => host.listen(socket), logger, clock });
  /** What is wrong with the file from now on. */
  const trouble: { file: string | null } = { file: null };
  const watchdog = more.watchdog?.({ clock, logger }) ?? null;
  const supervisor: Supervisor = new Supervisor({
    config: load?.() ?? { ...file },
    clock,
    bus,
    pools,
    logger,
    load() {
      if (trouble.file !== null) throw new ConfigError(trouble.file);
      return load?.() ?? { ...file };
    },
    checkGroup: (group) => sockets.check(group),
    makeProcess: (config, group) =>
      new ManagedProcess(config, {
        group: group.name,
        host,
        clock,
        logger,
        mishaps: { guard: (action) => action() },
        channels: fakeChannels(),
        socket: sockets.of(config),
        newMark: config.options.killastree ? () => 77 : null,
        environment: () => ({ variables: { NAME: config.name } }),
        mayStart: () => supervisor.mayStart(),
        order: supervisor.order,
        watchdog,
        emit: (event) => bus.emit(event),
      }),
  });
  const find = (name: string): ManagedProcess => {
    const found = supervisor
      .groups()
      .flatMap((group) => group.processes)
      .find((process) => process.config.name === name);
    if (found === undefined) throw new Error(`no process ${name}`);
    return found;
  };
  return { clock, host, bus, events, lines, logger, file, pools, supervisor, find, trouble };
}
