// The life of one process as a pure function: a state and an event give the next state and what is to be done.
// It reads no clock, spawns nothing and knows no pid but the one it was told. The rules are supervisord's
// (docs/compatibility.md, process states; its process.py); where a second of waiting was only supervisord's poll, we do not wait.
//
// Every state answers every event on purpose. What exists only in a state lives in that state: only a living process
// has a pid, only STOPPING has a `next`. A process has one timer; leaving the state that set it cancels it.

import type { ExitStatus } from '../base/child.ts';
import type { ProcessStateName } from '../base/states.ts';
import { signalName } from '../base/signal-names.ts';
import { countExit, delayRestart, type Past, type RestartRules } from './restarts.ts';

/**
 * `tries` counts the failed starts since the last success; it survives a stop in BACKOFF, as under supervisord. `past` is
 * there while a process is kept up by itself: what a person starts or stops has none. BACKOFF with a `note` is the wait of
 * restart_delay, in words, and no failed start.
 */
export type State =
  | { readonly is: 'STOPPED'; readonly tries: number }
  /** For what it depends on; STARTING to the world. */
  | { readonly is: 'WAITING'; readonly tries: number }
  | { readonly is: 'STARTING'; readonly tries: number; readonly pid: number; readonly past?: Past }
  | { readonly is: 'RUNNING'; readonly pid: number; readonly past?: Past }
  | { readonly is: 'BACKOFF'; readonly tries: number; readonly past?: Past; readonly note?: string }
  | { readonly is: 'STOPPING'; readonly pid: number; readonly tries: number; readonly next: 'stay' | 'start' }
  | { readonly is: 'EXITED'; readonly expected: boolean }
  | { readonly is: 'FATAL' }
  | { readonly is: 'UNKNOWN'; readonly pid: number };

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
  /** The timer of the present state rang. */
  | { readonly type: 'timer' };

export type Effect =
  /** A change of state, told once to everybody who listens. */
  | { readonly do: 'announce'; readonly change: StateChange }
  | { readonly do: 'spawn' }
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
  /** False while the daemon shuts down or restarts: nothing is started any more. */
  readonly mayStart: boolean;
}

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

const sigkill = 9;

/** Answers an event. */
export function step(policy: Policy, state: State, event: Event): Step {
  switch (state.is) {
    case 'STOPPED':
    case 'EXITED':
    case 'FATAL':
      return fromStopped(policy, state, event);
    case 'WAITING':
      return fromWaiting(policy, state, event);
    case 'STARTING':
      return fromStarting(policy, state, event);
    case 'RUNNING':
      return fromRunning(policy, state, event);
    case 'BACKOFF':
      return fromBackoff(policy, state, event);
    case 'STOPPING':
      return fromStopping(policy, state, event);
    case 'UNKNOWN':
      return fromUnknown(state, event);
  }
}

type In<Name extends State['is']> = Extract<State, { readonly is: Name }>;

function fromStopped(policy: Policy, state: In<'STOPPED' | 'EXITED' | 'FATAL'>, event: Event): Step {
  switch (event.type) {
    case 'start':
    case 'restart':
      return policy.mayStart ? start(state, { tries: triesOf(state) }) : stay(state);
    case 'wait': {
      const next: State = { is: 'WAITING', tries: triesOf(state) };
      const text = `${policy.name}: ${event.text}`;
      return policy.mayStart
        ? { state: next, effects: [forget, { do: 'log', level: 'info', text }, change(state, next)] }
        : stay(state);
    }
    case 'proceed':
    case 'dependency-failed':
    case 'stop':
    case 'give-up':
    case 'kill':
    case 'spawned':
    case 'spawn-failed':
    case 'exited':
    case 'signal-failed':
    case 'timer':
      return stay(state);
  }
}

/** STARTING was announced when the wait began: what comes after it is a start like any other, without a second one. */
function fromWaiting(policy: Policy, state: In<'WAITING'>, event: Event): Step {
  switch (event.type) {
    case 'proceed':
      return policy.mayStart
        ? { state: { is: 'STARTING', tries: state.tries, pid: 0 }, effects: [{ do: 'spawn' }] }
        : stay(state);
    case 'dependency-failed': {
      const next: State = { is: 'FATAL' };
      const text = `gave up: ${policy.name} entered FATAL state, ${event.error}`;
      const effects: Effect[] = [{ do: 'record', spawnError: event.error }, change(state, next)];
      return { state: next, effects: [...effects, { do: 'log', level: 'info', text }] };
    }
    // Nothing lives, so there is nothing to wait for. At a shutdown it has not failed either: it was never started.
    case 'stop':
    case 'kill':
    case 'give-up': {
      const next: State = { is: 'STOPPED', tries: state.tries };
      return { state: next, effects: [change(state, next)] };
    }
    case 'start':
    case 'restart':
    case 'wait':
    case 'spawned':
    case 'spawn-failed':
    case 'exited':
    case 'signal-failed':
    case 'timer':
      return stay(state);
  }
}

function fromStarting(policy: Policy, state: In<'STARTING'>, event: Event): Step {
  switch (event.type) {
    case 'spawned':
      return {
        state: { ...state, pid: event.pid },
        effects: [
          { do: 'record', spawnError: null },
          { do: 'log', level: 'info', text: `spawned: '${policy.name}' with pid ${event.pid}` },
          { do: 'timer', ms: policy.startsecs * 1000 },
        ],
      };
    case 'spawn-failed':
      return failed(policy, state, {
        before: [
          { do: 'record', spawnError: event.error },
          { do: 'log', level: 'info', text: `spawnerr: ${event.error}` },
        ],
        after: [],
      });
    case 'exited':
      return event.ranMs < policy.startsecs * 1000
        ? exitedTooQuickly(policy, state, event)
        : exited(policy, running(state), { exit: event, before: entersRunning(policy, state) });
    case 'timer':
      return { state: running(state), effects: entersRunning(policy, state) };
    case 'stop':
      return stop(policy, state, 'stay');
    case 'restart':
      return stop(policy, state, 'start');
    case 'kill':
      return kill(policy, state);
    case 'signal-failed':
      return lost(policy, state, event.error);
    case 'start':
    case 'wait':
    case 'proceed':
    case 'dependency-failed':
    case 'give-up':
      return stay(state);
  }
}

function running({ pid, past }: In<'STARTING'>): In<'RUNNING'> {
  return { is: 'RUNNING', pid, ...remembered(past) };
}

function entersRunning({ name, startsecs }: Policy, state: In<'STARTING'>): readonly Effect[] {
  const text = `success: ${name} entered RUNNING state, process has stayed up for > than ${startsecs} seconds (startsecs)`;
  return [change(state, running(state)), { do: 'log', level: 'info', text }];
}

function fromRunning(policy: Policy, state: In<'RUNNING'>, event: Event): Step {
  switch (event.type) {
    case 'exited':
      return exited(policy, state, { exit: event, before: [] });
    case 'stop':
      return stop(policy, state, 'stay');
    case 'restart':
      return stop(policy, state, 'start');
    case 'kill':
      return kill(policy, state);
    case 'signal-failed':
      return lost(policy, state, event.error);
    case 'start':
    case 'wait':
    case 'proceed':
    case 'dependency-failed':
    case 'give-up':
    case 'spawned':
    case 'spawn-failed':
    case 'timer':
      return stay(state);
  }
}

function fromBackoff(policy: Policy, state: In<'BACKOFF'>, event: Event): Step {
  switch (event.type) {
    case 'timer':
      return policy.mayStart ? start(state, state) : stay(state);
    case 'restart':
      return policy.mayStart ? start(state, { tries: state.tries }) : stay(state);
    case 'stop': {
      const next: State = { is: 'STOPPED', tries: state.tries };
      const text = `Attempted to kill ${policy.name}, which is in BACKOFF state.`;
      return { state: next, effects: [{ do: 'log', level: 'debug', text }, change(state, next)] };
    }
    case 'give-up':
    case 'kill':
      return { state: { is: 'FATAL' }, effects: [change(state, { is: 'FATAL' })] };
    case 'start':
    case 'wait':
    case 'proceed':
    case 'dependency-failed':
    case 'spawned':
    case 'spawn-failed':
    case 'exited':
    case 'signal-failed':
      return stay(state);
  }
}

function fromStopping(policy: Policy, state: In<'STOPPING'>, event: Event): Step {
  switch (event.type) {
    case 'exited': {
      const stopped: In<'STOPPED'> = { is: 'STOPPED', tries: state.tries };
      const effects: Effect[] = [
        { do: 'record', exitStatus: exitNumber(event.status) },
        change(state, stopped),
        {
          do: 'log',
          level: isExpected(policy, event.status) ? 'info' : 'warn',
          text: `stopped: ${policy.name} (${describeExit(event.status)})`,
        },
      ];
      if (state.next === 'stay' || !policy.mayStart) return { state: stopped, effects };
      const again = start(stopped, { tries: state.tries });
      return { state: again.state, effects: [...effects, ...again.effects] };
    }
    case 'timer':
      return kill(policy, state);
    case 'kill':
      return kill(policy, { ...state, next: 'stay' });
    case 'start':
    case 'restart':
      return { state: { ...state, next: 'start' }, effects: [] };
    case 'stop':
    case 'give-up':
      return { state: { ...state, next: 'stay' }, effects: [] };
    case 'signal-failed':
      return lost(policy, state, event.error);
    case 'wait':
    case 'proceed':
    case 'dependency-failed':
    case 'spawned':
    case 'spawn-failed':
      return stay(state);
  }
}

function fromUnknown(state: In<'UNKNOWN'>, event: Event): Step {
  switch (event.type) {
    case 'exited': {
      const next: State = { is: 'STOPPED', tries: 0 };
      return { state: next, effects: [{ do: 'record', exitStatus: exitNumber(event.status) }, change(state, next)] };
    }
    case 'start':
    case 'wait':
    case 'proceed':
    case 'dependency-failed':
    case 'stop':
    case 'restart':
    case 'give-up':
    case 'kill':
    case 'spawned':
    case 'spawn-failed':
    case 'signal-failed':
    case 'timer':
      return stay(state);
  }
}

function stay(state: State): Step {
  return { state, effects: [] };
}

/** What clients read of the run before. */
const forget: Effect = { do: 'record', spawnError: null, exitStatus: null };

/** supervisord clears what clients read before it announces STARTING, and announces before it looks for the command. */
function start(from: State, { tries, past }: { readonly tries: number; readonly past?: Past }): Step {
  const next: State = { is: 'STARTING', tries, pid: 0, ...remembered(past) };
  return { state: next, effects: [forget, change(from, next), { do: 'spawn' }] };
}

function stop(policy: Policy, state: In<'STARTING' | 'RUNNING'>, next: 'stay' | 'start'): Step {
  const stopping: State = { is: 'STOPPING', pid: state.pid, tries: triesOf(state), next };
  return {
    state: stopping,
    effects: [
      change(state, stopping),
      { do: 'timer', ms: policy.stopwaitsecs * 1000 },
      { do: 'signal', pid: state.pid, signal: policy.stopsignal, final: false },
    ],
  };
}

/** SIGKILL at once; the timer repeats it after each stopwaitsecs. */
function kill(policy: Policy, from: In<'STARTING' | 'RUNNING' | 'STOPPING'>): Step {
  const { pid } = from;
  const state: State = from.is === 'STOPPING' ? from : { is: 'STOPPING', pid, tries: triesOf(from), next: 'stay' };
  return {
    state,
    effects: [
      ...(from.is === 'STOPPING' ? [] : [change(from, state)]),
      { do: 'log', level: 'warn', text: `killing '${policy.name}' (${pid}) with SIGKILL` },
      { do: 'timer', ms: policy.stopwaitsecs * 1000 },
      { do: 'signal', pid, signal: sigkill, final: true },
    ],
  };
}

/**
 * BACKOFF waits one second more after each failure; beyond startretries the process is given up. `before` and `after`
 * are the effects around the announcement of BACKOFF.
 */
function failed(policy: Policy, state: In<'STARTING'>, { before, after, past = state.past }: Failure): Step {
  const tries = state.tries + 1;
  const backoff: State = { is: 'BACKOFF', tries, ...remembered(past) };
  const effects = [...before, change(state, backoff), ...after];
  if (tries <= policy.startretries) return { state: backoff, effects: [...effects, { do: 'timer', ms: tries * 1000 }] };
  const text = `gave up: ${policy.name} entered FATAL state, too many start retries too quickly`;
  const fatal: State = { is: 'FATAL' };
  return { state: fatal, effects: [...effects, change(backoff, fatal), { do: 'log', level: 'info', text }] };
}

interface Failure {
  readonly before: readonly Effect[];
  readonly after: readonly Effect[];
  readonly past?: Past | undefined;
}

type Exit = Extract<Event, { readonly type: 'exited' }>;

function exitedTooQuickly(policy: Policy, state: In<'STARTING'>, { status, atMs }: Exit): Step {
  const before: readonly Effect[] = [
    { do: 'record', exitStatus: null, spawnError: 'Exited too quickly (process log may have details)' },
  ];
  const after: readonly Effect[] = [
    { do: 'log', level: 'warn', text: `exited: ${policy.name} (${describeExit(status)}; not expected)` },
  ];
  const { past, exceeded } = countExit(policy, { past: state.past, atMs });
  if (exceeded === null) return failed(policy, state, { before, after, past });
  const backoff: State = { is: 'BACKOFF', tries: state.tries + 1 };
  const effects = [...before, change(state, backoff), ...after];
  return endsTooOften(policy, backoff, { effects, exceeded, status });
}

function exited(
  policy: Policy,
  state: In<'RUNNING'>,
  { exit, before }: { readonly exit: Exit; readonly before: readonly Effect[] },
): Step {
  const { status, atMs, ranMs } = exit;
  const expected = isExpected(policy, status);
  const next: State = { is: 'EXITED', expected };
  const effects: Effect[] = [
    ...before,
    expected
      ? { do: 'record', exitStatus: exitNumber(status) }
      : { do: 'record', exitStatus: exitNumber(status), spawnError: `Bad exit code ${exitNumber(status)}` },
    change(state, next),
    {
      do: 'log',
      level: expected ? 'info' : 'warn',
      text: `exited: ${policy.name} (${describeExit(status)}; ${expected ? 'expected' : 'not expected'})`,
    },
  ];
  const again = policy.autorestart === true || (policy.autorestart === 'unexpected' && !expected);
  if (!again || !policy.mayStart) return { state: next, effects };
  const counted = countExit(policy, { past: state.past, atMs });
  if (counted.exceeded !== null) {
    return endsTooOften(policy, next, { effects, exceeded: counted.exceeded, status });
  }
  const { past, wait } = delayRestart(policy, { past: counted.past, ranMs });
  if (wait > 0) return waits(policy, next, { effects, past, wait, status });
  const restarted = start(next, { tries: 0, ...remembered(past) });
  return { state: restarted.state, effects: [...effects, ...restarted.effects] };
}

interface Exited {
  readonly effects: readonly Effect[];
  readonly status: ExitStatus;
}

/** restart_delay: on the wire a BACKOFF without a failed start. */
function waits(
  policy: Policy,
  from: In<'EXITED'>,
  { effects, past, wait, status }: Exited & { readonly past: Past | undefined; readonly wait: number },
): Step {
  const seconds = `${wait} ${wait === 1 ? 'second' : 'seconds'}`;
  const note = `${describeExit(status)}, starts again ${seconds} after it (restart_delay)`;
  const backoff: State = { is: 'BACKOFF', tries: 0, note, ...remembered(past) };
  const text = `${policy.name} is started again in ${seconds} (restart_delay)`;
  const more: Effect[] = [change(from, backoff), { do: 'log', level: 'info', text }, { do: 'timer', ms: wait * 1000 }];
  return { state: backoff, effects: [...effects, ...more] };
}

/** restart_limit: given up, with the reason for clients to read. */
function endsTooOften(
  policy: Policy,
  from: In<'EXITED' | 'BACKOFF'>,
  { effects, exceeded, status }: Exited & { readonly exceeded: string },
): Step {
  const fatal: State = { is: 'FATAL' };
  const more: Effect[] = [
    { do: 'record', spawnError: `${exceeded}, the last: ${describeExit(status)}` },
    change(from, fatal),
    { do: 'log', level: 'warn', text: `gave up: ${policy.name} entered FATAL state, ${exceeded}` },
  ];
  return { state: fatal, effects: [...effects, ...more] };
}

function remembered(past: Past | undefined): { readonly past?: Past } {
  return past === undefined ? {} : { past };
}

/** A signal could not be sent (EPERM, say): supervisord no longer claims to know the process. */
function lost(policy: Policy, state: In<'STARTING' | 'RUNNING' | 'STOPPING'>, error: string): Step {
  const next: State = { is: 'UNKNOWN', pid: state.pid };
  return {
    state: next,
    effects: [
      change(state, next),
      { do: 'log', level: 'crit', text: `unknown problem killing ${policy.name} (${state.pid}):${error}` },
    ],
  };
}

function change(from: State, to: State): Effect {
  return {
    do: 'announce',
    change: {
      from: wireName(from),
      to: wireName(to),
      tries: triesOf(to),
      pid: pidOf(to) || pidOf(from),
      expected: to.is === 'EXITED' && to.expected,
    },
  };
}

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

function triesOf(state: State): number {
  return 'tries' in state ? state.tries : 0;
}

/** A death by signal is never expected, as under supervisord, where its number is -1. */
function isExpected(policy: Policy, status: ExitStatus): boolean {
  return policy.exitcodes.includes(exitNumber(status));
}

function exitNumber(status: ExitStatus): number {
  return 'code' in status ? status.code : -1;
}

/** `exit status 1`, `terminated by SIGKILL`, `terminated by SIGSEGV (core dumped)`. */
export function describeExit(status: ExitStatus): string {
  if ('code' in status) return `exit status ${status.code}`;
  return `terminated by ${signalName(status.signal)}${status.core ? ' (core dumped)' : ''}`;
}
