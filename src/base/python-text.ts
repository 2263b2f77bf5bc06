// Python's rules for text where they show through in supervisord: how it prints (its error texts are Python's `%r`), what
// counts as space, what `int()` reads. Pure.

/** Python's repr() of a string: single quotes unless only they occur in it, and escapes for what cannot be printed. */
export function pythonRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  return quote + Array.from(text, (character) => escaped(character, quote)).join('') + quote;
}

function escaped(character: string, quote: string): string {
  if (character === quote || character === '\\') return `\\${character}`;
  const named = namedEscapes.get(character);
  if (named !== undefined) return named;
  if (character === ' ' || !unprintable.test(character)) return character;
  const code = (character.codePointAt(0) ?? 0).toString(16);
  if (code.length <= 2) return `\\x${code.padStart(2, '0')}`;
  return code.length <= 4 ? `\\u${code.padStart(4, '0')}` : `\\U${code.padStart(8, '0')}`;
}

const namedEscapes: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** Python's repr() of bytes: `b'caf\\xc3\\xa9\\n'`. */
export function pythonBytesRepr(bytes: Uint8Array): string {
  const quote = bytes.includes(0x27) && !bytes.includes(0x22) ? '"' : "'";
  const characters = Array.from(bytes, (byte) => escapedByte(byte, quote));
  return `b${quote}${characters.join('')}${quote}`;
}

function escapedByte(byte: number, quote: string): string {
  const character = String.fromCharCode(byte);
  const isPlain = byte === 0x09 || byte === 0x0a || byte === 0x0d || (byte >= 0x20 && byte < 0x7f);
  return isPlain ? escaped(character, quote) : `\\x${byte.toString(16).padStart(2, '0')}`;
}

/** What a child wrote, as the log and events show it: text where it is UTF-8, else supervisord's `Undecodable: b'…'`. */
export function outputText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return `Undecodable: ${pythonBytesRepr(bytes)}`;
  }
}

/** Python's str.isprintable(): no control, format, surrogate, private, unassigned or separator characters. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}]/u;

/** What `str.isspace` and `\s` mean in Python; JavaScript's own differ in six characters. */
const space = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const leadingSpace = new RegExp(`^[${space}]+`);
const anySpace = new RegExp(`[${space}]+`);
const oneSpace = new RegExp(`^[${space}]$`);

export function isSpace(character: string): boolean {
  return oneSpace.test(character);
}

/** `str.strip()` */
export function strip(text: string): string {
  return stripEnd(text.replace(leadingSpace, ''));
}

/** `str.rstrip()`; an expression would begin anew at every space within. */
export function stripEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** `str.split()`: the words between spaces. */
export function splitSpace(text: string): string[] {
  return text.split(anySpace).filter((word) => word !== '');
}

/** Longer numbers are none for Python either (sys.set_int_max_str_digits). */
const mostDigits = 4300;

/** `int(text, base)`: null where Python raises ValueError. */
export function readInteger(text: string, base: 8 | 10 = 10): number | null {
  const shape = base === 10 ? /^([+-]?)(\d(?:_?\d)*)$/ : /^([+-]?)(?:0[oO]_?)?([0-7](?:_?[0-7])*)$/;
  const written = strip(text);
  // With every underscore that may stand in it, and a sign.
  const match = written.length > 2 * mostDigits ? null : shape.exec(written);
  if (match === null) return null;
  const size = Number.parseInt((match[2] ?? '').replaceAll('_', ''), base);
  return match[1] === '-' && size !== 0 ? -size : size;
}
