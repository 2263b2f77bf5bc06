// The corevisor.* methods that begin rolls and tell how far they are.

import { Fault } from '../base/errors.ts';
import type { RollPhase } from '../supervisor/roll-plan.ts';
import type { RollProgress } from '../supervisor/rolls.ts';
import { integerArgument, namesArgument } from './arguments.ts';
import type { Method } from './methods.ts';
import type { XmlRpcStruct, XmlRpcValue } from './xmlrpc.ts';

/** By the name that follows `corevisor.`. */
export const rollMethods: Readonly<Record<string, Method>> = {
  rollingRestart: {
    params: [
      { type: 'array', name: 'names', text: 'groups, programs or processes; one may be a string' },
      { type: 'struct', name: 'options', text: 'max_unavailable: how many may be down at once, 1', optional: true },
    ],
    returns: { type: 'int', text: 'an id for getRoll' },
    help: 'Restarts processes one after the other, each once the one before is ready.',
    command: { shown: 1 },
    run: ({ rolls }, [names, options]) =>
      rolls.restart(namesArgument(names), { maxUnavailable: maxUnavailableOf(options) }),
  },
  getRoll: {
    params: [
      { type: 'int', name: 'id', text: 'as rollingRestart, update or scale answered it' },
      { type: 'int', name: 'since', text: 'the version that is known: answers at the next one', optional: true },
    ],
    returns: { type: 'struct', text: 'state, reason, warnings, version, times, and a struct per process' },
    help: 'How far a roll is, or what came of it.',
    always: true,
    async run({ rolls }, [id, since]) {
      const number = integerArgument(id);
      if (since !== undefined) await rolls.news(number, integerArgument(since));
      return structOf(rolls.progress(number));
    },
  },
};

function maxUnavailableOf(options: XmlRpcValue | undefined): number {
  if (options === undefined) return 1;
  const isStruct = typeof options === 'object' && Object.getPrototypeOf(options) === Object.prototype;
  const [unknown] = isStruct ? Object.keys(options).filter((name) => name !== 'max_unavailable') : ['options'];
  if (unknown !== undefined) throw new Fault('BAD_ARGUMENTS', `${unknown}; accepted: a struct with max_unavailable`);
  const value: unknown = Reflect.get(Object(options), 'max_unavailable') ?? 1;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value;
  throw new Fault('BAD_ARGUMENTS', `max_unavailable ${JSON.stringify(value)}; accepted: a whole number from 1`);
}

function structOf(roll: RollProgress): XmlRpcStruct {
  const { id, what, state, reason, warnings, version, maxUnavailable, members } = roll;
  return {
    id,
    what,
    state,
    reason,
    warnings,
    max_unavailable: maxUnavailable,
    version,
    began: seconds(roll.beganAtMs),
    ended: seconds(roll.endedAtMs),
    processes: members.map((member) => ({
      name: member.name,
      group: member.group,
      task: member.task,
      state: phaseNames[member.phase],
      reason: member.reason,
      began: seconds(member.beganAtMs),
      ended: seconds(member.endedAtMs),
    })),
  };
}

/** What clients are told of the phases. */
const phaseNames: Readonly<Record<RollPhase, string>> = {
  waiting: 'waiting',
  draining: 'draining',
  drained: 'draining',
  stopping: 'stopping',
  starting: 'starting',
  ready: 'ready',
  gone: 'removed',
  left: 'left alone',
  failed: 'failed',
};

function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}
