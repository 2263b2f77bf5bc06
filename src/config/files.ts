// Reading configuration files from disk: the search path, the text of a file with Python's errors, and [include].
// The only file here, with glob.ts, that touches the disk.

import { isUtf8 } from 'node:buffer';
import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { ConfigError } from '../base/errors.ts';
import { splitSpace } from '../base/python-text.ts';
import { errorCode } from '../base/system-error.ts';
import type { Names } from './expand.ts';
import { glob } from './glob.ts';
import { type IniDocument, readIni, replaceHere } from './ini.ts';
import { type Message, warning } from './messages.ts';
import { type OptionSource, readOptions } from './option.ts';
import { includeOptions } from './options.ts';

/** Where a configuration file is looked for without `-c`: around the program, here, and in /etc. */
export function searchPaths(argv0: string): readonly string[] {
  const above = dirname(dirname(argv0));
  // Python's dirname of a bare name is empty, where Node's is a dot.
  const around = above === '.' && !argv0.startsWith('.') ? '' : above;
  return [
    join(around, 'etc/supervisord.conf'),
    join(around, 'supervisord.conf'),
    'supervisord.conf',
    'etc/supervisord.conf',
    '/etc/supervisord.conf',
    '/etc/supervisor/supervisord.conf',
  ];
}

/** The first file of the search path that exists, or null. */
export function findConfigFile(argv0: string): string | null {
  return searchPaths(argv0).find((path) => existsSync(path)) ?? null;
}

/** supervisord's error when no file was found. */
export function noConfigFile(argv0: string): ConfigError {
  return new ConfigError(
    `No config file found at default paths (${searchPaths(argv0).join(', ')}); ` +
      'use the -c option to specify a config file at a different path',
  );
}

/** supervisord's warning to root, who should not run whatever file lies in the current directory. */
export const rootSearchWarning =
  'Supervisord is running as root and it is searching for its configuration file in default locations ' +
  '(including its current working directory); you probably want to specify a "-c" argument specifying an absolute path ' +
  'to a configuration file for improved security.';

/** The text of the main file; throws ConfigError with supervisord's text. */
export function readConfigText(file: string): string {
  if (!existsSync(file)) throw new ConfigError(`could not find config file ${file}`);
  const read = readText(file);
  if ('text' in read) return read.text;
  throw new ConfigError(`could not read config file ${file}`, {
    where: { file, line: 1 },
    accepted: `a regular file of up to 8 MB that the daemon may read (here: ${read.problem})`,
  });
}

/** Reads what [include] names on top of `document`; throws ConfigError. */
export function readIncludes(
  document: IniDocument,
  { file, names, here, context }: { file: string; names: Names; here: string } & Pick<OptionSource, 'context'>,
): { document: IniDocument; messages: readonly Message[] } {
  if (!document.sections.has('include')) return { document, messages: [] };
  let merged = replaceHere(document, here);
  const messages: Message[] = [];
  const { files } = readOptions(includeOptions, { document: merged, section: 'include', names, context });
  for (const pattern of splitSpace(files)) {
    const path = isAbsolute(pattern) ? pattern : `${dirname(resolve(file)).replace(/\/$/, '')}/${pattern}`;
    const found = glob(path);
    if (found.length === 0) messages.push(warning(`No file matches via include "${path}"`));
    for (const included of found) {
      messages.push({ level: 'info', text: `Included extra file "${included}" during parsing` });
      const read = readText(included);
      // A file that cannot be opened counts as empty, as under supervisord, where nobody hears of it. A pattern may well
      // match a folder.
      if ('problem' in read && read.problem !== 'EISDIR')
        messages.push(warning(`included file "${included}" counts as empty: ${read.problem}`));
      merged = readIni('text' in read ? read.text : '', { file: included, base: merged });
      merged = replaceHere(merged, dirname(resolve(included)));
    }
  }
  return { document: merged, messages };
}

/** Beyond any configuration; the daemon stands still for about a second per 10 MB while it reads. */
const mostBytes = 8 * 1024 * 1024;

/**
 * The text, or why the file cannot be read. Nothing that a path may lead to holds the daemon up: a FIFO is not waited for,
 * a device not read. Throws ConfigError for what is not UTF-8.
 */
function readText(file: string): { readonly text: string } | { readonly problem: string } {
  let fd: number;
  try {
    fd = openSync(file, openFlags(file));
  } catch (error) {
    return { problem: errorCode(error) };
  }
  try {
    const stats = fstatSync(fd);
    if (stats.isDirectory()) return { problem: 'EISDIR' };
    if (!stats.isFile() && !isHandedOver(file)) return { problem: 'not a regular file' };
    if (stats.size > mostBytes) return { problem: `${stats.size} bytes` };
    const bytes = readFileSync(fd);
    if (!isUtf8(bytes)) throw notUtf8(file, bytes);
    return { text: bytes.toString('utf8') };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    return { problem: errorCode(error) };
  } finally {
    closeSync(fd);
  }
}

function openFlags(file: string): number {
  return isHandedOver(file) ? constants.O_RDONLY : constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
}

/** What whoever starts the daemon has opened for it, such as a shell's `-c <(generate)`, is waited for; and nothing is nothing. */
function isHandedOver(file: string): boolean {
  return /^\/(dev\/(fd\/\d+|stdin|null)|proc\/self\/fd\/\d+)$/.test(file);
}

/** Python's UnicodeDecodeError. */
function notUtf8(file: string, bytes: Buffer): ConfigError {
  let at = 0;
  for (let length = 1; length !== 0; at += length) length = characterLength(bytes, at);
  const begun = begunLength(bytes, at);
  const isCutOff = begun > 0 && at + begun === bytes.length;
  const reason = isCutOff ? 'unexpected end of data' : begun === 0 ? 'invalid start byte' : 'invalid continuation byte';
  // What is missing is only missed at the end, when Python has nothing left but these bytes.
  const from = isCutOff ? 0 : at;
  const what =
    begun > 1
      ? `bytes in position ${from}-${from + begun - 1}`
      : `byte 0x${(bytes[at] ?? 0).toString(16)} in position ${from}`;
  const line = bytes.subarray(0, at).filter((byte) => byte === 10).length + 1;
  return new ConfigError(`'utf-8' codec can't decode ${what}: ${reason}`, {
    where: { file, line },
    accepted: 'UTF-8',
  });
}

/** How many bytes at `at` could have begun a character. */
function begunLength(bytes: Buffer, at: number): number {
  const rests = [
    [0x80, 0x80, 0x80],
    [0xbf, 0x80, 0x80],
  ].flatMap((rest) => [1, 2, 3].map((end) => rest.slice(0, end)));
  const couldBegin = (length: number): boolean =>
    at + length <= bytes.length &&
    rests.some((rest) => isUtf8(Buffer.from([...bytes.subarray(at, at + length), ...rest])));
  return [3, 2, 1].find(couldBegin) ?? 0;
}

/** Bytes of the character at `at`; 0 when there is no whole one. */
function characterLength(bytes: Buffer, at: number): number {
  return [1, 2, 3, 4].find((length) => at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length))) ?? 0;
}
