// A command that is run once beside a program, as the program itself would run: its user, environment, directory and umask.
// What it says is kept as far as somebody may want to read it; one that takes too long is killed with its process group.

import { closeSync } from 'node:fs';
import type { ExitStatus, RunOutcome } from '../base/child.ts';
import type { ProcessConfig } from '../config/programs.ts';
import { Output, SharedReading } from '../logs/output.ts';
import type { ProcessSurroundings } from './surroundings.ts';

export interface CommandBeside {
  /** For error texts. */
  readonly name: string;
  readonly command: string;
  readonly deadlineMs: number;
  readonly options: Pick<ProcessConfig['options'], 'user' | 'umask' | 'directory' | 'environment'>;
}

/** Of what it says, the beginning: the rest is read and thrown away. */
const keptBytes = 4096;
const sigkill = 9;

/** Runs it; resolves when it has ended, or is late. */
export function runBeside(
  { name, command, deadlineMs, options }: CommandBeside,
  { host, clock, environment }: Pick<ProcessSurroundings, 'host' | 'clock' | 'environment'>,
): Promise<RunOutcome> {
  const found = host.findCommand(command, options.environment['PATH']);
  if ('error' in found) return Promise.resolve(found);
  const surrounding = environment();
  if ('error' in surrounding) return Promise.resolve(surrounding);
  const { user, umask, directory } = options;
  const { file, argv } = found;
  return new Promise((resolve) => {
    const streams = { stdin: 'pipe', stdout: 'pipe', stderr: 'same-as-stdout' } as const;
    const setting = { environment: surrounding.variables, directory, umask, user };
    let isOver = false;
    const end = (status: ExitStatus | 'late'): void => {
      if (isOver) return;
      isOver = true;
      deadline.cancel();
      output?.drain();
      output?.close();
      resolve({ status, said: Buffer.concat(said).toString() });
    };
    const made = host.spawn({ name, file, argv, ...setting, ...streams }, end);
    if ('error' in made) return resolve(made);
    const { pid, stdin, stdout } = made.child;
    if (stdin !== null) closeSync(stdin);
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
      host.signal({ pid, signal: sigkill, to: 'group' });
      end('late');
    });
  });
}
