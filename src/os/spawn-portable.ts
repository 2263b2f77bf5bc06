// The spawner for where native calls cannot be made: the same contract through node:child_process. Its pipes are real ones
// too, made by the mkfifo program, because a child cannot reopen libuv's sockets by name (`> /dev/stdout`).

import type * as ChildProcessModule from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { resolve } from 'node:path';
import { openFifos } from './child-fifos.ts';
import type { ChildStreams } from './child-streams.ts';
import { createDelivery } from './delivery.ts';
import type { ExitStatus, SpawnOrder, SpawnResult } from '../base/child.ts';
import { errorCode } from '../base/system-error.ts';
import { descriptorsError, forkError, type Spawn, standIn } from './spawn-order.ts';

/** What to tell the user once, where this path is taken; `reason` says why native calls cannot be made. */
export function portableWarning(reason: string): string {
  return (
    `no native calls (${reason}): orphans are not buried (use an init such as docker run --init), programs restart less ` +
    'quickly, inherit the open file limit of the daemon, nothing is sent to syslog, user= needs setpriv, and fcgi-programs ' +
    'cannot be started'
  );
}

/** The portable spawner, and what it knows of its children. */
export interface PortableSpawning {
  readonly spawn: Spawn;
  /** Whether this pid was a child that is buried, which is not told yet: the pid may be a stranger's by now. */
  readonly isOver: (pid: number) => boolean;
}

/** A spawner that needs nothing but Node, `mkfifo` and, for user=, `setpriv`. */
export function createPortableSpawn(): PortableSpawning {
  // Not imported above, because the native path never needs it and loading it takes 3 ms.
  const childProcess = process.getBuiltinModule('node:child_process');
  const delivery = createDelivery();
  const over = new Set<number>();
  let setpriv: boolean | null = null;
  const spawn: Spawn = (order, onExit) => {
    const { user } = order;
    const other = user !== null && user.uid !== process.getuid?.();
    if (other && process.getuid?.() === 0 && !(setpriv ??= hasSetpriv(childProcess))) {
      return { error: `couldn't setuid to ${user.uid}: setpriv with --init-groups is not installed` };
    }
    const result = spawnInto({ childProcess, onExit: bury }, order);
    if ('child' in result) over.delete(result.child.pid);
    return result;

    function bury(pid: number, status: ExitStatus): void {
      over.add(pid);
      delivery.push(() => {
        over.delete(pid);
        onExit(status);
      });
    }
  };
  return { spawn, isOver: (pid) => over.has(pid) };
}

interface Making {
  readonly childProcess: typeof ChildProcessModule;
  readonly onExit: (pid: number, status: ExitStatus) => void;
}

function spawnInto(making: Making, order: SpawnOrder): SpawnResult {
  let streams: ChildStreams;
  try {
    streams = openFifos(making.childProcess, order);
  } catch (error) {
    const code = errorCode(error);
    // The program that makes the pipes is a process, too.
    return { error: isNoRoom(code) ? forkError(order.name, code) : descriptorsError(order.name, code) };
  }
  let made = spawnOne(making, order, streams);
  if ('problem' in made) made = spawnOne(making, standIn(order, made.problem), streams);
  streams.closeChildEnds();
  if ('pid' in made) return { child: { pid: made.pid, ...streams.parent } };
  streams.closeParentEnds();
  // Not even the shell: there is no room for another process, which Node does not say at once.
  return { error: 'error' in made ? made.error : forkError(order.name, 'EAGAIN') };
}

/** A pid; `error` when no process could be made; `problem` when supervisord's child would have said so. */
type Made = { readonly pid: number } | { readonly error: string } | { readonly problem: string };

function isNoRoom(code: string): boolean {
  return code === 'EAGAIN' || code === 'ENOMEM';
}

function spawnOne(making: Making, order: SpawnOrder, streams: ChildStreams): Made {
  const { user, directory, umask } = order;
  const other = user !== null && user.uid !== process.getuid?.() ? user : null;
  if (other !== null && process.getuid?.() !== 0) {
    return { problem: `couldn't setuid to ${other.uid}: Can't drop privilege as nonroot user` };
  }
  const { file, argv0, parameters } = other === null ? plain(order) : throughSetpriv(order, other);
  if (other !== null) streams.openTo(other);
  const ownUmask = umask === null ? null : process.umask(umask);
  try {
    const child = making.childProcess.spawn(file, parameters, {
      argv0,
      detached: true, // its own process group; libuv can do it only with a session of its own
      stdio: [...streams.child],
      env: { ...order.environment },
      ...(directory === null ? {} : { cwd: directory }),
    });
    // The same failure is answered below, in this tick.
    child.once('error', () => undefined);
    const { pid } = child;
    if (pid === undefined) return { problem: problemOf(order, 'ENOENT') };
    child.once('exit', (code, signal) => making.onExit(pid, exitStatus(code, signal)));
    return { pid };
  } catch (error) {
    const code = errorCode(error);
    return isNoRoom(code) ? { error: forkError(order.name, code) } : { problem: problemOf(order, code) };
  } finally {
    if (ownUmask !== null) process.umask(ownUmask);
  }
}

interface Command {
  readonly file: string;
  readonly argv0: string;
  readonly parameters: readonly string[];
}

function plain({ file, argv }: SpawnOrder): Command {
  const [argv0 = file, ...parameters] = argv;
  // libuv searches PATH for a name without a slash; here it is already a file.
  return { file: file.includes('/') ? file : `./${file}`, argv0, parameters };
}

/** libuv's own uid option would drop the supplementary groups. */
function throughSetpriv(order: SpawnOrder, user: { readonly uid: number; readonly gid: number }): Command {
  const { file, parameters } = plain(order);
  const flags = [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--init-groups', '--'];
  return { file: 'setpriv', argv0: 'setpriv', parameters: [...flags, file, ...parameters] };
}

/**
 * Node tells some reasons only later and none tells the directory from the file, so it is found out anew; ENOENT is left
 * over for a script whose interpreter is missing.
 */
function problemOf(order: SpawnOrder, otherwise: string): string {
  const { directory, file, argv } = order;
  const chdir = directory === null ? null : accessError(directory === '' ? '' : `${directory}/`);
  if (chdir !== null) return `couldn't chdir to ${directory}: ${chdir}`;
  return `couldn't exec ${argv[0] ?? file}: ${accessError(resolve(directory ?? '.', file)) ?? otherwise}`;
}

function accessError(path: string): string | null {
  try {
    accessSync(path, constants.X_OK);
    return null;
  } catch (error) {
    return errorCode(error);
  }
}

function exitStatus(code: number | null, signal: NodeJS.Signals | null): ExitStatus {
  return signal === null ? { code: code ?? 0 } : { signal: osConstants.signals[signal], core: false };
}

function hasSetpriv({ spawnSync }: typeof ChildProcessModule): boolean {
  // busybox has a setpriv that cannot set groups
  return (spawnSync('setpriv', ['--help'], { encoding: 'utf8' }).stdout ?? '').includes('--init-groups');
}
