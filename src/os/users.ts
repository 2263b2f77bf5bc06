// Users and groups as /etc/passwd and /etc/group list them, looked up the way supervisord does (its datatypes.py
// `name_to_uid`, options.py `drop_privileges`): digits are an id, anything else a name; an id must exist too.

import { readFileSync } from 'node:fs';
import { errorCode } from '../base/system-error.ts';
import type { User, UserLookup } from '../base/user.ts';

/** One line of /etc/group. */
interface Group {
  readonly name: string;
  readonly gid: number;
}

/** Lookups; every call reads the files anew, as accounts may be added while the daemon runs. */
export interface Users extends UserLookup {
  findGroup(nameOrId: string): Group | null;
  /** The ids of all groups that the user is in, the primary one first. */
  groupsOf(user: { readonly name: string; readonly gid: number }): number[];
}

/** The machine's users; `readFile` answers '' for a file that cannot be read. */
export function createUsers(readFile: (path: string) => string = readOrEmpty): Users {
  const groups = (): (Group & { readonly members: readonly string[] })[] =>
    fieldsOf(readFile('/etc/group')).map(([name = '', , gid, members = '']) => ({
      name,
      gid: Number(gid),
      members: members.split(','),
    }));
  const users = (): User[] =>
    fieldsOf(readFile('/etc/passwd')).map(([name = '', , uid, gid, , home = '']) => ({
      name,
      uid: Number(uid),
      gid: Number(gid),
      home,
    }));
  return {
    findUser: (nameOrId) =>
      users().find(({ name, uid }) => (isId(nameOrId) ? uid === Number(nameOrId) : name === nameOrId)) ?? null,
    findGroup(nameOrId) {
      const found = groups().find(({ name, gid }) => (isId(nameOrId) ? gid === Number(nameOrId) : name === nameOrId));
      return found === undefined ? null : { name: found.name, gid: found.gid };
    },
    groupsOf({ name, gid }) {
      const further = groups().filter(({ members }) => members.includes(name));
      return [...new Set([gid, ...further.map((group) => group.gid)])];
    },
  };
}

/** Lines with at least the four fields that both files have, whose third is a number. */
function fieldsOf(text: string): string[][] {
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 4 && isId(fields[2] ?? ''));
}

function isId(text: string): boolean {
  return /^\d+$/.test(text);
}

/** A system without these files has no users by name. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // Out of descriptors, say, is not "no such user".
    if (!['ENOENT', 'EACCES'].includes(errorCode(error))) throw error;
    return '';
  }
}
