// Texts in records, so that a difference is a line.
import type { Json } from './normalise.ts';

/** A text of several lines as a list of them, each with its line end; others as they are. */
export function textAsJson(text: string): Json {
  const lines = text.split(/(?<=\n)/);
  return lines.length > 1 ? lines : text;
}

/** The lines of a text by name. */
export function sortLines(text: string): string {
  return text
    .split(/(?<=\n)/)
    .toSorted()
    .join('');
}
