// The corevisor.* methods that begin rolls and tell how far they are.

import { Fault, faults } from '../base/errors.ts';
import type { RollPhase } from '../supervisor/roll-plan.ts';
import type { RollProgress } from '../supervisor/rolls.ts';
import { integerArgument, nameArgument, namesArgument } from './arguments.ts';
import type { Caller } from './context.ts';
import { type Method, type MethodContext, rereading, supervisorMethods } from './methods.ts';
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
  update: {
    params: [{ type: 'array', name: 'names', text: 'groups; all if left out', optional: true }],
    returns: { type: 'int', text: 'an id for getRoll' },
    help: 'Reads the configuration anew and makes what runs agree with it; what stands in an upstream is rolled.',
    command: { shown: 0 },
    run: (context, [named], caller) => {
      const names = named === undefined ? [] : groupNames(named);
      const diff = rereading(() => context.supervisor.reread());
      return context.rolls.update(diff, { names, stopGroup: (name) => stopGroup(name, { context, caller }) });
    },
  },
  scale: {
    params: [
      { type: 'string', name: 'name', text: 'a program, or group:program' },
      { type: 'string', name: 'count', text: 'how many processes, auto, or file for what the file says' },
    ],
    returns: { type: 'int', text: 'an id for getRoll' },
    help: 'Runs another number of processes of a program, until the file says another one than now.',
    command: { shown: 2 },
    run: ({ rolls }, [name, count]) => rolls.scale(nameArgument(name), countOf(count)),
  },
  getScales: {
    params: [],
    returns: { type: 'array', text: 'a struct per program: name, group, count, file' },
    help: 'Which programs run another number of processes than the file says.',
    always: true,
    run: ({ rolls }) => rolls.scales().map(({ name, group, count, inFile }) => ({ name, group, count, file: inFile })),
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

/** `all` among them is all. */
function groupNames(named: XmlRpcValue): readonly string[] {
  const names = Array.isArray(named) && named.length === 0 ? [] : namesArgument(named);
  return names.includes('all') ? [] : names;
}

/** Null for the file's. */
function countOf(value: XmlRpcValue | undefined): number | 'auto' | null {
  const text = typeof value === 'number' ? String(value) : value;
  if (text === 'file') return null;
  if (text === 'auto') return text;
  if (typeof text === 'string' && /^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new Fault('BAD_ARGUMENTS', `count ${JSON.stringify(value)}; accepted: a whole number from 1, auto or file`);
}

/** As supervisorctl's update has it stopped; false where a process could not be. */
async function stopGroup(
  name: string,
  { context, caller }: { readonly context: MethodContext; readonly caller: Caller },
): Promise<boolean> {
  const statuses = await supervisorMethods['stopProcessGroup']?.run(context, [name], caller);
  return !(Array.isArray(statuses) && statuses.some((one: XmlRpcStruct) => one['status'] === faults.FAILED));
}

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
  const { id, what, state, reason, warnings, version, maxUnavailable, members, lines, unknown } = roll;
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
    lines: lines.map(({ group, text }) => ({ group, text })),
    unknown,
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
