// Python's `glob.glob` for [include]: `*`, `?` and `[…]` in any part of a path, no dotfiles by a wildcard, no `**`
// (glob.py, fnmatch.py). What cannot be listed matches nothing.

import { lstatSync, readdirSync, statSync } from 'node:fs';

/** The paths that match, sorted by code unit. */
export function glob(pattern: string): string[] {
  return matches(pattern).toSorted();
}

function matches(pattern: string): string[] {
  if (!hasMagic(pattern))
    return pattern.endsWith('/') ? keepIf(isDirectory(pattern), pattern) : keepIf(exists(pattern), pattern);
  const slash = pattern.lastIndexOf('/');
  const directory = pattern.slice(0, slash).replace(/\/+$/, '') || '/';
  const last = pattern.slice(slash + 1);
  const directories = hasMagic(directory) ? matches(directory) : [directory];
  return directories.flatMap((parent) => namesIn(parent, last).map((name) => under(parent, name)));
}

function namesIn(directory: string, pattern: string): string[] {
  if (pattern === '') return keepIf(isDirectory(directory), '');
  if (!hasMagic(pattern)) return keepIf(exists(under(directory, pattern)), pattern);
  const shape = shapeOf(pattern);
  return list(directory).filter((name) => shape.test(name) && (pattern.startsWith('.') || !name.startsWith('.')));
}

function hasMagic(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

/**
 * fnmatch: a bracket without an end is itself, `[!…]` is anything else, a `]` in front is a member. What stands between two
 * stars is looked for once, at the first place it fits: many stars tried at every place would take for ever.
 */
function shapeOf(pattern: string): RegExp {
  const part = /(\*+)|\?|\[(!(?:\][^\]]*|[^\]]+)|(?!!)(?:\][^\]]*|[^\]]+))\]|[^]/g;
  const pieces = [''];
  for (const [found, stars, set] of pattern.matchAll(part)) {
    if (stars === undefined) pieces.push((pieces.pop() ?? '') + sourceOf(found, set));
    else pieces.push('');
  }
  const [first = '', ...others] = pieces;
  const last = others.pop();
  const middle = others.map((source, index) => `(?=(.*?${source}))\\${index + 1}`);
  return new RegExp(`^${first}${middle.join('')}${last === undefined ? '' : `.*${last}`}$`, 's');
}

function sourceOf(found: string, set: string | undefined): string {
  if (found === '?') return '.';
  if (set === undefined) return found.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
  return setOf(set);
}

function setOf(set: string): string {
  const negated = set.startsWith('!');
  const members = negated ? set.slice(1) : set;
  const ranges = members.replaceAll(
    /(.)-(.)|[^]/gs,
    (found: string, from: string | undefined, to: string | undefined) => {
      if (from === undefined || to === undefined) return escapeMember(found);
      // A range that runs backwards holds nothing.
      return from <= to ? `${escapeMember(from)}-${escapeMember(to)}` : '';
    },
  );
  if (ranges === '') return negated ? '.' : '(?!)';
  return `[${negated ? '^' : ''}${ranges}]`;
}

function escapeMember(character: string): string {
  return /[\\\]^[-]/.test(character) ? `\\${character}` : character;
}

/** Not `path.join`: `..` and doubled slashes stay as written, since messages show them. */
function under(directory: string, name: string): string {
  return directory.endsWith('/') ? directory + name : `${directory}/${name}`;
}

function keepIf(condition: boolean, path: string): string[] {
  return condition ? [path] : [];
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Whether something has this name, a dangling link included. */
function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

export function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
