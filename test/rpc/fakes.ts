// A daemon as the RPC methods see it, by their own narrow interface: every part can be replaced.

import { Fault } from '../../src/base/errors.ts';
import type { Caller, RpcContext, RpcGroup, RpcProcess, RpcSupervisor } from '../../src/rpc/context.ts';
import { createRpc } from '../../src/rpc/dispatch.ts';
import { readResult, writeResult, type XmlRpcValue } from '../../src/rpc/xmlrpc.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { groupConfig, processConfig } from '../support/make-process.ts';

/** A process that does nothing. */
export function fakeProcess(change: Partial<RpcProcess> = {}): RpcProcess {
  return {
    config: processConfig('p'),
    group: 'p',
    revision: 0,
    wireState: 'STOPPED',
    pid: 0,
    startedAt: 0,
    stoppedAt: 0,
    waitingFor: '',
    uptimeMs: 0,
    spawnError: '',
    waitNote: '',
    exitStatus: 0,
    isReady: false,
    stoppedByPerson: false,
    restarts: 0,
    tries: 0,
    timeLeftMs: null,
    lastProbe: null,
    stopWish: null,
    watchdogRestarts: { health: 0, memory: 0 },
    history: { ends: [] },
    stdoutLog: null,
    stderrLog: null,
    findCommand: () => ({ file: '/bin/x', argv: [] }),
    start: () => undefined,
    stop: () => undefined,
    signal: () => undefined,
    writeStdin: () => undefined,
    clearLogs: () => undefined,
    changed: () => new Promise(() => undefined),
    ...change,
  };
}

/** A group of one, by the name of its process. */
export function fakeGroup(process: RpcProcess): RpcGroup {
  return { config: groupConfig(process.group, 999, [process.config]), processes: [process] };
}

/** A supervisor of these groups. */
export function fakeSupervisor(groups: readonly RpcGroup[], change: Partial<RpcSupervisor> = {}): RpcSupervisor {
  return {
    state: 'RUNNING',
    config: { groups: groups.map(({ config }) => config), supervisord: { identifier: 'supervisor' } },
    dependenciesFirst: (processes) => processes,
    dependentsAmong: () => new Map(),
    groups: () => groups,
    findGroup: (name) => groups.find(({ config }) => config.name === name),
    reread: () => ({ added: [], changed: [], removed: [] }),
    addGroup: () => undefined,
    removeGroup: () => undefined,
    shutdown: () => undefined,
    restart: () => true,
    ...change,
  };
}

/** Somebody who waits for the answer. */
export const caller: Caller = { who: () => 'somebody', isGone: () => false };

/** Calls methods of a daemon, `supervisor.` understood; a fault is answered as its text, any other error is thrown. */
export function makeCaller(
  change: Partial<RpcContext>,
  options: { readonly interfaces?: readonly string[]; readonly caller?: Caller } = {},
) {
  const rpc = createRpc(
    {
      supervisor: fakeSupervisor([]),
      rolls: {
        restart: () => 1,
        update: () => 1,
        scale: () => 1,
        scales: () => [],
        progress(id) {
          throw new Fault('BAD_NAME', `no roll ${id}`);
        },
        news: () => Promise.resolve(),
      },
      clock: new FakeClock(),
      logger: { info: () => undefined },
      mainLog: { path: null, clear: () => undefined },
      pid: 7,
      remoteCommunication: () => undefined,
      ...change,
    },
    options.interfaces ?? ['supervisor'],
  );
  return async (name: string, ...params: XmlRpcValue[]): Promise<XmlRpcValue> => {
    try {
      const method = name.includes('.') ? name : `supervisor.${name}`;
      // As the caller reads it.
      return readResult(writeResult(await rpc.call({ method, params }, options.caller ?? caller)));
    } catch (error) {
      if (error instanceof Fault) return error.message;
      throw error;
    }
  };
}
