// What the machine of one process speaks of: its states, what happens to it, and what is to be done about it. Pure.

import type { ExitStatus } from '../base/child.ts';
import type { ProcessStateName } from '../base/states.ts';
import type { WatchdogReason } from '../events/events.ts';
import type { Past, RestartRules } from './restarts.ts';

/**
 * `tries` counts the failed starts since the last success; it survives a stop in BACKOFF, as under supervisord. `past` is
 * there while a process is kept up by itself: what a person starts or stops has none. BACKOFF with a `note` is the wait of
 * restart_delay, in words, and no failed start. `healthy` is there once a probe of this run has succeeded. STOPPING with a
 * `watchdog` was asked for by nobody else, so it counts like an exit.
 */
export type State =
  | { readonly is: 'STOPPED'; readonly tries: number }
  /** For what it depends on; STARTING to the world. */
  | { readonly is: 'WAITING'; readonly tries: number }
  | ({ readonly is: 'STARTING'; readonly tries: number; readonly pid: number } & UpState)
  | ({ readonly is: 'RUNNING'; readonly pid: number } & UpState)
  | { readonly is: 'BACKOFF'; readonly tries: number; readonly past?: Past; readonly note?: string }
  | {
      readonly is: 'STOPPING';
      readonly pid: number;
      readonly tries: number;
      readonly next: 'stay' | 'start';
      readonly watchdog?: { readonly past?: Past };
    }
  | { readonly is: 'EXITED'; readonly expected: boolean }
  | { readonly is: 'FATAL' }
  | { readonly is: 'UNKNOWN'; readonly pid: number };

/** What a process that is up carries along. */
interface UpState {
  readonly past?: Past;
  readonly healthy?: true;
}

export type Event =
  | { readonly type: 'start' }
  /** A start that must wait for what the process depends on; `text` says so. */
  | { readonly type: 'wait'; readonly text: string }
  /** The wait is over: what it depends on is as it should be, or will never be. */
  | { readonly type: 'proceed' }
  | { readonly type: 'dependency-failed'; readonly error: string }
  | { readonly type: 'stop' }
  | { readonly type: 'restart' }
  /** The daemon shuts down: no retry comes any more. */
  | { readonly type: 'give-up' }
  /** The daemon's patience is over: SIGKILL to what lives, no retry for what does not. */
  | { readonly type: 'kill' }
  | { readonly type: 'spawned'; readonly pid: number }
  | { readonly type: 'spawn-failed'; readonly error: string }
  /** `atMs` is monotonic, and only ever compared with that of other exits. */
  | { readonly type: 'exited'; readonly status: ExitStatus; readonly ranMs: number; readonly atMs: number }
  | { readonly type: 'signal-failed'; readonly error: string }
  /** A probe of the present run has succeeded. */
  | { readonly type: 'healthy' }
  /** The watchdog wants the present run ended and another begun; `text` says why. */
  | { readonly type: 'unhealthy'; readonly reason: WatchdogReason; readonly text: string }
  /** The timer of the present state rang. */
  | { readonly type: 'timer' };

export type Effect =
  /** A change of state, told once to everybody who listens. */
  | { readonly do: 'announce'; readonly change: StateChange }
  | { readonly do: 'spawn' }
  /** It takes part from now on, for another reason than a change of state. */
  | { readonly do: 'ready' }
  /** The watchdog restarts it. */
  | { readonly do: 'give-up-run'; readonly pid: number; readonly reason: WatchdogReason; readonly text: string }
  /** `final` is the SIGKILL after stopwaitsecs. */
  | { readonly do: 'signal'; readonly pid: number; readonly signal: number; readonly final: boolean }
  | { readonly do: 'timer'; readonly ms: number }
  /** What clients read later; null clears. */
  | { readonly do: 'record'; readonly spawnError?: string | null; readonly exitStatus?: number | null }
  | { readonly do: 'log'; readonly level: 'info' | 'warn' | 'crit' | 'debug'; readonly text: string };

/** One change of state with what supervisord's event payload carries. */
export interface StateChange {
  readonly from: ProcessStateName;
  readonly to: ProcessStateName;
  readonly tries: number;
  readonly pid: number;
  readonly expected: boolean;
}

/** What the configuration and the daemon's own state say about this process. Seconds, as in the configuration. */
export interface Policy extends RestartRules {
  readonly name: string;
  readonly startsecs: number;
  readonly startretries: number;
  readonly autorestart: boolean | 'unexpected';
  readonly exitcodes: readonly number[];
  readonly stopsignal: number;
  readonly stopwaitsecs: number;
  readonly health_stopwaitsecs: number;
  /** False while the daemon shuts down or restarts: nothing is started any more. */
  readonly mayStart: boolean;
}

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** One state, or one of several. */
export type In<Name extends State['is']> = Extract<State, { readonly is: Name }>;

/** The state as clients and events name it. */
export function wireName(state: State): ProcessStateName {
  return state.is === 'WAITING' ? 'STARTING' : state.is;
}

/** The pid of a living process, 0 otherwise. */
export function pidOf(state: State): number {
  return 'pid' in state ? state.pid : 0;
}

/** What a process in BACKOFF waits for, in words, where that is no failed start; '' otherwise. */
export function noteOf(state: State): string {
  return state.is === 'BACKOFF' ? (state.note ?? '') : '';
}

/** Failed starts in a row. */
export function triesOf(state: State): number {
  return 'tries' in state ? state.tries : 0;
}
