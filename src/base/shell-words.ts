// A command line cut into words as supervisord does it: Python's shlex.split, POSIX mode, no comments. Quotes and
// backslashes only; nothing is expanded. Pure.

/** The words, or the reason in shlex's own text. */
export type ShellWords = { readonly words: readonly string[] } | { readonly error: string };

/** Splits a command line: `a 'b c' "d\"e" f\ g` is `a`, `b c`, `d"e`, `f g`. */
export function splitWords(line: string): ShellWords {
  const words: string[] = [];
  let word: string | null = null; // null between words; '' is a word too, when it was quoted
  let quote = '';
  const characters = Array.from(line);
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? '';
    if (quote === '' && whitespace.includes(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (character === '\\' && quote !== "'") {
      at += 1;
      const escaped = characters[at];
      if (escaped === undefined) return { error: 'No escaped character' };
      // Inside double quotes a backslash only escapes the quote and itself, and is kept before anything else.
      const kept = quote === '"' && escaped !== '"' && escaped !== '\\' ? '\\' : '';
      word = (word ?? '') + kept + escaped;
    } else if (character === quote) {
      quote = '';
    } else if (quote === '' && (character === '"' || character === "'")) {
      quote = character;
      word ??= '';
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== '') return { error: 'No closing quotation' };
  if (word !== null) words.push(word);
  return { words };
}

const whitespace = ' \t\r\n';
