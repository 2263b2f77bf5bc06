// What follows from the end of a child, or from a child that could not be made: EXITED, BACKOFF or FATAL, and another start
// when it is due. The rules are supervisord's (docs/compatibility.md, process states) and restarts.ts's. Pure.

import type { ExitStatus } from '../base/child.ts';
import { describeExit } from '../base/describe-exit.ts';
import { countExit, delayRestart, type Past } from './restarts.ts';
import type { Effect, Event, In, Policy, State, Step } from './state.ts';
import { change, remembered, start } from './steps.ts';

/**
 * BACKOFF waits one second more after each failure; beyond startretries the process is given up. `before` and `after`
 * are the effects around the announcement of BACKOFF.
 */
export function failed(policy: Policy, state: In<'STARTING'>, { before, after, past = state.past }: Failure): Step {
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

/** Ended before startsecs were over: a failed start. */
export function exitedTooQuickly(policy: Policy, state: In<'STARTING'>, { status, atMs }: Exit): Step {
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

/** Ended while it was RUNNING. `before` are effects that come first. */
export function exited(
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

/** Ended as it was asked to: started again where that is the wish. */
export function stopped(policy: Policy, state: In<'STOPPING'>, { status, atMs }: Exit): Step {
  const next: In<'STOPPED'> = { is: 'STOPPED', tries: state.tries };
  const effects: Effect[] = [
    { do: 'record', exitStatus: exitNumber(status) },
    change(state, next),
    {
      do: 'log',
      level: isExpected(policy, status) ? 'info' : 'warn',
      text: `stopped: ${policy.name} (${describeExit(status)})`,
    },
  ];
  if (state.next === 'stay' || !policy.mayStart) return { state: next, effects };
  const { past, exceeded } =
    state.watchdog === undefined
      ? { past: undefined, exceeded: null }
      : countExit(policy, { past: state.watchdog.past, atMs });
  if (exceeded !== null) return endsTooOften(policy, next, { effects, exceeded, status });
  const again = start(next, { tries: state.tries, ...remembered(past) });
  return { state: again.state, effects: [...effects, ...again.effects] };
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
  from: In<'EXITED' | 'BACKOFF' | 'STOPPED'>,
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

/** A death by signal is never expected, as under supervisord, where its number is -1. */
export function isExpected(policy: Policy, status: ExitStatus): boolean {
  return policy.exitcodes.includes(exitNumber(status));
}

/** The exit code as supervisord records it. */
export function exitNumber(status: ExitStatus): number {
  return 'code' in status ? status.code : -1;
}
