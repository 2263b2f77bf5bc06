// Opens a log or a pidfile by its name where others may write to its directory. A link that root or the daemon's own user has
// made is followed wherever it leads: administrators move logs so. A link of anybody else may lead only to what is theirs,
// for else a program could have the daemon, which is often root, write to /etc/cron.d or read out /etc/shadow; and in a
// sticky directory that everybody writes to (/tmp) neither a link nor a file of somebody else is taken, as Linux itself has it with
// fs.protected_symlinks and fs.protected_regular (proc_sys_fs(5)), which not every machine switches on.

import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { errorCode } from '../base/system-error.ts';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = constants;

/** As many as the kernel follows. */
const mostLinks = 40;

/** openSync, but never through somebody else's link or file to what is not theirs: that is EACCES. Other errors are the system's. */
export function openSafely(path: string, flags: number, mode = 0o666): number {
  // Emptied is only what turned out to be right.
  const { fd, directory } = openDirectly(path, flags & ~O_TRUNC, mode) ?? openLinked(path, flags & ~O_TRUNC, mode);
  try {
    const file = fstatSync(fd);
    if ((flags & (O_WRONLY | O_RDWR)) !== 0 && isPlanted(file, directory)) throw refusal(path, file.uid);
    if ((flags & O_TRUNC) !== 0 && file.isFile()) ftruncateSync(fd);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Whether whoever owns it could do all that the daemon can. */
export function isTrusted({ uid }: { readonly uid: number | bigint }): boolean {
  return Number(uid) === 0 || Number(uid) === process.geteuid?.();
}

interface Opened {
  readonly fd: number;
  /** Where it stands. */
  readonly directory: string;
}

/** Null when the path is a link. */
function openDirectly(path: string, flags: number, mode: number): Opened | null {
  try {
    return { fd: openSync(path, flags | O_NOFOLLOW, mode), directory: dirname(path) };
  } catch (error) {
    if (errorCode(error) === 'ELOOP') return null;
    throw error;
  }
}

function openLinked(path: string, flags: number, mode: number): Opened {
  const { target, owners } = followLinks(path);
  const directory = dirname(target);
  // What stands in /proc is no path, but a way to an open file.
  if (owners.size === 0) {
    return { fd: openSync(target, target.startsWith('/proc/') ? flags : flags | O_NOFOLLOW, mode), directory };
  }
  return { fd: openTheirs({ path, target, owners }, flags, mode), directory };
}

/** Follows one link after the other, and notes whose they are that are not to be trusted. */
function followLinks(path: string): { readonly target: string; readonly owners: ReadonlySet<number> } {
  const owners = new Set<number>();
  let at = path;
  for (let links = 0; links < mostLinks && !at.startsWith('/proc/'); links += 1) {
    const link = lstatSync(at, { bigint: true, throwIfNoEntry: false });
    if (link?.isSymbolicLink() !== true) return { target: at, owners };
    const text = readlinkSync(at);
    // Another one has been put in its place between the two looks.
    const again = lstatSync(at, { bigint: true });
    if (again.ino !== link.ino || again.ctimeNs !== link.ctimeNs) throw refusal(path, Number(again.uid));
    const directory = realpathSync(dirname(at));
    if (!isTrusted(link)) {
      const place = statSync(directory);
      if (isShared(place) && place.uid !== Number(link.uid)) throw refusal(path, Number(link.uid));
      owners.add(Number(link.uid));
    }
    at = resolve(directory, text);
  }
  return { target: at, owners };
}

/** Only a file that is theirs, or that stands in a directory of theirs; a new one only in the latter. */
function openTheirs(
  { path, target, owners }: { readonly path: string; readonly target: string; readonly owners: ReadonlySet<number> },
  flags: number,
  mode: number,
): number {
  // By its descriptor the directory stays the one that was looked at.
  const directory = openSync(dirname(target), O_RDONLY | O_DIRECTORY);
  try {
    const place = fstatSync(directory);
    const inside = `/proc/self/fd/${directory}/${basename(target)}`;
    const isIn = (stat: Stats): boolean => [...owners].every((owner) => owner === stat.uid);
    const fd = openExisting(inside, flags);
    if (fd === null) {
      if (!isIn(place)) throw refusal(path, [...owners][0] ?? 0);
      return openSync(inside, flags | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
    }
    const file = fstatSync(fd);
    if (isIn(place) || isIn(file) || isNullDevice(file)) return fd;
    closeSync(fd);
    throw refusal(path, [...owners][0] ?? 0);
  } finally {
    closeSync(directory);
  }
}

/** Null when there is none, and one may be made. */
function openExisting(path: string, flags: number): number | null {
  try {
    return openSync(path, (flags & ~(O_CREAT | O_EXCL)) | O_NOFOLLOW);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' && (flags & O_CREAT) !== 0) return null;
    throw error;
  }
}

/** Whether somebody else has put the file into a directory that all may write to. */
function isPlanted(file: Stats, directory: string): boolean {
  if (isTrusted(file) || isNullDevice(file) || !(file.isFile() || file.isFIFO())) return false;
  const place = statSync(directory, { throwIfNoEntry: false });
  return place !== undefined && isShared(place) && place.uid !== file.uid;
}

/** Sticky and writable for all, as /tmp is. */
const sharedMode = 0o1002;

function isShared({ mode }: Stats): boolean {
  return (mode & sharedMode) === sharedMode;
}

/** /dev/null, 1:3. */
function isNullDevice(stat: Stats): boolean {
  return stat.isCharacterDevice() && stat.rdev === 0x103;
}

function refusal(path: string, uid: number): Error {
  return Object.assign(new Error(`EACCES: ${path} is a link or file of user ${uid} that leads to what is not theirs`), {
    code: 'EACCES',
    errno: -13,
    syscall: 'open',
    path,
  });
}
