// A disk of one mebibyte that only the daemon under test sees (a tmpfs in a mount namespace of its own), and that can be
// filled, emptied and made read-only while it runs. Needs root.
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Daemon } from './run-supervisord.ts';

/** `wrapper` for a daemon that has such a disk as `disk/` in its directory, which stays empty for all others. */
export function diskWrapper(directory: string, { isFull = false } = {}): readonly string[] {
  const disk = join(directory, 'disk');
  const fill = isFull ? `head -c 2000000 /dev/zero >'${disk}/filler' 2>/dev/null; ` : '';
  const script = `mkdir -p '${disk}' && mount -t tmpfs -o size=1m,mode=777 none '${disk}' && { ${fill}exec "$@"; }`;
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh'];
}

/** The disk of one running daemon. */
export class SmallDisk {
  readonly #daemon: Daemon;

  constructor(daemon: Daemon) {
    this.#daemon = daemon;
  }

  /** Where the test finds what the daemon sees as `disk/NAME`. */
  path(name: string): string {
    return `/proc/${this.#daemon.pid}/root${this.#daemon.path('disk')}/${name}`;
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'latin1');
  }

  size(name: string): number {
    return statSync(this.path(name)).size;
  }

  /** Takes all room that is left. */
  fill(): void {
    const fd = openSync(this.path('filler'), 'a');
    const block = Buffer.alloc(4096);
    try {
      for (;;) writeSync(fd, block);
    } catch {
      // ENOSPC: it is full.
    } finally {
      closeSync(fd);
    }
  }

  empty(): void {
    rmSync(this.path('filler'));
  }

  /** Mounts it anew, `ro` or `rw`. */
  remount(flag: 'ro' | 'rw'): void {
    const where = this.#daemon.path('disk');
    execFileSync('nsenter', ['-t', String(this.#daemon.pid), '-m', 'mount', '-o', `remount,${flag}`, where]);
  }
}
