// Replaces `%(name)s` in values: Python's `%` formatting with a dictionary, conversions, flags and reasons of failure
// included (CPython's unicodeobject.c `unicode_format`; supervisord's options.py `expand`). Pure.
// One deliberate difference: a conversion without a name, as in `date +%s`, is an error. Python would put all names
// with all their values there, that is, the whole environment on a command line.

import { pythonRepr } from '../base/python-text.ts';

/** What can be named: strings, and numbers for `%d`. */
export type Names = Readonly<Record<string, string | number>>;

export type Expanded = { readonly text: string } | { readonly problem: string };

/**
 * Expands `text`; a problem is supervisord's sentence, with `label` as it names the option there.
 * `shown` is what a problem quotes instead of the text, for texts that hold secrets.
 */
export function expand(
  text: string,
  { names, label, shown = text }: { names: Names; label: string; shown?: string },
): Expanded {
  if (!text.includes('%')) return { text };
  try {
    return { text: format(text, names) };
  } catch (error) {
    if (error instanceof UnknownName) {
      const known = Object.keys(names).filter((name) => !ourNames.includes(name));
      const problem =
        `Format string ${pythonRepr(shown)} for ${pythonRepr(label)} contains names (${pythonRepr(error.message)}) ` +
        `which cannot be expanded. Available names: ${known.toSorted().join(', ')}`;
      return { problem };
    }
    if (!(error instanceof BadFormat)) throw error;
    return {
      problem: `Format string ${pythonRepr(shown)} for ${pythonRepr(label)} is badly formatted: ${error.message}`,
    };
  }
}

/** Names that supervisord does not have: kept out of its own sentence, which clients may compare. */
const ourNames: readonly string[] = ['cpus'];

class UnknownName extends Error {}
class BadFormat extends Error {}

interface Conversion {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | null;
  readonly letter: string;
}

function format(text: string, names: Names): string {
  let result = '';
  let at = 0;
  let taken = false;
  for (;;) {
    const percent = text.indexOf('%', at);
    if (percent === -1) return result + text.slice(at);
    result += text.slice(at, percent);
    const { name, end: nameEnd } = readName(text, percent + 1);
    if (name !== null && !Object.hasOwn(names, name)) throw new UnknownName(name);
    if (text.charAt(percent + 1) === '%') {
      result += '%';
      at = percent + 2;
      continue;
    }
    const { conversion, end } = readConversion(text, {
      start: nameEnd,
      value: name === null ? null : (names[name] ?? ''),
    });
    at = end;
    if (name === null) throw new BadFormat(withoutName(conversion.letter, { taken, index: end - 1 }));
    else {
      result += convert(names[name] ?? '', { conversion, index: end - 1 });
      taken = true;
    }
  }
}

/** The name in balanced parentheses at `start`, or null when there is none. */
function readName(text: string, start: number): { name: string | null; end: number } {
  if (text.charAt(start) !== '(') return { name: null, end: start };
  let depth = 1;
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (depth === 0) return { name: text.slice(start + 1, at), end: at + 1 };
  }
  throw new BadFormat('incomplete format key');
}

function readConversion(
  text: string,
  { start, value }: { start: number; value: string | number | null },
): { conversion: Conversion; end: number } {
  const shape = /([-+ #0]*)(\*|\d*)(?:\.(\*|\d*))?[hlL]?/y;
  shape.lastIndex = start;
  const [, flags = '', width = '', precision] = shape.exec(text) ?? [];
  // A star takes the one value there is, and then none is left.
  if (width === '*' || precision === '*') {
    throw new BadFormat(typeof value === 'number' ? 'not enough arguments for format string' : '* wants int');
  }
  if (Number(width) > 9999 || Number(precision ?? 0) > 9999) throw new BadFormat('width too big');
  const letter = String.fromCodePoint(...[text.codePointAt(shape.lastIndex)].filter((code) => code !== undefined));
  if (letter === '') throw new BadFormat('incomplete format');
  const conversion = {
    flags,
    width: Number(width),
    precision: precision === undefined ? null : Number(precision),
    letter,
  };
  return { conversion, end: shape.lastIndex + letter.length };
}

/** Python's reason for a conversion without a name: the first one gets the whole dictionary, a later one nothing. */
function withoutName(letter: string, { taken, index }: { taken: boolean; index: number }): string {
  if (taken || 'sra'.includes(letter)) return 'not enough arguments for format string';
  if ('diu'.includes(letter)) return `%${letter} format: a real number is required, not dict`;
  if ('oxX'.includes(letter)) return `%${letter} format: an integer is required, not dict`;
  if ('eEfFgG'.includes(letter)) return 'must be real number, not dict';
  return letter === 'c' ? '%c requires int or char' : unsupported(letter, index);
}

function unsupported(letter: string, index: number): string {
  const code = letter.codePointAt(0) ?? 0;
  const shown = code >= 31 && code <= 126 ? letter : '?';
  return `unsupported format character '${shown}' (0x${code.toString(16)}) at index ${index}`;
}

function convert(value: string | number, { conversion, index }: { conversion: Conversion; index: number }): string {
  const { letter, precision } = conversion;
  switch (letter) {
    case 's':
    case 'r':
    case 'a': {
      const text = typeof value === 'number' || letter === 's' ? String(value) : pythonRepr(value);
      return pad(precision === null ? text : Array.from(text).slice(0, precision).join(''), {
        ...conversion,
        flags: conversion.flags.replaceAll('0', ''),
      });
    }
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
      return pad(formatInteger(value, conversion), conversion);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
      return pad(formatReal(value, conversion), conversion);
    case 'c': {
      if (typeof value === 'string' && Array.from(value).length !== 1) throw new BadFormat('%c requires int or char');
      const character = typeof value === 'string' ? value : String.fromCodePoint(value);
      return pad(character, { ...conversion, flags: conversion.flags.replaceAll('0', '') });
    }
    default:
      throw new BadFormat(unsupported(letter, index));
  }
}

function formatInteger(value: string | number, { letter, flags, precision }: Conversion): string {
  if (typeof value === 'string') {
    const wanted = 'oxX'.includes(letter) ? 'an integer' : 'a real number';
    throw new BadFormat(`%${letter} format: ${wanted} is required, not str`);
  }
  const base = letter === 'o' ? 8 : letter === 'x' || letter === 'X' ? 16 : 10;
  const digits = Math.abs(value)
    .toString(base)
    .padStart(precision ?? 0, '0');
  const prefix = flags.includes('#') && base !== 10 ? `0${letter}` : '';
  return signOf(value, flags) + (letter === 'X' ? (prefix + digits).toUpperCase() : prefix + digits);
}

function formatReal(value: string | number, { letter, flags, precision }: Conversion): string {
  if (typeof value === 'string') throw new BadFormat('must be real number, not str');
  const digits = Math.min(precision ?? 6, 100);
  const size = Math.abs(value);
  const kind = letter.toLowerCase();
  const text =
    kind === 'f'
      ? size.toFixed(digits)
      : kind === 'e' || size >= 10 ** (digits || 1)
        ? exponent(size, { kind, digits })
        : String(size);
  return signOf(value, flags) + (letter === kind ? text : text.toUpperCase());
}

/** Python writes at least two digits of exponent, and `%g` no trailing zeros. */
function exponent(size: number, { kind, digits }: { kind: string; digits: number }): string {
  const text = size.toExponential(kind === 'e' ? digits : Math.max(digits - 1, 0));
  const [mantissa = '', power = ''] = text.split('e+');
  const short = kind === 'g' && mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  return `${short}e+${power.padStart(2, '0')}`;
}

function signOf(value: number, flags: string): string {
  if (value < 0) return '-';
  return flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
}

function pad(text: string, { flags, width }: Conversion): string {
  const missing = width - Array.from(text).length;
  if (missing <= 0) return text;
  if (flags.includes('-')) return text + ' '.repeat(missing);
  if (!flags.includes('0')) return ' '.repeat(missing) + text;
  const head = /^[+\- ]?(?:0[xXo])?/.exec(text)?.[0] ?? '';
  return head + '0'.repeat(missing) + text.slice(head.length);
}
