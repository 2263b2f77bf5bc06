// supervisord's contract as a list, independent of what we have: every option, method, fault, event type, command, flag,
// address and signal of supervisord 4.2.5. docs/compatibility.md has a row for each; scenarios name them in `shows`.
import { faults } from '../../src/base/errors.ts';

/** One thing of the contract. */
export interface ContractRow {
  /** What scenarios call it: `program.startsecs`, `supervisor.getState`, `fault BAD_NAME`, `supervisord --umask`. */
  readonly id: string;
  /** Other names for the same thing, such as a flag's short form. */
  readonly aliases?: readonly string[];
}

/** A kind of things, one table of the page. */
export interface ContractPart {
  readonly title: string;
  readonly rows: readonly ContractRow[];
}

const options: Readonly<Record<string, string>> = {
  supervisord: `logfile logfile_maxbytes logfile_backups loglevel pidfile umask nodaemon silent minfds minprocs nocleanup
    childlogdir user directory strip_ansi environment identifier`,
  program: `command process_name numprocs numprocs_start priority autostart startsecs startretries autorestart exitcodes
    stopsignal stopwaitsecs stopasgroup killasgroup user redirect_stderr stdout_logfile stdout_logfile_maxbytes
    stdout_logfile_backups stdout_capture_maxbytes stdout_events_enabled stdout_syslog stderr_logfile
    stderr_logfile_maxbytes stderr_logfile_backups stderr_capture_maxbytes stderr_events_enabled stderr_syslog environment
    directory umask serverurl`,
  group: 'programs priority',
  eventlistener: 'events buffer_size result_handler priority',
  'fcgi-program': 'socket socket_owner socket_mode socket_backlog priority',
  include: 'files',
  unix_http_server: 'file chmod chown username password',
  inet_http_server: 'port username password',
  supervisorctl: 'serverurl username password prompt history_file',
  rpcinterface: 'supervisor.rpcinterface_factory',
  ctlplugin: 'supervisor.ctl_factory',
};

const supervisorMethods = `addProcessGroup clearAllProcessLogs clearLog clearProcessLog clearProcessLogs getAPIVersion
  getAllConfigInfo getAllProcessInfo getIdentification getPID getProcessInfo getState getSupervisorVersion getVersion
  readLog readMainLog readProcessLog readProcessStderrLog readProcessStdoutLog reloadConfig removeProcessGroup restart
  sendProcessStdin sendRemoteCommEvent shutdown signalAllProcesses signalProcess signalProcessGroup startAllProcesses
  startProcess startProcessGroup stopAllProcesses stopProcess stopProcessGroup tailProcessLog tailProcessStderrLog
  tailProcessStdoutLog`;

const events = `EVENT PROCESS_STATE PROCESS_STATE_STARTING PROCESS_STATE_RUNNING PROCESS_STATE_BACKOFF PROCESS_STATE_STOPPING
  PROCESS_STATE_EXITED PROCESS_STATE_STOPPED PROCESS_STATE_FATAL PROCESS_STATE_UNKNOWN PROCESS_COMMUNICATION
  PROCESS_COMMUNICATION_STDOUT PROCESS_COMMUNICATION_STDERR PROCESS_LOG PROCESS_LOG_STDOUT PROCESS_LOG_STDERR
  REMOTE_COMMUNICATION SUPERVISOR_STATE_CHANGE SUPERVISOR_STATE_CHANGE_RUNNING SUPERVISOR_STATE_CHANGE_STOPPING TICK TICK_5
  TICK_60 TICK_3600 PROCESS_GROUP PROCESS_GROUP_ADDED PROCESS_GROUP_REMOVED`;

const commands = `add avail clear exit fg help maintail open pid quit reload remove reread restart shutdown signal start status
  stop tail update version`;

const daemonFlags = `configuration|c nodaemon|n silent|s help|h|? version|v user|u umask|m directory|d logfile|l
  logfile_maxbytes|y logfile_backups|z loglevel|e pidfile|j identifier|i childlogdir|q nocleanup|k minfds|a strip_ansi|t
  minprocs profile_options`;

const ctlFlags = 'configuration|c help|h|? interactive|i serverurl|s username|u password|p history_file|r';

const named = new Set(['program', 'group', 'eventlistener', 'fcgi-program', 'rpcinterface', 'ctlplugin']);

export const contract: readonly ContractPart[] = [
  ...Object.entries(options).map(([section, names]) => ({
    title: `Options of [${section}${named.has(section) ? ':x' : ''}]`,
    rows: words(names).map((name) => ({ id: `${section}.${name}` })),
  })),
  {
    title: 'Methods',
    rows: [
      ...words(supervisorMethods).map((name) => ({ id: `supervisor.${name}` })),
      ...words('listMethods methodHelp methodSignature multicall').map((name) => ({ id: `system.${name}` })),
    ],
  },
  { title: 'Faults', rows: Object.keys(faults).map((name) => ({ id: `fault ${name}` })) },
  { title: 'Event types', rows: words(events).map((name) => ({ id: `event ${name}` })) },
  { title: 'Commands of supervisorctl', rows: words(commands).map((name) => ({ id: `supervisorctl ${name}` })) },
  { title: 'Flags of supervisord', rows: words(daemonFlags).map((names) => flag('supervisord', names)) },
  { title: 'Flags of supervisorctl', rows: words(ctlFlags).map((names) => flag('supervisorctl', names)) },
  {
    title: 'Addresses',
    rows: words('/ /index.html /tail.html /ok.html /stylesheets/ /images/ /logtail/ /mainlogtail /RPC2').map((id) => ({
      id,
    })),
  },
  {
    title: 'Signals to the daemon',
    rows: words('TERM INT QUIT HUP USR2 CHLD').map((name) => ({ id: `signal ${name}` })),
  },
  { title: 'Other executables', rows: words('echo_supervisord_conf pidproxy').map((id) => ({ id })) },
];

/** By every name of it. */
export const contractRows: ReadonlyMap<string, ContractRow> = new Map(
  contract
    .flatMap(({ rows }) => rows)
    .flatMap((row) => [row.id, ...(row.aliases ?? [])].map((name): [string, ContractRow] => [name, row])),
);

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function flag(program: string, names: string): ContractRow {
  const [long = '', ...short] = names.split('|');
  return { id: `${program} --${long}`, aliases: short.map((letter) => `${program} -${letter}`) };
}
