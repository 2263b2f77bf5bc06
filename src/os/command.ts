// From the words of a command line to the file to execute, by supervisord's rules and with its texts (its process.py
// `get_execv_args` and options.py `check_execv_args`): the first directory of PATH where the file exists wins, even if it
// cannot be executed there; the file is seen as the daemon's user sees it, from the daemon's own directory.

import { accessSync, constants, type Stats, statSync } from 'node:fs';
import type { CommandLookup } from '../base/child.ts';
import { pythonRepr } from '../base/python-text.ts';
import { splitWords } from '../base/shell-words.ts';

/** Splits a command line and finds its program; `path` is the PATH to search, where the program itself sets one. */
export function findCommand(command: string, path: string | undefined): CommandLookup {
  const split = splitWords(command);
  if ('error' in split) return refused(`can't parse command ${pythonRepr(command)}: ${split.error}`);
  return findProgram(split.words, path);
}

/** Finds the program of a command line that is already split. */
function findProgram(words: readonly string[], path: string | undefined): CommandLookup {
  const [program] = words;
  if (program === undefined) return refused('command is empty');
  const found = locate(program, path);
  if (found === null) return { error: `can't find command ${pythonRepr(program)}`, fault: 'NO_FILE' };
  const { file, stats } = found;
  if (stats.isDirectory()) return refused(`command at ${pythonRepr(file)} is a directory`);
  if ((stats.mode & 0o111) === 0) return refused(`command at ${pythonRepr(file)} is not executable`);
  try {
    accessSync(file, constants.X_OK);
  } catch {
    return refused(`no permission to run command ${pythonRepr(file)}`);
  }
  return { file, argv: words };
}

function locate(program: string, path: string | undefined): { file: string; stats: Stats } | null {
  const files = program.includes('/') ? [program] : directoriesOf(path).map((directory) => inside(directory, program));
  for (const file of files) {
    const stats = statsOf(file);
    if (stats !== undefined) return { file, stats };
  }
  return null;
}

/** A file that cannot be looked at (no permission for its directory, a loop of links) counts as absent. */
function statsOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** The program's own PATH counts even when it is empty; the daemon's does not. */
function directoriesOf(path: string | undefined): readonly string[] {
  if (path !== undefined) return path.split(':');
  const own = process.env['PATH'] ?? '';
  return own === '' ? ['/bin', '/usr/bin', '/usr/local/bin'] : own.split(':');
}

/** An empty entry of PATH is the current directory. */
function inside(directory: string, program: string): string {
  return directory === '' || directory.endsWith('/') ? directory + program : `${directory}/${program}`;
}

function refused(error: string): CommandLookup {
  return { error, fault: 'NOT_EXECUTABLE' };
}
