// Text from elsewhere (a program's output, an error that repeats a name) made fit for a terminal and for one line: nothing
// in it moves the cursor, colours what follows or turns the writing direction. Pure.

/** Controls, formats (among them those that turn the direction), line separators, and halves of characters; the tab is harmless. */
const harmful = /(?!\t)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** The same text with what is not printed written as `\x1b` or `\u202e`. */
export function printable(text: string): string {
  return text.replace(harmful, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    if (code.length <= 2) return `\\x${code.padStart(2, '0')}`;
    return code.length <= 4 ? `\\u${code.padStart(4, '0')}` : `\\u{${code}}`;
  });
}
