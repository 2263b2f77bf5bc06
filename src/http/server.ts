// The HTTP servers of [unix_http_server] and [inet_http_server]: their sockets are opened at once, in order, and what is to
// be said about them is said.

import { Turns } from '../base/turns.ts';
import { isLoopback } from '../config/loopback.ts';
import type { ServerConfig } from '../config/servers.ts';
import { ActionToken } from './action-guard.ts';
import { isProtected } from './auth.ts';
import type { HttpDeps } from './deps.ts';
import { LargeAnswers } from './large-answers.ts';
import { listen } from './listen.ts';
import { LoopDelay } from './loop-delay.ts';
import { OneServer, type Shared } from './one-server.ts';

/** All servers of one daemon. */
export interface OpenServers {
  /** Ends listening and removes the sockets; what is being answered gets a second to end. */
  close(): Promise<void>;
}

/** Opens the sockets in order and answers from then on; throws ConfigError with supervisord's text, and then none is open. */
export async function openServers(servers: readonly ServerConfig[], deps: HttpDeps): Promise<OpenServers> {
  const open: OneServer[] = [];
  const shared: Shared = {
    deps,
    token: new ActionToken(),
    turns: new Turns(deps.clock),
    largeAnswers: new LargeAnswers(),
    loopDelay: new LoopDelay(deps.clock),
    requests: { ok: 0, fault: 0 },
  };
  const close = async (): Promise<void> => {
    shared.loopDelay.close();
    await Promise.all(open.map((server) => server.close()));
  };
  try {
    for (const config of servers) {
      open.push(new OneServer(config, { ...shared, listening: await listen(config, deps) }));
      for (const name of deps.rpc.interfaces) deps.logger.info(`RPC interface '${name}' initialized`);
      if (!isProtected(config)) {
        deps.logger.crit(`Server '${config.section}' running without any HTTP authentication checking`);
        if (config.kind === 'inet' && !isLoopback(config.host)) deps.logger.crit(openToAll(config));
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

/** The fix that supervisord's sentence does not name. */
function openToAll({ section, port }: ServerConfig & { readonly kind: 'inet' }): string {
  return (
    `[${section}] whoever reaches port ${port} of this machine can stop and start its programs and read their logs: ` +
    `set username and password, or port=127.0.0.1:${port} ([supervisord] strict=true refuses to start so)`
  );
}
