// Inputs that are nearly right: known ones, cut, doubled, joined and sprinkled with what is special to their reader.
import { array, constantFrom, integer, oneof, record, string, tuple, uint8Array, type Arbitrary } from 'fast-check';

interface Edit {
  readonly kind: 'delete' | 'insert' | 'repeat' | 'replace';
  /** Where, in parts of ten thousand of the length. */
  readonly at: number;
  readonly length: number;
  readonly token: string;
}

/** Texts made of `seeds` and `tokens`: whole seeds with edits, and rows of tokens. */
export function nearly(seeds: readonly string[], tokens: readonly string[]): Arbitrary<string> {
  const token = oneof({ weight: 4, arbitrary: constantFrom(...tokens) }, { weight: 1, arbitrary: anyText });
  const edits = array(
    record({
      kind: constantFrom('delete' as const, 'insert' as const, 'repeat' as const, 'replace' as const),
      at: integer({ min: 0, max: 10_000 }),
      length: integer({ min: 0, max: 30 }),
      token,
    }),
    { maxLength: 6 },
  );
  const edited = tuple(constantFrom(...seeds), edits).map(([text, list]) => list.reduce(apply, text));
  const row = array(token, { maxLength: 24 }).map((parts) => parts.join(''));
  return oneof({ weight: 5, arbitrary: edited }, { weight: 4, arbitrary: row }, { weight: 1, arbitrary: anyText });
}

/** Without halves of characters, which other languages do not know. */
export function wellFormed(texts: Arbitrary<string>): Arbitrary<string> {
  return texts.map((text) => text.replaceAll(/\p{Surrogate}/gu, ''));
}

/** Any text of whole characters. */
export const anyText = string({ unit: 'grapheme', maxLength: 40 });

/** The same as bytes, some of them broken. */
export function nearlyBytes(seeds: readonly string[], tokens: readonly string[]): Arbitrary<Buffer> {
  const text = nearly(seeds, tokens).map((each) => Buffer.from(each));
  const dirt = tuple(text, uint8Array({ maxLength: 6 }), integer({ min: 0, max: 10_000 }));
  const dirty = dirt.map(([bytes, more, at]) => {
    const cut = Math.floor((bytes.length * at) / 10_000);
    return Buffer.concat([bytes.subarray(0, cut), more, bytes.subarray(cut)]);
  });
  return oneof(text, dirty);
}

/** The same bytes in pieces: cut anywhere, also into single bytes. */
export function inPieces<Bytes extends string | Buffer>(
  whole: Arbitrary<Bytes>,
): Arbitrary<{ whole: Bytes; cuts: number[] }> {
  return record({ whole, cuts: array(integer({ min: 0, max: 40 }), { maxLength: 40 }) });
}

/** Cuts at the lengths given; what is left is the last piece. */
export function piecesOf(whole: Buffer, cuts: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const length of cuts) {
    pieces.push(whole.subarray(at, at + length));
    at = Math.min(at + length, whole.length);
  }
  return [...pieces, whole.subarray(at)];
}

function apply(text: string, { kind, at, length, token }: Edit): string {
  const from = Math.floor((text.length * at) / 10_000);
  const [before, piece, after] = [text.slice(0, from), text.slice(from, from + length), text.slice(from + length)];
  switch (kind) {
    case 'delete':
      return before + after;
    case 'insert':
      return before + token + piece + after;
    case 'repeat':
      return before + piece + piece + after;
    case 'replace':
      return before + token + after;
  }
}
