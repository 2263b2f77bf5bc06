// Reading configuration files from disk: the search path, the text of a file with Python's errors, and [include].
// The only file here, with glob.ts, that touches the disk.

import { isUtf8 } from 'node:buffer';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { ConfigError } from '../base/errors.ts';
import { splitSpace } from '../base/python-text.ts';
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
  const text = readText(file);
  if (text === null) throw new ConfigError(`could not read config file ${file}`);
  return text;
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
      // A file that cannot be opened counts as empty, as under supervisord.
      merged = readIni(readText(included) ?? '', { file: included, base: merged });
      merged = replaceHere(merged, dirname(resolve(included)));
    }
  }
  return { document: merged, messages };
}

/** null when the file cannot be opened; throws ConfigError for what is not UTF-8. */
function readText(file: string): string | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return null;
  }
  if (!isUtf8(bytes)) throw notUtf8(file, bytes);
  return bytes.toString('utf8');
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
