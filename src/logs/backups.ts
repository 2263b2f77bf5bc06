// The backups of a rotated log: `.1` is the newest, what is beyond the last number goes.

import { renameSync } from 'node:fs';
import { errorCode } from '../base/system-error.ts';

/** `.1` becomes `.2` and so on, the last one goes, the file itself becomes `.1`; what somebody else removed is no error. */
export function shiftBackups(path: string, backups: number): void {
  for (let number = backups - 1; number > 0; number -= 1) {
    unlessMissing(() => renameSync(`${path}.${number}`, `${path}.${number + 1}`));
  }
  unlessMissing(() => renameSync(path, `${path}.1`));
}

/** Does it; that the file is missing already is no error. */
export function unlessMissing(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
