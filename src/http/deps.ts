// What the HTTP servers need of the daemon; daemon.ts hands it in.

import type { Clock } from '../base/clock.ts';
import type { MainLog, RpcSupervisor } from '../rpc/context.ts';
import type { Rpc } from '../rpc/dispatch.ts';
import type { PeerLookup } from './clients.ts';
import type { MetricsSource } from './metrics-route.ts';

export interface HttpLogger {
  crit(text: string): void;
  error(text: string): void;
  info(text: string): void;
  warn(text: string): void;
  trace(text: string): void;
  isEnabled(level: 'trace'): boolean;
}

export interface HttpDeps {
  readonly rpc: Rpc;
  /** What the page's buttons call: supervisor.*, whatever [rpcinterface:x] says. */
  readonly pageRpc: Rpc;
  readonly supervisor: Pick<RpcSupervisor, 'config' | 'findGroup' | 'groups' | 'state'>;
  /** What is not ready for traffic, in words; none when all is. */
  readonly unready: () => readonly string[];
  readonly metrics: MetricsSource;
  readonly mainLog: Pick<MainLog, 'path'>;
  readonly logger: HttpLogger;
  readonly clock: Clock;
  /** The folder of the files that the page needs. */
  readonly pageFiles: string;
  /** The name of this machine. */
  readonly ownName: string;
  /** The daemon's pid. */
  readonly pid: number;
  /** Who connected to a unix socket; null on the portable path. */
  readonly peerOf: PeerLookup;
  /** A user's name; null for one that the system does not list. */
  userName(uid: number): string | null;
  /** Takes whole lines for stderr; resolves when they are out, or given up. */
  stderr(text: string): void | Promise<void>;
}
