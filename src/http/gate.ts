// Who comes in at one server: with a password those who know it, and guessers are slowed; without one, over TCP on
// loopback, no page of another site that has made its name point here.

import type { Clock } from '../base/clock.ts';
import type { ServerConfig } from '../config/servers.ts';
import { answer, type Exchange } from './answers.ts';
import { isProtected, judge } from './auth.ts';
import { dropBody, refuse } from './body.ts';
import type { Client } from './clients.ts';
import { FailedLogins } from './failed-logins.ts';
import { isRebound } from './host-check.ts';
import type { TroubleLog } from './trouble-log.ts';

interface GateParts {
  readonly server: ServerConfig;
  readonly clock: Clock;
  readonly trouble: TroubleLog;
  /** The name of this machine. */
  readonly ownName: string;
}

/** Whose request it is, in words for the log too. */
interface Asking {
  readonly exchange: Exchange;
  readonly client: Client;
  readonly who: () => string;
  /** Called when the request is made to wait. */
  readonly onWait: () => void;
}

const challenge = [
  ['Connection', 'close'],
  ['WWW-Authenticate', 'Basic realm="default"'],
] as const;

export class Gate {
  readonly #parts: GateParts;
  readonly #logins: FailedLogins;
  /** The Host that was last found in order: most clients send the same one each time. */
  #knownHost: string | null = null;

  constructor(parts: GateParts) {
    this.#parts = parts;
    this.#logins = new FailedLogins(parts.clock);
  }

  /** Whether the request may go on; otherwise it has been answered, or its client has left. At once for most. */
  admits(asking: Asking): true | Promise<boolean> {
    const { server } = this.#parts;
    if (isProtected(server)) return this.#knowsPassword(asking);
    return this.#isMeant(asking) || this.#turnAway(asking);
  }

  async #knowsPassword(asking: Asking): Promise<boolean> {
    const { exchange, client, who } = asking;
    const shown = exchange.request.headers.authorization;
    const verdict = judge(shown, this.#parts.server);
    if (verdict === 'malformed') {
      await refuse(exchange, { status: 400, headers: [] });
      return false;
    }
    // A browser first asks without.
    if (shown !== undefined && verdict === 'denied') {
      this.#parts.trouble.note('wrong user name or password', client.kind === 'inet' ? client.address : who());
    }
    if (shown !== undefined && client.kind === 'inet') {
      const waitMs = this.#logins.waitFor(client.address, verdict === 'allowed');
      if (waitMs > 0) {
        asking.onWait();
        await this.#wait(exchange, waitMs);
      }
    }
    if (verdict === 'allowed') return !exchange.response.destroyed;
    if (!exchange.response.destroyed) await refuse(exchange, { status: 401, headers: challenge });
    return false;
  }

  #isMeant({ exchange }: Asking): boolean {
    const { server, ownName } = this.#parts;
    const { host } = exchange.request.headers;
    if (server.kind !== 'inet' || host === undefined || host === this.#knownHost) return true;
    if (isRebound(host, { ...server, ownName })) return false;
    this.#knownHost = host;
    return true;
  }

  async #turnAway({ exchange, client, who }: Asking): Promise<boolean> {
    const { server, trouble } = this.#parts;
    if (server.kind !== 'inet') return true;
    trouble.note(
      'refused a request that a web page of another name has made',
      client.kind === 'inet' ? client.address : who(),
    );
    await dropBody(exchange.request);
    answer(exchange, {
      status: 403,
      type: 'text/plain;charset=utf-8',
      headers: [['Connection', 'close']],
      body: `This server has no password and is meant for ${server.host || 'localhost'}, not for the name under which it was asked. Ask for http://127.0.0.1:${server.port}/, or set username and password in [${server.section}].\n`,
    });
    return false;
  }

  /** Less when the client leaves before. */
  #wait({ response }: Exchange, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#parts.clock.after(ms, resolve);
      response.once('close', () => {
        timer.cancel();
        resolve();
      });
    });
  }
}
