// The way to the system's log: datagrams to a unix socket, as syslog(3) sends them, but never blocking. The receiver may be
// missing, full or restarted at any time: the socket is connected when there is something to send, and anew when its
// receiver has gone. Node itself has no unix datagrams.

import { closeSync, writeSync } from 'node:fs';
import { errorCode } from '../base/system-error.ts';
import { errnoName } from './errno.ts';
import type { Libc } from './libc.ts';
import { afUnix, unixAddress } from './unix-address.ts';

/** Where syslog(3) sends to. */
export const syslogPath = '/dev/log';

/** Sends whole messages or nothing. */
export interface SyslogSocket {
  /** Answers the errno name of why the message did not go out (EAGAIN: the receiver is slow), null when it did. */
  send(message: Uint8Array): string | null;
  close(): void;
}

/** A socket that is connected to `path` at the first message. */
export function createSyslogSocket(libc: Libc, path: string = syslogPath): SyslogSocket {
  let fd: number | null = null;

  function close(): void {
    if (fd !== null) closeSync(fd);
    fd = null;
  }

  function connect(): string | null {
    const made = libc.socket(afUnix, sockDgram | sockNonblock | sockCloexec, 0);
    if (made < 0) return errnoName(libc.errno());
    const address = unixAddress(path);
    if (libc.connect(made, address, address.length) === 0) {
      fd = made;
      return null;
    }
    const problem = errnoName(libc.errno());
    closeSync(made);
    return problem;
  }

  return {
    send(message) {
      if (fd !== null) {
        const problem = write(fd, message);
        if (problem === null || problem === 'EAGAIN' || problem === 'EMSGSIZE') return problem;
        // The receiver that it was connected to has gone; another one may be there already.
        close();
      }
      const problem = connect();
      return problem !== null || fd === null ? problem : write(fd, message);
    },
    close,
  };
}

function write(to: number, message: Uint8Array): string | null {
  try {
    writeSync(to, message);
    return null;
  } catch (error) {
    return errorCode(error);
  }
}

const sockDgram = 2;
const sockNonblock = 0o4000;
const sockCloexec = 0o2000000;
