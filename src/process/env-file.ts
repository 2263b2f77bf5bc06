// env_file: variables of a process that are read anew at each start. What stands in such a file is secret: no error tells
// more of it than a line number. Whatever the path leads to, the daemon neither waits nor reads without end.

import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { pythonRepr } from '../base/python-text.ts';
import { errorCode } from '../base/system-error.ts';
import type { EnvFile } from '../config/values.ts';

/** The kernel lets no program have more than that by far. */
const mostBytes = 1024 * 1024;

/** The variables of all files, a later one wins; or why one of them cannot be read, in a sentence without its contents. */
export function readEnvFiles(
  files: readonly EnvFile[],
): { readonly variables: Readonly<Record<string, string>> } | { readonly error: string } {
  const variables: Record<string, string> = {};
  for (const file of files) {
    const read = readOne(file);
    if ('error' in read) return read;
    Object.assign(variables, read.variables);
  }
  return { variables };
}

type Read = ReturnType<typeof readEnvFiles>;

function readOne({ path, optional }: EnvFile): Read {
  const named = `env_file ${pythonRepr(path)}`;
  let fd: number;
  try {
    // A FIFO opens at once like that, without anybody who writes.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') return { error: `can't read ${named}: ${code}` };
    return optional ? { variables: {} } : { error: `can't find ${named}` };
  }
  try {
    const stats = fstatSync(fd);
    if (stats.isDirectory()) return { error: `${named} is a directory` };
    if (!stats.isFile()) return { error: `${named} is not a regular file` };
    const bytes = readUpTo(fd, mostBytes + 1);
    if (bytes.length > mostBytes) return { error: `${named} is larger than 1 MB` };
    return parse(bytes, named);
  } catch (error) {
    return { error: `can't read ${named}: ${errorCode(error)}` };
  } finally {
    closeSync(fd);
  }
}

/** The size that a file claims to have is no limit: those of /proc claim none. */
function readUpTo(fd: number, most: number): Buffer {
  const buffer = Buffer.alloc(most);
  let length = 0;
  for (;;) {
    const count = readSync(fd, buffer, length, most - length, null);
    length += count;
    if (count === 0 || length === most) return buffer.subarray(0, length);
  }
}

function parse(bytes: Buffer, named: string): Read {
  if (!isUtf8(bytes)) return { error: `${named} is not UTF-8` };
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  if (text.includes('\0')) return { error: `${named}:${lineOf(text, text.indexOf('\0'))}: a NUL byte` };
  // Where Node's parser gives up, at a line without a name, it says nothing: what it must find at the end tells.
  const { [lastName]: isWhole, ...variables } = parseEnv(`${text}\n${lastName}=1\n`);
  if (isWhole === undefined) return { error: `${named}: a line without a name before its "="` };
  const wrong = Object.keys(variables).find((name) => name === '' || /\s/.test(name));
  if (wrong !== undefined) return { error: `${named}:${lineOf(text, text.indexOf(wrong))}: not KEY=VALUE` };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- undefined is in Node's type only for names that are not there
  return { variables: variables as Record<string, string> };
}

const lastName = 'COREVISOR_LAST_LINE';

function lineOf(text: string, index: number): number {
  return text.slice(0, Math.max(0, index)).split('\n').length;
}
