// The table of the corevisor.* methods: what supervisord does not have. They answer also while the daemon shuts down.

import { corevisorVersion } from '../base/version.ts';
import { processDetails } from '../supervisor/details.ts';
import { nameArgument } from './arguments.ts';
import type { RpcContext, RpcProcess } from './context.ts';
import type { Method } from './methods.ts';
import { findProcess, lexically } from './names.ts';
import { rollMethods } from './roll-methods.ts';
import type { XmlRpcStruct } from './xmlrpc.ts';

/** By the name that follows `corevisor.`. */
export const corevisorMethods: Readonly<Record<string, Method>> = {
  getVersion: {
    params: [],
    returns: { type: 'string', text: 'a version' },
    help: 'The version of Corevisor.',
    always: true,
    run: () => corevisorVersion,
  },
  getProcessDetails: {
    params: [{ type: 'string', name: 'name', text: 'a process, or group:process' }],
    returns: {
      type: 'struct',
      text: 'as getProcessInfo, and ready, essential, restarts, reason, waiting_for, health, watchdog_restarts, ends',
    },
    help: 'How a process is, why, and how it last ended.',
    always: true,
    run: (context, [named]) => detailsOf(findProcess(context.supervisor, nameArgument(named)), context),
  },
  getAllProcessDetails: {
    params: [],
    returns: { type: 'array', text: 'a struct per process, as getProcessDetails answers it' },
    help: 'How all processes are, why, and how they last ended.',
    always: true,
    run: (context) => lexically(context.supervisor.groups()).map((process) => detailsOf(process, context)),
  },
  ...rollMethods,
};

function detailsOf(process: RpcProcess, { clock }: RpcContext): XmlRpcStruct {
  const { ends, health, watchdog_restarts, ...details } = processDetails(process, clock.wall());
  return {
    ...details,
    ...(health !== undefined && { health: { ...health } }),
    watchdog_restarts: { ...watchdog_restarts },
    ends: ends.map((end) => ({ ...end })),
  };
}
