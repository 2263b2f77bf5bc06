import { expect } from 'chai';
import { assert, dictionary, property, stringMatching } from 'fast-check';
import { parse } from 'ini';
import { ConfigError } from '../../src/base/errors.ts';
import { findOption, type IniDocument, readIni, replaceHere } from '../../src/config/ini.ts';

describe('reading the INI dialect', () => {
  const values: readonly (readonly [string, string, string])[] = [
    ['keeps a value as it is', 'k=a b', 'a b'],
    ['takes a colon for an equals sign', 'k: a=b', 'a=b'],
    ['splits at the delimiter that comes first', 'k=a:b', 'a:b'],
    ['strips spaces around key and value', '  k  =  v  ', 'v'],
    ['lower-cases the key', 'K=v', 'v'],
    ['cuts at a semicolon behind a space', 'k=a ;b', 'a'],
    ['cuts at a hash behind a tab', 'k=a\t#b', 'a'],
    ['cuts inside quotes too', 'k=sh -c "a ; b"', 'sh -c "a'],
    ['keeps a semicolon inside a word', 'k=one;two', 'one;two'],
    ['keeps a hash inside a word', 'k=z#w', 'z#w'],
    ['misses a second semicolon when a hash comes first, like configparser', 'k=a;b ; c # d', 'a;b ; c'],
    ['joins deeper lines', 'k=a\n  b\n c', 'a\nb\nc'],
    ['drops comments from a continued value', 'k=a\n  ; no\n# no\n  b', 'a\nb'],
    ['keeps blank lines inside a continued value', 'k=a\n\n  b\n\n', 'a\n\nb'],
    ['takes the last of two values', 'k=a\nk=b', 'b'],
    ['reads lines of Windows', 'k=a\r\n  b\r\n', 'a\nb'],
    ['allows an empty value', 'k=', ''],
  ];
  for (const [name, text, value] of values) {
    it(name, () => expect(textOf(readText(`[s]\n${text}`))).to.equal(value));
  }

  it('ends a value at a line that is not deeper', () => {
    const document = readText('[s]\n  k=a\n  other=b\n');
    expect(textOf(document)).to.equal('a');
    expect(findOption(document, { section: 's', name: 'other' })?.text).to.equal('b');
  });

  it('takes everything up to the last bracket as the name of a section', () => {
    expect([...readText('[a]b]\n[ c ] d\n').sections.keys()]).to.deep.equal(['a]b', ' c ']);
  });

  it('merges sections of one name, also across files, and keeps the place of the first', () => {
    const base = readText('[s]\nk=a\nx=1\n');
    const document = readIni('\n[s]\nk=b\n', { file: 'two.conf', base });
    expect(textOf(document)).to.equal('b');
    expect(findOption(document, { section: 's', name: 'x' })?.text).to.equal('1');
    expect(document.sections.get('s')?.where).to.deep.equal({ file: 'one.conf', line: 1 });
    expect(findOption(document, { section: 's', name: 'k' })?.where).to.deep.equal({ file: 'two.conf', line: 3 });
  });

  it('leaves the document it builds on as it was', () => {
    const base = readText('[s]\nk=a\n');
    readIni('[s]\nk=b\n', { file: 'two.conf', base });
    expect(textOf(base)).to.equal('a');
  });

  it('falls back on [DEFAULT], which is no section', () => {
    const document = readText('[DEFAULT]\nk=a\n[s]\n[t]\nk=b\n');
    expect(textOf(document)).to.equal('a');
    expect(findOption(document, { section: 't', name: 'k' })?.text).to.equal('b');
    expect(document.sections.has('DEFAULT')).to.equal(false);
  });

  it('says which lines are wrong, all of them', () => {
    const error = errorOf('[s]\nfoo\nk=1\n=5\n');
    expect(error.message).to.equal(
      "Source contains parsing errors: 'one.conf'\n\t[line  2]: 'foo\\n'\n\t[line  4]: '=5\\n'",
    );
    expect(error.detail).to.match(/^one\.conf:2:; accepted: /);
  });

  it('wants a section first', () => {
    expect(errorOf('# c\nk="v"\n').message).to.equal(
      "File contains no section headers.\nfile: 'one.conf', line: 2\n'k=\"v\"\\n'",
    );
  });

  it('puts a directory for %(here)s, the text alone', () => {
    const document = replaceHere(readText('[DEFAULT]\nd=%(here)s/d\n[s]\nk=%(here)s/%%(here)s/%(here)d\n'), '/x$&');
    expect(textOf(document)).to.equal('/x$&/%/x$&/%(here)d');
    expect(findOption(document, { section: 's', name: 'd' })?.text).to.equal('/x$&/d');
  });

  it('reads what every dialect agrees on as the npm package ini does', () => {
    const word = stringMatching(/^[a-z][a-z0-9_/-]{0,8}$/).filter((text) => !/^(true|false|null)$/.test(text));
    const file = dictionary(word, dictionary(word, word, { noNullPrototype: true }), {
      minKeys: 1,
      noNullPrototype: true,
    });
    assert(
      property(file, (sections) => {
        const lines = Object.entries(sections).map(
          ([name, options]) =>
            `[${name}]\n${Object.entries(options)
              .map(([key, value]) => `${key} = ${value}\n; note\n`)
              .join('')}`,
        );
        const text = lines.join('\n');
        expect(plain(readText(text))).to.deep.equal(plainOf(parse(text)));
      }),
    );
  });
});

function readText(text: string): IniDocument {
  return readIni(text, { file: 'one.conf' });
}

function textOf(document: IniDocument): string | undefined {
  return findOption(document, { section: 's', name: 'k' })?.text;
}

function errorOf(text: string): ConfigError {
  try {
    readText(text);
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error('no ConfigError');
}

function plain(document: IniDocument): unknown {
  return [...document.sections.values()].map(({ name, options }) => [
    name,
    [...options.values()].map((option) => [option.name, option.text]),
  ]);
}

function plainOf(parsed: Record<string, unknown>): unknown {
  return Object.entries(parsed).map(([name, options]) => [name, Object.entries(options ?? {})]);
}
