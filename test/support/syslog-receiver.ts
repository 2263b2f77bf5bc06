// A system log of the test's own: a real datagram socket that receives only when asked, and a mount namespace in which
// /dev/log leads to it. Node has no unix datagrams, so the socket is made through koffi.
import { closeSync, chmodSync, mkdtempSync, readSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Koffi from 'koffi';
import { waitUntil } from './wait-until.ts';

/** Receives what is sent to a socket, and can be gone for a while. */
export class SyslogReceiver {
  readonly path: string;
  /** All messages so far that were asked for. */
  readonly messages: string[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'corevisor-syslog-'));
  #fd: number | null = null;

  /** It is not there before `start`. */
  constructor() {
    chmodSync(this.#folder, 0o755);
    this.path = join(this.#folder, 'log');
  }

  start(): void {
    const library = koffi().load(null);
    const socket = library.func('socket', 'int', ['int', 'int', 'int']);
    const bind = library.func('bind', 'int', ['int', 'void *', 'int']);
    const fd: number = socket(afUnix, sockDgram | sockNonblock | sockCloexec, 0);
    const address = Buffer.from(`\0\0${this.path}\0`);
    address.writeUInt16LE(afUnix);
    if (bind(fd, address, address.length) !== 0) throw new Error(`cannot bind ${this.path}`);
    chmodSync(this.path, 0o666);
    this.#fd = fd;
  }

  /** As a log daemon that is stopped: what was not received is lost, and the path leads nowhere. */
  stop(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
    rmSync(this.path, { force: true });
  }

  /** Takes what has arrived. */
  receive(): readonly string[] {
    const message = Buffer.alloc(256 * 1024);
    while (this.#fd !== null) {
      try {
        const count = readSync(this.#fd, message);
        this.messages.push(message.toString('utf8', 0, count));
      } catch {
        break;
      }
    }
    return this.messages;
  }

  /** Receives until so many messages that match are there, and answers them. */
  async waitFor(pattern: RegExp, count = 1): Promise<string[]> {
    const matching = (): string[] => this.messages.filter((message) => pattern.test(message));
    await waitUntil(() => this.receive() && matching().length >= count, {
      what: () => `${count} messages that match ${pattern}, after ${JSON.stringify(this.messages.slice(-20))}`,
      everyMs: 2,
      deadlineMs: 30_000,
    });
    return matching();
  }

  /** The words before a command that runs it where /dev/log is this receiver. */
  get wrapper(): readonly string[] {
    return wrapperWithLog(this.path);
  }

  remove(): void {
    this.stop();
    rmSync(this.#folder, { recursive: true });
  }
}

/** The words before a command that runs it in a mount namespace where /dev/log leads to this path. */
export function wrapperWithLog(path: string): readonly string[] {
  return ['unshare', '--mount', 'sh', '-c', ownDev, 'sh', path];
}

const ownDev = `log=$1 && shift && dev=$(mktemp -d) && mount -t tmpfs none $dev &&
for name in null zero full random urandom; do touch $dev/$name && mount --bind /dev/$name $dev/$name || exit 1; done &&
ln -s /proc/self/fd $dev/fd && ln -s fd/1 $dev/stdout && ln -s fd/2 $dev/stderr && ln -s "$log" $dev/log &&
mount --move $dev /dev && rmdir $dev && exec "$@"`;

function koffi(): typeof Koffi {
  // Loaded only where it is needed: not every machine has it.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a package is what its name says
  return createRequire(import.meta.url)('koffi') as typeof Koffi;
}

const afUnix = 1;
const sockDgram = 2;
const sockNonblock = 0o4000;
const sockCloexec = 0o2000000;
