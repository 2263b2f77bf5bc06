// The wall clock of one process under the test's control: Debian's libfaketime, preloaded into that process alone, reads an
// offset from a file at each look at the clock. The monotonic clock goes on as it is, as when an administrator sets the date.
import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The library for programs with threads; null where it is not installed. */
export function fakeTimeLibrary(): string | null {
  const folders = ['/usr/lib', ...directoriesIn('/usr/lib')];
  return folders.map((folder) => join(folder, 'faketime/libfaketimeMT.so.1')).find((path) => existsSync(path)) ?? null;
}

/** The clock of a process that is started with `environment`. */
export class FakeTime {
  readonly #file: string;

  /** `directory` is where the offset is kept. */
  constructor(directory: string) {
    this.#file = join(directory, 'time-offset');
    this.set(0);
  }

  /** For the one process; its children want `LD_PRELOAD` empty. */
  get environment(): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: fakeTimeLibrary() ?? '',
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_NO_CACHE: '1',
      NO_FAKE_STAT: '1',
    };
  }

  /** From now on the process's clock is this many seconds ahead of the true time (behind it, if negative). */
  set(seconds: number): void {
    // By rename, for the file is read at any moment.
    writeFileSync(`${this.#file}.new`, `${seconds < 0 ? '' : '+'}${seconds}\n`);
    renameSync(`${this.#file}.new`, this.#file);
  }
}

function directoriesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name));
}
