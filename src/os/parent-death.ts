// `parent_death`: a child that the kernel kills when the daemon dies. PR_SET_PDEATHSIG is set by a process for itself, and
// posix_spawn has no word for it, so util-linux's setpriv comes first and becomes the program: same pid, one exec more
// (0.6 ms until the child's first instruction, nothing in the daemon). The signal is bound to the thread that made the child; ours are
// all made by the main one. It is lost at an exec that changes the user: users are changed before setpriv, never after.

import type { SpawnOrder } from '../base/child.ts';
import { findCommand } from './command.ts';

/** Finds that setpriv when it is first asked for; null without one. */
export function lazyDeathSignaller(): () => string | null {
  let known: string | null | undefined;
  return () => (known === undefined ? (known = findDeathSignaller()) : known);
}

/** The setpriv in the daemon's PATH that knows --pdeathsig (util-linux 2.33, 2018; busybox's does not). */
function findDeathSignaller(): string | null {
  const found = findCommand('setpriv', undefined);
  if ('error' in found) return null;
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { stdout } = spawnSync(found.file, ['--help'], { encoding: 'utf8', timeout: helpTimeoutMs });
  return (stdout ?? '').includes('--pdeathsig') ? found.file : null;
}

const helpTimeoutMs = 5000;

/** The same child, but killed by the kernel as soon as the daemon is dead. Its own children are not. */
export function dyingWithDaemon(order: SpawnOrder, setpriv: string): SpawnOrder {
  const { file, argv } = order;
  // A name without a slash would be searched for in the child's PATH.
  const program = file.includes('/') ? file : `./${file}`;
  return { ...order, file: setpriv, argv: ['setpriv', '--pdeathsig', 'KILL', '--', program, ...argv.slice(1)] };
}
