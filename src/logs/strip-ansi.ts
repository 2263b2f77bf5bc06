// Takes terminal colours and cursor moves out of a child's output (`strip_ansi=true`). The rule is supervisord's
// (dispatchers.py stripEscapes): from `ESC [` to the first byte of HfABCDRsuJKhlpm, whatever stands between.
// Ours differs in one point: a sequence that is cut by the end of a chunk goes on in the next one. Pure.

const escape = 0x1b;
const bracket = 0x5b;
const terminators = new Set(Buffer.from('HfABCDRsuJKhlpm'));

export interface AnsiStripper {
  /** What is left of a chunk; it may be the chunk itself, so it is only good as long as that is. */
  strip(chunk: Buffer): Buffer;
  /** The bytes held back at the end of the stream: a lone ESC that began nothing. */
  end(): Buffer;
}

/** One stripper per stream; it remembers a sequence that is not over yet. */
export function createAnsiStripper(): AnsiStripper {
  let state: 'text' | 'after-escape' | 'in-sequence' = 'text';

  return {
    strip(chunk) {
      if (state === 'text' && chunk.indexOf(escape) === -1) return chunk;
      const kept = Buffer.allocUnsafe(chunk.length + 1);
      let length = 0;
      let at = 0;
      while (at < chunk.length) {
        if (state === 'in-sequence') {
          if (terminators.has(chunk[at] ?? 0)) state = 'text';
          at += 1;
        } else if (state === 'after-escape') {
          if (chunk[at] === bracket) {
            state = 'in-sequence';
            at += 1;
          } else {
            kept[length] = escape;
            length += 1;
            state = 'text';
          }
        } else {
          const found = chunk.indexOf(escape, at);
          const until = found === -1 ? chunk.length : found;
          length += chunk.copy(kept, length, at, until);
          at = until;
          if (found !== -1) {
            state = 'after-escape';
            at += 1;
          }
        }
      }
      return kept.subarray(0, length);
    },
    end() {
      const held = state === 'after-escape' ? Buffer.of(escape) : Buffer.alloc(0);
      state = 'text';
      return held;
    },
  };
}
