// Reads supervisord's dialect of INI: Python's RawConfigParser with `strict` off and `;` and `#` as inline comments
// (supervisord's options.py UnhosedConfigParser, Python's configparser.py `_read`). Every section and option carries
// its file and line. Pure.

import { ConfigError, type Where } from '../base/errors.ts';
import { isSpace, pythonRepr, strip, stripEnd } from '../base/python-text.ts';

export interface IniOption {
  /** Lower-cased, as it is looked up. */
  readonly name: string;
  /** Unexpanded; continuation lines are joined by newlines. */
  readonly text: string;
  readonly where: Where;
}

export interface IniSection {
  readonly name: string;
  /** Where the section first appeared. */
  readonly where: Where;
  readonly options: ReadonlyMap<string, IniOption>;
}

export interface IniDocument {
  /** In order of first appearance, without `[DEFAULT]`. */
  readonly sections: ReadonlyMap<string, IniSection>;
  /** `[DEFAULT]`: what every section falls back on. */
  readonly defaults: ReadonlyMap<string, IniOption>;
}

const emptyDocument: IniDocument = { sections: new Map(), defaults: new Map() };

/**
 * Reads `text` on top of `base`: sections merge, the last value of an option wins.
 * Throws ConfigError with configparser's own text.
 */
export function readIni(
  text: string,
  { file, base = emptyDocument }: { file: string; base?: IniDocument },
): IniDocument {
  const sections = new Map([...base.sections].map(([name, section]) => [name, copySection(section)]));
  const defaults = new Map(base.defaults);
  const bad: { line: number; text: string }[] = [];
  let options: Map<string, IniOption> | null = null;
  let last: OptionUnderWay | null = null;
  let indent = 0;

  const finishOption = (): void => {
    if (last === null || options === null) return;
    options.set(last.name, { name: last.name, text: stripEnd(last.lines.join('\n')), where: last.where });
    last = null;
  };

  for (const [index, line] of linesOf(text).entries()) {
    const where = { file, line: index + 1 };
    const { value, commented } = cutComment(line);
    if (value === '') {
      // A blank line belongs to the value under way, a comment does not.
      if (!commented) last?.lines.push('');
      continue;
    }
    const lineIndent = indentOf(line);
    if (last !== null && lineIndent > indent) {
      last.lines.push(value);
      continue;
    }
    indent = lineIndent;
    const head = /^\[(.+)\]/s.exec(value)?.[1];
    if (head !== undefined) {
      finishOption();
      if (head === 'DEFAULT') options = defaults;
      else {
        const section: SectionUnderWay = sections.get(head) ?? { name: head, where, options: new Map() };
        sections.set(head, section);
        options = section.options;
      }
      continue;
    }
    if (options === null) throw noSectionHeader(where, line);
    const delimiter = value.search(/[=:]/);
    if (delimiter <= 0) bad.push({ line: where.line, text: line });
    if (delimiter === -1) continue;
    finishOption();
    const name = stripEnd(value.slice(0, delimiter)).toLowerCase();
    // An option without a name is an error already, and takes no continuation lines.
    if (name !== '') last = { name, lines: [strip(value.slice(delimiter + 1))], where };
  }
  finishOption();
  if (bad.length > 0) throw parsingErrors(file, bad);
  return { sections, defaults };
}

/** An option of a section, or of `[DEFAULT]`. */
export function findOption(
  document: IniDocument,
  { section, name }: { readonly section: string; readonly name: string },
): IniOption | undefined {
  return document.sections.get(section)?.options.get(name) ?? document.defaults.get(name);
}

/** All options of a section, those of `[DEFAULT]` included. */
export function effectiveOptions(document: IniDocument, section: IniSection): ReadonlyMap<string, IniOption> {
  return document.defaults.size === 0 ? section.options : new Map([...document.defaults, ...section.options]);
}

/**
 * Replaces `%(here)s` by text, in all options of all sections: supervisord does so after each file it reads, as soon
 * as there is an `[include]`, so that each file's `here` is its own directory.
 */
export function replaceHere(document: IniDocument, here: string): IniDocument {
  const replaced = [...document.sections].map(([name, section]): [string, IniSection] => {
    const options = new Map(section.options);
    for (const option of effectiveOptions(document, section).values()) {
      if (!option.text.includes('%(here)s')) continue;
      options.set(option.name, { ...option, text: option.text.replaceAll('%(here)s', () => here) });
    }
    return [name, { ...section, options }];
  });
  return { sections: new Map(replaced), defaults: document.defaults };
}

interface OptionUnderWay {
  readonly name: string;
  readonly lines: string[];
  readonly where: Where;
}

interface SectionUnderWay extends IniSection {
  readonly options: Map<string, IniOption>;
}

function copySection(section: IniSection): SectionUnderWay {
  return { ...section, options: new Map(section.options) };
}

/** Lines with their newline, as Python's text files give them: `\r\n` and `\r` are newlines too. */
function linesOf(text: string): string[] {
  return text.replaceAll(/\r\n?/g, '\n').match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function indentOf(line: string): number {
  let indent = 0;
  while (indent < line.length && isSpace(line.charAt(indent))) indent += 1;
  return indent;
}

function cutComment(line: string): { value: string; commented: boolean } {
  const stripped = strip(line);
  if (stripped.startsWith('#') || stripped.startsWith(';')) return { value: '', commented: true };
  const start = commentStart(line);
  return start === -1 ? { value: stripped, commented: false } : { value: strip(line.slice(0, start)), commented: true };
}

/**
 * Where an inline comment begins. Quirk of configparser: it looks at the first `;` and the first `#`, then at the second
 * of each, and stops at the first round that finds a comment. So ` ;` after an earlier `;` survives before a ` #`.
 */
function commentStart(line: string): number {
  let seekers = [';', '#'].map((prefix) => ({ prefix, at: -1 }));
  while (seekers.length > 0) {
    seekers = seekers
      .map(({ prefix, at }) => ({ prefix, at: line.indexOf(prefix, at + 1) }))
      .filter(({ at }) => at !== -1);
    const starts = seekers.map(({ at }) => at).filter((at) => at === 0 || isSpace(line.charAt(at - 1)));
    if (starts.length > 0) return Math.min(...starts);
  }
  return -1;
}

function noSectionHeader(where: Where, line: string): ConfigError {
  const message = `File contains no section headers.\nfile: ${pythonRepr(where.file)}, line: ${where.line}\n${pythonRepr(line)}`;
  return new ConfigError(message, { where, accepted: '[section] before the first option' });
}

/** supervisord names every line; a file that is no configuration at all would make an answer of megabytes. */
const mostNamed = 100;

function parsingErrors(file: string, bad: readonly { line: number; text: string }[]): ConfigError {
  const lines = bad
    .slice(0, mostNamed)
    .map(({ line, text }) => `\n\t[line ${String(line).padStart(2)}]: ${pythonRepr(text)}`);
  const where = { file, line: bad[0]?.line ?? 1 };
  const rest = bad.length > mostNamed ? `\n\tand ${bad.length - mostNamed} more` : '';
  return new ConfigError(`Source contains parsing errors: ${pythonRepr(file)}${lines.join('')}${rest}`, {
    where,
    accepted: '[section], option=value, or a line indented deeper than its option',
  });
}
