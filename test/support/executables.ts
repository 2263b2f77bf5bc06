// The smaller executables under their own names: supervisord's package has them in a folder of the PATH, ours are bundles.
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Mode } from './modes.ts';

const dist = resolve(import.meta.dirname, '../../dist');

/** Our bundles by the name under which they are called. */
const bundles: Readonly<Record<string, string>> = {
  echo_supervisord_conf: 'echo-supervisord-conf.cjs',
  pidproxy: 'pidproxy.cjs',
};

/** A folder that has them; ours are linked into `{directory}/.bin`. */
export function executablesOf(mode: Mode, directory: string): string {
  if (mode === 'reference') {
    const folders = (process.env['PATH'] ?? '').split(':');
    return folders.find((folder) => existsSync(join(folder, 'pidproxy'))) ?? '/usr/bin';
  }
  const folder = join(directory, '.bin');
  mkdirSync(folder);
  for (const [name, bundle] of Object.entries(bundles)) symlinkSync(join(dist, bundle), join(folder, name));
  return folder;
}
