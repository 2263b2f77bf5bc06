// Processes and supervisors made of a configuration text, a fake clock and a fake host.

import { EventBus, type SupervisorEvent } from '../../src/events/events.ts';
import type { Config } from '../../src/config/load.ts';
import type { GroupConfig, ProcessConfig } from '../../src/config/programs.ts';
import type { ProgramOptions } from '../../src/config/options.ts';
import type { Logger } from '../../src/logs/logger.ts';
import { ManagedProcess } from '../../src/process/managed-process.ts';
import { Supervisor } from '../../src/supervisor/supervisor.ts';
import { FakeClock } from './fake-clock.ts';
import { fakeChannels, FakeHost } from './fake-host.ts';

const defaults = {
  command: '/bin/x --flag',
  priority: 999,
  autostart: true,
  startsecs: 1,
  startretries: 3,
  autorestart: 'unexpected',
  exitcodes: [0],
  stopsignal: 15,
  stopwaitsecs: 10,
  stopasgroup: false,
  killasgroup: false,
  user: null,
  environment: {},
  directory: null,
  umask: null,
} as const;

/** One process's configuration; what is not said has supervisord's default. */
export function processConfig(name: string, options: Partial<ProgramOptions> = {}): ProcessConfig {
  return {
    name,
    program: name,
    number: 0,
    options: { ...defaults, ...options } as unknown as ProgramOptions,
    section: `program:${name}`,
    where: { file: 'test.conf', line: 1 },
  };
}

/** A group with its processes. */
export function groupConfig(name: string, priority: number, processes: readonly ProcessConfig[]): GroupConfig {
  return { name, priority, kind: 'group', processes };
}

/** A supervisor of fakes with everything that a test looks at. */
export function makeSupervisor(groups: readonly GroupConfig[]) {
  const clock = new FakeClock();
  const host = new FakeHost();
  const events: SupervisorEvent[] = [];
  const lines: string[] = [];
  const say =
    (level: string) =>
    (text: string): void =>
      void lines.push(`${level} ${text}`);
  const logger = {
    crit: say('crit'),
    error: say('error'),
    warn: say('warn'),
    info: say('info'),
    debug: say('debug'),
    trace: say('trace'),
    blather: say('blather'),
  } as unknown as Logger;
  const bus = new EventBus((error) => {
    throw error;
  });
  bus.subscribe((event) => events.push(event));
  const file = { groups };
  const supervisor: Supervisor = new Supervisor({
    config: { ...file } as unknown as Config,
    clock,
    bus,
    logger,
    load: () => ({ ...file }) as unknown as Config,
    makeProcess: (config, group) =>
      new ManagedProcess(config, {
        group: group.name,
        host,
        clock,
        logger,
        channels: fakeChannels(),
        environment: () => ({ NAME: config.name }),
        mayStart: () => supervisor.mayStart(),
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
  return { clock, host, events, lines, file, supervisor, find };
}
