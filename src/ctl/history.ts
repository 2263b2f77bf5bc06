// The shell's history, in the file of GNU readline's kind that supervisorctl keeps: a line each, the oldest first, the whole
// of it written when the shell is left. A file that cannot be read or written is done without, as supervisorctl does.
import {
  chmodSync,
  chownSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs';

/** The lines of earlier shells, newest first. */
export function readHistory(file: string | null): string[] {
  if (file === null) return [];
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.filter((line) => line !== '').toReversed();
  } catch {
    return [];
  }
}

/** Writes the lines in the place of what the file holds; on a full disk that stays. */
export function writeHistory(file: string | null, newestFirst: readonly string[]): void {
  if (file === null) return;
  const text = newestFirst
    .toReversed()
    .map((line) => `${line}\n`)
    .join('');
  try {
    const old = statSync(file, { throwIfNoEntry: false });
    if (old?.isFile() === false) writeFileSync(file, text);
    else replaceFile(file, { text, old });
  } catch {
    // Done without.
  }
}

function replaceFile(file: string, { text, old }: { text: string; old: Stats | undefined }): void {
  const target = old === undefined ? file : realpathSync(file);
  const draft = `${target}.${process.pid}`;
  try {
    // Not through what somebody may have put in its place.
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
    if (old !== undefined) {
      chmodSync(draft, old.mode & 0o777);
      if (old.uid !== process.geteuid?.()) chownSync(draft, old.uid, old.gid);
    }
    renameSync(draft, target);
  } finally {
    rmSync(draft, { force: true });
  }
}
