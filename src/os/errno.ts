// Error numbers and their names as supervisord prints them (Python's errno.errorcode).

import { constants } from 'node:os';

/** `ENOENT` for 2; the number itself when it has no name, as supervisord prints it. */
export function errnoName(number: number): string {
  return names.get(number) ?? String(number);
}

/** The numbers that the program decides by. */
export const errnos = { EPERM: 1, ENOENT: 2, EAGAIN: 11, ENOMEM: 12, EACCES: 13, ENOTDIR: 20, EMFILE: 24 } as const;

/** Two names for one number: Python keeps EAGAIN and ENOTSUP; and what Node has no name for. */
const ours: readonly (readonly [number, string])[] = [
  [11, 'EAGAIN'],
  [95, 'ENOTSUP'],
  [80, 'ELIBBAD'],
  [108, 'ESHUTDOWN'],
];

const names: ReadonlyMap<number, string> = new Map([
  ...Object.entries(constants.errno).map(([name, number]): [number, string] => [number, name]),
  ...(process.platform === 'linux' ? ours : []),
]);
