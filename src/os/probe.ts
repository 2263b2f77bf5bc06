// Asks a process over the network whether it serves. A socket and two lines instead of Node's HTTP client, because a thousand
// workers are asked every few seconds: 1.9 % of a core where http.get costs 8 to 10. The deadline is the caller's.

import { connect } from 'node:net';
import type { NetworkCheck, ProbeResult } from '../base/health-check.ts';
import { errorCode } from '../base/system-error.ts';
import { corevisorVersion } from '../base/version.ts';
import { type HttpAnswer, HttpAnswerReader } from './http-answer.ts';

/** Begins to ask; `done` is called once, later, unless what is answered here is called first, which gives it up. */
export function probe(check: NetworkCheck, done: (result: ProbeResult) => void): () => void {
  const { host, port } = check;
  const socket = connect({ host, port });
  const over = (result: ProbeResult): void => {
    giveUp();
    done(result);
  };
  const giveUp = (): void => {
    socket.removeAllListeners();
    // What comes after the end of interest, such as a reset, must not be thrown.
    socket.on('error', () => undefined);
    socket.destroy();
  };
  socket.on('error', (error) => over(failed(errorCode(error))));
  if (check.kind === 'tcp') {
    socket.once('connect', () => over({ outcome: 'healthy', text: 'accepted a connection' }));
    return giveUp;
  }
  const reader = new HttpAnswerReader();
  socket.once('connect', () => socket.write(requestOf(check)));
  socket.on('data', (chunk: Buffer) => {
    const answer = reader.read(chunk);
    if (answer !== null) over(judge(answer));
  });
  socket.once('end', () => over({ outcome: 'unhealthy', text: 'closed the connection without an answer' }));
  return giveUp;
}

function requestOf({ path, hostHeader, authorization }: Extract<NetworkCheck, { readonly kind: 'http' }>): string {
  const head = [
    `GET ${path} HTTP/1.1`,
    `Host: ${hostHeader}`,
    `User-Agent: corevisor/${corevisorVersion} (health)`,
    'Accept: */*',
    'Connection: close',
    ...(authorization === null ? [] : [`Authorization: ${authorization}`]),
  ];
  return `${head.join('\r\n')}\r\n\r\n`;
}

/** A redirect is an answer like any other, and is not followed. */
function judge(answer: NonNullable<HttpAnswer>): ProbeResult {
  if ('problem' in answer) return { outcome: 'unhealthy', text: answer.problem };
  const { status } = answer;
  return { outcome: status >= 200 && status < 400 ? 'healthy' : 'unhealthy', text: `answered ${status}` };
}

/** What goes wrong on our own side, or on the way to a name, is not the process's fault. */
const ownTrouble: ReadonlySet<string> = new Set([
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_MEMORY',
  'EAI_SYSTEM',
  'ENOTFOUND',
]);

function failed(code: string): ProbeResult {
  if (ownTrouble.has(code)) return { outcome: 'unknown', text: `could not be asked: ${code}` };
  return { outcome: 'unhealthy', text: words[code] ?? `could not be reached: ${code}` };
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: 'broke the connection off',
  EPIPE: 'broke the connection off',
};
