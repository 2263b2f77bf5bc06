// The XML-RPC codec, both ways: calls and answers to text, text to calls and answers. The bytes written are those of
// Python's xmlrpc.client `dumps`, which supervisord answers with; what is read follows supervisord's xmlrpc.py `loads`
// (untyped values are strings, `<params>` may be missing, base64 is text), within limits on size, depth and count.

import { readInteger } from '../base/python-text.ts';
import { MalformedXml, XmlScanner } from './xml-scanner.ts';

export { MalformedXml } from './xml-scanner.ts';

/** What XML-RPC can carry; there is no null. Integral numbers travel as int, others as double. */
export type XmlRpcValue = number | string | boolean | Date | Uint8Array | readonly XmlRpcValue[] | XmlRpcStruct;

export interface XmlRpcStruct {
  readonly [name: string]: XmlRpcValue;
}

/** A request as it was read; `method` is '' when the sender named none. */
export interface XmlRpcCall {
  readonly method: string;
  readonly params: readonly XmlRpcValue[];
}

/** The server answered with a fault. */
export class XmlRpcFault extends Error {
  readonly code: number;

  constructor(code: number, text: string) {
    super(text);
    this.name = 'XmlRpcFault';
    this.code = code;
  }
}

interface Limits {
  readonly bytes: number;
  readonly values: number;
  readonly markup: number;
  readonly references: number;
  readonly depth: number;
}

/** A call is written by anybody who can connect; an answer comes from the daemon that the user chose, and may be a whole log. */
const callLimits: Limits = { bytes: 16 * 2 ** 20, values: 100_000, markup: 250_000, references: 1_000_000, depth: 100 };
const resultLimits: Limits = { bytes: 2 ** 29, values: Infinity, markup: Infinity, references: Infinity, depth: 100 };

/** The document is well-formed but answers no call. */
export class NoResponse extends MalformedXml {
  constructor() {
    super('not a methodResponse');
  }
}

const declaration = "<?xml version='1.0'?>\n";

/** Reads a request; throws MalformedXml. */
export function readCall(source: string | Uint8Array): XmlRpcCall {
  const reader = new ValueReader(source, { limits: callLimits, side: 'call' });
  return reader.call();
}

/** Reads an answer; throws XmlRpcFault when it is a fault, MalformedXml when it is no answer. */
export function readResult(source: string | Uint8Array): XmlRpcValue {
  const reader = new ValueReader(source, { limits: resultLimits, side: 'result' });
  return reader.result();
}

/** Writes a request. */
export function writeCall(method: string, params: readonly XmlRpcValue[]): string {
  return `${declaration}<methodCall>\n<methodName>${escapeText(method)}</methodName>\n${paramsText(params)}</methodCall>\n`;
}

/** A value that is kept as it was written. */
export class WrittenValue {
  readonly xml: string;
  #answer: Buffer | null = null;

  constructor(xml: string) {
    this.xml = xml;
  }

  /** The answer to a call that consists of it, UTF-8: made when first asked for, and kept. */
  get answer(): Buffer {
    this.#answer ??= Buffer.from(writeResult(this));
    return this.#answer;
  }
}

/** What a call can be answered with. */
export type XmlRpcAnswer = XmlRpcValue | WrittenValue | readonly XmlRpcAnswer[];

const resultHead = `${declaration}<methodResponse>\n<params>\n<param>\n`;
const resultTail = '</param>\n</params>\n</methodResponse>\n';

/** Writes the answer to a call that went well. */
export function writeResult(value: XmlRpcAnswer): string {
  return resultHead + writeValue(value) + resultTail;
}

/** Writes the answer to a call that could not be done. */
export function writeFault(code: number, text: string): string {
  const fault = writeValue({ faultCode: code, faultString: text });
  return `${declaration}<methodResponse>\n<fault>\n${fault}</fault>\n</methodResponse>\n`;
}

function paramsText(params: readonly XmlRpcValue[]): string {
  let text = '<params>\n';
  for (const value of params) text += `<param>\n${writeValue(value)}</param>\n`;
  return `${text}</params>\n`;
}

/** Writes a value alone. */
export function writeValue(value: XmlRpcAnswer): string {
  if (typeof value === 'string') return `<value><string>${escapeText(value)}</string></value>\n`;
  if (typeof value === 'boolean') return `<value><boolean>${value ? 1 : 0}</boolean></value>\n`;
  if (typeof value !== 'number') return objectText(value);
  return Number.isInteger(value)
    ? `<value><int>${value}</int></value>\n`
    : `<value><double>${value}</double></value>\n`;
}

function objectText(value: Exclude<XmlRpcAnswer, string | number | boolean>): string {
  if (value instanceof WrittenValue) return value.xml;
  if (isArray(value)) {
    let text = '<value><array><data>\n';
    for (const item of value) text += writeValue(item);
    return `${text}</data></array></value>\n`;
  }
  if (value instanceof Date) return `<value><dateTime.iso8601>${dateText(value)}</dateTime.iso8601></value>\n`;
  if (value instanceof Uint8Array) return `<value><base64>\n${base64Text(value)}</base64></value>\n`;
  let text = '<value><struct>\n';
  for (const [name, item] of Object.entries(value)) {
    text += `<member>\n<name>${escapeText(name)}</name>\n${writeValue(item)}</member>\n`;
  }
  return `${text}</struct></value>\n`;
}

/** Array.isArray does not narrow a readonly array. */
function isArray(value: XmlRpcAnswer): value is readonly XmlRpcAnswer[] {
  return Array.isArray(value);
}

const escaped = /[&<>]/;
const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Only these three are escaped; control characters go out raw, as supervisord sends them. */
function escapeText(text: string): string {
  // Most has nothing to escape, and replaceAll is slow to find out.
  if (!escaped.test(text)) return text;
  return text.replaceAll(/[&<>]/g, (character) => escapes[character] ?? character);
}

function dateText(date: Date): string {
  return date.toISOString().slice(0, 19).replaceAll('-', '');
}

/** Lines of 76 characters, each ended, as Python's base64.encodebytes writes them. */
function base64Text(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  return text.replaceAll(/.{1,76}/g, '$&\n');
}

/** Reads values off a scanner; `side` says whether a client's call or a server's answer is read. */
class ValueReader {
  readonly #scanner: XmlScanner;
  readonly #side: 'call' | 'result';
  #valuesLeft: number;

  constructor(source: string | Uint8Array, options: { readonly limits: Limits; readonly side: 'call' | 'result' }) {
    const { limits, side } = options;
    if (source.length > limits.bytes) throw new MalformedXml('the document is too big');
    // Logs may hold control characters, which supervisord sends raw: an answer is better read than refused.
    this.#scanner = new XmlScanner(decodeText(source), {
      maxDepth: limits.depth,
      maxMarkup: limits.markup,
      maxReferences: limits.references,
      allowControls: side === 'result',
    });
    this.#side = side;
    this.#valuesLeft = limits.values;
  }

  call(): XmlRpcCall {
    let method = '';
    let params: readonly XmlRpcValue[] = [];
    this.#openRoot('methodCall');
    while (this.#scanner.next() === 'open') {
      if (this.#scanner.name === 'methodName') method = this.#scanner.textOfElement();
      else if (this.#scanner.name === 'params') params = this.#children('param', () => this.#onlyValue());
      else this.#scanner.skipRest();
    }
    this.#expectEnd();
    return { method, params };
  }

  result(): XmlRpcValue {
    let found: XmlRpcValue | undefined;
    let fault = false;
    this.#openRoot('methodResponse');
    while (this.#scanner.next() === 'open') {
      if (this.#scanner.name === 'params') [found] = this.#children('param', () => this.#onlyValue());
      else if (this.#scanner.name === 'fault') {
        fault = true;
        found = this.#onlyValue();
      } else this.#scanner.skipRest();
    }
    this.#expectEnd();
    if (found === undefined) throw new MalformedXml('an answer without a value');
    if (fault) throw faultOf(found);
    return found;
  }

  #openRoot(name: string): void {
    this.#scanner.next();
    if (this.#scanner.name === name) return;
    throw name === 'methodResponse' ? new NoResponse() : new MalformedXml(`not a ${name}`);
  }

  #expectEnd(): void {
    if (this.#scanner.next() !== 'end') throw new MalformedXml('more than one document');
  }

  /** Reads the children of the element just opened; each is called `name` and is read to its end by `read`. */
  #children<Item>(name: string, read: () => Item): Item[] {
    const items: Item[] = [];
    while (this.#scanner.next() === 'open') {
      this.#expectName(name);
      items.push(read());
    }
    return items;
  }

  #expectName(name: string): void {
    if (this.#scanner.name !== name) throw new MalformedXml(`expected ${name}, got ${this.#scanner.name}`);
  }

  #openChild(name: string): void {
    if (this.#scanner.next() !== 'open') throw new MalformedXml(`expected ${name}`);
    this.#expectName(name);
  }

  /** The value inside the element just opened (`param`, `fault`), up to that element's end. */
  #onlyValue(): XmlRpcValue {
    this.#openChild('value');
    const value = this.#value();
    this.#scanner.skipRest();
    return value;
  }

  /** The value whose `<value>` was just opened, up to its end. */
  #value(): XmlRpcValue {
    this.#valuesLeft -= 1;
    if (this.#valuesLeft < 0) throw new MalformedXml('too many values');
    if (this.#scanner.next() === 'close') return this.#scanner.text;
    const value = this.#typed();
    this.#scanner.skipRest();
    return value;
  }

  #typed(): XmlRpcValue {
    switch (this.#scanner.name) {
      case 'string':
        return this.#scanner.textOfElement();
      case 'int':
      case 'i4':
      case 'i8':
        return integerOf(this.#scanner.textOfElement());
      case 'boolean':
        return this.#scanner.textOfElement() === '1';
      case 'double':
        return doubleOf(this.#scanner.textOfElement());
      case 'dateTime.iso8601':
        return dateOf(this.#scanner.textOfElement());
      case 'base64':
        return this.#base64();
      case 'array':
        return this.#array();
      case 'struct':
        return Object.fromEntries(this.#children('member', () => this.#member()));
      default:
        throw new MalformedXml(`unknown type ${this.#scanner.name}`);
    }
  }

  #array(): XmlRpcValue[] {
    this.#openChild('data');
    const items = this.#children('value', () => this.#value());
    this.#scanner.skipRest();
    return items;
  }

  #member(): [string, XmlRpcValue] {
    this.#openChild('name');
    const name = this.#scanner.textOfElement();
    return [name, this.#onlyValue()];
  }

  #base64(): string | Uint8Array {
    const text = this.#scanner.textOfElement().replaceAll(/\s/g, '');
    if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new MalformedXml('broken base64');
    const bytes = Buffer.from(text, 'base64');
    return this.#side === 'call' ? decodeText(bytes) : bytes;
  }
}

function faultOf(value: XmlRpcValue): Error {
  if (typeof value === 'object' && !Array.isArray(value) && 'faultCode' in value && 'faultString' in value) {
    const { faultCode, faultString } = value;
    if (typeof faultCode === 'number' && typeof faultString === 'string')
      return new XmlRpcFault(faultCode, faultString);
  }
  return new MalformedXml('a fault without code and text');
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Always UTF-8, whatever the declaration says: supervisord decodes before it parses. */
function decodeText(source: string | Uint8Array): string {
  if (typeof source === 'string') return source;
  try {
    return utf8.decode(source);
  } catch (error) {
    throw error instanceof TypeError ? new MalformedXml('not UTF-8') : error;
  }
}

function integerOf(text: string): number {
  const value = readInteger(text);
  if (value === null || !Number.isSafeInteger(value)) throw new MalformedXml('not an integer');
  return value;
}

function doubleOf(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new MalformedXml('not a number');
  return value;
}

function dateOf(text: string): Date {
  const date = /^(\d{4})(\d\d)(\d\d)T(\d\d:\d\d:\d\d)$/.exec(text);
  const value = new Date(date === null ? Number.NaN : `${date[1]}-${date[2]}-${date[3]}T${date[4]}Z`);
  if (Number.isNaN(value.getTime())) throw new MalformedXml('not a date');
  return value;
}
