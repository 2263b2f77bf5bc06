// What comes from the configuration file and the command line: its dialect of INI, what is expanded in it, the values.
import { array, constantFrom, record, tuple } from 'fast-check';
import { parse } from 'ini';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ConfigError } from '../../../src/base/errors.ts';
import { splitWords } from '../../../src/base/shell-words.ts';
import { readAddress } from '../../../src/config/address.ts';
import { maskPairs, readPairs } from '../../../src/config/environment-text.ts';
import { expand } from '../../../src/config/expand.ts';
import { readCtlFlags, readSupervisordFlags } from '../../../src/config/flags.ts';
import { healthCheck } from '../../../src/config/health.ts';
import { glob } from '../../../src/config/glob.ts';
import { readIni } from '../../../src/config/ini.ts';
import { closest } from '../../../src/config/spelling.ts';
import * as values from '../../../src/config/values.ts';
import { BadValue, type ValueType } from '../../../src/config/values.ts';
import { fakeValueContext, makeConfig } from '../../support/make-config.ts';
import { corpus } from '../corpus.ts';
import { anyText, nearly, wellFormed } from '../mutate.ts';
import { comparison, target, type Target } from '../target.ts';

/** A directory with names to find. */
const sources = resolve(import.meta.dirname, '../../../src/config');

const iniTokens = [
  '[',
  ']',
  '=',
  ':',
  ';',
  '#',
  ' ;',
  ' #',
  '\n',
  '\n ',
  '\n\t',
  '\r\n',
  '\r',
  ' ',
  '\u00a0',
  '\u2028',
];
const moreIniTokens = [
  '[x]\n',
  'k=v\n',
  'k',
  'DEFAULT',
  '__proto__',
  '%(',
  ')s',
  '\u001c',
  '\ufeff',
  '\u0000',
  "'",
  '"',
];
const iniText = nearly(corpus('ini'), [...iniTokens, ...moreIniTokens]);
const wordText = nearly(corpus('words'), ["'", '"', '\\', ' ', '\t', '\n', 'a', '\\"', "\\'", '#', '\u00a0']);
const pairText = nearly(corpus('environment'), [
  'A',
  '=',
  ',',
  '"',
  "'",
  '#',
  '\n',
  ' ',
  '%(x)s',
  '-',
  '\\',
  ':',
  'A="b",',
]);
const formatTokens = [
  '%',
  '%%',
  '%(a)',
  '%(n)',
  '(',
  ')',
  's',
  'd',
  '.',
  '*',
  '0',
  '9',
  '-',
  '+',
  '#',
  ' ',
  'x',
  'e',
  'l',
];
const formatText = nearly(corpus('expand'), formatTokens);
const names = { a: 'text', n: 42, here: '/x', 'ENV_%': 'odd' };
const valueText = nearly(
  [
    '10MB',
    '1_000',
    'TERM',
    'sigterm',
    '0,2',
    'true',
    '0o17',
    '022',
    ' 7 ',
    '-1',
    'a, b',
    'warn',
    'AUTO',
    '/tmp/x',
    '~root/x',
  ],
  [
    'KB',
    'gb',
    'M',
    '-',
    '+',
    '_',
    '0',
    '9',
    ',',
    ' ',
    '/',
    '~',
    ':',
    '.',
    'SIG',
    'E',
    '\u0664',
    '\n',
    'root',
    '[::1]',
    '*',
  ],
);
const kinds: Readonly<Record<string, ValueType<unknown>>> = { ...valueTypes(values) };
const compared = ['byteSize', 'signal', 'exitCodes', 'boolean', 'octal', 'listOfStrings', 'integer', 'logLevel'];

export const configTargets: readonly Target[] = [
  target({
    name: 'INI: a document or a ConfigError',
    weight: 12,
    arbitrary: iniText,
    corpus: corpus('ini'),
    run: (text) => orConfigError(() => readIni(text, { file: 'x.conf' })),
    stretch: {
      'comment signs': (length) => `[x]\nk=${';#'.repeat(length)}\n`,
      spaces: (length) => `[x]\nk=${' '.repeat(length)}v${' '.repeat(length)}\n`,
      'continuation lines': (length) => `[x]\nk=${'v\n '.repeat(length)}\n`,
      'blank lines': (length) => `[x]\nk=${'\n'.repeat(length)}v\n`,
      'broken lines': (length) => `[x]\n${'k\n'.repeat(length)}`,
      options: (length) => `[x]\n${Array.from({ length }, (_, at) => `k${at}=v\n`).join('')}`,
      sections: (length) => Array.from({ length }, (_, at) => `[s${at}]\nk=v\n`).join(''),
      brackets: (length) => `[${'['.repeat(length)}\n`,
    },
  }),
  comparison({
    name: "INI as Python's configparser reads it",
    weight: 3,
    arbitrary: wellFormed(iniText),
    corpus: corpus('ini'),
    theirs: 'ini',
    ours: (text) =>
      refusedOr(() =>
        [...readIni(text, { file: 'x.conf' }).sections.values()].map(({ name, options }) => [
          name,
          [...options.values()].map((option) => [option.name, option.text]).toSorted(byName),
        ]),
      ),
    isLegal: (text) => text.startsWith('\ufeff') || hasOddCase(text),
  }),
  target({
    name: 'INI as the npm package reads it, where both dialects agree',
    weight: 3,
    arbitrary: array(tuple(plainWord(), array(tuple(plainWord(), plainWord()), { minLength: 1, maxLength: 5 })), {
      maxLength: 5,
    }),
    run(sections) {
      const text = sections
        .map(([name, pairs]) => `[${name}]\n${pairs.map((pair) => `${pair.join(' = ')}\n`).join('')}`)
        .join('\n');
      const ours = [...readIni(text, { file: 'x' }).sections.values()].map(({ name, options }) => [
        name,
        Object.fromEntries([...options.values()].map((each) => [each.name, each.text])),
      ]);
      const theirs: Record<string, Record<string, string>> = parse(text);
      const both = [Object.fromEntries(ours), JSON.parse(JSON.stringify(theirs))];
      if (!isDeepStrictEqual(both[0], both[1])) throw new Error(JSON.stringify(both));
    },
  }),
  target({
    name: 'a whole configuration: loaded or a ConfigError',
    weight: 1,
    arbitrary: nearly(corpus('config'), [
      ...iniTokens,
      ...moreIniTokens,
      ...formatTokens,
      'command=',
      'numprocs=',
      '99',
      '-1',
    ]),
    corpus: corpus('config'),
    // Thousands of processes are what was asked for, and take as long as they take.
    run: (text) =>
      orConfigError(() => /numprocs\s*[=:]\D*\d{3}/i.test(text) || makeConfig({ 'supervisord.conf': text })),
    stretch: {
      'an unknown option': (length) => `[supervisord]\n${'k'.repeat(length)}=v\n`,
      'an unknown section': (length) => `[supervisord]\n[${'k'.repeat(length)}]\nk=v\n`,
      'stars in an include': (length) =>
        `[supervisord]\n[include]\nfiles=/proc/${'*a'.repeat(Math.min(length / 100, 1000))}b\n`,
      'members of a group': (length) =>
        `[supervisord]\n[program:a]\ncommand=a\n[group:g]\nprograms=${'a,'.repeat(length / 40)}a\n`,
    },
  }),
  comparison({
    name: "patterns of [include] as Python's glob finds files",
    weight: 2,
    arbitrary: nearly(
      ['*.ts', 'ini.ts', '*a*.ts', '[a-m]*s.ts', '[!a]*', '[]a]*', '*[*', '../c*/*.ts', '?????.ts'],
      ['*', '?', '[', ']', '!', '-', '^', '\\', 'a', 's', '.', 'ts', '$', '(', '|', '/', '[a-c]', '[!', '{'],
    ).map((pattern) => `${sources}/${pattern.replaceAll(/[^ -~]|\*\*/g, '')}`),
    theirs: 'matching',
    ours: (pattern) => glob(pattern),
  }),
  target({
    name: 'expansions: a text or a problem',
    weight: 10,
    arbitrary: formatText,
    corpus: corpus('expand'),
    run: (text) => void expand(text, { names, label: 'x' }),
    stretch: {
      percents: (length) => '%%'.repeat(length),
      parentheses: (length) => `%${'('.repeat(length)}`,
      'pairs of parentheses': (length) => '%(a)s'.repeat(length),
      digits: (length) => `%(n)${'0'.repeat(length)}d`,
    },
  }),
  comparison({
    name: 'expansions as supervisor expands',
    weight: 4,
    arbitrary: wellFormed(formatText).map((text): [string, object] => [text, names]),
    corpus: corpus('expand').map((text): [string, object] => [text, names]),
    theirs: 'expand',
    ours([text]) {
      const expanded = expand(text, { names, label: 'label' });
      return 'text' in expanded ? expanded.text : 'refused';
    },
    // A conversion without a name would put the whole environment there, see expand.ts; more than a hundred digits, wider than 9999.
    isLegal: ([text], { ours }) => (ours === 'refused' && /%[^(]/.test(text)) || /\.\d{3}|\d{5}/.test(text),
  }),
  target({
    name: 'shell words: words or a reason',
    weight: 8,
    arbitrary: wordText,
    corpus: corpus('words'),
    run: (text) => void splitWords(text),
    stretch: {
      quotes: (length) => `'`.repeat(length),
      backslashes: (length) => '\\'.repeat(length),
      'one word': (length) => 'a'.repeat(length),
      words: (length) => 'a '.repeat(length),
    },
  }),
  comparison({
    name: "shell words as Python's shlex splits",
    weight: 5,
    arbitrary: wellFormed(wordText),
    corpus: corpus('words'),
    theirs: 'words',
    ours(text) {
      const split = splitWords(text);
      return 'words' in split ? split.words : split.error;
    },
  }),
  target({
    name: 'environment: pairs or a problem, and nothing of a value in the masked text',
    weight: 8,
    arbitrary: pairText,
    corpus: corpus('environment'),
    run(text) {
      readPairs(text);
      const secret = `A="s3cr3t${text.replaceAll(/["\n]/g, '')}"`;
      if (maskPairs(secret).includes('s3cr3t')) throw new Error('the value shows');
    },
    stretch: {
      'quotes in a word': (length) => `A=a${`"'`.repeat(length)}b`,
      quotes: (length) => `A=${`""`.repeat(length)}`,
      pairs: (length) => `A="1",`.repeat(length),
      comments: (length) => `A=1${'#\n'.repeat(length)}`,
      surrogates: (length) => '\ud800'.repeat(length),
    },
  }),
  comparison({
    name: 'environment as supervisor reads it',
    weight: 4,
    arbitrary: wellFormed(pairText),
    corpus: corpus('environment'),
    theirs: 'pairs',
    ours(text) {
      const read = readPairs(text);
      return 'problem' in read ? 'refused' : [...read.pairs].toSorted(byName);
    },
  }),
  target({
    name: 'values of options: each kind reads or throws BadValue',
    weight: 8,
    arbitrary: tuple(constantFrom(...Object.keys(kinds)), valueText),
    run([kind, text]) {
      const type = kinds[kind];
      if (type === undefined) throw new Error('no such kind');
      type.mask?.(text);
      try {
        const value = type.read(text, fakeValueContext());
        type.show?.(value);
      } catch (error) {
        if (!(error instanceof BadValue)) throw error;
      }
      readAddress(text);
    },
    stretch: Object.fromEntries(
      Object.keys(kinds).flatMap((kind) =>
        ['9', ' ', ',', '_1', '/'].map((token) => [
          `${kind} of ${token}`,
          (length: number): [string, string] => [kind, `1${token.repeat(length)}!`],
        ]),
      ),
    ),
  }),
  comparison({
    name: 'values of options as supervisor reads them',
    weight: 4,
    arbitrary: tuple(constantFrom(...compared), wellFormed(valueText)),
    theirs: 'value',
    ours([kind, text]) {
      try {
        const value = kinds[kind]?.read(text, fakeValueContext());
        return kind === 'logLevel' ? (levels[String(value)] ?? value) : value;
      } catch (error) {
        if (error instanceof BadValue) return 'refused';
        throw error;
      }
    },
    // Other alphabets' digits, and numbers that no option can mean.
    isLegal: ([, text], { theirs }) =>
      /[\u0080-\uffff]/.test(text) || (typeof theirs === 'number' && !Number.isSafeInteger(theirs)),
  }),
  target({
    name: 'health checks: read or BadValue, one request line, and no password in what is shown',
    weight: 3,
    arbitrary: nearly(
      ['http://u:hunter2@127.0.0.1:8000/x?y=z#a', 'http://[::1]/', 'tcp://h:1', 'tcp://[::1]:1', 'exec:/bin/x "a b"'],
      [
        'http://',
        '://',
        '@',
        ':',
        '/',
        '?',
        '#',
        '%0d%0a',
        '%zz',
        '\r\n',
        ' ',
        '\u0000',
        '[',
        ']',
        '99999',
        '\u00e9',
        'https:',
      ],
    ),
    run(text) {
      try {
        const check = healthCheck.read(text, fakeValueContext());
        const sent = check.kind === 'http' ? [check.path, check.hostHeader, check.authorization ?? ''] : [];
        if (sent.some((part) => /[^\u0021-\u00ff ]/.test(part))) throw new Error('it breaks out of its line');
        if (sent.slice(0, 2).some((part) => part.includes(' '))) throw new Error('there is a space in it');
        if (check.kind !== 'exec' && !(check.port >= 1 && check.port <= 65_535))
          throw new Error('there is no such port');
        if (check.kind === 'http' && check.authorization !== null && check.shown === text)
          throw new Error('it is shown');
      } catch (error) {
        if (!(error instanceof BadValue)) throw error;
      }
    },
    stretch: {
      'a path': (length) => `http://h/${'a'.repeat(length)}`,
      ats: (length) => `http://${'@'.repeat(length)}/`,
      colons: (length) => `tcp://${':'.repeat(length)}`,
    },
  }),
  target({
    name: 'command lines: read or a ConfigError',
    weight: 4,
    arbitrary: record({
      words: array(
        nearly(
          ['-c', '--configuration=x', '-n', '-l/x', '--loglevel', 'warn', '-ns', '--'],
          ['-', '=', 'x', 'i', '--u', '9'],
        ),
        { maxLength: 6 },
      ),
    }),
    run({ words }) {
      orConfigError(() => readSupervisordFlags(words, fakeValueContext()));
      orConfigError(() => readCtlFlags(words, fakeValueContext()));
    },
    stretch: {
      'letters in one word': (length) => ({ words: [`-${'n'.repeat(length)}`] }),
      words: (length) => ({ words: Array.from({ length }, () => '-n') }),
    },
  }),
  target({
    name: 'guesses at what was meant',
    weight: 1,
    arbitrary: anyText,
    run: (text) => void closest(text, ['command', 'environment', 'stdout_logfile_maxbytes']),
  }),
];

function plainWord() {
  return nearly(['a'], ['b', 'c', '_', '/', '-']).map((text) => `w${text.replaceAll(/[^a-z_/-]/g, '')}`);
}

const levels: Readonly<Record<string, number>> = {
  critical: 50,
  error: 40,
  warn: 30,
  info: 20,
  debug: 10,
  trace: 5,
  blather: 3,
};

function valueTypes(module: Readonly<Record<string, unknown>>): Record<string, ValueType<unknown>> {
  return Object.fromEntries(
    Object.entries(module).filter((entry): entry is [string, ValueType<unknown>] => isType(entry[1])),
  );
}

function isType(value: unknown): value is ValueType<unknown> {
  return typeof value === 'object' && value !== null && 'read' in value && 'accepted' in value;
}

function orConfigError(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    if (typeof error.detail !== 'string') throw new Error('no detail', { cause: error });
  }
}

function refusedOr(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConfigError) return 'refused';
    throw error;
  }
}

function byName([a = '']: readonly string[], [b = '']: readonly string[]): number {
  const [left, right] = [Array.from(a, points), Array.from(b, points)];
  const at = left.findIndex((point, index) => point !== right[index]);
  if (at === -1) return left.length - right.length;
  return (left[at] ?? 0) - (right[at] ?? -1);
}

function points(character: string): number {
  return character.codePointAt(0) ?? 0;
}

/** Characters whose lower case Python and JavaScript know by different versions of Unicode. */
function hasOddCase(text: string): boolean {
  return /[\u0250-\u1fff\u2070-\u2fff\u3001-\uffff]/.test(text);
}
