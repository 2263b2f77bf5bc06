// The text of an `environment` option: KEY=value pairs as supervisord 4.2.5 reads them (its datatypes.py
// `dict_of_key_value_pairs` over Python's non-POSIX `shlex`), and the same text with the values masked. Pure.

export type Pairs = { readonly pairs: ReadonlyMap<string, string> } | { readonly problem: string };

/** Reads KEY=value pairs; the problem is supervisord's sentence with the values masked. */
export function readPairs(text: string): Pairs {
  const { tokens, closed } = tokensOf(text);
  if (!closed) return { problem: 'No closing quotation' };
  const pairs = new Map<string, string>();
  // Each fourth token, normally a comma, is skipped whatever it is.
  for (let at = 0; at < tokens.length; at += 4) {
    const [key = '', equals, value] = tokens.slice(at, at + 3);
    if (equals !== '=' || value === undefined) {
      return { problem: `Unexpected end of key/value pairs in value '${maskPairs(text)}'` };
    }
    pairs.set(key, withoutQuotes(value));
  }
  return { pairs };
}

/**
 * The same pairs with `***` for each value, for messages. Whatever does not stand before a `=` may be part of a value
 * and is masked too, except a name that is all there is.
 */
export function maskPairs(text: string): string {
  const { tokens } = tokensOf(text);
  const parts: string[] = [];
  for (const [at, token] of tokens.entries()) {
    if (at > 0 && tokens[at - 1] !== ',') continue;
    const shown = isName(token) && (tokens[at + 1] === '=' || tokens.length === 1) ? token : '***';
    parts.push(tokens[at + 1] === '=' ? `${shown}=***` : shown);
  }
  return parts.join(',');
}

function isName(token: string): boolean {
  return /^[A-Za-z_]\w*$/.test(token);
}

const wordCharacter = /[A-Za-z0-9_/.+\-():]/;

/** Words, quoted pieces (quotes kept) and single other characters; `#` starts a comment up to the end of the line. */
function tokensOf(text: string): { tokens: string[]; closed: boolean } {
  const tokens: string[] = [];
  let word = '';
  const endWord = (): void => {
    if (word !== '') tokens.push(word);
    word = '';
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (' \t\r\n'.includes(character)) endWord();
    else if (character === '#') {
      // Quirk: a comment right behind a word does not end it; the next line goes on with it.
      const newline = text.indexOf('\n', at);
      at = newline === -1 ? text.length : newline;
    } else if (wordCharacter.test(character) || (word !== '' && isQuote(character))) word += character;
    else if (isQuote(character)) {
      const end = text.indexOf(character, at + 1);
      if (end === -1) return { tokens: [...tokens, text.slice(at)], closed: false };
      tokens.push(text.slice(at, end + 1));
      at = end;
    } else {
      endWord();
      tokens.push(String.fromCodePoint(text.codePointAt(at) ?? 0));
      at += character >= '\ud800' && character <= '\udbff' ? 1 : 0;
    }
  }
  endWord();
  return { tokens, closed: true };
}

/** Python's `strip('"\'')`; an expression would begin anew at every quote within. */
function withoutQuotes(value: string): string {
  let [start, end] = [0, value.length];
  while (start < end && isQuote(value.charAt(start))) start += 1;
  while (end > start && isQuote(value.charAt(end - 1))) end -= 1;
  return value.slice(start, end);
}

function isQuote(character: string): boolean {
  return character === '"' || character === "'";
}
