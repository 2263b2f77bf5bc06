// Takes terminal colours and cursor moves out of a child's output (`strip_ansi=true`). The rule is supervisord's
// (dispatchers.py stripEscapes): from `ESC [` to the first byte of HfABCDRsuJKhlpm, whatever stands between.
// Ours differs in one point: a sequence that is cut by the end of a chunk goes on in the next one. Pure.

const escape = 0x1b;
const bracket = 0x5b;
const terminators = new Set(Buffer.from('HfABCDRsuJKhlpm'));

/** Answers what is left of a chunk; that may be the chunk itself, so it is only good as long as that is. */
export type AnsiStripper = (chunk: Buffer) => Buffer;

/** One stripper per stream: it remembers a sequence that is not over yet, and an ESC that may begin one. */
export function createAnsiStripper(): AnsiStripper {
  let state: 'text' | 'after-escape' | 'in-sequence' = 'text';

  return (chunk) => {
    if (state === 'text' && chunk.indexOf(escape) === -1) return chunk;
    // One more than the chunk: the ESC that the last chunk ended with may turn out to be text.
    const kept = Buffer.allocUnsafe(chunk.length + 1);
    let length = 0;
    for (let at = 0; at < chunk.length;) {
      if (state === 'in-sequence') {
        if (terminators.has(chunk[at] ?? 0)) state = 'text';
        at += 1;
      } else if (state === 'after-escape' && chunk[at] === bracket) {
        state = 'in-sequence';
        at += 1;
      } else {
        if (state === 'after-escape') length = kept.writeUInt8(escape, length);
        const found = chunk.indexOf(escape, at);
        const until = found === -1 ? chunk.length : found;
        length += chunk.copy(kept, length, at, until);
        state = found === -1 ? 'text' : 'after-escape';
        at = until + 1;
      }
    }
    return kept.subarray(0, length);
  };
}
