// The process of [proxy:x]: `node proxy.cjs --listen HOST:PORT --upstream NAME --hold SECONDS`. The daemon tells it
// its members on stdin, one line of JSON at each change; it ends on SIGTERM, and by itself when the daemon is gone and stdin ends.
import { parseArgs } from 'node:util';
import winston from 'winston';
import { systemClock } from '../base/clock.ts';
import { readAddress } from '../config/address.ts';
import { createAccessLog } from '../upstream/access-log.ts';
import { MemberPool, readFeedLine } from '../upstream/member-pool.ts';
import { createProxy } from '../upstream/proxy.ts';

/** nginx's usual proxy_read_timeout. */
const silenceMs = 60_000;
/** No member list is as long as this. */
const longestLine = 1_000_000;

// http-proxy uses util._extend, which newer versions of Node warn about on stderr.
Object.assign(process, { noDeprecation: true });
run(process.argv.slice(2));

function run(argv: string[]): void {
  const order = readOrder(argv);
  if ('problem' in order) {
    process.stderr.write(`proxy: ${order.problem}\nusage: proxy --listen HOST:PORT --upstream NAME [--hold SECONDS]\n`);
    process.exitCode = 2;
    return;
  }
  const { host, port, upstream, holdMs } = order;
  const log = createLog(upstream);
  const access = createAccessLog({
    upstream,
    clock: systemClock,
    write: (lines) => log.info({ message: lines, lines }),
  });
  const pool = new MemberPool(systemClock);
  const proxy = createProxy({
    pool,
    clock: systemClock,
    holdMs,
    silenceMs,
    onRequest: (seen) => access.note(seen),
  });
  const { server } = proxy;
  server.once('error', (error: NodeJS.ErrnoException) => {
    const reason = error.code === 'EADDRINUSE' ? 'another process listens there already' : error.message;
    log.error(`cannot listen on ${host}:${port}: ${reason}`);
    process.exit(1);
  });
  // The daemon's own socket, on which clients wait while one proxy takes the place of another.
  const held = process.env['COREVISOR_LISTEN_FD'];
  const place = held === undefined ? { port, ...(host !== '' && { host }) } : { fd: Number(held) };
  server.listen(place, () => log.info(`listening on ${host}:${port}`));

  let ending = false;
  const end = (reason: string): void => {
    if (ending) return;
    ending = true;
    log.info(`stopping: ${reason}`);
    void proxy.close().then(() => {
      access.flush();
      process.exit(0);
    });
  };
  process.on('SIGTERM', () => end('SIGTERM'));
  process.on('SIGINT', () => end('SIGINT'));
  readLines((line) => {
    const members = readFeedLine(line);
    if (members === null) log.error('cannot read a line of the member list on stdin');
    else proxy.replaceMembers(members);
  });
  // Nobody reads the log any more: the daemon is gone, and stdin is about to say so.
  process.stdout.on('error', () => undefined);
  process.stdin.once('error', () => end('stdin failed'));
  process.stdin.once('end', () => end('the daemon is gone'));
}

interface Order {
  readonly host: string;
  readonly port: number;
  readonly upstream: string;
  /** How long a request is held while no member is ready. */
  readonly holdMs: number;
}

function readOrder(argv: string[]): Order | { readonly problem: string } {
  const options = { listen: { type: 'string' }, upstream: { type: 'string' }, hold: { type: 'string' } } as const;
  let values: { listen?: string | undefined; upstream?: string | undefined; hold?: string | undefined };
  try {
    ({ values } = parseArgs({ args: argv, options }));
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  const { listen = '', upstream = '', hold = '30' } = values;
  // '' before the colon is every address.
  const address = readAddress(listen.startsWith(':') ? `0.0.0.0${listen}` : listen);
  if (address === null || !('port' in address)) return { problem: `--listen ${listen} is not HOST:PORT` };
  if (upstream === '') return { problem: '--upstream is missing' };
  if (!/^\d+(\.\d+)?$/.test(hold)) return { problem: `--hold ${hold} is not a number of seconds` };
  return {
    host: listen.startsWith(':') ? '' : address.host,
    port: address.port,
    upstream,
    holdMs: Number(hold) * 1000,
  };
}

function readLines(onLine: (line: string) => void): void {
  let rest = '';
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) rest = '';
    for (const line of lines) onLine(line);
  });
}

/** A message is an object of its own; `lines` of the access log are that already. */
function createLog(upstream: string): winston.Logger {
  const { combine, json, printf, timestamp } = winston.format;
  const one = combine(timestamp(), json());
  const ready = printf((info) => String(info['lines']));
  const either = winston.format((info) => ('lines' in info ? ready : one).transform(info));
  return winston.createLogger({
    format: either(),
    defaultMeta: { proxy: upstream },
    transports: [new winston.transports.Stream({ stream: process.stdout, eol: '\n' })],
  });
}
