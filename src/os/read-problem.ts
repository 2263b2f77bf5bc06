// Whether a file can be read by the user that a child is going to be. The kernel is asked, so that links, folders on the way
// and access lists count as they will for the child.

import { closeSync, constants, openSync } from 'node:fs';
import type { ChildUser } from '../base/child.ts';
import { errorCode } from '../base/system-error.ts';
import { asUser } from './identity.ts';
import type { Libc } from './libc.ts';
import type { Users } from './users.ts';

/** An errno name, or null when it can. Without native calls another user cannot be asked for: the child itself will say it. */
export function readProblem(
  path: string,
  { user, libc, users }: { readonly user: ChildUser | null; readonly libc: Libc | null; readonly users: Users },
): string | null {
  const own = openProblem(path);
  if (own !== null || user === null || user.uid === process.getuid?.() || libc === null) return own;
  const asked = asUser(libc, { user, groups: users.groupsOf(user), action: () => openProblem(path) });
  // Who the child cannot become is told by its spawn.
  return 'done' in asked ? asked.done : null;
}

function openProblem(path: string): string | null {
  try {
    closeSync(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
    return null;
  } catch (error) {
    return errorCode(error);
  }
}
