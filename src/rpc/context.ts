// What the RPC methods need of the daemon, declared here because they are the ones who need it. Supervisor, Group and
// ManagedProcess fit these shapes; tests hand in small ones.

import type { CommandLookup } from '../base/child.ts';
import type { Clock } from '../base/clock.ts';
import type { ProcessStateName, SupervisorStateName } from '../base/states.ts';
import type { ConfigDiff } from '../config/diff.ts';
import type { GroupConfig, ProcessConfig } from '../config/programs.ts';
import type { Rolls } from '../supervisor/rolls.ts';
import type { ExplainedProcess } from '../supervisor/why.ts';

/** One process as a client's request meets it. */
export interface RpcProcess extends ExplainedProcess {
  readonly config: ProcessConfig;
  readonly group: string;
  /** Another one whenever something that clients read is another, but for `waitingFor` and what time makes of it. */
  readonly revision: number;
  readonly wireState: ProcessStateName;
  /** 0 when no process lives. */
  readonly pid: number;
  /** Epoch seconds, 0 = never. */
  readonly startedAt: number;
  readonly stoppedAt: number;
  /** What it waits for before it is started; '' when it does not wait. */
  readonly waitingFor: string;
  /** Since the beginning of the second of the last start, whatever was done to the wall clock meanwhile. */
  readonly uptimeMs: number;
  readonly spawnError: string;
  readonly waitNote: string;
  readonly exitStatus: number;
  /** Null where output goes to no file. */
  readonly stdoutLog: string | null;
  readonly stderrLog: string | null;
  findCommand(): CommandLookup;
  start(): void;
  stop(): void;
  signal(signal: number): void;
  writeStdin(bytes: Buffer): void;
  clearLogs(): void;
  changed(): Promise<void>;
}

export interface RpcGroup {
  readonly config: GroupConfig;
  readonly processes: readonly RpcProcess[];
}

export interface RpcSupervisor {
  readonly state: SupervisorStateName;
  /** The configuration that was last loaded. */
  readonly config: {
    readonly groups: readonly GroupConfig[];
    readonly supervisord: { readonly identifier: string };
  };
  /** As given, but each behind those of them that it depends on. */
  dependenciesFirst(processes: readonly RpcProcess[]): readonly RpcProcess[];
  /** By process, those of them that depend on it, also through others. */
  dependentsAmong(processes: readonly RpcProcess[]): ReadonlyMap<RpcProcess, readonly RpcProcess[]>;
  /** In start order. */
  groups(): readonly RpcGroup[];
  findGroup(name: string): RpcGroup | undefined;
  reread(): ConfigDiff;
  addGroup(name: string): void;
  removeGroup(name: string): void;
  shutdown(): void;
  /** False while a shutdown is under way. */
  restart(): boolean;
}

/** The daemon's own log. */
export interface MainLog {
  /** Null when it goes to syslog. */
  readonly path: string | null;
  /** Removes the file and opens it anew; throws Fault NO_FILE or FAILED. */
  clear(): void;
}

/** Who makes a call. */
export interface Caller {
  /** In words for the log; asked for only when there is something to log. */
  who(): string;
  /** Whether nobody is left who could hear the answer. */
  isGone(): boolean;
}

export interface RpcContext {
  readonly supervisor: RpcSupervisor;
  readonly rolls: Pick<Rolls, 'restart' | 'update' | 'scale' | 'scales' | 'progress' | 'news'>;
  readonly clock: Clock;
  readonly logger: { info(text: string): void };
  readonly mainLog: MainLog;
  /** The daemon's pid. */
  readonly pid: number;
  /** A client sent an event for listeners. */
  remoteCommunication(kind: string, data: string): void;
}
