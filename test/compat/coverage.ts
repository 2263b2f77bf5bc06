// Which things of the contract a scenario shows: what it names in `shows`, and what its steps and its golden record tell by
// themselves: methods, faults, event types, commands, flags, addresses, signals.
import { faults } from '../../src/base/errors.ts';
import { contractRows } from './contract.ts';
import type { Golden } from './golden.ts';
import type { Json } from './normalise.ts';
import type { RpcParam, Scenario, Step } from './scenario.ts';

/** The ids of the rows that a scenario shows, each once. */
export function rowsShownBy(scenario: Scenario, golden: Golden | undefined): ReadonlySet<string> {
  const names = [
    // That a fault was answered is never taken on trust.
    ...(scenario.shows ?? []).filter((name) => !name.startsWith('fault ')),
    ...['-c', ...(scenario.flags ?? ['-n'])].flatMap((word) => flagNames('supervisord', word)),
    ...subscriptions(scenario.config),
    ...scenario.steps.flatMap(namesInStep),
    ...(golden?.reference ?? []).flatMap((record) => namesInRecord(record)),
  ];
  return new Set(names.map((name) => contractRows.get(name)?.id).filter((id) => id !== undefined));
}

/** `events=A,B` of a listener: the only way in which a parent type is seen. */
function subscriptions(config: string): string[] {
  return [...config.matchAll(/^events\s*=\s*(.+)$/gm)].flatMap(([, list = '']) =>
    list.split(',').map((name) => `event ${name.trim().toUpperCase()}`),
  );
}

function namesInStep(step: Step): string[] {
  if ('rpc' in step) return [step.rpc, '/RPC2', ...(step.params ?? []).flatMap(methodsInParam)];
  if ('ctl' in step) {
    const given = typeof step.ctl === 'string' ? step.ctl.split(/\s+/) : step.ctl;
    const lines = [
      commandOf(given),
      ...(step.input ?? '').split('\n').map((line) => line.trim().split(/\s+/)[0] ?? ''),
    ];
    return [
      ...given.flatMap((word) => flagNames('supervisorctl', word)),
      ...lines.map((word) => `supervisorctl ${word === '?' ? 'help' : word}`),
    ];
  }
  if ('http' in step) return [...addressOf(step.http.split(' ')[1]), ...methodsInXml(step.body ?? '')];
  if ('raw' in step) return [...addressOf(step.raw.split(' ')[1]), ...methodsInXml(step.raw)];
  if ('daemon' in step) return step.daemon.flatMap((word) => flagNames('supervisord', word));
  if ('signal' in step && step.to === undefined) return [`signal ${step.signal}`];
  return [];
}

/** The first word that is neither a flag nor the argument of one. */
function commandOf(words: readonly string[]): string {
  const [first = '', ...rest] = words;
  if (!first.startsWith('-')) return first.split(/\s+/)[0] ?? '';
  return commandOf(/^-[csupr]$|^--[^=]+$/.test(first) && first !== '--interactive' ? rest.slice(1) : rest);
}

function flagNames(program: string, word: string): string[] {
  return /^--?./.test(word) ? [`${program} ${word.split('=')[0]}`] : [];
}

function methodsInParam(param: RpcParam): string[] {
  if (typeof param !== 'object') return [];
  return Object.entries(param).flatMap(([name, item]: [string, RpcParam]) =>
    name === 'methodName' && typeof item === 'string' ? [item] : methodsInParam(item),
  );
}

function methodsInXml(text: string): string[] {
  return [...text.matchAll(/<methodName>([^<]+)<\/methodName>/g)].map(([, name = '']) => name);
}

function addressOf(target: string | undefined): string[] {
  const path = (target ?? '').split('?')[0] ?? '';
  const folders = ['/stylesheets/', '/images/', '/logtail/', '/mainlogtail', '/RPC2'];
  return [path, ...folders.filter((folder) => path.startsWith(folder))];
}

/** Faults by their codes, event types by their envelopes. */
function namesInRecord(value: Json): string[] {
  if (typeof value === 'string') {
    const types = [...value.matchAll(/\beventname:(\w+)/g)].map(([, name = '']) => `event ${name}`);
    const codes = [...value.matchAll(/<name>faultCode<\/name>\s*<value><int>(\d+)/g)].map(([, code]) => Number(code));
    return [...types, ...codes.flatMap(faultNames)];
  }
  if (typeof value !== 'object' || value === null) return [];
  const code = 'fault' in value ? value['fault'] : 'faultCode' in value ? value['faultCode'] : resultCode(value);
  return [...faultNames(code), ...Object.values(value).flatMap(namesInRecord)];
}

/** The status of a process in the answer of a method for several. */
function resultCode(value: { readonly [name: string]: Json } | readonly Json[]): Json {
  return 'group' in value && 'description' in value && 'status' in value ? (value['status'] ?? null) : null;
}

function faultNames(code: Json | undefined): string[] {
  const known = Object.entries(faults).find(([, number]) => number === code);
  return known === undefined ? [] : [`fault ${known[0]}`];
}
