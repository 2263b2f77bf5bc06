// Gives back what the start has touched of Node's own text: some 30 MB that the kernel counts as ours (resident memory,
// limits of a cgroup), of which an idle daemon needs 10. Clean pages of a file are dropped and come back from the page cache
// at a touch, so nothing can be lost, except where the loader has written into a page of the mapping: those are
// anonymous, and a mapping that has any is left alone. So are all other libraries, for a thread may just be loading one.

import type { Clock, Timer } from '../base/clock.ts';
import type { Libc } from './libc.ts';

/** Drops pages some time after there was something to do; sets a timer only then. */
export interface PageTrim {
  /** Something was done, by code that may not be needed for long. */
  worked(): void;
  close(): void;
}

export interface PageTrimParts {
  readonly libc: Pick<Libc, 'madvise' | 'malloc'>;
  readonly clock: Clock;
  /** A file of /proc/self; null when it cannot be read. */
  readonly readFile: (path: string) => string | null;
  /** Node's executable. */
  readonly executable: string;
}

/** Programs have begun to run by then. */
const restMs = 5000;

/** Between two looks, however much is done: what is in use all the time only comes back. */
const pauseMs = 60_000;

/** It takes about 7 ms, which is for more than the pages that work needs anyway. */
const growthKb = 12 * 1024;

/** MADV_DONTNEED, madvise(2). */
const dontNeed = 4;

/**
 * M_TRIM_THRESHOLD, mallopt(3): what is free at the end of a heap goes back from this size on. Left alone it grows to
 * megabytes, and malloc_trim(3) leaves the ends of the other threads' heaps out, where V8 compiles: 5 MB after a start of
 * 1,000 programs.
 */
const trimThreshold = { parameter: -1, bytes: 128 * 1024 };

/** The trim of this process. */
export function createPageTrim({ libc, clock, readFile, executable }: PageTrimParts): PageTrim {
  let timer: Timer | null = null;
  let isClosed = false;
  let lastLook = -Infinity;
  let leastKb = 0;
  libc.malloc?.set(trimThreshold.parameter, trimThreshold.bytes);

  function look(): void {
    timer = null;
    lastLook = clock.now();
    if (fileKb(readFile) < leastKb + growthKb) return;
    for (const { start, bytes } of cleanText(readFile('/proc/self/smaps') ?? '', executable)) {
      libc.madvise(start, bytes, dontNeed);
    }
    libc.malloc?.trim(0);
    leastKb = fileKb(readFile);
  }

  return {
    worked() {
      if (timer !== null || isClosed) return;
      timer = clock.after(Math.max(restMs, lastLook + pauseMs - clock.now()), look);
    },
    close() {
      isClosed = true;
      timer?.cancel();
      timer = null;
    },
  };
}

/** Resident pages of files, in kB; 0 when the kernel does not say. */
function fileKb(readFile: PageTrimParts['readFile']): number {
  return Number(/^RssFile:\s*(\d+) kB$/m.exec(readFile('/proc/self/status') ?? '')?.[1] ?? 0);
}

interface AddressRange {
  readonly start: number;
  readonly bytes: number;
}

/**
 * The mappings of Node's text and constants that hold nothing but clean pages, from a text of proc_pid_smaps(5). Node is
 * its executable, or libnode where a distribution has it as a library; both are mapped before the first line runs.
 */
export function cleanText(smaps: string, executable: string): readonly AddressRange[] {
  const ranges: AddressRange[] = [];
  let range: AddressRange | null = null;
  for (const line of smaps.split('\n')) {
    const head = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)$/.exec(line);
    if (head !== null) {
      const [, from = '', to = '', permissions, file = ''] = head;
      const start = Number.parseInt(from, 16);
      const isText = permissions === 'r-xp' || permissions === 'r--p';
      const isNode = file === executable || /\/libnode\.so[.\d]*$/.test(file);
      range = isText && isNode ? { start, bytes: Number.parseInt(to, 16) - start } : null;
    } else if (range !== null && line.startsWith('Anonymous:')) {
      if (/^Anonymous: +0 kB$/.test(line)) ranges.push(range);
      range = null;
    }
  }
  return ranges;
}
