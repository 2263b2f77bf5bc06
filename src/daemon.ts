// The composition root: reads flags and configuration, builds what lasts as long as the process does (native calls,
// reaper, signals), and lives one life per configuration (life.ts). Exit statuses (docs/ending.md): 0 after an ordered stop
// that was asked for, 2 for usage and configuration errors, 1 for anything that should not have happened, and that of an
// essential process that ended.

import { readFileSync } from 'node:fs';
import { cpus, hostname } from 'node:os';
import { join } from 'node:path';
import { systemClock } from './base/clock.ts';
import { describeExit } from './base/describe-exit.ts';
import { ConfigError, oneLine, stackOf, usageError } from './base/errors.ts';
import { corevisorVersion, supervisorVersion } from './base/version.ts';
import { findConfigFile, noConfigFile, rootSearchWarning } from './config/files.ts';
import { describeFlags, readSupervisordFlags, supervisordFlags } from './config/flags.ts';
import { type Config, loadConfig, type LoadContext, valueContextOf } from './config/load.ts';
import { Serial } from './events/serial.ts';
import { type Life, live } from './life.ts';
import { ConsoleSink } from './logs/console.ts';
import { cpuBudget } from './os/cpus.ts';
import { type Detachment, detachment, startDetached } from './os/daemonize.ts';
import { createHost } from './os/host.ts';
import { lazyDeathSignaller } from './os/parent-death.ts';
import { type Libc, loadLibc } from './os/libc.ts';
import { type LimitResult, originalOpenFiles, raiseLimits } from './os/limits.ts';
import { createOrphanNews } from './os/orphan-news.ts';
import { peerOf } from './os/peer.ts';
import { startReaper } from './os/reaper.ts';
import { createPageTrim, type PageTrim } from './os/page-trim.ts';
import { becomeUser } from './os/self.ts';
import type { DaemonSignal, SignalIntake } from './os/signals.ts';
import { createSyslogSocket } from './os/syslog-socket.ts';
import { portableWarning } from './os/spawn-portable.ts';
import { createUsers, type Users } from './os/users.ts';
import { proxyCommand } from './upstream/proxy-command.ts';

export interface DaemonOrder {
  /** The command line without node and script. */
  readonly argv: readonly string[];
  /** How the program was called, for usage texts. */
  readonly name: string;
  /** Where the bundles are. */
  readonly bundles: string;
  readonly signals: SignalIntake;
}

/** Runs the daemon to its end and answers its exit status. */
export async function runDaemon(order: DaemonOrder): Promise<number> {
  try {
    const users = createUsers();
    const flags = readSupervisordFlags(order.argv, valueContextOf({ environment: process.env, users }));
    if (flags.request === 'run')
      return await runWith({
        file: await configFile(flags.configuration, order),
        flags,
        order,
        users,
        deathSignaller: lazyDeathSignaller(),
      });
    // Under supervisord's name it says what scripts that ask supervisord expect.
    const version = /(^|\/)supervisord$/.test(order.name) ? supervisorVersion : corevisorVersion;
    await print(1, flags.request === 'help' ? usage(order.name) : version);
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    await print(2, usageError(error, order.name));
    return 2;
  }
}

/** The file named by -c, or the first that is found. */
async function configFile(named: string | null, { name }: DaemonOrder): Promise<string> {
  if (named !== null) return named;
  const found = findConfigFile(name);
  if (found === null) throw noConfigFile(name);
  if (process.getuid?.() === 0) await print(2, `${name}: UserWarning: ${rootSearchWarning}`);
  return found;
}

interface Setting {
  readonly file: string;
  readonly flags: ReturnType<typeof readSupervisordFlags>;
  readonly order: DaemonOrder;
  readonly users: Users;
  /** The setpriv for `parent_death`; null where there is none. */
  readonly deathSignaller: () => string | null;
}

async function runWith(setting: Setting): Promise<number> {
  const { order, users } = setting;
  let config = load(setting);
  let lastGood = config;
  let crits: readonly string[] = [];
  const detached = detachment();
  const openFiles = detached === null ? originalOpenFiles() : detached.openFiles;
  if (!config.supervisord.nodaemon && detached === null) return startDetached();
  const loaded = loadLibc();
  let life: Life | null = null;
  const early: DaemonSignal[] = [];
  order.signals.deliverTo((signal) => (life === null ? early.push(signal) : life.signal(signal)));
  const mishap = (error: unknown): void => {
    if (life !== null) return life.mishap(error);
    // Nothing runs yet and there is no log; what is thrown here would end Node with a status of its own.
    return void endBadly(error);
  };
  process.on('uncaughtException', mishap);
  process.on('unhandledRejection', mishap);
  const { libc } = loaded;
  const onOrphan = createOrphanNews({
    clock: systemClock,
    describe: describeExit,
    say: (text) => life?.logger.info(text),
  });
  const reaper = libc === null ? null : startReaper({ libc, onOrphan });
  const environment = definedOnly(process.env);
  const serial = new Serial();
  const trim = pageTrim(libc, environment);
  let limits: Limits | null = null;
  for (let isFirst = true; ; isFirst = false) {
    const identity = takeOnUser(config, { users, isFlag: setting.flags.flags.user !== undefined });
    // After that only, and once: what minfds and minprocs say at a HUP is not asked for.
    limits ??= takeOnLimits(config, { libc, openFiles });
    const afterlife = await live({
      config,
      host: createHost({
        libc,
        reaper,
        users,
        childOpenFiles: limits.childOpenFiles,
        deathSignaller: signallerFor(config, setting),
      }),
      clock: systemClock,
      serial,
      environment,
      pageFiles: join(order.bundles, 'web'),
      workerModule: join(order.bundles, 'worker.cjs'),
      crits: [...crits, ...identity.crits],
      warnings: isFirst && loaded.libc === null ? [portableWarning(loaded.reason)] : [],
      infos: [...identity.infos, ...(isFirst ? limits.infos : [])],
      peerOf: libc === null ? null : (fd) => peerOf(libc, fd),
      orphans: () => reaper?.buried ?? null,
      ownName: hostname(),
      userName: (uid) => nameOf(uid, users),
      syslog: libc === null ? null : createSyslogSocket(libc),
      worked: () => trim?.worked(),
      leaveTerminal: isFirst && detached !== null ? leaving(detached) : null,
      load: () => (lastGood = load(setting)),
      stderr: (text) => print(2, text.trimEnd()),
      begun(its) {
        life = its;
        for (const signal of early.splice(0)) its.signal(signal);
      },
    });
    if (afterlife.is === 'end') return endAtOnce(libc, afterlife.status);
    life = null;
    ({ config, crits } = loadAgain(setting, lastGood));
  }
}

/** What was found good when the restart was asked for takes the place of a file that has become wrong since. */
function loadAgain(setting: Setting, lastGood: Config): { readonly config: Config; readonly crits: readonly string[] } {
  try {
    return { config: load(setting), crits: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { config: lastGood, crits: [`the configuration as last read is used: ${oneLine(error)}`] };
  }
}

/** Reads the configuration; what depends on the machine is asked anew each time. */
function load({ file, flags, order, users, deathSignaller }: Setting): Config {
  const isPid1 = process.pid === 1;
  const context: LoadContext = {
    environment: process.env,
    cpus: cpuBudget({ readFile: readOrNull, environment: process.env, otherwise: () => cpus().length }),
    hostname: hostname(),
    users,
    // As PID 1 there is nobody to go to the background from.
    flags: isPid1 ? { ...flags.flags, nodaemon: true } : flags.flags,
    parentDeathProblem: () => (isPid1 || deathSignaller() !== null ? null : noDeathSignaller),
    proxyCommand: (proxy) =>
      proxyCommand(proxy, { nodePath: process.execPath, scriptPath: join(order.bundles, 'proxy.cjs') }),
  };
  return loadConfig(file, context);
}

/** The kernel kills what is left in the container of a PID 1 that dies. */
function signallerFor({ supervisord }: Config, { deathSignaller }: Setting): string | null {
  return supervisord.parent_death && process.pid !== 1 ? deathSignaller() : null;
}

const noDeathSignaller = "parent_death needs util-linux's setpriv, and none that knows --pdeathsig is in the PATH";

/** At the start and at each HUP; what is so already stays. */
function takeOnUser(
  { supervisord: { user } }: Config,
  { users, isFlag }: { readonly users: Users; readonly isFlag: boolean },
): { readonly crits: readonly string[]; readonly infos: readonly string[] } {
  if (user === null) return { crits: process.getuid?.() === 0 ? [runningAsRoot] : [], infos: [] };
  const problem = becomeUser(user, users);
  if (problem === null) return { crits: [], infos: [`Set uid to user ${user.uid} succeeded`] };
  const place = isFlag ? { option: '--user' } : { section: 'supervisord', option: 'user' };
  throw new ConfigError(problem, { ...place, value: user.name, accepted: 'a daemon that is started by root' });
}

/**
 * Node's own exit waits for its threads, and one of them may hang in a write that nobody reads (a stdout that is a socket).
 * All that is to be written is written or given up by now. The portable path answers the status to whom does exit.
 */
function endAtOnce(libc: Libc | null, status: number): number {
  libc?.exitAtOnce(status);
  return status;
}

/** Null without native calls and where the environment turns it off. */
function pageTrim(libc: Libc | null, environment: Readonly<Record<string, string>>): PageTrim | null {
  if (libc === null || environment['COREVISOR_PAGE_TRIM'] === 'off') return null;
  return createPageTrim({ libc, clock: systemClock, readFile: readOrNull, executable: process.execPath });
}

type Limits = Exclude<LimitResult, { readonly error: string }>;

function takeOnLimits(
  { supervisord: { minfds, minprocs } }: Config,
  { libc, openFiles }: { readonly libc: Libc | null; readonly openFiles: number | null },
): Limits {
  const limits = raiseLimits({ libc, minfds, minprocs, openFiles });
  if ('error' in limits) throw new ConfigError(limits.error);
  return limits;
}

const runningAsRoot =
  'Supervisor is running as root.  Privileges were not dropped because no user is specified in the config file.  ' +
  'If you intend to run as root, you can set user=root in the config file to avoid this message.';

function leaving(detached: Detachment): () => void {
  return () => detached.up();
}

function usage(name: string): string {
  const head = `supervisord -- run a set of applications as daemons.\n\nUsage: ${name} [options]\n\nOptions:\n`;
  return head + describeFlags(supervisordFlags).trimEnd();
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** For the log, which must not fail for want of descriptors. */
function nameOf(uid: number, users: Users): string | null {
  try {
    return users.findUser(String(uid))?.name ?? null;
  } catch {
    return null;
  }
}

function definedOnly(environment: NodeJS.ProcessEnv): Record<string, string> {
  const set = Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(set);
}

/** A bug before there is a log: status 1, with the stack. */
async function endBadly(error: unknown): Promise<void> {
  await print(2, stackOf(error));
  process.exit(1);
}

/** Says it before the process may end, but does not wait for a reader who does not come: 200 ms, like a last word of the log. */
async function print(fd: 1 | 2, text: string): Promise<void> {
  const sink = new ConsoleSink({ fd, clock: systemClock });
  sink.write(Buffer.from(`${text}\n`));
  await sink.settled();
  sink.close();
}
