// The table of the supervisor.* methods: what they take, what they answer, what they are for. Names, types, faults and
// the order of checks are supervisord's (its rpcinterface.py; docs/compatibility.md). dispatch.ts calls them.

import { ConfigError, Fault, oneLine } from '../base/errors.ts';
import { signalNumber } from '../base/signal-names.ts';
import { isRunning, isSignallable, supervisorStates } from '../base/states.ts';
import { apiVersion, supervisorVersion } from '../base/version.ts';
import { readLog, tailLog } from '../logs/read-log.ts';
import { byPriority } from '../supervisor/order.ts';
import { integerArgument, nameArgument, truthArgument, writtenArgument } from './arguments.ts';
import { allConfigInfo } from './config-info.ts';
import type { Caller, RpcContext, RpcProcess } from './context.ts';
import { findGroup, findNamed, findProcess } from './names.ts';
import {
  clearLogs,
  forEachProcess,
  rememberStop,
  signalProcess,
  startProcess,
  stopAfter,
  stopProcess,
  writeToStdin,
} from './process-actions.ts';
import type { WrittenInfos } from './written-infos.ts';
import type { XmlRpcAnswer, XmlRpcStruct, XmlRpcValue } from './xmlrpc.ts';

type WireType = 'array' | 'boolean' | 'int' | 'string' | 'struct';

/** A parameter: its wire type, its name and what it means; `optional` ones may be left out. */
export interface Parameter {
  readonly type: WireType;
  readonly name: string;
  readonly text: string;
  readonly optional?: true;
}

type Params = readonly XmlRpcValue[];
type Answer = XmlRpcAnswer | Promise<XmlRpcAnswer>;

/** What the methods work with. */
export interface MethodContext extends RpcContext {
  readonly infos: WrittenInfos;
}

/** One method: what it takes, what it answers, and how. */
export interface Method {
  readonly params: readonly Parameter[];
  readonly returns: { readonly type: WireType; readonly text: string };
  readonly help: string;
  /** Also while the daemon shuts down or restarts. */
  readonly always?: true;
  /** Holds the loop up for as long as a log is: others get their turn before it. */
  readonly long?: true;
  /** Changes something: the log says who asked for it. */
  readonly command?: Command;
  run(context: MethodContext, params: Params, caller: Caller): Answer;
}

/** How a command stands in the log. */
export interface Command {
  /** How many of the arguments, from the first, are shown; never one that may hold a secret. */
  readonly shown: number;
  /** It is said afterwards, so that it can still be read. */
  readonly emptiesLog?: true;
}

const byItself: Command = { shown: 0 };
const byTarget: Command = { shown: 1 };
const byTargetAndSignal: Command = { shown: 2 };

const processName: Parameter = { type: 'string', name: 'name', text: 'a process, or group:process' };
const nameOrGroup: Parameter = {
  type: 'string',
  name: 'name',
  text: 'a process, group:process, or group:* for all of it',
};
const groupName: Parameter = { type: 'string', name: 'name', text: 'a group' };
const waitForStart: Parameter = {
  type: 'boolean',
  name: 'wait',
  text: 'answer only when up; true if left out',
  optional: true,
};
const waitForStop: Parameter = {
  type: 'boolean',
  name: 'wait',
  text: 'answer only when gone; true if left out',
  optional: true,
};
const signal: Parameter = { type: 'string', name: 'signal', text: 'a signal by name (HUP) or number (1)' };
const offset: Parameter = {
  type: 'int',
  name: 'offset',
  text: 'where to begin; negative: that many bytes from the end',
};
const length: Parameter = { type: 'int', name: 'length', text: 'how many bytes; 0: to the end' };
const tailOffset: Parameter = { type: 'int', name: 'offset', text: 'where the last call ended' };
const tailLength: Parameter = { type: 'int', name: 'length', text: 'how many bytes at most' };

const done = { type: 'boolean', text: 'always true, unless it is a fault' } as const;
const statuses = { type: 'array', text: 'a status struct per process: name, group, status, description' } as const;
const version = { type: 'string', text: '3.0' } as const;
const logBytes = { type: 'string', text: 'what was read' } as const;
const tailed = { type: 'array', text: '[bytes, where the log ends now, whether bytes were skipped]' } as const;

const getApiVersion: Method = {
  params: [],
  returns: version,
  help: 'The version of these methods.',
  run: () => apiVersion,
};

const readMainLog: Method = {
  params: [offset, length],
  returns: logBytes,
  help: "Reads the daemon's own log.",
  long: true,
  run({ mainLog }, params) {
    // supervisord takes the name for a path.
    if (mainLog.path === null) throw new Fault('NO_FILE', 'syslog');
    return readText(mainLog.path, params);
  },
};

const readStdout: Method = {
  params: [processName, offset, length],
  returns: logBytes,
  help: "Reads a process's stdout log.",
  long: true,
  run: ({ supervisor }, [named, ...range]) => readText(findProcess(supervisor, nameArgument(named)).stdoutLog, range),
};

const readStderr: Method = {
  params: [processName, offset, length],
  returns: logBytes,
  help: "Reads a process's stderr log.",
  long: true,
  run: ({ supervisor }, [named, ...range]) => readText(findProcess(supervisor, nameArgument(named)).stderrLog, range),
};

const tailStdout: Method = {
  params: [processName, tailOffset, tailLength],
  returns: tailed,
  help: "Follows a process's stdout log: what came since an offset, or the last bytes when too much came.",
  long: true,
  run: ({ supervisor }, [named, ...range]) => tailText(findProcess(supervisor, nameArgument(named)).stdoutLog, range),
};

const tailStderr: Method = {
  params: [processName, tailOffset, tailLength],
  returns: tailed,
  help: "Follows a process's stderr log: what came since an offset, or the last bytes when too much came.",
  long: true,
  run: ({ supervisor }, [named, ...range]) => tailText(findProcess(supervisor, nameArgument(named)).stderrLog, range),
};

const clearProcess: Method = {
  params: [processName],
  returns: done,
  help: "Empties a process's stdout and stderr logs.",
  command: byTarget,
  run({ supervisor }, [named]) {
    const asked = nameArgument(named);
    clearLogs(findProcess(supervisor, asked), asked);
    return true;
  },
};

/** By the name that follows `supervisor.`; older names stand beside the newer ones. */
export const supervisorMethods: Readonly<Record<string, Method>> = {
  getAPIVersion: getApiVersion,
  getVersion: getApiVersion,
  getSupervisorVersion: {
    params: [],
    returns: { type: 'string', text: 'a version' },
    help: 'The version of supervisord whose behaviour is kept.',
    run: () => supervisorVersion,
  },
  getIdentification: {
    params: [],
    returns: { type: 'string', text: 'the identifier' },
    help: 'The name that the configuration gives this daemon.',
    run: ({ supervisor }) => supervisor.config.supervisord.identifier,
  },
  getState: {
    params: [],
    returns: { type: 'struct', text: 'statecode and statename' },
    help: 'What the daemon as a whole is doing.',
    run: ({ supervisor }) => ({ statecode: supervisorStates[supervisor.state], statename: supervisor.state }),
  },
  getPID: {
    params: [],
    returns: { type: 'int', text: 'a pid' },
    help: 'The process id of the daemon.',
    run: ({ pid }) => pid,
  },
  readLog: readMainLog,
  readMainLog,
  clearLog: {
    params: [],
    returns: done,
    help: "Empties the daemon's own log.",
    command: { shown: 0, emptiesLog: true },
    run({ mainLog }) {
      mainLog.clear();
      return true;
    },
  },
  shutdown: {
    params: [],
    returns: done,
    help: 'Stops everything and ends the daemon.',
    command: byItself,
    run({ supervisor }) {
      supervisor.shutdown();
      return true;
    },
  },
  restart: {
    params: [],
    returns: done,
    help: 'Stops everything and begins anew with a fresh configuration.',
    command: byItself,
    run: ({ supervisor }) =>
      rereading(() => {
        if (!supervisor.restart()) throw new Fault('SHUTDOWN_STATE');
        return true;
      }),
  },
  reloadConfig: {
    params: [],
    returns: { type: 'array', text: '[[added, changed, removed]], names of groups' },
    help: 'Reads the configuration anew and says which groups differ; what runs is not touched.',
    command: byItself,
    run: ({ supervisor }) => reloadConfig(supervisor),
  },
  addProcessGroup: {
    params: [groupName],
    returns: done,
    help: 'Takes a group of the configuration that was read last into service.',
    command: byTarget,
    run({ supervisor }, [named]) {
      supervisor.addGroup(nameArgument(named));
      return true;
    },
  },
  removeProcessGroup: {
    params: [groupName],
    returns: done,
    help: 'Forgets a group whose processes are all stopped.',
    command: byTarget,
    run({ supervisor }, [named]) {
      supervisor.removeGroup(nameArgument(named));
      return true;
    },
  },
  startProcess: {
    params: [nameOrGroup, waitForStart],
    returns: done,
    help: 'Starts a process.',
    command: byTarget,
    run: async (context, [named, wait]) => {
      const asked = nameArgument(named);
      const { group, process } = findNamed(context.supervisor, asked);
      if (process === null) return startAll(context, { processes: byPriority(group.processes), wait });
      await startProcess(process, { name: asked, wait: truthArgument(wait, true) });
      return true;
    },
  },
  startProcessGroup: {
    params: [groupName, waitForStart],
    returns: statuses,
    help: 'Starts the processes of a group that do not run.',
    command: byTarget,
    run: (context, [named, wait]) =>
      startAll(context, { processes: byPriority(groupOf(context.supervisor, named).processes), wait }),
  },
  startAllProcesses: {
    params: [waitForStart],
    returns: statuses,
    help: 'Starts all processes that do not run.',
    command: byItself,
    run: (context, [wait]) => startAll(context, { processes: allProcesses(context.supervisor), wait }),
  },
  stopProcess: {
    params: [nameOrGroup, waitForStop],
    returns: done,
    help: 'Stops a process.',
    command: byTarget,
    run: async (context, [named, wait]) => {
      const asked = nameArgument(named);
      const { group, process } = findNamed(context.supervisor, asked);
      if (process === null) return stopAll(context, { processes: byPriority(group.processes), wait });
      await stopProcess(process, { name: asked, wait: truthArgument(wait, true), context });
      return true;
    },
  },
  stopProcessGroup: {
    params: [groupName, waitForStop],
    returns: statuses,
    help: 'Stops the processes of a group that run.',
    command: byTarget,
    run: (context, [named, wait]) =>
      stopAll(context, { processes: byPriority(groupOf(context.supervisor, named).processes), wait }),
  },
  stopAllProcesses: {
    params: [waitForStop],
    returns: statuses,
    help: 'Stops all processes that run.',
    command: byItself,
    run: (context, [wait]) => stopAll(context, { processes: allProcesses(context.supervisor), wait }),
  },
  signalProcess: {
    params: [nameOrGroup, signal],
    returns: done,
    help: 'Sends a signal to a process.',
    command: byTargetAndSignal,
    run({ supervisor, clock }, [named, sent]) {
      const asked = nameArgument(named);
      const { group, process } = findNamed(supervisor, asked);
      if (process === null) return signalAll(byPriority(group.processes), { sent, clock });
      signalProcess(process, { name: asked, signal: signalArgument(sent) });
      return true;
    },
  },
  signalProcessGroup: {
    params: [groupName, signal],
    returns: statuses,
    help: 'Sends a signal to the processes of a group that run.',
    command: byTargetAndSignal,
    run: ({ supervisor, clock }, [named, sent]) =>
      signalAll(byPriority(groupOf(supervisor, named).processes), { sent, clock }),
  },
  signalAllProcesses: {
    params: [signal],
    returns: statuses,
    help: 'Sends a signal to all processes that run.',
    command: { shown: 1 },
    run: ({ supervisor, clock }, [sent]) => signalAll(allProcesses(supervisor), { sent, clock }),
  },
  getAllConfigInfo: {
    params: [],
    returns: { type: 'array', text: 'a struct per process' },
    help: 'What is configured, for each process.',
    run: ({ supervisor }) => allConfigInfo(supervisor),
  },
  getProcessInfo: {
    params: [processName],
    returns: { type: 'struct', text: 'state, pid, times, logs and a description' },
    help: 'How a process is.',
    run: ({ supervisor, infos }, [named]) => infos.one(findProcess(supervisor, nameArgument(named))),
  },
  getAllProcessInfo: {
    params: [],
    returns: { type: 'array', text: 'a struct per process, as getProcessInfo answers it' },
    help: 'How all processes are.',
    run: ({ supervisor, infos }) => infos.all(supervisor.groups()),
  },
  readProcessStdoutLog: readStdout,
  readProcessLog: readStdout,
  readProcessStderrLog: readStderr,
  tailProcessStdoutLog: tailStdout,
  tailProcessLog: tailStdout,
  tailProcessStderrLog: tailStderr,
  clearProcessLogs: clearProcess,
  clearProcessLog: clearProcess,
  clearAllProcessLogs: {
    params: [],
    returns: statuses,
    help: 'Empties the logs of all processes.',
    command: byItself,
    run: ({ supervisor, clock }) => forEachProcess(allProcesses(supervisor), { action: clearLogs, clock }),
  },
  sendProcessStdin: {
    params: [processName, { type: 'string', name: 'chars', text: 'what to write, sent as UTF-8' }],
    returns: done,
    help: "Writes to a process's stdin.",
    command: byTarget,
    run({ supervisor }, [named, chars]) {
      if (typeof chars !== 'string') throw new Fault('INCORRECT_PARAMETERS', writtenArgument(chars));
      const asked = nameArgument(named);
      writeToStdin(findProcess(supervisor, asked), { name: asked, text: chars });
      return true;
    },
  },
  sendRemoteCommEvent: {
    params: [
      { type: 'string', name: 'type', text: 'the kind of event, which listeners read in its header' },
      { type: 'string', name: 'data', text: 'what listeners get as the body' },
    ],
    returns: done,
    help: 'Sends an event to the listeners that subscribed to REMOTE_COMMUNICATION.',
    always: true,
    command: byItself,
    run(context, [kind, data]) {
      context.remoteCommunication(writtenArgument(kind), writtenArgument(data));
      return true;
    },
  },
};

type SupervisorPart = RpcContext['supervisor'];

function groupOf(supervisor: SupervisorPart, named: XmlRpcValue | undefined): ReturnType<typeof findGroup> {
  const group = nameArgument(named);
  return findGroup(supervisor, { group, asked: group });
}

/** In the order of start, which is that of stop too: groups by priority, then members by theirs. */
function allProcesses(supervisor: SupervisorPart): RpcProcess[] {
  return supervisor.groups().flatMap((group) => byPriority(group.processes));
}

interface ManyProcesses {
  readonly processes: readonly RpcProcess[];
  readonly wait: XmlRpcValue | undefined;
}

function startAll({ supervisor, clock }: RpcContext, { processes, wait }: ManyProcesses): Promise<XmlRpcStruct[]> {
  const waits = truthArgument(wait, true);
  const idle = supervisor.dependenciesFirst(processes).filter((process) => !isRunning(process.wireState));
  // Meanwhile somebody else may have started it.
  const action = (process: RpcProcess, name: string): void | Promise<void> =>
    isRunning(process.wireState) ? undefined : startProcess(process, { name, wait: waits });
  return forEachProcess(idle, { action, clock });
}

function stopAll(context: RpcContext, { processes, wait }: ManyProcesses): Promise<XmlRpcStruct[]> {
  const waits = truthArgument(wait, true);
  processes.forEach(rememberStop);
  const running = processes.filter((process) => isRunning(process.wireState));
  const dependents = context.supervisor.dependentsAmong(processes);
  // Meanwhile it may have ended by itself, or be on its way down to be started again.
  const action = (process: RpcProcess, name: string): void | Promise<void> =>
    isRunning(process.wireState)
      ? stopAfter(dependents.get(process) ?? [], { process, name, wait: waits, context })
      : rememberStop(process);
  return forEachProcess(running, { action, clock: context.clock });
}

function signalAll(
  processes: readonly RpcProcess[],
  { sent, clock }: { readonly sent: XmlRpcValue | undefined; readonly clock: RpcContext['clock'] },
): Promise<XmlRpcStruct[]> {
  const reachable = processes.filter((process) => isSignallable(process.wireState));
  const action = (process: RpcProcess, name: string): void =>
    signalProcess(process, { name, signal: signalArgument(sent) });
  return forEachProcess(reachable, { action, clock });
}

function signalArgument(value: XmlRpcValue | undefined): number {
  const written = typeof value === 'boolean' ? Number(value) : typeof value === 'number' ? Math.trunc(value) : value;
  const number = typeof written === 'string' || typeof written === 'number' ? signalNumber(String(written)) : null;
  if (number === null) throw new Fault('BAD_SIGNAL', writtenArgument(value));
  return number;
}

function reloadConfig(supervisor: SupervisorPart): XmlRpcValue {
  const { added, changed, removed } = rereading(() => supervisor.reread());
  return [[added.map(nameOfGroup), changed.map(({ group }) => group.name), removed.map(nameOfGroup)]];
}

/** A file that is wrong is the fault CANT_REREAD, and nothing has changed. */
export function rereading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // supervisord's text first, as everywhere; behind it, where the mistake is and what is accepted.
    throw new Fault('CANT_REREAD', oneLine(error));
  }
}

function nameOfGroup(group: { readonly name: string }): string {
  return group.name;
}

function readText(path: string | null, [from, count]: Params): string {
  if (path === null) throw new Fault('NO_FILE');
  return textOf(readLog(path, { offset: integerArgument(from), length: integerArgument(count) }));
}

function tailText(path: string | null, [from, count]: Params): XmlRpcValue {
  if (path === null) return ['', 0, false];
  const tail = tailLog(path, { offset: integerArgument(from), length: integerArgument(count) });
  return [textOf(tail.data), tail.offset, tail.overflow];
}

/** A log that is not UTF-8, or is cut within a character, is HTTP 500 as under supervisord: the error is no Fault. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}
