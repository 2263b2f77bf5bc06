// Sections, options and values without effect: supervisord ignores unknown ones silently, which hides typing errors, so
// each is noted with its place and a guess, and so is what is not supported yet. [supervisord] strict=true makes errors of
// the notes. Pure.

import { ConfigError } from '../base/errors.ts';
import type { IniDocument, IniSection } from './ini.ts';
import type { OptionTable } from './option.ts';
import { type SectionKind, sectionKinds } from './options.ts';

/** One note for each section and option without effect, in the order of the document. */
export function unknownParts(document: IniDocument): readonly ConfigError[] {
  return [...document.sections.values()].flatMap((section) => {
    const kind = kindOf(section.name);
    if (kind === undefined) return [unknownSection(section)];
    if (kind.unsupported === true) return [unsupportedSection(section)];
    return kind.options === null ? [] : unheededOptions(section, kind.options);
  });
}

/** The kind of a section by its head; undefined when supervisord and we know none. */
function kindOf(head: string): SectionKind | undefined {
  return sectionKinds.find((kind) => {
    if (kind.head.endsWith(':x')) return head.startsWith(kind.head.slice(0, -1));
    return kind.head.endsWith('_http_server') ? head.startsWith(kind.head) : head === kind.head;
  });
}

/** The candidate that `written` was probably meant to be: at most a third of it is different. */
export function closest(written: string, candidates: readonly string[]): string | null {
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(written.toLowerCase(), candidate) }))
    .toSorted((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best === undefined || best.distance > Math.max(1, Math.floor(best.candidate.length / 3))) return null;
  return best.candidate;
}

function unknownSection({ name, where }: IniSection): ConfigError {
  const colon = name.indexOf(':');
  const word = colon === -1 ? name : name.slice(0, colon);
  const heads = sectionKinds.map((kind) => kind.head.replace(/:x$/, ''));
  const guess = closest(word, heads);
  const named = sectionKinds.some((kind) => kind.head === `${guess}:x`);
  const rest = colon !== -1 ? name.slice(colon) : named ? ':NAME' : '';
  const meant = guess === null ? '' : `, did you mean [${guess}${rest}]?`;
  return new ConfigError(`unknown section [${name}]${meant}`, { where, section: name });
}

function unsupportedSection({ name, where }: IniSection): ConfigError {
  return new ConfigError(`section [${name}] is not supported yet, ignored`, { where, section: name });
}

function unheededOptions(section: IniSection, table: OptionTable): ConfigError[] {
  const notes: ConfigError[] = [];
  for (const { name, text, where } of section.options.values()) {
    const place = { where, section: section.name, option: name };
    const row = Object.hasOwn(table, name) ? table[name] : undefined;
    if (row === undefined) {
      const guess = closest(name, Object.keys(table));
      const meant = guess === null ? '' : `, did you mean ${guess}?`;
      notes.push(new ConfigError(`unknown option ${name} in [${section.name}]${meant}`, place));
    } else if (row.notYet?.test(text) === true) {
      notes.push(new ConfigError(`${name}=${text} in [${section.name}] is not supported yet, ignored`, place));
    }
  }
  return notes;
}

/** Insertions, deletions, replacements and swaps of neighbours between two words. */
function editDistance(from: string, to: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
        swapped && row > 1 && column > 1 ? (before[column - 2] ?? 0) + 1 : Infinity,
      );
    }
    before = previous;
    previous = current;
  }
  return previous[to.length] ?? 0;
}
