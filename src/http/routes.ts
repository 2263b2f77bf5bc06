// What the servers answer, as one table: the address, who may ask, and how it is answered. Addresses match by their
// beginning where supervisord's do; what is in no row is 404, behind authentication. /livez, /readyz, /metrics and
// /scripts are ours. What the web page needs is loaded when the first request for it comes.

import { printable } from '../base/printable.ts';
import type { Caller } from '../rpc/context.ts';
import { findLog } from '../rpc/names.ts';
import type { ActionToken } from './action-guard.ts';
import { answer, answerError, type Exchange } from './answers.ts';
import { type Streams, streamLog } from './log-stream.ts';
import { answerRpc, type RpcSurroundings } from './rpc-route.ts';
import type { TroubleLog } from './trouble-log.ts';

/** What a route is told besides the request. */
interface Target extends RpcSurroundings {
  /** The address as it was asked for, percent signs resolved. */
  readonly path: string;
  readonly streams: Streams;
  readonly token: ActionToken;
  readonly caller: Caller;
  readonly trouble: TroubleLog;
  /** The server that was asked. */
  readonly server: { readonly section: string; readonly getActions: boolean };
}

interface Route {
  readonly path: string;
  readonly match: 'beginning' | 'whole';
  /** `user`: whoever the server's own authentication lets in; `anybody`: no authentication. */
  readonly access: 'user' | 'anybody';
  /** Reads the body of a POST itself; everywhere else bodies are thrown away. */
  readonly readsBody?: true;
  answer(exchange: Exchange, target: Target): void | Promise<void>;
}

export const routes: readonly Route[] = [
  {
    path: '/RPC2',
    match: 'beginning',
    access: 'user',
    readsBody: true,
    answer: answerRpc,
  },
  { path: '/logtail', match: 'beginning', access: 'user', answer: answerLogTail },
  { path: '/mainlogtail', match: 'beginning', access: 'user', answer: answerMainLogTail },
  { path: '/livez', match: 'whole', access: 'anybody', answer: (exchange) => answerProbe(exchange, []) },
  {
    path: '/readyz',
    match: 'whole',
    access: 'anybody',
    answer: (exchange, { deps }) => answerProbe(exchange, deps.unready()),
  },
  {
    path: '/metrics',
    match: 'whole',
    access: 'user',
    answer: async (exchange, target) => (await import('./metrics-route.ts')).answerMetrics(exchange, target),
  },
  { path: '/', match: 'whole', access: 'user', readsBody: true, answer: answerStatus },
  { path: '/index.html', match: 'whole', access: 'user', readsBody: true, answer: answerStatus },
  {
    path: '/tail.html',
    match: 'whole',
    access: 'user',
    readsBody: true,
    answer: async (exchange, target) => (await import('./web.ts')).answerTail(exchange, target),
  },
  {
    path: '/ok.html',
    match: 'whole',
    access: 'user',
    readsBody: true,
    answer: async (exchange) => (await import('./web.ts')).answerOk(exchange),
  },
  { path: '/stylesheets/', match: 'beginning', access: 'user', answer: answerFile },
  { path: '/scripts/', match: 'beginning', access: 'user', answer: answerFile },
  { path: '/images/', match: 'beginning', access: 'user', answer: answerFile },
];

const nothingHere: Route = {
  path: '',
  match: 'beginning',
  access: 'user',
  answer(exchange) {
    const { method } = exchange.request;
    answerError(exchange, method === 'GET' || method === 'HEAD' ? 404 : 400);
  },
};

/** The row for an address; there is always one. */
export function findRoute(path: string): Route {
  // supervisord's pages are found behind any number of slashes.
  const page = path.replace(/^\/+/, '/');
  const found = routes.find((route) => (route.match === 'whole' ? page === route.path : path.startsWith(route.path)));
  return found ?? nothingHere;
}

/** /logtail/NAME or /logtail/NAME/CHANNEL; the channel is stdout unless given. */
function answerLogTail(exchange: Exchange, { path, deps, streams, ...who }: Target): void {
  if (exchange.request.method !== 'GET') return answerError(exchange, 400);
  const [, , name = '', ...channel] = path.split('/');
  const log = findLog(deps.supervisor, { name, channel: channel.length === 0 ? 'stdout' : channel.join('/') });
  // Proxies are told not to hold back what comes line by line.
  return streamLog(exchange, {
    path: log,
    deps,
    streams,
    onStalled: stalled(who),
    headers: [['X-Accel-Buffering', 'no']],
  });
}

function answerMainLogTail(exchange: Exchange, { deps, streams, ...who }: Target): void {
  if (exchange.request.method !== 'GET') return answerError(exchange, 400);
  return streamLog(exchange, { path: deps.mainLog.path, deps, streams, onStalled: stalled(who), headers: [] });
}

function stalled({ trouble, caller }: Pick<Target, 'trouble' | 'caller'>): () => void {
  return () => trouble.note('closed a followed log that nobody read for 10 minutes', caller.who());
}

async function answerStatus(exchange: Exchange, target: Target): Promise<void> {
  const web = await import('./web.ts');
  return web.answerStatus(exchange, target);
}

async function answerFile(exchange: Exchange, { path, deps }: Target): Promise<void> {
  const files = await import('./static-files.ts');
  return files.answerFile(exchange, { path, folder: deps.pageFiles });
}

/** Named one by one in a body; the rest is counted. */
const named = 3;

/** 200, or 503 with what is wrong, in one short line. */
function answerProbe(exchange: Exchange, wrong: readonly string[]): void {
  const { method } = exchange.request;
  if (method !== 'GET' && method !== 'HEAD') return answerError(exchange, 400);
  const more = wrong.length > named ? [`${wrong.length - named} more`] : [];
  const body = wrong.length === 0 ? 'ok' : `not ready: ${[...wrong.slice(0, named), ...more].join(', ')}`;
  const status = wrong.length === 0 ? 200 : 503;
  return answer(exchange, { status, type: 'text/plain;charset=utf-8', body: `${printable(body)}\n` });
}
