// The program that runs under every supervisor, compiled where there is a C compiler.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The path of a program that is played with. */
export function programPath(name: string): string {
  return resolve(import.meta.dirname, 'programs', name);
}

export interface Tool {
  /** An executable: its modes are in programs/tool.c. */
  readonly path: string;
  /** False when it is the one in Perl, which starts later and writes more slowly. */
  readonly compiled: boolean;
  remove(): void;
}

/** Compiles it into a folder of its own; statically where that can be done, so that its start is the least there is. */
export function makeTool({ compile = true }: { compile?: boolean } = {}): Tool {
  const folder = mkdtempSync(join(tmpdir(), 'corevisor-bench-tool-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const path = join(folder, 'tool');
  for (const flags of compile ? [['-static'], []] : []) {
    const { status } = spawnSync('cc', ['-O2', ...flags, '-o', path, programPath('tool.c')], { stdio: 'ignore' });
    if (status === 0) return { path, compiled: true, remove };
  }
  remove();
  return { path: programPath('tool.pl'), compiled: false, remove };
}
