// THE list of options: one table per kind of section, one row per option, in the order in which supervisord reads them
// (so the first error is the same). Types, docs/options.md, warnings about unknown options and the reasons of a change
// are read from here. Names and defaults of supervisord's own options are supervisord's (docs/compatibility.md). Pure.

import { dependencies } from './depends-on.ts';
import { healthCheck } from './health.ts';
import { option, type OptionTable, type Values } from './option.ts';
import * as value from './values.ts';

export type { LogTarget } from './values.ts';

export const supervisordOptions = {
  minfds: option(value.integer, {
    default: '1024',
    change: 'reload',
    doc: 'Open files that the daemon must be allowed; it raises its limit to this before it starts anything.',
  }),
  minprocs: option(value.integer, {
    default: '200',
    change: 'reload',
    doc: 'Processes that the user of the daemon must be allowed; the limit is raised to this.',
  }),
  directory: option(value.existingDirectory, {
    default: null,
    change: 'reload',
    doc: 'Where the daemon goes when it puts itself in the background; without effect with nodaemon.',
  }),
  user: option(value.text, {
    default: null,
    change: 'reload',
    doc: 'The user that the daemon becomes before it opens its log, by name or number; needs root.',
  }),
  umask: option(value.octal, {
    default: '022',
    change: 'reload',
    doc: 'File mode mask of the daemon in the background; without effect with nodaemon.',
  }),
  logfile: option(value.existingDirpath, {
    default: 'supervisord.log',
    change: 'reload',
    doc: "The daemon's own log, or `syslog`. A relative path counts from the current directory.",
  }),
  logfile_maxbytes: option(value.byteSize, {
    default: '50MB',
    change: 'reload',
    doc: 'Size at which the log is rotated; 0 never rotates.',
  }),
  logfile_backups: option(value.integer, { default: '10', change: 'reload', doc: 'Rotated logs to keep.' }),
  loglevel: option(value.logLevel, {
    default: 'info',
    change: 'reload',
    doc: "The least level that is logged; from debug on the programs' output is copied to the log.",
  }),
  pidfile: option(value.existingDirpath, {
    default: 'supervisord.pid',
    change: 'reload',
    doc: 'Where the daemon writes its pid. A relative path counts from the current directory.',
  }),
  identifier: option(value.text, {
    default: 'supervisor',
    change: 'reload',
    doc: 'What the daemon calls itself to clients and in the names of AUTO logs.',
  }),
  nodaemon: option(value.boolean, {
    default: 'false',
    change: 'reload',
    doc: 'Stay in the foreground and log to stdout as well.',
  }),
  silent: option(value.boolean, {
    default: 'false',
    change: 'reload',
    doc: 'With nodaemon: do not log to stdout.',
  }),
  childlogdir: option(value.existingDirectory, {
    default: null,
    change: 'reload',
    doc: 'Where AUTO logs are made; $TMPDIR or /tmp when not set.',
  }),
  nocleanup: option(value.boolean, {
    default: 'false',
    change: 'reload',
    doc: 'Keep the AUTO logs of earlier runs at start.',
  }),
  strip_ansi: option(value.boolean, {
    default: 'false',
    change: 'reload',
    doc: "Take terminal escape sequences out of the programs' logs.",
  }),
  environment: option(value.environment, {
    default: '',
    change: 'restart',
    expansion: 'twice',
    doc: "KEY=value pairs for every program, under each program's own.",
  }),
  parent_death: option(value.boolean, {
    default: 'false',
    change: 'reload',
    since: 'corevisor',
    doc: "Processes die with a daemon that is killed; needs util-linux's setpriv. Without effect, because not needed, in PID 1.",
  }),
  predrain: option(value.seconds, {
    default: '0',
    change: 'reload',
    since: 'corevisor',
    doc: 'How long everything serves on after a request to end, with /readyz at 503, before the ordered stop begins.',
  }),
  shutdown_timeout: option(value.seconds, {
    default: null,
    change: 'reload',
    since: 'corevisor',
    doc: 'Seconds that the ordered stop of everything may take; what still lives then gets SIGKILL. Without it each program has its stopwaitsecs, one group after the other.',
  }),
  strict: option(value.boolean, {
    default: 'false',
    change: 'reload',
    since: 'corevisor',
    doc: 'Refuse what is otherwise warned about: unknown sections and options, TCP without a password off loopback, a regular log file that is never rotated, two processes on one port.',
  }),
} as const satisfies OptionTable;

/** Options of a program that are the same for all of its processes. */
export const programSectionOptions = {
  priority: option(value.integer, {
    default: '999',
    change: 'restart',
    doc: 'Lower starts earlier and stops later.',
  }),
  autostart: option(value.boolean, {
    default: 'true',
    change: 'restart',
    doc: 'Start with the daemon, and when the group is added.',
  }),
  autorestart: option(value.autoRestart, {
    default: 'unexpected',
    change: 'restart',
    doc: 'Start again after an exit: always (true), never (false), or unless the exit code is one of exitcodes.',
  }),
  essential: option(value.boolean, {
    default: 'false',
    change: 'restart',
    since: 'corevisor',
    doc: 'When one of its processes ends for good (FATAL, or EXITED and not started again) the daemon stops everything and ends with its exit code.',
  }),
  startsecs: option(value.integer, {
    default: '1',
    change: 'restart',
    doc: 'Seconds to stay up before it counts as started; 0 counts at once.',
  }),
  startretries: option(value.integer, {
    default: '3',
    change: 'restart',
    doc: 'Further attempts when a start fails, each one second later than the last, before it is given up as FATAL.',
  }),
  restart_delay: option(value.seconds, {
    default: '0',
    change: 'restart',
    since: 'corevisor',
    doc: 'Seconds between an exit and the next start, doubled at each further exit until a run lasts for twice the last delay (at least 10 s). The wait is shown as BACKOFF; failed starts keep to startretries.',
  }),
  restart_delay_max: option(value.seconds, {
    default: '30',
    change: 'restart',
    since: 'corevisor',
    doc: 'The longest delay that restart_delay grows to.',
  }),
  restart_limit: option(value.restartLimit, {
    default: null,
    change: 'restart',
    since: 'corevisor',
    doc: 'How often it may end by itself, such as 10/60: more exits than that within that many seconds, those before startsecs among them, and it is given up as FATAL. A start by hand counts from the beginning.',
  }),
  health_interval: option(value.positiveSeconds, {
    default: '10',
    change: 'restart',
    since: 'corevisor',
    doc: 'Seconds from the start of one probe to the start of the next; until the first success one a second.',
  }),
  health_timeout: option(value.positiveSeconds, {
    default: '2',
    change: 'restart',
    since: 'corevisor',
    doc: 'Seconds that a probe may take, at most health_interval.',
  }),
  health_retries: option(value.positiveInteger, {
    default: '3',
    change: 'restart',
    since: 'corevisor',
    doc: 'Probes that must fail one after the other before it is restarted.',
  }),
  health_start_period: option(value.seconds, {
    default: '0',
    change: 'restart',
    since: 'corevisor',
    doc: 'Seconds from the start in which probes that fail do not count, unless one has succeeded.',
  }),
  health_stopwaitsecs: option(value.seconds, {
    default: '1',
    change: 'restart',
    since: 'corevisor',
    doc: 'Seconds between stopsignal and SIGKILL for one that is restarted because its probes failed.',
  }),
  memory_limit: option(value.byteLimit, {
    default: null,
    change: 'restart',
    since: 'corevisor',
    doc: 'Resident memory of the process, such as 300MB: above it at two checks in a row, ten seconds apart, it is restarted.',
  }),
  stopsignal: option(value.signal, {
    default: 'TERM',
    change: 'restart',
    doc: 'The signal that asks it to stop.',
  }),
  stopwaitsecs: option(value.integer, {
    default: '10',
    change: 'restart',
    doc: 'Seconds to wait for the end after stopsignal before SIGKILL.',
  }),
  stopasgroup: option(value.boolean, {
    default: 'false',
    change: 'restart',
    doc: 'Send stopsignal to the whole process group; implies killasgroup.',
  }),
  killasgroup: option(value.boolean, {
    default: { sameAs: 'stopasgroup' },
    change: 'restart',
    doc: 'Send SIGKILL to the whole process group.',
  }),
  stopastree: option(value.boolean, {
    default: 'false',
    change: 'restart',
    since: 'corevisor',
    doc: 'Send stopsignal to it and all its descendants, also those that left its process group or whose parent has died; implies killastree.',
  }),
  killastree: option(value.boolean, {
    default: { sameAs: 'stopastree' },
    change: 'restart',
    since: 'corevisor',
    doc: 'Send SIGKILL to it and all its descendants. However it ended: what is left of them is killed before it is started again.',
  }),
  node_preload: option(value.boolean, {
    default: 'false',
    change: 'restart',
    since: 'corevisor',
    doc: 'For Node programs: adds `corevisor/worker` to NODE_OPTIONS, so that the HTTP servers of a program that knows nothing of it finish what is in flight when it is stopped by TERM (docs/serving.md).',
  }),
  exitcodes: option(value.exitCodes, {
    default: '0',
    change: 'restart',
    doc: 'Exit codes that are expected.',
  }),
  redirect_stderr: option(value.boolean, {
    default: 'false',
    change: 'restart',
    doc: 'Join stderr to stdout; stderr_logfile is then ignored.',
  }),
  numprocs: option(value.processCount, {
    default: '1',
    change: 'processes',
    doc: 'How many processes to run; `auto` is one for each CPU that the container may use. More than one, or auto, needs %(process_num) in process_name.',
  }),
  numprocs_start: option(value.integer, {
    default: '0',
    change: 'processes',
    doc: 'The first process_num.',
  }),
  numprocs_max: option(value.positiveInteger, {
    default: null,
    change: 'processes',
    since: 'corevisor',
    doc: 'The most processes that numprocs=auto makes.',
  }),
  stdout_capture_maxbytes: option(value.byteSize, {
    default: '0',
    change: 'restart',
    doc: 'Bytes kept between the capture tokens on stdout for PROCESS_COMMUNICATION events; 0 looks for no tokens.',
  }),
  stdout_events_enabled: option(value.boolean, {
    default: 'false',
    change: 'restart',
    doc: 'Emit PROCESS_LOG events for stdout.',
  }),
  stderr_capture_maxbytes: option(value.byteSize, {
    default: '0',
    change: 'restart',
    doc: 'Bytes kept between the capture tokens on stderr for PROCESS_COMMUNICATION events; 0 looks for no tokens.',
  }),
  stderr_events_enabled: option(value.boolean, {
    default: 'false',
    change: 'restart',
    doc: 'Emit PROCESS_LOG events for stderr.',
  }),
  serverurl: option(value.serverUrl, {
    default: null,
    change: 'restart',
    doc: "SUPERVISOR_SERVER_URL of the process; AUTO, as when not set, is the daemon's own address.",
  }),
  user: option(value.user, {
    default: null,
    change: 'restart',
    doc: "The user to run as, by name or number; needs a daemon that runs as root. HOME and USER stay the daemon's.",
  }),
  umask: option(value.octal, {
    default: null,
    change: 'restart',
    doc: "File mode mask; the daemon's own when not set.",
  }),
} as const satisfies OptionTable;

/** Options of a program that are read for each of its processes: their values may name the process. */
export const programProcessOptions = {
  environment: option(value.environment, {
    default: '',
    change: 'restart',
    expansion: 'bare',
    doc: "KEY=value pairs added to the daemon's environment.",
  }),
  env_file: option(value.envFiles, {
    default: '',
    change: 'restart',
    since: 'corevisor',
    doc: "Files of KEY=value lines, separated by commas and relative to this file, read by the daemon's user at each start (rules of Node's util.parseEnv); a later file wins, and `environment` over all. A file that is missing is a failed start, unless a `-` stands before it. `%(ENV_x)s` does not see them, nor does the search for the command.",
  }),
  directory: option(value.text, {
    default: null,
    change: 'restart',
    doc: "Where to run; the daemon's directory when not set.",
  }),
  stdout_logfile: option(value.logTarget, {
    default: 'AUTO',
    change: 'restart',
    expansion: 'twice',
    doc: 'Where stdout goes: a path, AUTO (a file that goes with the daemon), NONE, or `syslog`, the old way to write stdout_syslog. A percent sign is written %%%%.',
  }),
  stdout_logfile_backups: option(value.integer, { default: '10', change: 'restart', doc: 'Rotated logs to keep.' }),
  stdout_logfile_maxbytes: option(value.byteSize, {
    default: '50MB',
    change: 'restart',
    doc: 'Size at which the log is rotated; 0 never rotates.',
  }),
  stdout_syslog: option(value.boolean, {
    default: 'false',
    change: 'restart',
    doc: "Send the lines of stdout to the system's log too.",
  }),
  stderr_logfile: option(value.logTarget, {
    default: 'AUTO',
    change: 'restart',
    expansion: 'twice',
    doc: 'Where stderr goes: a path, AUTO (a file that goes with the daemon), NONE, or `syslog`, the old way to write stderr_syslog. A percent sign is written %%%%.',
  }),
  stderr_logfile_backups: option(value.integer, { default: '10', change: 'restart', doc: 'Rotated logs to keep.' }),
  stderr_logfile_maxbytes: option(value.byteSize, {
    default: '50MB',
    change: 'restart',
    doc: 'Size at which the log is rotated; 0 never rotates.',
  }),
  stderr_syslog: option(value.boolean, {
    default: 'false',
    change: 'restart',
    doc: "Send the lines of stderr to the system's log too.",
  }),
  command: option(value.text, {
    default: { missing: (section) => `program section ${section} does not specify a command` },
    change: 'restart',
    doc: 'The command line; quotes and backslashes as in a shell, but no shell runs it.',
  }),
  process_name: option(value.text, {
    default: '%(program_name)s',
    change: 'processes',
    expansion: 'bare',
    doc: 'The name of each process, usually with %(process_num)d.',
  }),
  health: option(healthCheck, {
    default: null,
    change: 'restart',
    since: 'corevisor',
    doc: 'How it is seen that it serves: `http://127.0.0.1:%(process_num)d/healthz` (2xx and 3xx), `tcp://host:port` (accepts a connection) or `exec:command` (exits with 0). It is ready once that has succeeded, and restarted when it fails for good.',
  }),
  depends_on: option(dependencies, {
    default: '',
    change: 'restart',
    since: 'corevisor',
    doc: 'What is started first and waited for: `db` or `db:ready` until it is RUNNING or, where it has a `health`, healthy, `db:started` until it was spawned, `job:completed` until it ended with an expected code, `pool:ready>=2` until so many are ready. Stops run the other way round.',
  }),
} as const satisfies OptionTable;

export const programOptions = { ...programSectionOptions, ...programProcessOptions } as const;

const unheard = 'Without effect here: stdout carries the protocol.';

/** Those of a program that mean nothing to an event listener. */
export const protocolOptions = {
  stdout_capture_maxbytes: { ...programSectionOptions.stdout_capture_maxbytes, doc: unheard },
  stdout_events_enabled: { ...programSectionOptions.stdout_events_enabled, doc: unheard },
  stdout_syslog: { ...programProcessOptions.stdout_syslog, doc: unheard },
} as const satisfies OptionTable;

/** Of a pool of event listeners as a whole; each of its processes has a program's options besides. */
export const listenerOptions = {
  priority: option(value.integer, {
    default: '-1',
    change: 'restart',
    doc: 'Lower starts earlier and stops later; below all programs when not set.',
  }),
  buffer_size: option(
    { ...value.integer, accepted: 'a whole number from 1' },
    {
      default: '10',
      change: 'restart',
      doc: 'Events that wait for a listener at most; one more and the oldest is discarded, unless it is of a program that can wait.',
    },
  ),
  result_handler: option(value.text, {
    default: 'supervisor.dispatchers:default_handler',
    change: 'restart',
    doc: 'What a result means; only the default is offered (OK is done, all else is rejected), for others are Python.',
  }),
  events: option(
    { ...value.listOfStrings, accepted: 'types of events, separated by commas' },
    {
      default: { missing: (section) => `[${section}] section requires an "events" line` },
      change: 'restart',
      doc: 'The types of events that its processes are sent, such as PROCESS_STATE, TICK_60; a type brings all below it.',
    },
  ),
  redirect_stderr: option(value.boolean, {
    default: 'false',
    change: 'restart',
    doc: 'Must stay false: stdout carries the protocol.',
  }),
} as const satisfies OptionTable;

/** What an [fcgi-program:x] has besides a program's options. Of a change only that of the address is seen at reread. */
export const fcgiSocketOptions = {
  socket_backlog: option(value.backlog, {
    default: null,
    change: 'reload',
    doc: 'Connections that may wait to be accepted; as many as the system allows when not set.',
  }),
  socket_owner: option(value.fcgiSocketOwner, {
    default: null,
    change: 'reload',
    doc: "Owner of a unix socket, as user or user:group; the program's own user and group when not set.",
  }),
  socket_mode: option(value.fcgiSocketMode, {
    default: null,
    change: 'reload',
    doc: 'Permissions of a unix socket; 0700 when not set.',
  }),
  socket: option(value.fcgiSocket, {
    default: { missing: (section) => `[${section}] section requires a "socket" line` },
    change: 'restart',
    doc: 'The socket that the daemon listens on and that each process finds as its standard input. `%(program_name)s` may stand in it, `%(process_num)d` not.',
  }),
} as const satisfies OptionTable;

export const groupOptions = {
  programs: option(value.listOfStrings, {
    default: '',
    change: 'restart',
    doc: 'The programs whose processes the group has, in the order in which they start.',
  }),
  priority: option(value.integer, {
    default: '999',
    change: 'restart',
    doc: 'Lower starts earlier and stops later.',
  }),
  essential: option(value.boolean, {
    default: 'false',
    change: 'restart',
    since: 'corevisor',
    doc: 'When the last of its processes ends for good the daemon stops everything and ends with its exit code.',
  }),
} as const satisfies OptionTable;

export const includeOptions = {
  files: option(value.text, {
    default: { missing: () => '.ini file has [include] section, but no files setting' },
    change: 'reload',
    doc: 'Patterns of further files, separated by spaces and relative to this file; `*`, `?` and `[…]` match.',
  }),
} as const satisfies OptionTable;

/** Options of both kinds of server. */
export const serverOptions = {
  username: option(value.text, { default: null, change: 'reload', doc: 'User name that clients must give.' }),
  password: option(value.secretText, {
    default: null,
    change: 'reload',
    doc: 'Password that clients must give; `{SHA}` and a SHA-1 in hexadecimal hides it.',
  }),
  get_actions: option(value.boolean, {
    default: 'false',
    change: 'reload',
    since: 'corevisor',
    doc: "Let the web page also act on supervisord's links (`index.html?processname=x&action=stop`) and on scripts that post such a form; otherwise only its own buttons act. A page of another site is refused where the browser tells.",
  }),
} as const satisfies OptionTable;

export const inetServerOptions = {
  ...serverOptions,
  port: option(value.inetAddress, {
    default: { missing: (section) => `section [${section}] has no port value` },
    change: 'reload',
    doc: 'The address to listen on; `*` or nothing before the port is every address.',
  }),
} as const satisfies OptionTable;

export const unixServerOptions = {
  file: option(value.text, {
    default: { missing: (section) => `section [${section}] has no file value` },
    change: 'reload',
    doc: 'Path of the socket.',
  }),
  ...serverOptions,
  chown: option(value.socketOwner, {
    default: null,
    change: 'reload',
    doc: 'Owner of the socket, as user or user:group.',
  }),
  chmod: option(value.socketMode, { default: '0700', change: 'reload', doc: 'Permissions of the socket.' }),
} as const satisfies OptionTable;

export const supervisorctlOptions = {
  serverurl: option(value.text, {
    default: 'http://localhost:9001',
    change: 'ctl',
    doc: 'The daemon to talk to, as http://host:port or unix:///path.',
  }),
  prompt: option(value.text, { default: 'supervisor', change: 'ctl', doc: 'The prompt of the shell.' }),
  username: option(value.text, { default: null, change: 'ctl', doc: 'User name to give.' }),
  password: option(value.secretText, { default: null, change: 'ctl', doc: 'Password to give.' }),
  history_file: option(value.text, {
    default: null,
    change: 'ctl',
    doc: 'Where the shell keeps its history; nowhere when not set.',
  }),
} as const satisfies OptionTable;

export const rpcinterfaceOptions = {
  'supervisor.rpcinterface_factory': option(value.text, {
    default: {
      missing: (section) => `section [${section}] does not specify a supervisor.rpcinterface_factory`,
    },
    change: 'reload',
    doc: 'Must be supervisor.rpcinterface:make_main_rpcinterface; without such a section there are no supervisor.* calls.',
  }),
} as const satisfies OptionTable;

export const upstreamOptions = {
  server: option(value.text, {
    default: { missing: (section) => `[${section}] section requires a "server" line` },
    change: 'reload',
    since: 'corevisor',
    expansion: 'never',
    doc: 'The address of each process, such as 127.0.0.1:%(process_num)d.',
  }),
  file: option(value.text, {
    default: null,
    change: 'reload',
    since: 'corevisor',
    doc: 'The nginx `upstream` block that is kept up to date.',
  }),
  reload: option(value.name, {
    default: null,
    change: 'reload',
    since: 'corevisor',
    doc: 'The program that is sent SIGHUP when the processes in the file change.',
  }),
  test: option(value.text, {
    default: '',
    change: 'reload',
    since: 'corevisor',
    doc: "The command that tests a changed file before `reload` is sent SIGHUP; empty for that program's own command and ` -t`.",
  }),
  drain: option(value.drain, {
    default: 'worker',
    change: 'reload',
    since: 'corevisor',
    doc: 'How a process takes leave in a rolling restart: by itself, or out of the file with a reload before it is stopped.',
  }),
  drain_timeout: option(value.seconds, {
    default: '30',
    change: 'reload',
    since: 'corevisor',
    doc: 'How long a drain is waited for, and how long the embedded proxy holds requests while no process is ready.',
  }),
  min_ready: option(value.positiveInteger, {
    default: '1',
    change: 'reload',
    since: 'corevisor',
    doc: 'How many of the processes must be ready for /readyz to answer 200.',
  }),
} as const satisfies OptionTable;

export const proxyOptions = {
  listen: option(value.inetAddress, {
    default: { missing: (section) => `[${section}] section requires a "listen" line` },
    change: 'restart',
    since: 'corevisor',
    doc: 'The address to accept requests on.',
  }),
  upstream: option(value.name, {
    default: { missing: (section) => `[${section}] section requires an "upstream" line` },
    change: 'restart',
    since: 'corevisor',
    doc: 'The [upstream:x] to pass requests to.',
  }),
} as const satisfies OptionTable;

/** A program's options as one process has them: expanded, with [supervisord] environment under its own. */
export type ProgramOptions = Omit<Values<typeof programOptions>, 'numprocs'> & {
  /** How many processes its program has. */
  readonly numprocs: number;
};

/** One kind of section: how its head is written, and what may stand in it. */
export interface SectionKind {
  /** As it is written, with x for the name. */
  readonly head: string;
  readonly doc: string;
  /** null where keys are free. */
  readonly options: OptionTable | null;
  /** The head of a section whose options it has too. */
  readonly like?: string;
  readonly since: 'supervisor' | 'corevisor';
}

export const sectionKinds: readonly SectionKind[] = [
  {
    head: 'supervisord',
    doc: 'The daemon itself. Required. Flags of the command line win over the file.',
    options: supervisordOptions,
    since: 'supervisor',
  },
  { head: 'program:x', doc: 'A program to keep running.', options: programOptions, since: 'supervisor' },
  {
    head: 'fcgi-program:x',
    doc: 'A program that answers FastCGI requests on a socket of the daemon, which all of its processes share.',
    options: { ...programOptions, ...fcgiSocketOptions },
    like: 'program:x',
    since: 'supervisor',
  },
  {
    head: 'group:x',
    doc: 'Programs that are handled together; each leaves the group of its own.',
    options: groupOptions,
    since: 'supervisor',
  },
  {
    head: 'eventlistener:x',
    doc: 'A pool of processes that are sent events on stdin and answer on stdout.',
    options: { ...programOptions, ...protocolOptions, ...listenerOptions },
    since: 'supervisor',
  },
  { head: 'include', doc: 'Further files to read.', options: includeOptions, since: 'supervisor' },
  {
    head: 'unix_http_server',
    doc: 'A unix socket to listen on; [unix_http_server:x] adds more.',
    options: unixServerOptions,
    since: 'supervisor',
  },
  {
    head: 'inet_http_server',
    doc: 'A TCP port to listen on; [inet_http_server:x] adds more.',
    options: inetServerOptions,
    since: 'supervisor',
  },
  {
    head: 'supervisorctl',
    doc: 'What corevisorctl and supervisorctl use when their command line does not say.',
    options: supervisorctlOptions,
    since: 'supervisor',
  },
  {
    head: 'rpcinterface:x',
    doc: 'The calls that clients may make; supervisord.conf files have it as [rpcinterface:supervisor].',
    options: rpcinterfaceOptions,
    since: 'supervisor',
  },
  {
    head: 'upstream:x',
    doc: 'The processes of program or group x as servers behind a reverse proxy.',
    options: upstreamOptions,
    since: 'corevisor',
  },
  {
    head: 'proxy:x',
    doc: 'The embedded reverse proxy, for when there is no nginx: process x of the group `proxy`.',
    options: proxyOptions,
    since: 'corevisor',
  },
  { head: 'ctlplugin:x', doc: 'Python plugins of supervisorctl; ignored.', options: null, since: 'supervisor' },
];
