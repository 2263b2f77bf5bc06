// The Docker engine that DOCKER_HOST (or Docker's default) names, as the container tests talk to it.
import { execFile } from 'node:child_process';
import type { Outcome } from './ctl.ts';

/** Any docker command; answers what it said and its exit status. */
export function tryDocker(...words: readonly string[]): Promise<Outcome> {
  return runClient(['docker', ...words], commandTimeoutMs);
}

/** Any docker command that must succeed; answers its stdout without the last newline. */
export async function docker(...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await tryDocker(...words);
  if (status !== 0) throw new Error(`docker ${words.join(' ')}: status ${status}, ${stderr}`);
  return stdout.trimEnd();
}

/** Runs a command with BuildKit asked for; one that cannot run, or runs longer than `timeout` milliseconds, has no status. */
export function runClient(command: readonly string[], timeout: number): Promise<Outcome> {
  const [program = '', ...words] = command;
  const env = { ...process.env, DOCKER_BUILDKIT: '1' };
  return new Promise((settle) => {
    const child = execFile(program, words, { env, timeout, maxBuffer: 256 << 20 }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      settle({ status, stdout, stderr: stderr || (error?.message ?? '') });
    });
    child.stdin?.end();
  });
}

const commandTimeoutMs = 60_000;
