// The web page: the status with its actions, the end of a log, /ok.html and the files that the pages need. Addresses,
// texts and headers are supervisord's (its web.py); bodies are ours. routes.ts loads this file when the first request
// for a page comes.

import { Fault } from '../base/errors.ts';
import { readLog } from '../logs/read-log.ts';
import type { Caller } from '../rpc/context.ts';
import { findProcess, lexically } from '../rpc/names.ts';
import { processInfo } from '../supervisor/snapshot.ts';
import { type ActionToken, refusal, type Refusal } from './action-guard.ts';
import { answer, answerError, type Exchange, type Status } from './answers.ts';
import { hasGoodLength, readBody } from './body.ts';
import type { HttpDeps } from './deps.ts';
import { type Form, quote, readForm } from './form.ts';
import { pageHeaders, uncached } from './page.ts';
import { statusPage } from './status-page.ts';
import { smallestTail, tailPage } from './tail-page.ts';
import { act } from './web-actions.ts';

/** What a page is told besides the request. */
export interface WebTarget {
  readonly deps: HttpDeps;
  readonly token: ActionToken;
  readonly caller: Caller;
  readonly server: { readonly section: string; readonly getActions: boolean };
}

/** `/` and `/index.html`: the status, or an action and the way back to it. */
export async function answerStatus(exchange: Exchange, target: WebTarget): Promise<void> {
  const form = await formOf(exchange);
  if (form === null) return undefined;
  const { request } = exchange;
  const { deps, server, token, caller } = target;
  const action = form.get('action');
  if (action === undefined || request.method === 'HEAD')
    return answerPage(exchange, statusText(form.get('message'), target));
  const refused = refusal({ method: request.method ?? '', headers: request.headers, form }, { token, ...server });
  if (refused !== null) {
    const message = refusals[refused](server.section);
    const status = request.method === 'GET' && refused === 'not a button' ? 405 : 403;
    return answerPage(exchange, statusText(message, target), status);
  }
  const message = await act({ action, name: form.get('processname') }, { ...deps, caller });
  if (message === null)
    return answerPage(exchange, statusText(`Nothing was done: unknown action ${action}`, target), 400);
  // Scripts are answered as by supervisord; a browser may repeat a POST at 301, and must not at 303.
  return goBack(exchange, { message, status: form.has('token') ? 303 : 301 });
}

/** `/tail.html`: the end of a process's stdout log. */
export async function answerTail(exchange: Exchange, { deps }: WebTarget): Promise<void> {
  const form = await formOf(exchange);
  if (form === null) return undefined;
  const { identifier } = deps.supervisor.config.supervisord;
  const name = form.get('processname') ?? null;
  const asked = form.get('limit') ?? '';
  const limit = Math.min(Math.max(smallestTail, /^\d+$/.test(asked) ? Number(asked) : 0), largestTail);
  const end = name === null ? { text: 'No process name found', exists: false } : endOfLog(name, { limit, deps });
  return answerPage(exchange, tailPage({ identifier, name, limit, ...end }));
}

/** `/ok.html`: for those who only want to know whether somebody answers. */
export async function answerOk(exchange: Exchange): Promise<void> {
  if ((await formOf(exchange)) === null) return undefined;
  return answer(exchange, { status: 200, type: 'text/plain', body: 'OK' });
}

const refusals: Readonly<Record<Refusal, (section: string) => string>> = {
  foreign: () => 'Nothing was done: the request was made by a page of another site.',
  stale: () => 'Nothing was done: the page was older than the daemon. It is fresh now, please try again.',
  'not a button': (section) =>
    `Nothing was done: only the buttons of this page act. For links and scripts as under supervisord, set get_actions=true in [${section}].`,
};

/** The fields of a GET, HEAD or POST; null when the request has been answered or the client has left. */
async function formOf(exchange: Exchange): Promise<Form | null> {
  const { method, url = '' } = exchange.request;
  if (method === 'GET' || method === 'HEAD') return readForm(url, '');
  if (method !== 'POST') {
    answerError(exchange, 400);
    return null;
  }
  if (!(await hasGoodLength(exchange))) return null;
  const body = await readBody(exchange.request);
  return body === null ? null : readForm(url, body.toString('utf8'));
}

function statusText(message: string | undefined, { deps, token }: WebTarget): string {
  const { supervisor, clock } = deps;
  const now = Math.floor(clock.wall() / 1000);
  return statusPage({
    identifier: supervisor.config.supervisord.identifier,
    state: supervisor.state,
    processes: lexically(supervisor.groups()).map((process) => processInfo(process, now)),
    message: message ?? null,
    token: token.value,
  });
}

/** More would cost the daemon memory, and the browser its patience. */
const largestTail = 4 * 2 ** 20;

function endOfLog(
  name: string,
  { limit, deps }: { readonly limit: number; readonly deps: HttpDeps },
): { readonly text: string; readonly exists: boolean } {
  let exists = false;
  try {
    const process = findProcess(deps.supervisor, name);
    exists = true;
    const bytes = readLog(process.stdoutLog, { offset: -limit, length: 0 });
    return { text: textOf(bytes), exists };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (error.fault === 'NO_FILE') return { text: `No file for ${name}`, exists };
    return { text: `ERROR: unexpected rpc fault [${error.code}] ${error.message}`, exists };
  }
}

/** Whatever the bytes are; a character that the beginning cuts is left out. */
function textOf(bytes: Buffer): string {
  let start = 0;
  while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return bytes.toString('utf8', start);
}

function answerPage(exchange: Exchange, body: string, status: Status = 200): void {
  const headers = status === 405 ? ([...pageHeaders, ['Allow', 'POST']] as const) : pageHeaders;
  return answer(exchange, { status, type: 'text/html;charset=utf-8', headers, body });
}

/** supervisord builds the address from whatever the request says in Host; this one is right behind any proxy. */
function goBack(
  exchange: Exchange,
  { message, status }: { readonly message: string; readonly status: 301 | 303 },
): void {
  return answerError(exchange, status, [['Location', `./?message=${quote(message)}`], ...uncached]);
}
