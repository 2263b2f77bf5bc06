// Going to the background. Node cannot fork, so the command starts itself a second time in a session of its own and waits
// until that process says that it is up; until then the second one speaks on the terminal, and its failure is the
// command's failure.

import { closeSync, openSync, writeSync } from 'node:fs';
import { originalOpenFiles } from './limits.ts';

/** Marks the second process in its environment; the value is the soft limit on open files that the first one found. */
const mark = 'COREVISOR_DETACHED';

/** Where the second process says that it is up. */
const statusFd = 3;

/** Starts this program again, detached, and resolves with the exit status to end with: 0 once the other one is up. */
export async function startDetached(): Promise<number> {
  // Loaded here, because a daemon that stays in the foreground never needs it.
  const { spawn } = await import('node:child_process');
  const [, ...script] = process.argv;
  const child = spawn(process.execPath, [...process.execArgv, ...script], {
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    env: { ...process.env, [mark]: String(originalOpenFiles() ?? '') },
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status) => resolve(status ?? 1));
    const upWord = child.stdio[statusFd];
    upWord?.once('data', () => resolve(0));
    upWord?.once('error', () => undefined); // then its exit tells
  });
}

/** The second process's side. */
export interface Detachment {
  /** The soft limit on open files that the first process was started with, null when unknown. */
  readonly openFiles: number | null;
  /** Leaves the terminal: 0, 1 and 2 become /dev/null, and the first process ends with status 0. */
  up(): void;
}

/** Whether this process is the second one; takes the mark out of the environment, so that children do not see it. */
export function detachment(): Detachment | null {
  const value = process.env[mark];
  if (value === undefined) return null;
  Reflect.deleteProperty(process.env, mark);
  return {
    openFiles: /^\d+$/.test(value) ? Number(value) : null,
    up() {
      // The lowest free number is the one just closed.
      for (const fd of [0, 1, 2]) {
        closeSync(fd);
        openSync('/dev/null', fd === 0 ? 'r' : 'w');
      }
      try {
        writeSync(statusFd, 'up\n');
        closeSync(statusFd);
      } catch {
        // The first process was killed: nobody is waiting.
      }
    },
  };
}
