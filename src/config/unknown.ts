// Unknown sections and options: supervisord ignores them silently, which hides typing errors, so each is noted with its
// place and a guess. [supervisord] strict=true makes errors of the notes. Pure.

import { ConfigError } from '../base/errors.ts';
import type { IniDocument, IniSection } from './ini.ts';
import type { OptionTable } from './option.ts';
import { type SectionKind, sectionKinds } from './options.ts';
import { closest } from './spelling.ts';

/** One note for each of them, in the order of the document. */
export function unknownParts(document: IniDocument): readonly ConfigError[] {
  return [...document.sections.values()].flatMap((section) => {
    const kind = kindOf(section.name);
    if (kind === undefined) return [unknownSection(section)];
    return kind.options === null ? [] : unknownOptions(section, kind.options);
  });
}

/** The kind of a section by its head; undefined when supervisord and we know none. */
function kindOf(head: string): SectionKind | undefined {
  return sectionKinds.find((kind) => {
    if (kind.head.endsWith(':x')) return head.startsWith(kind.head.slice(0, -1));
    return kind.head.endsWith('_http_server') ? head.startsWith(kind.head) : head === kind.head;
  });
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

function unknownOptions(section: IniSection, table: OptionTable): ConfigError[] {
  const notes: ConfigError[] = [];
  for (const { name, where } of section.options.values()) {
    const place = { where, section: section.name, option: name };
    if (!Object.hasOwn(table, name)) {
      const guess = closest(name, Object.keys(table));
      const meant = guess === null ? '' : `, did you mean ${guess}?`;
      notes.push(new ConfigError(`unknown option ${name} in [${section.name}]${meant}`, place));
    }
  }
  return notes;
}
