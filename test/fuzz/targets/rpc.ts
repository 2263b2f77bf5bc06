// What comes from XML-RPC clients, and from a server to corevisorctl: the codec, its scanner, arguments, names of processes.
import {
  array,
  constantFrom,
  dictionary,
  double,
  integer,
  letrec,
  oneof,
  record,
  string,
  tuple,
  uint8Array,
} from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { Fault } from '../../../src/base/errors.ts';
import { formatNamespec, parseNamespec } from '../../../src/base/namespec.ts';
import { endpointOf } from '../../../src/ctl/address.ts';
import { NamedError } from '../../../src/ctl/client-errors.ts';
import { readRange, tailRange } from '../../../src/logs/log-ranges.ts';
import { integerArgument, nameArgument, truthArgument, writtenArgument } from '../../../src/rpc/arguments.ts';
import { XmlScanner } from '../../../src/rpc/xml-scanner.ts';
import {
  MalformedXml,
  readCall,
  readResult,
  writeCall,
  writeFault,
  writeResult,
  XmlRpcFault,
  type XmlRpcValue,
} from '../../../src/rpc/xmlrpc.ts';
import { corpus } from '../corpus.ts';
import { anyText, nearly, nearlyBytes, wellFormed } from '../mutate.ts';
import { comparison, target, type Target } from '../target.ts';

const tags = [
  'methodCall',
  'methodName',
  'params',
  'param',
  'value',
  'string',
  'int',
  'array',
  'data',
  'struct',
  'member',
];
const moreTags = ['name', 'base64', 'boolean', 'double', 'methodResponse', 'fault', 'nil', 'dateTime.iso8601'];
const xmlTokens = [
  ...[...tags, ...moreTags].flatMap((tag) => [`<${tag}>`, `</${tag}>`, `<${tag}/>`]),
  '<',
  '>',
  '&',
  ';',
  '/',
  '="',
  "'",
  '&amp;',
  '&#x0;',
  '&#xd800;',
  '&#1114112;',
  '&#65;',
  '&x;',
  ']]>',
  '<![CDATA[',
  '<!--',
  '-->',
  '<?',
  '?>',
  '<!DOCTYPE x>',
  '<!',
  ' a="b"',
  '\u0000',
  '\u0001',
  '\ufffe',
  '\r',
  '\n',
  ' ',
  '1',
  '-',
  '1e9',
];
const documents: [string, ...string[]] = [
  ...corpus('calls'),
  writeResult({ a: [1, true, 'x', new Date(0)], b: { c: 1.5 } }),
  writeFault(10, 'BAD_NAME: x'),
];
const xmlText = nearly(documents, xmlTokens);

const { value } = letrec<{ value: XmlRpcValue }>((tie) => ({
  value: oneof(
    { maxDepth: 4, depthSize: 'small' },
    oneof(
      integer(),
      double({ noNaN: true, noDefaultInfinity: true }).filter(
        (number) => !Object.is(number, -0) && Math.abs(number) < 1e15,
      ),
      string({ unit: 'binary', maxLength: 20 }).map(wireText),
      constantFrom(true, false),
      integer({ min: 0, max: 4e9 }).map((seconds) => new Date(seconds * 1000)),
      uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
    ),
    array(tie('value'), { maxLength: 4 }),
    dictionary(anyText.map(wireText), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const jsonValue = value.filter((each) => !/Date|Buffer|"type"/.test(kindsIn(each)));

export const rpcTargets: readonly Target[] = [
  target({
    name: 'XML-RPC calls from texts: read or MalformedXml',
    weight: 12,
    arbitrary: xmlText,
    corpus: documents,
    run: (text) => orMalformed(() => readCall(text)),
    stretch: {
      'open tags': (length) => '<a>'.repeat(length),
      values: (length) => paramOf(`<array><data>${'<value/>'.repeat(length)}</data></array>`),
      references: (length) => paramOf('&amp;'.repeat(length)),
      ampersands: (length) => paramOf('&'.repeat(length)),
      comments: (length) => `${'<!---->'.repeat(length)}<methodCall/>`,
      'open comments': (length) => `<methodCall>${'<!--'.repeat(length)}`,
      sections: (length) => paramOf('<![CDATA[x]]>'.repeat(length)),
      'open sections': (length) => paramOf('<![CDATA['.repeat(length)),
      attributes: (length) => `<methodCall ${'a="b" '.repeat(length)}/>`,
      'spaces in a tag': (length) => `<methodCall${' '.repeat(length)}a`,
      'spaces and names in a tag': (length) => `<methodCall${' a '.repeat(length)}`,
      'a long name': (length) => `<${'a'.repeat(length)}`,
      'spaces in a closing tag': (length) => `<a></a${' '.repeat(length)}b>`,
      members: (length) => paramOf(`<struct>${'<member><name>a</name><value/></member>'.repeat(length)}</struct>`),
      'spaces in base64': (length) => paramOf(`<base64>${' '.repeat(length)}!</base64>`),
      base64: (length) => paramOf(`<base64>${'A'.repeat(4 * length)}</base64>`),
      digits: (length) => paramOf(`<int>${'1_'.repeat(length)}</int>`),
      'digits of a double': (length) => paramOf(`<double>${'1'.repeat(length)}</double>`),
      'returns in text': (length) => paramOf('\r'.repeat(length)),
      'brackets in text': (length) => paramOf(']'.repeat(length)),
    },
  }),
  target({
    name: 'XML-RPC calls from bytes: read or MalformedXml',
    weight: 8,
    arbitrary: nearlyBytes(documents, xmlTokens),
    run: (bytes) => orMalformed(() => readCall(bytes)),
  }),
  target({
    name: 'XML-RPC answers from bytes: read, XmlRpcFault or MalformedXml',
    weight: 6,
    arbitrary: nearlyBytes(documents, xmlTokens),
    run: (bytes) => orMalformed(() => readResult(bytes)),
  }),
  target({
    name: 'the XML scanner walks to an end, with depth and markup within its limits',
    weight: 6,
    arbitrary: xmlText,
    corpus: documents,
    run(text) {
      orMalformed(() => {
        const scanner = new XmlScanner(text, { maxDepth: 5, maxMarkup: 20, maxReferences: 5, allowControls: false });
        let tagsSeen = 0;
        while (scanner.next() !== 'end') {
          tagsSeen += 1;
          if (scanner.depth > 5 || tagsSeen > 40) throw new Error(`depth ${scanner.depth}, tag ${tagsSeen}`);
        }
      });
    },
  }),
  target({
    name: 'what is written as an answer is read as it was',
    weight: 6,
    arbitrary: value,
    run(written) {
      const read = readResult(Buffer.from(writeResult(written)));
      if (!isDeepStrictEqual(read, written)) throw new Error(`read ${JSON.stringify(read)}`);
    },
  }),
  comparison({
    name: "calls are written as Python's xmlrpc.client writes them",
    weight: 2,
    arbitrary: tuple(
      wellFormed(anyText).map((text) => `m${wireText(text).replaceAll(/[&<>]/g, '')}`),
      array(jsonValue, { maxLength: 4 }),
    ),
    theirs: 'dumped',
    ours: ([method, params]) => writeCall(method, params),
    // Reals: how many digits are shown, and integers beyond 32 bits, which Python refuses.
    isLegal: (input, { theirs }) => theirs === 'refused' || /double/.test(writeCall(...input)),
  }),
  comparison({
    name: 'what supervisor reads as a call is read the same',
    weight: 4,
    arbitrary: wellFormed(xmlText),
    corpus: documents,
    theirs: 'call',
    ours(text) {
      try {
        const { method, params } = readCall(text);
        return [method, JSON.parse(JSON.stringify(params))];
      } catch (error) {
        if (error instanceof MalformedXml) return 'refused';
        throw error;
      }
    },
    isLegal: (text, { ours, theirs }) => theirs === 'refused' || theirs === 'no JSON' || isRefusedOnPurpose(text, ours),
  }),
  target({
    name: 'names of processes: group and process, written as they were read',
    weight: 6,
    arbitrary: nearly(['web', 'web:web_00', 'web:*', 'web:', ':x', ''], [':', '*', ' ', '__proto__', 'all', '\u0000']),
    run(text) {
      const { group, process } = parseNamespec(text);
      if (process === null || text.includes('::')) return;
      const again = parseNamespec(formatNamespec(group, process));
      if (!isDeepStrictEqual(again, { group, process })) throw new Error(JSON.stringify(again));
    },
  }),
  comparison({
    name: 'names of processes as supervisor splits them',
    weight: 3,
    arbitrary: wellFormed(nearly(['web', 'web:web_00', 'web:*', 'web:', ':x', ''], [':', '*', ' ', 'all'])),
    theirs: 'namespec',
    ours(text) {
      const { group, process } = parseNamespec(text);
      return [group, process];
    },
  }),
  target({
    name: 'arguments of methods: taken or a Fault',
    weight: 6,
    arbitrary: value,
    run(argument) {
      for (const read of [nameArgument, integerArgument, writtenArgument]) orFault(() => read(argument));
      truthArgument(argument, true);
    },
  }),
  target({
    name: 'parts of logs: within the file, whatever is asked',
    weight: 5,
    arbitrary: record({ size: integer({ min: 0, max: 2 ** 40 }), offset: double(), length: double() }),
    run({ size, offset, length }) {
      const asked = { offset: Math.trunc(offset), length: Math.trunc(length) };
      if (!Number.isSafeInteger(asked.offset) || !Number.isSafeInteger(asked.length)) return;
      for (const range of [readRange(size, asked), tailRange(size, asked)]) {
        if (range === null) continue;
        if (range.length < 0 || (range.length > 0 && (range.start < 0 || range.start + range.length > size))) {
          throw new Error(JSON.stringify(range));
        }
      }
    },
  }),
  target({
    name: "addresses of servers: an endpoint, or supervisorctl's ValueError",
    weight: 4,
    arbitrary: nearly(
      ['http://127.0.0.1:9001', 'unix:///tmp/s', 'http://[::1]:1', 'http://u:p@h'],
      ['@', ':', '[', ']', '/', '?', '99999', '%'],
    ),
    run(text) {
      try {
        const endpoint = endpointOf(text);
        if ('host' in endpoint && text.startsWith('http://')) agreesWithNode(text, endpoint);
      } catch (error) {
        if (!(error instanceof NamedError)) throw error;
      }
    },
    stretch: { ats: (length) => `http://${'@'.repeat(length)}`, brackets: (length) => `http://${'['.repeat(length)}` },
  }),
];

/** Plain addresses mean the same to node's own parser. */
function agreesWithNode(text: string, { host, port }: { readonly host: string; readonly port: number }): void {
  if (!/^http:\/\/[a-z]+(:[1-9]\d{0,3})?$/.test(text)) return;
  const url = new URL(text);
  if (url.hostname !== host || Number(url.port || 80) !== port) throw new Error(`${url.hostname}:${url.port}`);
}

function paramOf(content: string): string {
  return `<methodCall><methodName>m</methodName><params><param><value>${content}</value></param></params></methodCall>`;
}

/** What XML can carry at all, and brings back as it was: no control characters, no returns, whole characters. */
function wireText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- exactly those
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '');
}

function kindsIn(each: XmlRpcValue): string {
  if (each instanceof Date) return 'Date';
  if (each instanceof Uint8Array) return 'Buffer';
  if (typeof each !== 'object') return typeof each;
  return Object.values(each)
    .map((one: XmlRpcValue) => kindsIn(one))
    .join();
}

/** Document types, and what our limits or the safe integers end. */
function isRefusedOnPurpose(text: string, ours: unknown): boolean {
  return ours === 'refused' && /<!|\d{16}/.test(text);
}

function orMalformed(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof MalformedXml) && !(error instanceof XmlRpcFault)) throw error;
  }
}

function orFault(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
  }
}
