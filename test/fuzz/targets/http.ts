// What comes over the control sockets: logins, forms, and raw bytes to a server in this process and to a real daemon.
import { array, record, tuple } from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/base/clock.ts';
import { ActionToken, refusal } from '../../../src/http/action-guard.ts';
import { judge } from '../../../src/http/auth.ts';
import { withAsciiTarget } from '../../../src/http/first-bytes.ts';
import { quote, readForm } from '../../../src/http/form.ts';
import { isForeign } from '../../../src/http/origin.ts';
import { openServers } from '../../../src/http/server.ts';
import { fakeGroup, fakeProcess, fakeSupervisor } from '../../rpc/fakes.ts';
import { fakeMetrics } from '../../support/fake-metrics.ts';
import { Abused } from '../../support/under-abuse.ts';
import { corpus } from '../corpus.ts';
import { anyText, nearly, nearlyBytes } from '../mutate.ts';
import { slowTarget, target, type Target } from '../target.ts';

const heads = [
  'GET ',
  'POST ',
  'HEAD ',
  '/RPC2',
  '/',
  '/logtail/',
  ' HTTP/1.1\r\n',
  ' HTTP/1.0\r\n',
  'Host: x\r\n',
  '\r\n',
  '\r',
  '\n',
];
const fields = [
  'Content-Length: ',
  'Transfer-Encoding: chunked\r\n',
  'Authorization: Basic ',
  'Connection: close\r\n',
  'Expect: 100-continue\r\n',
];
const bytes = [
  '0',
  '9',
  '99999999999',
  '%',
  '%ff',
  '%00',
  '..',
  '?',
  '&',
  '=',
  'action=stop',
  'processname=x',
  '\u0000',
  '\u0080',
  ': ',
  ' ',
  '<methodCall>',
];
const requests = nearlyBytes(corpus('requests'), [...heads, ...fields, ...bytes]);

export const httpTargets: readonly Target[] = [
  target({
    name: 'Authorization headers: allowed, denied or malformed, and only the right one is allowed',
    weight: 8,
    arbitrary: nearly(
      ['Basic dTpw', 'basic dTpw', 'Bearer x', 'Basic', 'Basic dTo='],
      ['Basic ', 'dTpw', '=', ' ', ':', '\n', 'u:p', '/', 'bTpw'],
    ),
    run(header) {
      const verdict = judge(header, { username: 'u', password: 'p' });
      if (verdict !== 'allowed') return;
      const shown = Buffer.from(header.slice('basic '.length), 'base64').toString();
      if (shown !== 'u:p') throw new Error(`${shown} is let in`);
    },
    stretch: {
      spaces: (length) => `Basic ${' '.repeat(length)}`,
      colons: (length) => `Basic ${Buffer.from(':'.repeat(length)).toString('base64')}`,
    },
  }),
  target({
    name: 'forms, tokens and origins: read, and nothing acts without the token',
    weight: 8,
    arbitrary: tuple(
      nearly(
        ['/?action=stop&processname=x', '/index.html?token=', '/?%'],
        ['&', '=', '%', '%ff', '?', '#', 'token=', 'action=', '+', '__proto__'],
      ),
      nearly(['action=stop&token=x', ''], ['&', '=', '%', '%zz', 'token=', '\u0000', '+']),
      nearly(['same-origin', 'none', 'cross-site'], ['x', ' ', ',']),
    ),
    run([url, body, site]) {
      const form = readForm(url, body);
      quote([...form.values()].join().replaceAll(/\p{Surrogate}/gu, ''));
      isForeign({ origin: url, host: body });
      const about = { method: 'POST', headers: { 'sec-fetch-site': site }, form };
      const token = new ActionToken();
      if (refusal(about, { token, getActions: false }) === null) throw new Error('it acts');
    },
    stretch: {
      fields: (length): [string, string, string] => [`/?${'a=b&'.repeat(length)}`, '', 'none'],
      percents: (length): [string, string, string] => [`/?${'%'.repeat(length)}`, '%'.repeat(length), 'none'],
    },
  }),
  target({
    name: 'first lines become ASCII and mean the same',
    weight: 4,
    arbitrary: requests,
    run(first) {
      const ascii = withAsciiTarget(first);
      const line = ascii.subarray(0, ascii.includes(10) ? ascii.indexOf(10) : ascii.length);
      if (line.some((byte) => byte >= 0x80)) throw new Error('it is not ASCII');
      const size = first.includes(10) ? first.length - first.indexOf(10) : 0;
      if (!ascii.subarray(ascii.length - size).equals(first.subarray(first.length - size)))
        throw new Error('it differs');
    },
  }),
  slowTarget({
    name: 'raw bytes to a server in this process: an answer or an end, and no bug in the log',
    weight: 3,
    arbitrary: record({ first: requests, more: array(requests, { maxLength: 2 }), end: anyText }),
    open: openServer,
  }),
  slowTarget({
    name: 'raw bytes to a real daemon: its child and its other clients never notice',
    weight: 2,
    arbitrary: record({ first: requests, more: array(requests, { maxLength: 2 }), end: anyText }),
    open: openDaemon,
  }),
];

function quiet(): void {
  // Nobody listens.
}

interface Talk {
  readonly first: Buffer;
  readonly more: readonly Buffer[];
}

/** What is said in pieces, then a half-closed connection; done when the other side has ended it too. */
function talkTo(path: string, { first, more }: Talk): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, allowHalfOpen: true });
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no end after 60 s; ${Buffer.concat(chunks).toString('latin1').slice(0, 300)}`));
    }, 60_000);
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      // A log that is followed has no end of its own.
      if (size > 100 && Buffer.concat(chunks).includes('Transfer-Encoding: chunked')) socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    });
    socket.on('end', () => socket.end());
    socket.write(first);
    for (const piece of more) if (piece.length > 0) socket.write(piece);
    socket.end();
  });
}

function expectStatus(answer: Buffer): void {
  if (answer.length === 0) return;
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer.toString('latin1', 0, 20))?.[1]);
  const known = [100, 200, 301, 302, 303, 304, 400, 401, 403, 404, 405, 408, 410, 411, 413, 417, 426, 431, 501, 503];
  if (!known.includes(status)) throw new Error(answer.toString('latin1', 0, 300));
}

async function openServer(): Promise<{ run(talk: Talk): Promise<void>; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'corevisor-fuzz-'));
  writeFileSync(join(folder, 'log'), 'a line\n');
  const bugs: string[] = [];
  const note = (text: string): void => void (/Server Error|unexpected exception/.test(text) && bugs.push(text));
  const logger = {
    crit: note,
    error: note,
    warn: quiet,
    info: quiet,
    debug: quiet,
    trace: quiet,
    isEnabled: () => true,
  };
  const supervisor = fakeSupervisor([fakeGroup(fakeProcess({ stdoutLog: join(folder, 'log') }))]);
  const rpc = {
    interfaces: ['supervisor'],
    call: ({ method }: { readonly method: string }) => Promise.resolve(method),
  };
  const server = {
    kind: 'unix',
    section: 'unix_http_server',
    file: join(folder, 's'),
    chmod: 0o700,
    chown: null,
  } as const;
  const servers = await openServers([{ ...server, getActions: true, username: null, password: null }], {
    rpc,
    pageRpc: rpc,
    pageFiles: join(import.meta.dirname, '../../../src/http/assets'),
    supervisor,
    unready: () => [],
    metrics: fakeMetrics(),
    mainLog: { path: join(folder, 'log') },
    logger,
    clock: systemClock,
    ownName: 'this-machine',
    peerOf: null,
    userName: () => null,
    pid: process.pid,
    stderr: quiet,
  });
  return {
    async run(talk) {
      expectStatus(await talkTo(join(folder, 's'), talk));
      if (bugs.length > 0) throw new Error(bugs.splice(0).join('\n').slice(0, 1500));
    },
    async close() {
      await servers.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openDaemon(): Promise<{ run(talk: Talk): Promise<void>; close(): Promise<void> }> {
  const abused = await Abused.start();
  const path = abused.daemon.path('supervisor.sock');
  return {
    async run(talk) {
      // What is a whole and right call would be done.
      if (talk.first.includes('shutdown') || talk.first.includes('restart')) return;
      expectStatus(await talkTo(path, talk));
    },
    async close() {
      try {
        await abused.expectUnharmed();
      } finally {
        await abused.stop();
      }
    },
  };
}
