// One life of the daemon: one configuration, from its log to the last stop. HUP ends a life and daemon.ts begins the
// next. The order of things and the texts are supervisord's (docs/compatibility.md, start sequence; its supervisord.py).

import type { Clock } from './base/clock.ts';
import { ConfigError, oneLine } from './base/errors.ts';
import type { Peer } from './base/peer.ts';
import { errorCode } from './base/system-error.ts';
import type { Config } from './config/load.ts';
import { EventBus } from './events/events.ts';
import { ListenerPools } from './events/listener-pools.ts';
import type { Serial } from './events/serial.ts';
import { openServers, type OpenServers } from './http/server.ts';
import { cleanAutoLogs } from './logs/auto-log.ts';
import { ConsoleSink } from './logs/console.ts';
import { createLogger, type Logger } from './logs/logger.ts';
import { Mishaps } from './logs/mishaps.ts';
import { openSafely } from './logs/open-safely.ts';
import { SharedReading } from './logs/output.ts';
import { Syslog, type SyslogSender } from './logs/syslog.ts';
import { openFilesOfMine, resourcesOf } from './os/resources.ts';
import { probe } from './os/probe.ts';
import { enterDirectory, type Pidfile, writePidfile } from './os/self.ts';
import type { DaemonSignal } from './os/signals.ts';
import { syslogPath } from './os/syslog-socket.ts';
import { usageOf } from './os/usage.ts';
import type { Host } from './process/host.ts';
import { makeProcess, type MakingProcesses } from './process/make-process.ts';
import { SharedSockets } from './process/shared-socket.ts';
import type { RpcContext } from './rpc/context.ts';
import { createRpc } from './rpc/dispatch.ts';
import { type Downfall, watchEssentials } from './supervisor/essentials.ts';
import { Rolls } from './supervisor/rolls.ts';
import { Supervisor } from './supervisor/supervisor.ts';
import { createWatchdog } from './supervisor/watchdog.ts';
import { drainSeconds } from './upstream/drain-time.ts';
import { connectUpstreams, type Upstreams } from './upstream/upstreams.ts';

/** What a life is given. */
export interface LifeParts {
  readonly config: Config;
  readonly host: Host;
  readonly clock: Clock;
  /** The environment that the daemon was started with; children inherit it. */
  readonly environment: Readonly<Record<string, string>>;
  /** The folder of the files that the web page needs. */
  readonly pageFiles: string;
  /** The module that node_preload adds to a program. */
  readonly workerModule: string;
  /** What is to be logged before anything else. */
  readonly crits: readonly string[];
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  /** Numbers the events of all lives. */
  readonly serial: Serial;
  /** Who connected to a unix socket, by its descriptor; null where the kernel cannot be asked. */
  readonly peerOf: ((fd: number) => Peer | null) | null;
  /** How many orphans were buried so far; null where the daemon buries none. */
  readonly orphans: () => number | null;
  userName(uid: number): string | null;
  /** The name of this machine. */
  readonly ownName: string;
  /** The way to the system's log; null where it cannot be reached. */
  readonly syslog: SyslogSender | null;
  /** Told of each change of a process. */
  worked(): void;
  /** Leaves the terminal; null in the foreground and in every life but the first. */
  readonly leaveTerminal: (() => void) | null;
  load(): Config;
  stderr(text: string): void | Promise<void>;
  /** From now on signals and mishaps are this life's. */
  begun(life: Life): void;
}

/** A life under way, as signals and mishaps reach it. */
export interface Life {
  readonly logger: Logger;
  /** Logs an error that nothing expected. */
  mishap(error: unknown): void;
  signal(signal: DaemonSignal): void;
}

/** What comes after a life: another one, or an exit status. */
export type Afterlife = { readonly is: 'life' } | { readonly is: 'end'; readonly status: number };

/** Lives until everything is stopped; throws ConfigError for what makes supervisord exit with status 2. */
export async function live(parts: LifeParts): Promise<Afterlife> {
  const { config, clock } = parts;
  const options = config.supervisord;
  const syslog = openSyslog(parts, (text) => logger.warn(text));
  const lost = { bytes: 0 };
  const logger = openLog(parts, { syslog, onLost: (bytes) => (lost.bytes += bytes) });
  for (const text of parts.crits) logger.crit(text);
  for (const text of parts.warnings) logger.warn(text);
  for (const { level, text } of config.messages) logger[level](text);
  for (const text of parts.infos) logger.info(text);
  if (!options.nocleanup) {
    cleanAutoLogs({
      directory: options.childlogdir,
      identifier: options.identifier,
      warn: (text) => logger.warn(text),
    });
  }
  const mishaps = new Mishaps({ clock, crit: (text) => logger.crit(text) });
  const bus = new EventBus(mishaps.report);
  // What the file says now: a reread counts for all that is made after it, as under supervisord.
  const current = (): Config['supervisord'] => supervisor.config.supervisord;
  const pools = new ListenerPools({
    bus,
    clock,
    log: logger,
    serial: parts.serial,
    get identifier() {
      return current().identifier;
    },
  });
  const reading = new SharedReading(clock, parts.host.resizePipe);
  const sockets = new SharedSockets({ listen: parts.host.listen, logger, clock });
  bus.subscribe((event) => {
    if (event.type === 'PROCESS_STATE') parts.worked();
    if (event.type === 'SUPERVISOR_STATE_CHANGE' && event.state !== 'RUNNING') sockets.letGo();
  });
  const watchdog = createWatchdog({ clock, logger, mishaps, probe, usageOf });
  const making: MakingProcesses = {
    host: parts.host,
    clock,
    environment: parts.environment,
    workerModule: parts.workerModule,
    drainSeconds: (process, group) => drainSeconds({ process, group }, supervisor.config),
    serverUrl: config.serverUrl,
    logger,
    mishaps,
    syslog,
    emit: (event) => bus.emit(event),
    awaitRoom: (kind, callback) => pools.awaitRoom(kind, callback),
    stripAnsi: () => current().strip_ansi,
    pools,
    reading,
    sockets,
    current,
    mayStart: () => supervisor.mayStart(),
    // Beyond what anybody means by a limit, and exact as a number.
    newMark: () => 2 ** 40 + Math.floor(Math.random() * 2 ** 52),
    watchdog,
    order: () => supervisor.order,
  };
  const supervisor: Supervisor = new Supervisor({
    config,
    clock,
    bus,
    pools,
    logger,
    load: () => parts.load(),
    onReread: () => upstreams.reread(),
    checkGroup: (group) => sockets.check(group),
    makeProcess: (process, group) => makeProcess({ process, group }, making),
  });
  const downfall = watchEssentials({ bus, supervisor, logger });
  const upstreams: Upstreams = connectUpstreams({ supervisor, bus, logger, clock });
  supervisor.addConfiguredGroups();
  const rolls = new Rolls({ supervisor, bus, clock, logger, draining: upstreams, mishap: mishaps.report });
  const rpcContext: RpcContext = {
    supervisor,
    rolls,
    clock,
    logger,
    mainLog: logger,
    pid: process.pid,
    remoteCommunication: (kind, data) => bus.emit({ type: 'REMOTE_COMMUNICATION', kind, data }),
  };
  let pidfile: Pidfile | null = null;
  let servers: OpenServers | null = null;
  try {
    servers = await openServers(config.servers, {
      rpc: createRpc(rpcContext, config.rpcInterfaces),
      pageRpc: createRpc(rpcContext, ['supervisor']),
      pageFiles: parts.pageFiles,
      supervisor,
      unready: () => (supervisor.isEnding ? ['shutting down'] : upstreams.unready()),
      metrics: {
        supervisor,
        rolls,
        pools: () => pools.all(),
        resourcesOf,
        openFiles: openFilesOfMine,
        orphans: parts.orphans,
        lostLogBytes: () => lost.bytes,
      },
      mainLog: logger,
      logger,
      clock,
      pid: process.pid,
      ownName: parts.ownName,
      peerOf: parts.peerOf,
      userName: (uid) => parts.userName(uid),
      stderr: (text) => parts.stderr(text),
    });
    if (parts.leaveTerminal !== null) goToBackground(parts.leaveTerminal, { config, logger });
    pidfile = writePidfile(options.pidfile, openSafely);
    parts.begun({
      logger,
      mishap: mishaps.report,
      signal: (signal) => mishaps.guard(() => heed(signal, { supervisor, logger, mishaps })),
    });
    if (pidfile.written) logger.info(`supervisord started with pid ${process.pid}`);
    else logger.crit(`could not write pidfile ${options.pidfile}`);
    upstreams.prepare();
    mishaps.guard(() => supervisor.start());
    await supervisor.ended;
    await sayLastWords(downfall(), { logger, parts });
  } finally {
    await servers?.close().catch(mishaps.report);
    mishaps.guard(() => pidfile?.remove());
    mishaps.guard(() => upstreams.close());
    mishaps.guard(() => pools.close());
    mishaps.guard(() => supervisor.dispose());
    mishaps.guard(() => watchdog.close());
    await reading.settled();
    mishaps.close();
    await logger.settled();
    syslog?.close();
    logger.close();
  }
  // A shutdown that was asked for while all that was closed counts: nothing of a new life has begun.
  if (supervisor.state === 'RESTARTING') return { is: 'life' };
  return { is: 'end', status: downfall()?.exitCode ?? (supervisor.leftBehind.length > 0 ? 1 : 0) };
}

/** A reader of the log that is behind gets this long to take the post-mortem. */
const lastWordsMs = 2000;

/** On stdout in the foreground, where `docker logs` shows it, and in the daemon's log; with `silent` on stderr. */
async function sayLastWords(
  downfall: Downfall | null,
  { logger, parts }: { readonly logger: Logger; readonly parts: LifeParts },
): Promise<void> {
  if (downfall === null) return;
  const { nodaemon, silent } = parts.config.supervisord;
  for (const line of downfall.postMortem) logger.crit(line);
  const stderr = nodaemon && silent ? new ConsoleSink({ fd: 2, clock: parts.clock }) : null;
  for (const line of downfall.postMortem) stderr?.write(Buffer.from(`${line}\n`));
  await Promise.all([logger.settled(lastWordsMs), stderr?.settled(lastWordsMs)]);
  stderr?.close();
}

function openSyslog({ syslog: sender, clock }: LifeParts, onTrouble: (text: string) => void): Syslog | null {
  return sender === null ? null : new Syslog({ sender, path: syslogPath, clock, onTrouble });
}

function openLog(
  { config, clock }: LifeParts,
  { syslog, onLost }: { readonly syslog: Syslog | null; readonly onLost: (bytes: number) => void },
): Logger {
  const { logfile, logfile_maxbytes, logfile_backups, loglevel, nodaemon, silent } = config.supervisord;
  const file =
    logfile.kind === 'file' ? { path: logfile.path, maxBytes: logfile_maxbytes, backups: logfile_backups } : null;
  const console = nodaemon && !silent ? new ConsoleSink({ fd: 1, clock }) : null;
  try {
    const toSyslog = logfile.kind === 'syslog' ? syslog : null;
    return createLogger({ level: loglevel, clock, file, console, syslog: toSyslog, onLost });
  } catch (error) {
    throw new ConfigError(`could not open log file ${file?.path ?? ''}: ${errorCode(error)}`, {
      section: 'supervisord',
      option: 'logfile',
      accepted: 'a file that can be written',
    });
  }
}

/** directory and umask take effect only here: in the foreground supervisord keeps those it was started with. */
function goToBackground(
  leaveTerminal: () => void,
  { config, logger }: { readonly config: Config; readonly logger: Logger },
): void {
  const { directory, umask } = config.supervisord;
  logger.info('daemonizing the supervisord process');
  if (directory !== null) {
    const problem = enterDirectory(directory);
    if (problem === null) logger.info(`set current directory: '${directory}'`);
    else logger.crit(problem);
  }
  process.umask(umask);
  leaveTerminal();
}

function restart(supervisor: Supervisor, logger: Logger): void {
  try {
    supervisor.restart();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    logger.crit(`restart refused, everything runs on: ${oneLine(error)}`);
  }
}

function heed(
  signal: DaemonSignal,
  {
    supervisor,
    logger,
    mishaps,
  }: { readonly supervisor: Supervisor; readonly logger: Logger; readonly mishaps: Mishaps },
): void {
  switch (signal) {
    case 'SIGTERM':
    case 'SIGINT':
    case 'SIGQUIT':
      logger.warn(`received ${signal} indicating exit request`);
      return supervisor.shutdown();
    case 'SIGHUP':
      if (supervisor.isShuttingDown) {
        return logger.warn('ignored SIGHUP indicating restart request (shutdown in progress)');
      }
      logger.warn('received SIGHUP indicating restart request');
      return restart(supervisor, logger);
    case 'SIGUSR2':
      logger.info('received SIGUSR2 indicating log reopen request');
      mishaps.guard(() => logger.reopen());
      for (const group of supervisor.groups()) {
        for (const each of group.processes) mishaps.guard(() => each.reopenLogs());
      }
      return;
    case 'SIGCHLD':
      return logger.debug('received SIGCHLD indicating a child quit');
  }
}
