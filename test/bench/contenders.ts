// Who takes part: ours, the supervisors that this machine has, and two limits that are no supervisors at all.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** In the order of the table's columns; `node` and `kernel` are the least program that does the same step. */
export const contenders = ['ours', 'supervisord', 's6', 'runit', 'pm2', 'node', 'kernel'] as const;

export type Contender = (typeof contenders)[number];

/** What each is called in a table. */
export const titles: Readonly<Record<Contender, string>> = {
  ours: 'Corevisor',
  supervisord: 'supervisord',
  s6: 's6',
  runit: 'runit',
  pm2: 'pm2',
  node: 'least Node program',
  kernel: 'least C program',
};

/** The commands that a supervisor consists of; for ours and the limits, what is built or compiled. */
const commands: Readonly<Record<'supervisord' | 's6' | 'runit' | 'pm2', readonly string[]>> = {
  supervisord: ['supervisord', 'supervisorctl'],
  s6: ['s6-svscan', 's6-supervise', 's6-svstat'],
  runit: ['runsvdir', 'runsv', 'sv'],
  pm2: ['pm2', 'pm2-runtime'],
};

/** The paths of commands by their names. */
export type Commands = Readonly<Record<string, string>>;

/** Who can take part on this machine, with its commands, and why somebody cannot. */
export interface Field {
  readonly present: ReadonlyMap<Contender, Commands>;
  readonly missing: ReadonlyMap<Contender, string>;
}

/**
 * Looks for everybody on the PATH; `pm2` is the path of pm2's own command, for it is seldom installed for all. Without a C
 * compiler there is no `kernel`.
 */
export function findField({ pm2, compiled }: { pm2: string | undefined; compiled: boolean }): Field {
  const present = new Map<Contender, Commands>();
  const missing = new Map<Contender, string>();
  for (const contender of contenders) {
    if (contender === 'ours' || contender === 'node') {
      present.set(contender, { node: process.execPath });
    } else if (contender === 'kernel') {
      if (compiled) present.set(contender, {});
      else missing.set(contender, 'no C compiler is installed');
    } else {
      const paths = commands[contender].map(
        (name) => [name, find(name, contender === 'pm2' ? pm2 : undefined)] as const,
      );
      const absent = paths.filter(([, path]) => path === null).map(([name]) => name);
      if (absent.length === 0)
        present.set(contender, Object.fromEntries(paths.map(([name, path]) => [name, path ?? ''])));
      else missing.set(contender, `${absent.join(' and ')} not found on the PATH`);
    }
  }
  return { present, missing };
}

/** `beside` is a path whose folder is looked into first. */
function find(name: string, beside: string | undefined): string | null {
  const folders = (process.env['PATH'] ?? '').split(':').concat('/usr/sbin', '/sbin');
  if (beside !== undefined) folders.unshift(dirname(resolve(beside)));
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}
