// AUTO log files: their names, and throwing away those of an earlier run (supervisord's options.py
// get_autochildlog_name and clear_autochildlogdir). Only their owner may read them: they are made with mode 0600.

import { closeSync, openSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../base/system-error.ts';

/** The mode that an AUTO log keeps when it is rotated or reopened. */
export const autoLogMode = 0o600;

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789_';

/** Whose log, where, and a source of numbers in [0, 1). */
export interface AutoLogOrder {
  readonly directory: string;
  readonly process: string;
  readonly channel: 'stdout' | 'stderr';
  readonly identifier: string;
  readonly random?: () => number;
}

/** Makes an empty AUTO log of a name that nobody has and answers its path; throws the errno error of a directory that refuses. */
export function createAutoLog({ directory, process, channel, identifier, random = Math.random }: AutoLogOrder): string {
  for (let attempt = 1; ; attempt += 1) {
    let tail = '';
    for (let place = 0; place < 8; place += 1) tail += letters[Math.floor(random() * letters.length)];
    const path = join(directory, `${process}-${channel}---${identifier}-${tail}.log`);
    try {
      // Exclusive: a name that somebody put into a shared directory such as /tmp, a link included, is never taken over.
      closeSync(openSync(path, 'wx', autoLogMode));
      return path;
    } catch (error) {
      if (attempt >= 100 || errorCode(error) !== 'EEXIST') throw error;
    }
  }
}

/** Deletes the AUTO logs of this identifier, rotated ones included; what cannot be done is told in supervisord's words. */
export function cleanAutoLogs(order: {
  readonly directory: string;
  readonly identifier: string;
  readonly warn: (text: string) => void;
}): void {
  let names: string[];
  try {
    names = readdirSync(order.directory);
  } catch {
    order.warn('Could not clear childlog dir');
    return;
  }
  for (const name of names.filter((each) => isAutoLog(each, order.identifier))) {
    const path = join(order.directory, name);
    try {
      unlinkSync(path);
    } catch {
      order.warn(`Failed to clean up '${path}'`);
    }
  }
}

/** supervisord's pattern; it only has to match the beginning of the name. */
function isAutoLog(name: string, identifier: string): boolean {
  const marker = identifier.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  return new RegExp(String.raw`^.+?---${marker}-\S+\.log\.?\d{0,4}`).test(name);
}
