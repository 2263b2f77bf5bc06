// Where an env_file is: relative to the file that names it, which need not be that of the section.

import { dirname, resolve } from 'node:path';
import { findOption } from './ini.ts';
import type { OptionSource } from './option.ts';
import type { EnvFile } from './values.ts';

/** The same files with absolute paths; `source` is where the option was read from. */
export function resolveEnvFiles(
  files: readonly EnvFile[],
  { document, section }: Pick<OptionSource, 'document' | 'section'>,
): readonly EnvFile[] {
  const written = findOption(document, { section, name: 'env_file' });
  const folder = dirname(resolve(written?.where.file ?? ''));
  return files.map((file) => ({ ...file, path: resolve(folder, file.path) }));
}
