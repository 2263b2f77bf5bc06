// The command table of corevisorctl: one row a command. Help texts, tabs included, are what supervisorctl prints, since
// people and scripts compare them; rows of our own are listed apart. Adding a command means adding a row.
import type { Command, Context } from './context.ts';
import * as configuration from './config-commands.ts';
import * as daemon from './daemon-commands.ts';
import { exits } from './exit-statuses.ts';
import { healthcheck } from './healthcheck.ts';
import { printOverview } from './help.ts';
import * as logs from './log-commands.ts';
import * as processes from './process-commands.ts';
import * as rolling from './rolling-restart.ts';
import { printLines, runCommand } from './run-command.ts';
import { statusJson, why, whyJson } from './why.ts';

const plain = { completes: 'nothing', arguments: 'allowed', upcheck: false, origin: 'supervisor' } as const;
const onProcesses = { ...plain, completes: 'processes', upcheck: true } as const;
const onGroups = { ...plain, completes: 'groups' } as const;
const alone = { ...plain, arguments: 'refused' } as const;

/** Every command, in the order of supervisorctl's help. */
export const ctlCommands: readonly Command[] = [
  {
    ...onGroups,
    name: 'add',
    help: ['add <name> [...]\tActivates any updates in config for process/group'],
    run: configuration.add,
  },
  { ...alone, name: 'avail', help: ['avail\t\t\tDisplay all configured processes'], run: configuration.avail },
  {
    ...onProcesses,
    name: 'clear',
    arguments: { atLeast: 1, error: 'Error: clear requires a process name', exit: exits.generic },
    help: [
      "clear <name>\t\tClear a process' log files.",
      "clear <name> <name>\tClear multiple process' log files",
      "clear all\t\tClear all process' log files",
    ],
    run: processes.clear,
  },
  { ...plain, name: 'exit', help: ['exit\tExit the supervisor shell.'], run: daemon.leave },
  {
    ...onProcesses,
    name: 'fg',
    help: ['fg <process>\tConnect to a process in foreground mode', '\t\tCtrl-C to exit'],
    run: (context, argument) => logs.fg(context, { argument, help: helpOn(context, 'fg') }),
  },
  {
    ...plain,
    name: 'maintail',
    upcheck: true,
    help: [
      'maintail -f \tContinuous tail of supervisor main log file (Ctrl-C to exit)',
      'maintail -100\tlast 100 *bytes* of supervisord main log file',
      'maintail\tlast 1600 *bytes* of supervisor main log file',
      '',
    ],
    run: (context, argument) => logs.maintail(context, { argument, help: helpOn(context, 'maintail') }),
  },
  {
    ...plain,
    name: 'open',
    help: [
      'open <url>\tConnect to a remote supervisord process.',
      '\t\t(for UNIX domain socket, use unix:///socket/path)',
    ],
    run: (context, argument) => daemon.open(context, { url: argument, showStatus: () => run(context, 'status') }),
  },
  {
    ...onProcesses,
    name: 'pid',
    help: [
      'pid\t\t\tGet the PID of supervisord.',
      'pid <name>\t\tGet the PID of a single child process by name.',
      'pid all\t\t\tGet the PID of every child process, one per line.',
    ],
    run: processes.pid,
  },
  { ...plain, name: 'quit', help: ['quit\tExit the supervisor shell.'], run: daemon.leave },
  { ...alone, name: 'reload', help: ['reload \t\tRestart the remote supervisord.'], run: daemon.reload },
  {
    ...onGroups,
    name: 'remove',
    help: ['remove <name> [...]\tRemoves process/group from active config'],
    run: configuration.remove,
  },
  {
    ...alone,
    name: 'reread',
    help: ["reread \t\t\tReload the daemon's configuration files without add/remove"],
    run: configuration.reread,
  },
  {
    ...onProcesses,
    name: 'restart',
    arguments: { atLeast: 1, error: 'Error: restart requires a process name', exit: exits.generic },
    help: [
      'restart <name>\t\tRestart a process',
      'restart <gname>:*\tRestart all processes in a group',
      'restart <name> <name>\tRestart multiple processes or groups',
      'restart all\t\tRestart all processes',
      'Note: restart does not reread config files. For that, see reread and update.',
    ],
    run: processes.restart,
  },
  { ...alone, name: 'shutdown', help: ['shutdown \tShut the remote supervisord down.'], run: daemon.shutdown },
  {
    ...onProcesses,
    name: 'signal',
    arguments: {
      atLeast: 2,
      error: 'Error: signal requires a signal name and a process name',
      exit: exits.generic,
    },
    help: [
      'signal <signal name> <name>\t\tSignal a process',
      'signal <signal name> <gname>:*\t\tSignal all processes in a group',
      'signal <signal name> <name> <name>\tSignal multiple processes or groups',
      'signal <signal name> all\t\tSignal all processes',
    ],
    run: processes.signal,
  },
  {
    ...onProcesses,
    name: 'start',
    arguments: { atLeast: 1, error: 'Error: start requires a process name', exit: exits.usage },
    help: [
      'start <name>\t\tStart a process',
      'start <gname>:*\t\tStart all processes in a group',
      'start <name> <name>\tStart multiple processes or groups',
      'start all\t\tStart all processes',
    ],
    run: processes.start,
  },
  {
    ...onProcesses,
    name: 'status',
    upcheck: exits.statusUnknown,
    help: [
      'status <name>\t\tGet status for a single process',
      'status <gname>:*\tGet status for all processes in a group',
      'status <name> <name>\tGet status for multiple named processes',
      'status\t\t\tGet all process status info',
    ],
    run: processes.status,
    json: statusJson,
  },
  {
    ...onProcesses,
    name: 'stop',
    arguments: { atLeast: 1, error: 'Error: stop requires a process name', exit: exits.generic },
    help: [
      'stop <name>\t\tStop a process',
      'stop <gname>:*\t\tStop all processes in a group',
      'stop <name> <name>\tStop multiple processes or groups',
      'stop all\t\tStop all processes',
    ],
    run: processes.stop,
  },
  {
    ...onProcesses,
    name: 'tail',
    help: [
      'tail [-f] <name> [stdout|stderr] (default stdout)',
      'Ex:',
      'tail -f <name>\t\tContinuous tail of named process stdout',
      '\t\t\tCtrl-C to exit.',
      'tail -100 <name>\tlast 100 *bytes* of process stdout',
      'tail <name> stderr\tlast 1600 *bytes* of process stderr',
    ],
    run: (context, argument) => logs.tail(context, { argument, help: helpOn(context, 'tail') }),
  },
  {
    ...onGroups,
    name: 'update',
    help: [
      'update\t\t\tReload config and add/remove as necessary, and will restart affected programs',
      'update all\t\tReload config and add/remove as necessary, and will restart affected programs',
      'update <gname> [...]\tUpdate specific groups',
    ],
    run: configuration.update,
    json: configuration.updateJson,
  },
  {
    ...alone,
    name: 'version',
    upcheck: true,
    help: ['version\t\t\tShow the version of the remote supervisord process'],
    run: daemon.version,
  },
  {
    ...plain,
    name: 'healthcheck',
    origin: 'ours',
    help: [
      'healthcheck\t\tExit 0 when the daemon is ready (/readyz), else 1',
      'healthcheck --live\tExit 0 when the daemon answers (/livez), else 1',
      'healthcheck <url>\tExit 0 when that URL (http or https) answers with 2xx or 3xx, else 1',
    ],
    run: healthcheck,
  },
  {
    ...onProcesses,
    name: 'rolling-restart',
    origin: 'ours',
    help: [
      'rolling-restart <name> [...]\tRestart processes one after the other, each once the one before is ready',
      'rolling-restart <gname>:*\tThe same for all processes in a group (or of a program)',
      'rolling-restart --max-unavailable <n> <name>\tUp to n at once',
      'rolling-restart --json <name>\tThe same, with one JSON document at the end',
      'The first that does not come back ends it: the others run on, and the exit status is 1.',
    ],
    run: (context, argument) =>
      rolling.rollingRestart(context, { argument, help: findCommand('rolling-restart')?.help ?? [] }),
    json: rolling.rollingRestartJson,
  },
  {
    ...onGroups,
    name: 'scale',
    upcheck: true,
    origin: 'ours',
    help: [
      'scale <name> <n>\tRun n processes of a program, until the file says another number than now',
      'scale <name> auto\tAs many as the container may use CPUs',
      'scale <name> file\tAs many as the file says',
      'scale --json <name> <n>\tThe same, with one JSON document at the end',
    ],
    run: (context, argument) => rolling.scale(context, { argument, help: findCommand('scale')?.help ?? [] }),
    json: rolling.scaleJson,
  },
  {
    ...onProcesses,
    name: 'why',
    upcheck: false,
    origin: 'ours',
    help: [
      'why <name>\t\tSay what a process waits for, or why it last ended',
      'why <gname>:*\t\tThe same for all processes in a group',
      'why\t\t\tThe same for all processes',
      'why --json <name>\tThe same as JSON; status takes --json too',
    ],
    run: why,
    json: whyJson,
  },
  {
    ...plain,
    name: 'help',
    completes: 'actions',
    origin: 'hidden',
    help: ['help\t\tPrint a list of available actions', 'help <action>\tPrint help for <action>'],
    run: help,
  },
  // What the end of the input stands for; supervisorctl has no help on it.
  { ...plain, name: 'EOF', origin: 'hidden', help: [], run: daemon.leave },
];

/** The row of that name. */
export function findCommand(name: string): Command | undefined {
  return ctlCommands.find((command) => command.name === name);
}

async function help(context: Context, argument: string): Promise<number> {
  const lines = findCommand(argument)?.help ?? [];
  if (argument === '') printOverview(context, ctlCommands);
  else printLines(context, lines.length > 0 ? lines : [`*** No help on ${argument}`]);
  return exits.success;
}

function helpOn(context: Context, name: string): () => void {
  return () => printLines(context, findCommand(name)?.help ?? []);
}

function run(context: Context, name: string): Promise<number> {
  const command = findCommand(name);
  return command === undefined ? Promise.resolve(exits.generic) : runCommand(context, { command, argument: '' });
}
