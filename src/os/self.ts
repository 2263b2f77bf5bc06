// The daemon's own place in the system: its pidfile, user and directory, each with supervisord's rule and text (its
// options.py `write_pidfile`, `drop_privileges`, `daemonize`). What went wrong is answered, never thrown.

import { closeSync, constants, unlinkSync, writeSync } from 'node:fs';
import { pythonRepr } from '../base/python-text.ts';
import { errorCode } from '../base/system-error.ts';
import type { User } from '../base/user.ts';
import type { Users } from './users.ts';

export interface Pidfile {
  /** False when it could not be written; the daemon then says so and goes on. */
  readonly written: boolean;
  /** Removes the file, if it was written. */
  remove(): void;
}

/** Writes this process's pid and a newline; `open` is handed in, for others may write to the directory. */
export function writePidfile(path: string, open: (path: string, flags: number) => number): Pidfile {
  try {
    const fd = open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOCTTY);
    try {
      writeSync(fd, `${process.pid}\n`);
    } finally {
      closeSync(fd);
    }
  } catch {
    return { written: false, remove: () => undefined };
  }
  return {
    written: true,
    remove() {
      try {
        unlinkSync(path);
      } catch {
        // Gone already, or its directory is not ours any more: there is nobody left to tell.
      }
    },
  };
}

/** Makes the daemon this user for good, with all of the user's groups; answers why not, or null when it is done. */
export function becomeUser(user: User, users: Pick<Users, 'groupsOf'>): string | null {
  const uid = process.getuid?.();
  if (uid === user.uid) return null;
  if (uid !== 0) return "Can't drop privilege as nonroot user";
  const steps: readonly (readonly [string, () => void])[] = [
    ['Could not set groups of effective user', () => process.setgroups?.(users.groupsOf(user))],
    ['Could not set group id of effective user', () => process.setgid?.(user.gid)],
    ['Could not set user id of effective user', () => process.setuid?.(user.uid)],
  ];
  for (const [refusal, step] of steps) {
    try {
      step();
    } catch {
      return refusal;
    }
  }
  return null;
}

/** Changes into the directory; answers supervisord's sentence when that fails, or null. */
export function enterDirectory(directory: string): string | null {
  try {
    process.chdir(directory);
    return null;
  } catch (error) {
    const code = errorCode(error);
    const why = pythonsWords.get(code);
    const text = why === undefined ? code : `${why}: ${pythonRepr(directory)}`;
    return `can't chdir into ${pythonRepr(directory)}: ${text}`;
  }
}

const pythonsWords: ReadonlyMap<string, string> = new Map([
  ['ENOENT', '[Errno 2] No such file or directory'],
  ['EACCES', '[Errno 13] Permission denied'],
  ['ENOTDIR', '[Errno 20] Not a directory'],
]);
