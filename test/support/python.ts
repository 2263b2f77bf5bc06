// Python programs that use the libraries of the installed supervisor, and checks that are written in Python: sentences
// that stand above functions (clients/checks.py), read from the file so that each becomes a test of its own.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { run } from './ctl.ts';

/** The interpreter that a Python program names in its first line: the one that has its modules. */
export function pythonOf(program: string): string {
  const folders = (process.env['PATH'] ?? '').split(':');
  for (const folder of folders) {
    try {
      const shebang = /^#!\s*(\S+)/.exec(readFileSync(join(folder, program), 'utf8'));
      if (shebang?.[1] !== undefined) return shebang[1];
    } catch {
      // Not in this folder.
    }
  }
  throw new Error(`no ${program} in PATH`);
}

/** The path of a Python program in test/support/clients. */
export function pythonClient(name: string): string {
  return resolve(import.meta.dirname, 'clients', name);
}

/** The sentences of the checks in a file, in its order. */
export function checksIn(name: string): string[] {
  const text = readFileSync(pythonClient(name), 'utf8');
  return [...text.matchAll(/^@check\("(.*)"\)$/gm)].map(([, sentence]) => sentence ?? '');
}

/** Runs all checks of a file; answers what went wrong by sentence, '' for what went well. */
export async function runChecks(
  name: string,
  ...words: readonly string[]
): Promise<{ readonly results: ReadonlyMap<string, string>; readonly output: string }> {
  const { stdout, stderr } = await run([pythonOf('supervisorctl'), pythonClient(name), ...words]);
  const results = new Map<string, string>();
  for (const line of stdout.split('\n').filter((each) => each.startsWith('["'))) {
    const said: unknown = JSON.parse(line);
    if (Array.isArray(said)) results.set(String(said[0]), String(said[1]));
  }
  return { results, output: stdout + stderr };
}
