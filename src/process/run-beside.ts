// A command that is run once beside a program, as the program itself would run: its user, environment, directory and umask.
// What it says is kept as far as somebody may want to read it; one that takes too long is killed with its process group.

import type { ExitStatus, RunOutcome, SpawnOrder, SpawnResult } from '../base/child.ts';
import type { ProcessConfig } from '../config/programs.ts';
import { Output, SharedReading } from '../logs/output.ts';
import type { ProcessSurroundings } from './surroundings.ts';

export interface CommandBeside {
  /** For error texts. */
  readonly name: string;
  readonly command: string;
  readonly options: Pick<ProcessConfig['options'], 'user' | 'umask' | 'directory' | 'environment'>;
}

type Around = Pick<ProcessSurroundings, 'host' | 'environment'>;

/** `kill` does nothing once it has ended; `error` is supervisord's sentence. */
export type StartedBeside = { readonly kill: () => void } | { readonly error: string };

/** Of what it says, the beginning: the rest is read and thrown away. */
const keptBytes = 4096;
const sigkill = 9;

/** Runs it; resolves when it has ended, or is late. */
export function runBeside(
  { deadlineMs, ...beside }: CommandBeside & { readonly deadlineMs: number },
  { clock, ...around }: Around & Pick<ProcessSurroundings, 'clock'>,
): Promise<RunOutcome> {
  return new Promise((resolve) => {
    const streams = { stdin: 'null', stdout: 'pipe', stderr: 'same-as-stdout' } as const;
    let isOver = false;
    const end = (status: ExitStatus | 'late'): void => {
      if (isOver) return;
      isOver = true;
      deadline.cancel();
      output?.drain();
      output?.close();
      resolve({ status, said: Buffer.concat(said).toString() });
    };
    const made = makeBeside(beside, { ...around, streams, onExit: end });
    if ('error' in made) return resolve(made);
    const { pid, stdout } = made.child;
    const said: Buffer[] = [];
    let kept = 0;
    const write = (bytes: Buffer): void => {
      const taken = Buffer.from(bytes.subarray(0, keptBytes - kept));
      kept += taken.length;
      said.push(taken);
    };
    const shared = new SharedReading(clock);
    const output = stdout === null ? null : new Output({ shared, fd: stdout, write, onEnd: () => undefined });
    const deadline = clock.after(deadlineMs, () => {
      around.host.signal({ pid, signal: sigkill, to: 'group' });
      end('late');
    });
  });
}

/** Starts it without input and output. What is left of its process group when it has ended is killed. */
export function startBeside(
  beside: CommandBeside,
  { host, environment, onExit }: Around & { readonly onExit: (status: ExitStatus) => void },
): StartedBeside {
  let isOver = false;
  const kill = (pid: number): void => {
    if (!isOver) host.signal({ pid, signal: sigkill, to: 'group' });
  };
  const made = makeBeside(beside, {
    host,
    environment,
    streams: { stdin: 'null', stdout: 'null', stderr: 'null' },
    onExit(status) {
      if ('child' in made) kill(made.child.pid);
      isOver = true;
      onExit(status);
    },
  });
  return 'error' in made ? made : { kill: () => kill(made.child.pid) };
}

function makeBeside(
  { name, command, options }: CommandBeside,
  {
    host,
    environment,
    streams,
    onExit,
  }: Around & {
    readonly streams: Pick<SpawnOrder, 'stdin' | 'stdout' | 'stderr'>;
    readonly onExit: (status: ExitStatus) => void;
  },
): SpawnResult {
  const found = host.findCommand(command, options.environment['PATH']);
  if ('error' in found) return { error: found.error };
  const surrounding = environment();
  if ('error' in surrounding) return surrounding;
  const { user, umask, directory } = options;
  const { file, argv } = found;
  const order = { name, file, argv, environment: surrounding.variables, directory, umask, user, ...streams };
  return host.spawn(order, onExit);
}
