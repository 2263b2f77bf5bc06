// The steps of a scenario that ask the daemon over its sockets: methods, HTTP requests, bytes as they are.
import { connect } from 'node:net';
import { type IncomingHttpHeaders, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { XmlRpcFault, type XmlRpcValue } from '../../src/rpc/xmlrpc.ts';
import { callRpc, type Address } from '../support/rpc.ts';
import { normaliseText, normaliseValue, type Json } from './normalise.ts';
import type { Stage } from './play-scenario.ts';
import type { RpcParam, Step, Way } from './scenario.ts';
import { textAsJson } from './text.ts';

/** What a step leaves, without its name. */
export type Entry = Readonly<Record<string, Json>>;

/** Calls a method: its value, its fault, or why neither came. */
export async function callMethod(step: Extract<Step, { rpc: string }>, stage: Stage): Promise<Entry> {
  const params = (step.params ?? []).map((param) => fillParam(param, stage.fill));
  try {
    const value = asJson(await callRpc(addressOf(step.over, stage), { method: step.rpc, params }));
    const number = step.rpc === 'supervisor.getPID' ? '{pid}' : value;
    return { value: normaliseValue(sorted(picked(number, step.pick), step.unordered), stage.particulars) };
  } catch (error) {
    if (error instanceof XmlRpcFault)
      return { fault: error.code, text: normaliseText(error.message, stage.particulars) };
    return { failed: failureText(error) };
  }
}

/** Makes an HTTP request: status, the headers that are asked for, body. */
export async function askHttp(step: HttpStep, stage: Stage): Promise<Entry> {
  const outcome = await askOnce(step, stage);
  if ('failed' in outcome) return outcome;
  const { status, headers, text } = outcome;
  const { location } = headers;
  if (step.follows === true && location !== undefined) {
    // The place alone counts: the host that a daemon names is not always the one that was asked.
    const { pathname, search } = new URL(location, `http://localhost${targetOf(step, stage)}`);
    const { over, shows, only } = step;
    const next = {
      http: `GET ${pathname}${search}`,
      ...(over && { over }),
      ...(shows && { shows }),
      ...(only && { only }),
    };
    return await askHttp(next, stage);
  }
  const shown = (step.shows ?? []).map((name): [string, Json] => {
    const value = headers[name.toLowerCase()];
    return [name, value === undefined ? null : normaliseText(String(value), stage.particulars)];
  });
  return {
    status,
    ...(shown.length === 0 ? {} : { headers: Object.fromEntries(shown) }),
    ...bodyOf(normaliseText(text, stage.particulars), step.only),
  };
}

type HttpStep = Extract<Step, { http: string }>;

interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function askOnce(step: HttpStep, stage: Stage): Promise<RawAnswer | { readonly failed: string }> {
  const [method = ''] = step.http.split(' ');
  const body = step.body === undefined ? null : Buffer.from(stage.fill(step.body));
  const headers = Object.fromEntries(
    Object.entries(step.headers ?? {}).map(([name, value]) => [name, stage.fill(value)]),
  );
  const length = body === null ? {} : { 'Content-Length': String(body.length) };
  const options = { ...addressOf(step.over, stage), method, path: targetOf(step, stage), agent: false };
  return new Promise((settle, reject) => {
    let text = Buffer.alloc(0);
    const outgoing = request({ ...options, headers: { ...length, ...headers }, timeout: deadlineMs }, (incoming) => {
      const finish = (whole: string): void => {
        settle({ status: incoming.statusCode ?? 0, headers: incoming.headers, text: whole });
        outgoing.destroy();
      };
      incoming.on('data', (chunk: Buffer) => {
        text = Buffer.concat([text, chunk]);
        const whole = cutBehind(text.toString(), step.until);
        if (whole !== null) finish(whole);
      });
      incoming.on('end', () => finish(text.toString()));
      incoming.on('error', (error) => reject(error));
    });
    outgoing.on('timeout', () => {
      reject(new Error(`no end of ${step.http} within ${deadlineMs} ms, only ${JSON.stringify(text.toString())}`));
      outgoing.destroy();
    });
    outgoing.on('error', (error) => settle({ failed: failureText(error) }));
    outgoing.end(body);
  });
}

function targetOf(step: HttpStep, { fill }: Stage): string {
  return fill(step.http.slice(step.http.indexOf(' ') + 1));
}

function bodyOf(text: string, only: RegExp | undefined): Entry {
  if (only === undefined) return { body: textAsJson(text) };
  return { found: [...text.matchAll(only)].map(([whole, group]) => group ?? whole) };
}

/** Sends bytes and keeps what comes back. */
export async function sendRaw(step: Extract<Step, { raw: string }>, stage: Stage): Promise<Entry> {
  const { socketPath, host, port } = addressOf(step.over, stage);
  const socket = socketPath === undefined ? connect(port ?? 0, host) : connect(socketPath);
  let text = '';
  const answer = new Promise<string>((settle) => {
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const whole = cutBehind(text, step.until);
      if (whole !== null) settle(whole);
    });
    // A reset after the answer is one way to close.
    socket.on('error', (error) => settle(text === '' ? `[${failureText(error)}]` : text));
    socket.on('close', () => settle(text));
  });
  socket.write(stage.fill(step.raw));
  const inTime = new AbortController();
  const late = delay(deadlineMs, null, { signal: inTime.signal }).catch(() => null);
  const whole = await Promise.race([answer, late]);
  inTime.abort();
  socket.destroy();
  if (whole === null) throw new Error(`the connection stays open after ${JSON.stringify(text)}`);
  const decoded = Buffer.from(whole, 'latin1').toString();
  return { answer: textAsJson(normaliseText(decoded, stage.particulars)) };
}

/** Where a request goes: the unix socket of the head, a port of 127.0.0.1, or another socket. */
export function addressOf(way: Way | undefined, { daemon, fill }: Stage): Address {
  const auth = way?.auth === undefined ? {} : { auth: way.auth };
  if (way?.to === undefined) return { ...daemon.address, ...auth };
  const to = fill(way.to);
  if (/^\d+$/.test(to)) return { host: '127.0.0.1', port: Number(to), ...auth };
  return { socketPath: to.startsWith('/') ? to : daemon.path(to), ...auth };
}

/** How long a request or a connection may take: no answer of a daemon is this late. */
const deadlineMs = 20_000;

function cutBehind(text: string, until: string | undefined): string | null {
  if (until === undefined) return null;
  const start = text.indexOf(until);
  return start === -1 ? null : text.slice(0, start + until.length);
}

function fillParam(param: RpcParam, fill: (text: string) => string): XmlRpcValue {
  if (typeof param === 'string') return fill(param);
  if (typeof param !== 'object') return param;
  if (isList(param)) return param.map((item) => fillParam(item, fill));
  return Object.fromEntries(Object.entries(param).map(([name, item]) => [name, fillParam(item, fill)]));
}

function isList(param: RpcParam): param is readonly RpcParam[] {
  return Array.isArray(param);
}

function picked(value: Json, names: readonly string[] | undefined): Json {
  if (names === undefined || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => picked(item, names));
  return Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)));
}

function sorted(value: Json, unordered: true | undefined): Json {
  if (unordered === undefined || !Array.isArray(value)) return value;
  const texts = value.map((item: Json) => JSON.stringify(item)).toSorted();
  return texts.map((text): Json => JSON.parse(text));
}

function asJson(value: XmlRpcValue): Json {
  const json: Json = JSON.parse(JSON.stringify(value));
  return json;
}

function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  if (code !== '') return code;
  return /^HTTP \d+/.exec(error.message)?.[0] ?? error.message;
}
