// From a method's name to its row: one fixed table per namespace, own properties only, so a name never reaches anything
// else (CVE-2017-11610 was a walk along attributes). system.* reads the same tables; corevisor.* holds what is ours.

import type { Clock } from '../base/clock.ts';
import { Fault, faults } from '../base/errors.ts';
import { pieceMs } from '../base/pieces.ts';
import { Turns } from '../base/turns.ts';
import type { Caller, RpcContext } from './context.ts';
import { commandLine } from './command-line.ts';
import { corevisorMethods } from './corevisor-methods.ts';
import { type Method, type MethodContext, supervisorMethods } from './methods.ts';
import { WrittenInfos } from './written-infos.ts';
import { type XmlRpcAnswer, type XmlRpcCall, type XmlRpcStruct, type XmlRpcValue, WrittenValue } from './xmlrpc.ts';

/** The methods of one daemon, bound to it. */
export interface Rpc {
  /** The namespaces of the configuration's [rpcinterface:x] sections. */
  readonly interfaces: readonly string[];
  /** Throws Fault for what the caller did wrong; any other error is a bug, or a log that is not UTF-8. */
  call(call: XmlRpcCall, caller: Caller): Promise<XmlRpcAnswer>;
}

type Namespaces = ReadonlyMap<string, Readonly<Record<string, Method>>>;

/**
 * Puts the tables together: supervisor's methods under each configured name, ours, and system.*. Without any [rpcinterface:x]
 * a daemon is not to be commanded, so ours then only tell.
 */
export function createRpc(parts: RpcContext, interfaces: readonly string[]): Rpc {
  const context: MethodContext = { ...parts, infos: new WrittenInfos(parts.clock) };
  const namespaces = new Map<string, Readonly<Record<string, Method>>>();
  const turns = new Turns(context.clock);
  const tellOnly = Object.entries(corevisorMethods).filter(([, { command }]) => command === undefined);
  namespaces.set('corevisor', interfaces.length > 0 ? corevisorMethods : Object.fromEntries(tellOnly));
  for (const name of interfaces) namespaces.set(name, supervisorMethods);
  namespaces.set(
    'system',
    systemMethods(namespaces, (calls, caller) => multicall(calls, { call, caller, clock: context.clock, turns })),
  );

  async function call({ method: name, params }: XmlRpcCall, caller: Caller): Promise<XmlRpcAnswer> {
    const method = findMethod(namespaces, name);
    if (method === undefined) throw new Fault('UNKNOWN_METHOD');
    const required = method.params.filter(({ optional }) => optional !== true).length;
    if (params.length < required || params.length > method.params.length) throw new Fault('INCORRECT_PARAMETERS');
    if (method.always !== true && context.supervisor.state !== 'RUNNING') throw new Fault('SHUTDOWN_STATE');
    if (method.long === true) await turns.next();
    const said =
      method.command === undefined ? null : commandLine({ name, params, shown: method.command.shown, caller });
    if (said !== null && method.command?.emptiesLog !== true) context.logger.info(said);
    const answer = method.run(context, params, caller);
    if (said !== null && method.command?.emptiesLog === true) context.logger.info(said);
    return answer;
  }

  return { interfaces, call };
}

/** Exactly `namespace.method`, no leading underscore. */
function findMethod(namespaces: Namespaces, name: string): Method | undefined {
  const [namespace = '', method = '', ...more] = name.split('.', 3);
  const table = namespaces.get(namespace);
  if (more.length > 0 || table === undefined || !Object.hasOwn(table, method)) return undefined;
  return table[method];
}

function systemMethods(
  namespaces: Namespaces,
  callMany: (calls: XmlRpcValue | undefined, caller: Caller) => Promise<XmlRpcAnswer>,
): Readonly<Record<string, Method>> {
  const methodName = { type: 'string', name: 'name', text: 'a method' } as const;
  return {
    listMethods: {
      params: [],
      returns: { type: 'array', text: 'names' },
      help: 'The names of all methods.',
      always: true,
      run: () =>
        [...namespaces].flatMap(([space, table]) => Object.keys(table).map((key) => `${space}.${key}`)).toSorted(),
    },
    methodHelp: {
      params: [methodName],
      returns: { type: 'string', text: 'what it does, takes and answers' },
      help: 'Explains a method.',
      always: true,
      run: (_context, [name]) => helpText(knownMethod(namespaces, name)),
    },
    methodSignature: {
      params: [methodName],
      returns: { type: 'array', text: 'the type of the answer, then those of the parameters' },
      help: 'The types that a method answers and takes.',
      always: true,
      run(_context, [name]) {
        const method = knownMethod(namespaces, name);
        return [method.returns.type, ...method.params.map(({ type }) => type)];
      },
    },
    multicall: {
      params: [{ type: 'array', name: 'calls', text: 'structs of methodName and params' }],
      returns: { type: 'array', text: 'an answer, or a struct of faultCode and faultString, per call' },
      help: 'Makes several calls, one after the other.',
      always: true,
      run: (_context, [calls], caller) => callMany(calls, caller),
    },
  };
}

function knownMethod(namespaces: Namespaces, name: XmlRpcValue | undefined): Method {
  const method = typeof name === 'string' ? findMethod(namespaces, name) : undefined;
  if (method === undefined) throw new Fault('SIGNATURE_UNSUPPORTED');
  return method;
}

/** In the form that supervisord's clients parse: lines of `@param type name text` and `@return type result text`. */
function helpText({ help, params, returns }: Method): string {
  const lines = params.map(({ type, name, text }) => `@param ${type} ${name} ${text}`);
  return [help, '', ...lines, `@return ${returns.type} result ${returns.text}`, ''].join('\n');
}

/** Some thousands of descriptions of processes; whoever wants more can ask twice. */
const longestAnswer = 64 * 2 ** 20;

interface ManyCalls {
  readonly call: Rpc['call'];
  readonly caller: Caller;
  readonly clock: Clock;
  readonly turns: Turns;
}

/**
 * Answers stand as they are, not wrapped in arrays of one: supervisord's way, not the specification's. A call that is
 * under way is done to its end; once the caller has left no further one is begun, as under supervisord.
 */
async function multicall(
  calls: XmlRpcValue | undefined,
  { call, caller, clock, turns }: ManyCalls,
): Promise<XmlRpcAnswer> {
  if (!Array.isArray(calls)) throw new Fault('INCORRECT_PARAMETERS');
  const results: XmlRpcAnswer[] = [];
  let length = 0;
  let began = clock.now();
  // Each call waits for the one before: clients send stop, then start.
  for (const item of calls as readonly XmlRpcValue[]) {
    if (caller.isGone()) break;
    const result = await oneOfMany(item, (one) => call(one, caller));
    length += lengthOf(result);
    if (length > longestAnswer) throw new Fault('FAILED', 'the answers are too long to be sent together');
    results.push(result);
    if (clock.now() - began < pieceMs) continue;
    await turns.next();
    began = clock.now();
  }
  return results;
}

/** About how many characters a value is in XML. */
function lengthOf(value: XmlRpcAnswer): number {
  if (typeof value === 'string') return value.length + 40;
  if (value instanceof WrittenValue) return value.xml.length;
  if (typeof value !== 'object' || value instanceof Date) return 40;
  if (value instanceof Uint8Array) return value.length * 2;
  if (Array.isArray(value))
    return (value as readonly XmlRpcAnswer[]).reduce<number>((sum, item) => sum + lengthOf(item), 50);
  return Object.values(value).reduce<number>((sum, item) => sum + 60 + lengthOf(item), 50);
}

async function oneOfMany(item: XmlRpcValue, call: (one: XmlRpcCall) => Promise<XmlRpcAnswer>): Promise<XmlRpcAnswer> {
  try {
    return await call(callOf(item));
  } catch (error) {
    if (error instanceof Fault) return { faultCode: error.code, faultString: error.message };
    return {
      faultCode: faults.FAILED,
      faultString: `FAILED: ${error instanceof Error ? `${error.name}:${error.message}` : String(error)}`,
    };
  }
}

function callOf(item: XmlRpcValue): XmlRpcCall {
  if (!isStruct(item)) throw new Fault('INCORRECT_PARAMETERS');
  const method = Object.hasOwn(item, 'methodName') ? item['methodName'] : undefined;
  const params = Object.hasOwn(item, 'params') ? item['params'] : [];
  if (method === undefined) throw new Fault('INCORRECT_PARAMETERS', 'No methodName');
  if (method === 'system.multicall') throw new Fault('INCORRECT_PARAMETERS', 'Recursive system.multicall forbidden');
  if (typeof method !== 'string' || !Array.isArray(params)) throw new Fault('INCORRECT_PARAMETERS');
  return { method, params: params as readonly XmlRpcValue[] };
}

function isStruct(value: XmlRpcValue): value is XmlRpcStruct {
  return (
    typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date) && !(value instanceof Uint8Array)
  );
}
