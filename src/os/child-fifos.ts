// The three descriptors of a child that node:child_process makes: the same as child-streams.ts without native calls. A
// named pipe that is opened and unlinked is a real pipe; the mkfifo program makes its name (3 ms).

import type * as ChildProcessModule from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChildStreams, openToUser } from './child-streams.ts';
import type { SpawnOrder } from '../base/child.ts';

/** Opens what the order asks for; throws Node's error where there are no descriptors left or no pipe can be made. */
export function openFifos(
  childProcess: typeof ChildProcessModule,
  order: Pick<SpawnOrder, 'stdin' | 'stdout' | 'stderr'>,
): ChildStreams {
  const directory = mkdtempSync(join(tmpdir(), 'corevisor-'));
  const opened: Opened = { childEnds: [], parentEnds: [] };
  const path = (name: string): string => join(directory, name);
  const output = (name: 'stdout' | 'stderr', stream: SpawnOrder['stdout']): Ends<number | null> => {
    switch (stream) {
      case 'pipe':
        return openOutput(path(name), opened);
      case 'null':
        return { parent: null, child: open(opened.childEnds, ['/dev/null', constants.O_RDWR]) };
      case 'daemon-stdout':
        return { parent: null, child: 1 };
      case 'daemon-stderr':
        return { parent: null, child: 2 };
    }
  };
  const source = (stdin: Exclude<SpawnOrder['stdin'], 'pipe'>): number =>
    stdin === 'null' ? open(opened.childEnds, ['/dev/null', constants.O_RDWR]) : stdin.socket;
  try {
    const names = (['stdin', 'stdout', 'stderr'] as const).filter((name) => order[name] === 'pipe');
    if (names.length > 0) makeFifos(childProcess, names.map(path));
    const stdin =
      order.stdin === 'pipe' ? openInput(path('stdin'), opened) : { parent: null, child: source(order.stdin) };
    const stdout = output('stdout', order.stdout);
    const stderr = order.stderr === 'same-as-stdout' ? { ...stdout, parent: null } : output('stderr', order.stderr);
    const child = [stdin.child, stdout.child, stderr.child] as const;
    return {
      child,
      parent: { stdin: stdin.parent, stdout: stdout.parent, stderr: stderr.parent },
      openTo: (user) => child.forEach((fd) => openToUser(fd, { ...user, shared: fd <= 2 })),
      closeChildEnds: () => opened.childEnds.forEach((fd) => closeSync(fd)),
      closeParentEnds: () => opened.parentEnds.forEach((fd) => closeSync(fd)),
    };
  } catch (error) {
    for (const fd of [...opened.childEnds, ...opened.parentEnds]) closeSync(fd);
    throw error;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Opened {
  readonly childEnds: number[];
  readonly parentEnds: number[];
}

interface Ends<Parent> {
  readonly parent: Parent;
  readonly child: number;
}

/** The reader first: a writer that finds none would wait. Only the parent's end is non-blocking. */
function openOutput(path: string, { childEnds, parentEnds }: Opened): Ends<number> {
  const parent = open(parentEnds, [path, constants.O_RDONLY | constants.O_NONBLOCK]);
  return { parent, child: open(childEnds, [path, constants.O_WRONLY]) };
}

/** A blocking reader waits for a writer, so an end that is both holds the pipe open meanwhile. */
function openInput(path: string, { childEnds, parentEnds }: Opened): Ends<number> {
  const both = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    const child = open(childEnds, [path, constants.O_RDONLY]);
    return { child, parent: open(parentEnds, [path, constants.O_WRONLY | constants.O_NONBLOCK]) };
  } finally {
    closeSync(both);
  }
}

function open(into: number[], [path, flags]: readonly [string, number]): number {
  const fd = openSync(path, flags);
  into.push(fd);
  return fd;
}

function makeFifos({ spawnSync }: typeof ChildProcessModule, paths: readonly string[]): void {
  const { error, status, stderr } = spawnSync('mkfifo', ['-m', '600', ...paths], { encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(stderr.trim());
}
