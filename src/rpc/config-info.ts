// getAllConfigInfo: what is configured, by supervisord's field names. Neither environments nor passwords are in it.

import { byCodeUnit } from '../base/ordering.ts';
import type { GroupConfig, ProcessConfig } from '../config/programs.ts';
import type { RpcProcess, RpcSupervisor } from './context.ts';
import type { XmlRpcStruct } from './xmlrpc.ts';

type LogOption = ProcessConfig['options']['stdout_logfile'];

/** One struct per process of the last loaded configuration, sorted by the process's name. */
export function allConfigInfo(supervisor: Pick<RpcSupervisor, 'config' | 'findGroup'>): XmlRpcStruct[] {
  const infos = supervisor.config.groups.flatMap((group) => {
    const running = supervisor.findGroup(group.name);
    return group.processes.map((process) => {
      // The very same object: a configuration that was read anew has no logs of its own yet, and says `auto` again.
      const twin = running?.processes.find(({ config }) => config === process);
      return { name: process.name, info: processConfigInfo(process, { group, inuse: running !== undefined, twin }) };
    });
  });
  return infos.toSorted((a, b) => byCodeUnit(a.name, b.name)).map(({ info }) => info);
}

function processConfigInfo(
  config: ProcessConfig,
  place: { readonly group: GroupConfig; readonly inuse: boolean; readonly twin: RpcProcess | undefined },
): XmlRpcStruct {
  const { options } = config;
  const { group, inuse, twin } = place;
  return {
    autostart: options.autostart,
    directory: options.directory ?? 'none',
    uid: options.user?.uid ?? 'none',
    command: options.command,
    exitcodes: options.exitcodes,
    group: group.name,
    group_prio: group.priority,
    inuse,
    killasgroup: options.killasgroup,
    name: config.name,
    process_prio: options.priority,
    redirect_stderr: options.redirect_stderr,
    startretries: options.startretries,
    startsecs: options.startsecs,
    stdout_capture_maxbytes: options.stdout_capture_maxbytes,
    stdout_events_enabled: options.stdout_events_enabled,
    stdout_logfile: logText(options.stdout_logfile, twin?.stdoutLog),
    stdout_logfile_backups: options.stdout_logfile_backups,
    stdout_logfile_maxbytes: options.stdout_logfile_maxbytes,
    stdout_syslog: options.stdout_syslog,
    stopsignal: options.stopsignal,
    stopwaitsecs: options.stopwaitsecs,
    stderr_capture_maxbytes: options.stderr_capture_maxbytes,
    stderr_events_enabled: options.stderr_events_enabled,
    stderr_logfile: logText(options.stderr_logfile, twin?.stderrLog),
    stderr_logfile_backups: options.stderr_logfile_backups,
    stderr_logfile_maxbytes: options.stderr_logfile_maxbytes,
    stderr_syslog: options.stderr_syslog,
    serverurl: options.serverurl ?? 'none',
  };
}

/** `auto` once it is resolved shows the path. */
function logText(option: LogOption, resolved: string | null | undefined): string {
  switch (option.kind) {
    case 'file':
      return option.path;
    case 'auto':
      return resolved ?? 'auto';
    case 'none':
    case 'syslog':
      return 'none';
  }
}
