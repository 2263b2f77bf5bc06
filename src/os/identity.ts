// Becoming another user for the length of one spawn. The ids are changed for the calling thread alone, by raw system
// calls, with the saved ids kept for the way back; the child's exec then copies the effective ids to its saved ones and
// drops all capabilities. Node's own process.setuid would change every thread for good.

import type { Libc } from './libc.ts';
import type { ChildUser } from '../base/child.ts';

/** Runs `action` as the user; what supervisord would say instead when the identity cannot be taken on. */
export function asUser<T>(
  libc: Libc,
  order: { readonly user: ChildUser; readonly groups: readonly number[]; readonly action: () => T },
): { readonly done: T } | { readonly refused: string } {
  const { user, groups, action } = order;
  const before = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, groups: process.getgroups?.() ?? [] };
  if (before.uid !== 0) return { refused: "Can't drop privilege as nonroot user" };
  const { setIdNumbers: numbers } = libc;
  if (setGroups(libc, groups) !== 0) return { refused: 'Could not set groups of effective user' };
  try {
    if (libc.syscall(numbers.group, user.gid, user.gid, before.gid) !== 0) {
      return { refused: 'Could not set group id of effective user' };
    }
    if (libc.syscall(numbers.user, user.uid, user.uid, before.uid) !== 0) {
      return { refused: 'Could not set user id of effective user' };
    }
    return { done: action() };
  } finally {
    const restored =
      libc.syscall(numbers.user, before.uid, before.uid, before.uid) === 0 &&
      libc.syscall(numbers.group, before.gid, before.gid, before.gid) === 0 &&
      setGroups(libc, before.groups) === 0;
    // A daemon that is half somebody else must not go on.
    if (!restored) process.abort();
    // The kernel took "may be dumped and traced by its own user" away with the first change of ids.
    libc.prctl(prSetDumpable, 1, 0, 0, 0);
  }
}

function setGroups(libc: Libc, groups: readonly number[]): number {
  const list = Buffer.alloc(Math.max(4, groups.length * 4));
  groups.forEach((gid, index) => list.writeUInt32LE(gid, index * 4));
  return libc.syscallOnList(libc.setIdNumbers.groups, groups.length, list);
}

const prSetDumpable = 4;
