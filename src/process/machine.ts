// The life of one process as a pure function: a state and an event give the next state and what is to be done.
// It reads no clock, spawns nothing and knows no pid but the one it was told. The rules are supervisord's
// (docs/compatibility.md, process states; its process.py); where a second of waiting was only supervisord's poll, we do not wait.
//
// Every state answers every event on purpose. What exists only in a state lives in that state: only a living process
// has a pid, only STOPPING has a `next`. A process has one timer; leaving the state that set it cancels it.

import { exited, exitedTooQuickly, exitNumber, failed, stopped } from './endings.ts';
import { type Effect, type Event, type In, type Policy, type State, type Step, triesOf } from './state.ts';
import { change, entersRunning, forget, healthy, kill, lost, running, start, stay, stop, unhealthy } from './steps.ts';

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
    case 'healthy':
    case 'unhealthy':
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
    case 'healthy':
    case 'unhealthy':
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
    case 'healthy':
      return healthy(state);
    case 'unhealthy':
      return unhealthy(policy, state, event);
    case 'start':
    case 'wait':
    case 'proceed':
    case 'dependency-failed':
    case 'give-up':
      return stay(state);
  }
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
    case 'healthy':
      return healthy(state);
    case 'unhealthy':
      return unhealthy(policy, state, event);
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
    case 'healthy':
    case 'unhealthy':
      return stay(state);
  }
}

function fromStopping(policy: Policy, state: In<'STOPPING'>, event: Event): Step {
  switch (event.type) {
    case 'exited':
      return stopped(policy, state, event);
    case 'timer':
      return kill(policy, state);
    case 'kill':
      return kill(policy, { ...asked(state), next: 'stay' });
    case 'start':
    case 'restart':
      return { state: { ...asked(state), next: 'start' }, effects: [] };
    case 'stop':
    case 'give-up':
      return { state: { ...asked(state), next: 'stay' }, effects: [] };
    case 'signal-failed':
      return lost(policy, state, event.error);
    case 'wait':
    case 'proceed':
    case 'dependency-failed':
    case 'spawned':
    case 'spawn-failed':
    case 'healthy':
    case 'unhealthy':
      return stay(state);
  }
}

/** Somebody wants it now, not only the watchdog. */
function asked({ pid, tries, next }: In<'STOPPING'>): In<'STOPPING'> {
  return { is: 'STOPPING', pid, tries, next };
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
    case 'healthy':
    case 'unhealthy':
      return stay(state);
  }
}
