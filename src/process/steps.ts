// The steps that several states of the machine (machine.ts) take: a start, a stop, the change that is announced. Pure.

import type { Past } from './restarts.ts';
import {
  type Effect,
  type Event,
  type In,
  pidOf,
  type Policy,
  type State,
  type Step,
  triesOf,
  wireName,
} from './state.ts';

const sigkill = 9;

/** Nothing follows. */
export function stay(state: State): Step {
  return { state, effects: [] };
}

/** What clients read of the run before. */
export const forget: Effect = { do: 'record', spawnError: null, exitStatus: null };

/** supervisord clears what clients read before it announces STARTING, and announces before it looks for the command. */
export function start(from: State, { tries, past }: { readonly tries: number; readonly past?: Past }): Step {
  const next: State = { is: 'STARTING', tries, pid: 0, ...remembered(past) };
  return { state: next, effects: [forget, change(from, next), { do: 'spawn' }] };
}

/** A probe has succeeded: ready with the first one. */
export function healthy(state: In<'STARTING' | 'RUNNING'>): Step {
  if (state.healthy === true || state.pid === 0) return stay(state);
  return { state: { ...state, healthy: true }, effects: [{ do: 'ready' }] };
}

/** A hung process never runs its handler of stopsignal, so it gets less time than one that has only grown too large. */
export function unhealthy(
  policy: Policy,
  state: In<'STARTING' | 'RUNNING'>,
  { reason, text }: Extract<Event, { readonly type: 'unhealthy' }>,
): Step {
  // At a shutdown its turn comes anyway.
  if (!policy.mayStart || state.pid === 0) return stay(state);
  const { pid, past } = state;
  const waitsecs = reason === 'health' ? policy.health_stopwaitsecs : policy.stopwaitsecs;
  const { state: stopping, effects } = stop({ ...policy, stopwaitsecs: waitsecs }, state, 'start');
  const told: Effect[] = [
    { do: 'log', level: 'warn', text: `unhealthy: ${policy.name} (${pid}) is restarted, ${text}` },
    { do: 'give-up-run', pid, reason, text },
  ];
  return { state: { ...stopping, watchdog: remembered(past) }, effects: [...told, ...effects] };
}

/** Asks it to end; `next` is what comes then. */
export function stop(
  policy: Policy,
  state: In<'STARTING' | 'RUNNING'>,
  next: 'stay' | 'start',
): Step & { readonly state: In<'STOPPING'> } {
  const stopping: In<'STOPPING'> = { is: 'STOPPING', pid: state.pid, tries: triesOf(state), next };
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
export function kill(policy: Policy, from: In<'STARTING' | 'RUNNING' | 'STOPPING'>): Step {
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

/** Up for startsecs. */
export function running({ pid, past, healthy: isHealthy }: In<'STARTING'>): In<'RUNNING'> {
  return { is: 'RUNNING', pid, ...remembered(past), ...(isHealthy === true && { healthy: true }) };
}

/** What is told when startsecs are over. */
export function entersRunning({ name, startsecs }: Policy, state: In<'STARTING'>): readonly Effect[] {
  const text = `success: ${name} entered RUNNING state, process has stayed up for > than ${startsecs} seconds (startsecs)`;
  return [change(state, running(state)), { do: 'log', level: 'info', text }];
}

/** A signal could not be sent (EPERM, say): supervisord no longer claims to know the process. */
export function lost(policy: Policy, state: In<'STARTING' | 'RUNNING' | 'STOPPING'>, error: string): Step {
  const next: State = { is: 'UNKNOWN', pid: state.pid };
  return {
    state: next,
    effects: [
      change(state, next),
      { do: 'log', level: 'crit', text: `unknown problem killing ${policy.name} (${state.pid}):${error}` },
    ],
  };
}

/** Tells everybody. */
export function change(from: State, to: State): Effect {
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

/** For a state that may remember. */
export function remembered(past: Past | undefined): { readonly past?: Past } {
  return past === undefined ? {} : { past };
}
