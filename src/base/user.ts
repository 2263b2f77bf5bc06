// A user as configuration, spawning and the daemon itself speak of one.

/** One line of /etc/passwd. */
export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** The machine's users and groups, by name or by a number in digits; null when there is no such one. */
export interface UserLookup {
  findUser(nameOrId: string): User | null;
  findGroup(nameOrId: string): { readonly gid: number } | null;
}
