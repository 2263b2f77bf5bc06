// What the page's buttons do, and the sentence that is shown afterwards: supervisord's, word for word (its web.py
// `make_callback`). One is ours: a restart whose start fails says so, where supervisord claims that it was restarted.

import { dateAndTime } from '../base/dates.ts';
import { Fault, type FaultName } from '../base/errors.ts';
import { parseNamespec } from '../base/namespec.ts';
import type { Caller } from '../rpc/context.ts';
import type { XmlRpcValue } from '../rpc/xmlrpc.ts';
import type { HttpDeps } from './deps.ts';

type Deps = Pick<HttpDeps, 'clock' | 'supervisor' | 'pageRpc'> & { readonly caller: Caller };

/** Calls one of supervisor's methods. */
type Call = (method: string, ...params: readonly XmlRpcValue[]) => Promise<unknown>;

/** Does what was asked and resolves, once it is done, to the sentence; null for an action that does not exist. */
export async function act(
  { action, name }: { readonly action: string; readonly name: string | undefined },
  deps: Deps,
): Promise<string | null> {
  const call: Call = (method, ...params) => deps.pageRpc.call({ method: `supervisor.${method}`, params }, deps.caller);
  const forAll = Object.hasOwn(allActions, action) ? allActions[action] : undefined;
  if (forAll !== undefined) {
    const problem = await faultOf(forAll.run(call));
    return problem === null ? `${forAll.done} at ${dateAndTime(deps.clock.wall())}` : unexpected(problem);
  }
  if (name === undefined) return null;
  if (!exists(name, deps)) return `No such process named ${name}`;
  return Object.hasOwn(processActions, action) ? (processActions[action]?.(name, call) ?? null) : null;
}

const allActions: Readonly<Record<string, { readonly done: string; run(call: Call): Promise<unknown> }>> = {
  refresh: { done: 'Page refreshed', run: () => Promise.resolve() },
  stopall: { done: 'All stopped', run: (call) => call('stopAllProcesses') },
  restartall: {
    done: 'All restarted',
    async run(call) {
      await call('stopAllProcesses');
      await call('startAllProcesses');
    },
  },
};

const processActions: Readonly<Record<string, (name: string, call: Call) => Promise<string>>> = {
  async start(name, call) {
    const problem = await faultOf(call('startProcess', name));
    return problem === null ? `Process ${name} started` : startProblem(name, problem);
  },
  async stop(name, call) {
    const problem = await faultOf(call('stopProcess', name));
    return problem === null ? `Process ${name} stopped` : unexpected(problem);
  },
  async restart(name, call) {
    // One that does not run need not be stopped.
    await faultOf(call('stopProcess', name));
    const problem = await faultOf(call('startProcess', name));
    return problem === null ? `Process ${name} restarted` : startProblem(name, problem);
  },
  async clearlog(name, call) {
    const problem = await faultOf(call('clearProcessLogs', name));
    return problem === null ? `Log for ${name} cleared` : unexpected(problem);
  },
};

function exists(name: string, { supervisor }: Deps): boolean {
  const { group, process } = parseNamespec(name);
  return supervisor.findGroup(group)?.processes.some(({ config }) => config.name === process) ?? false;
}

async function faultOf(call: Promise<unknown>): Promise<Fault | null> {
  try {
    await call;
    return null;
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

const startProblems: Partial<Record<FaultName, string>> = {
  NO_FILE: 'no such file',
  NOT_EXECUTABLE: 'file not executable',
  ALREADY_STARTED: 'already started',
  SPAWN_ERROR: 'spawn error',
  ABNORMAL_TERMINATION: 'abnormal termination',
};

function startProblem(name: string, problem: Fault): string {
  return `ERROR: Process ${name}: ${startProblems[problem.fault] ?? unexpected(problem)}`;
}

function unexpected({ code, message }: Fault): string {
  return `unexpected rpc fault [${code}] ${message}`;
}
