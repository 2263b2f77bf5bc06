// A pull scanner for the small part of XML that XML-RPC needs: elements, text, comments, CDATA and the XML declaration.
// No DTD and no entities beyond the predefined five and numeric references, so nothing a sender writes can grow or
// reach out. Well-formedness is as strict as expat's, which reads the requests in supervisord (its xmlrpc.py `loads`).

/** The text is not the XML that this program accepts; supervisord answers such a request with HTTP 400. */
export class MalformedXml extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'MalformedXml';
  }
}

/** How deep elements may nest, how much of what takes time there may be, and whether control characters, which XML forbids, are let through. */
export interface ScannerOptions {
  readonly maxDepth: number;
  /** Tags, attributes, comments and the like. */
  readonly maxMarkup: number;
  /** `&lt;` and the like. */
  readonly maxReferences: number;
  readonly allowControls: boolean;
}

const predefined: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** `#x0010FFFF` */
const longestReference = 10;

/** A tag from behind its `<`, piece by piece: one expression for the whole would need a stack as deep as the tag is long. */
const namePattern = /([^\s<>/='"&]+)/y;
const attributePattern = /\s+[^\s<>/='"&]+\s*=\s*(?:"[^<"]*"|'[^<']*')/y;
const tagEndPattern = /\s*(\/?)>/y;
// oxlint-disable-next-line no-control-regex -- these are the characters that XML 1.0 forbids
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/**
 * Walks through one document. `next` moves to the next tag; `name` is then that tag's name and `text` the character
 * data passed on the way there. `<x/>` comes as an opening and a closing tag.
 */
export class XmlScanner {
  name = '';
  text = '';
  readonly #source: string;
  readonly #options: ScannerOptions;
  readonly #open: string[] = [];
  #markupLeft: number;
  #referencesLeft: number;
  #at: number;
  #selfClosing = false;
  #rootSeen = false;

  constructor(source: string, options: ScannerOptions) {
    this.#source = source;
    this.#options = options;
    this.#markupLeft = options.maxMarkup;
    this.#referencesLeft = options.maxReferences;
    this.#at = source.startsWith('\ufeff') ? 1 : 0;
  }

  /** How many elements are open; 0 outside the document's root. */
  get depth(): number {
    return this.#open.length;
  }

  /** Moves to the next tag; answers `end` once, after the root was closed. */
  next(): 'open' | 'close' | 'end' {
    if (this.#selfClosing) {
      this.#selfClosing = false;
      this.text = '';
      return this.#close();
    }
    this.text = this.#textUpToTag();
    if (this.#at >= this.#source.length) {
      if (this.#open.length > 0 || !this.#rootSeen) throw new MalformedXml('the document ends too early');
      return 'end';
    }
    if (this.#source.startsWith('</', this.#at)) return this.#readClosingTag();
    this.#readOpeningTag();
    return 'open';
  }

  /** Passes over what is left of the innermost open element, its closing tag included. */
  skipRest(): void {
    for (let level = 1; level > 0;) level += this.next() === 'open' ? 1 : -1;
  }

  /** Reads the innermost open element to its end; answers the text before its first child. */
  textOfElement(): string {
    const kind = this.next();
    const { text } = this;
    if (kind === 'open') {
      this.skipRest();
      this.skipRest();
    }
    return text;
  }

  #textUpToTag(): string {
    let text = '';
    for (;;) {
      const start = this.#at;
      const bracket = this.#source.indexOf('<', start);
      this.#at = bracket === -1 ? this.#source.length : bracket;
      if (this.#at > start) text += this.#characters(this.#source.slice(start, this.#at));
      if (bracket === -1) return text;
      if (this.#source.startsWith('<!--', bracket)) this.#passOver('<!--', '-->');
      else if (this.#source.startsWith('<?', bracket)) this.#passOver('<?', '?>');
      else if (this.#source.startsWith('<![CDATA[', bracket)) text += this.#cdata();
      else if (this.#source.startsWith('<!', bracket)) throw new MalformedXml('document types are not accepted');
      else return text;
    }
  }

  /** Character data as it was meant: references replaced, line ends made \n (XML 1.0, 2.11). */
  #characters(raw: string): string {
    if (this.depth === 0 && raw.trim() !== '') throw new MalformedXml('text outside the document');
    if (raw.includes(']]>')) throw new MalformedXml(']]> in text');
    const text = this.#lines(raw);
    return text.includes('&') ? this.#withoutReferences(text) : text;
  }

  /** Piece by piece: an expression would gather all matches first, millions of them if somebody likes. */
  #withoutReferences(text: string): string {
    const parts: string[] = [];
    let from = 0;
    for (let start = text.indexOf('&'); start !== -1; start = text.indexOf('&', from)) {
      this.#referencesLeft -= 1;
      if (this.#referencesLeft < 0) throw new MalformedXml('too many references');
      const end = text.indexOf(';', start);
      if (end === -1 || end - start - 1 > longestReference) throw new MalformedXml('a broken reference');
      if (start > from) parts.push(text.slice(from, start));
      const name = text.slice(start + 1, end);
      parts.push(predefined.get(name) ?? this.#character(name));
      from = end + 1;
    }
    parts.push(text.slice(from));
    return parts.join('');
  }

  #lines(raw: string): string {
    if (!this.#options.allowControls && forbidden.test(raw)) throw new MalformedXml('a control character in text');
    return raw.includes('\r') ? raw.replaceAll(/\r\n?/g, '\n') : raw;
  }

  #character(name: string): string {
    const digits = /^#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,8}))$/.exec(name);
    if (digits === null) throw new MalformedXml('an unknown entity');
    const [, hexadecimal, decimal] = digits;
    const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16);
    if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
      throw new MalformedXml('no such character');
    const character = String.fromCodePoint(code);
    if (!this.#options.allowControls && forbidden.test(character)) throw new MalformedXml('no such character');
    return character;
  }

  #passOver(opening: string, closing: string): void {
    this.#countMarkup();
    const end = this.#source.indexOf(closing, this.#at + opening.length);
    if (end === -1) throw new MalformedXml(`${opening} without ${closing}`);
    this.#at = end + closing.length;
  }

  #cdata(): string {
    if (this.depth === 0) throw new MalformedXml('text outside the document');
    const start = this.#at + '<![CDATA['.length;
    this.#passOver('<![CDATA[', ']]>');
    return this.#lines(this.#source.slice(start, this.#at - ']]>'.length));
  }

  #readOpeningTag(): void {
    if (this.depth === 0 && this.#rootSeen) throw new MalformedXml('more than one document');
    if (this.depth >= this.#options.maxDepth) throw new MalformedXml('elements nest too deep');
    this.#at += 1;
    this.name = this.#match(namePattern)?.[1] ?? brokenTag();
    do this.#countMarkup();
    while (this.#match(attributePattern) !== null);
    const end = this.#match(tagEndPattern) ?? brokenTag();
    this.#selfClosing = end[1] === '/';
    this.#rootSeen = true;
    this.#open.push(this.name);
  }

  /** Moves behind what stands here, if it does. */
  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source);
    if (found !== null) this.#at = pattern.lastIndex;
    return found;
  }

  #countMarkup(): void {
    this.#markupLeft -= 1;
    if (this.#markupLeft < 0) throw new MalformedXml('too much markup');
  }

  #readClosingTag(): 'close' {
    const end = this.#source.indexOf('>', this.#at);
    if (end === -1) brokenTag();
    const name = this.#source.slice(this.#at + 2, end).trimEnd();
    if (name !== this.#open.at(-1)) throw new MalformedXml('tags do not match');
    this.#at = end + 1;
    return this.#close();
  }

  #close(): 'close' {
    this.name = this.#open.pop() ?? '';
    return 'close';
  }
}

function brokenTag(): never {
  throw new MalformedXml('a broken tag');
}
