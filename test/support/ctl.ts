// Runs a control command to its end: our corevisorctl or the real supervisorctl.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

export type Ctl = 'corevisorctl' | 'supervisorctl';

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

interface RunOptions {
  /** The whole of stdin; empty by default. */
  readonly input?: string;
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Ctrl-C once this is on stdout. */
  readonly interruptWhen?: string;
  /** A minute by default. */
  readonly timeoutMs?: number;
}

/** One command line, after `-c config` if a file is given. */
export function runCtl(
  ctl: Ctl,
  options: RunOptions & { readonly config?: string; readonly arguments: readonly string[] },
): Promise<Outcome> {
  const config = options.config === undefined ? [] : ['-c', options.config];
  return run([...ctlCommand[ctl], ...config, ...options.arguments], options);
}

/** Runs any program to its end and keeps what it said. */
export function run(command: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const [file = '', ...words] = command;
  const environment = { ...process.env, ...options.environment };
  const timeout = options.timeoutMs ?? 60_000;
  return new Promise((settle, reject) => {
    const child = spawn(file, words, { cwd: options.directory, env: environment, stdio: 'pipe', timeout });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let interrupted = false;
    child.stdout.on('data', (chunk: Buffer) => {
      stdout.push(chunk);
      if (options.interruptWhen === undefined || interrupted) return;
      interrupted = Buffer.concat(stdout).includes(options.interruptWhen);
      if (interrupted) child.kill('SIGINT');
    });
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (status) => {
      settle({ stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString(), status });
    });
    // A command that ends before it has read everything is no failure of the test.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

export const ctlCommand: Readonly<Record<Ctl, readonly string[]>> = {
  corevisorctl: [process.execPath, resolve(import.meta.dirname, '../../dist/corevisorctl.cjs')],
  supervisorctl: ['supervisorctl'],
};
