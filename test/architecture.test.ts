// The import map of docs/architecture.md as a test: folders are layers, imports only go down, the operating system is
// handed in, and pure files touch nothing but their arguments.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect } from 'chai';

const source = resolve(import.meta.dirname, '../src');

/** What a folder (or a file directly in src/) may import, itself aside: the table of docs/architecture.md. */
const mayImport: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  readFileSync(resolve(source, '../docs/architecture.md'), 'utf8')
    .split('\n')
    .map((line) => /^\| [-\d] +\| `([^`]+?)\/?` +\|.*\| ([^|]+?) +\|$/.exec(line))
    .filter((row) => row !== null)
    .map(([, room = '', allowed = '']) => [room, allowed === 'nothing' ? [] : allowed.split(', ')]),
);

/** No I/O, no clock: these import no `node:` module. Many say so themselves. */
const pure =
  /^(base\/(?!clock)|config\/(ini|expand|values|options|programs|diff)\.|process\/machine\.|supervisor\/(order|snapshot)\.|rpc\/xmlrpc\.)/;

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, imports: importsOf(path) }));

describe('the architecture', () => {
  it('has every folder of src/ on the import map', () => {
    expect(files.map(({ path }) => roomOf(path)).filter((room) => !(room in mayImport))).to.deep.equal([]);
  });

  for (const [room, allowed] of Object.entries(mayImport)) {
    const reach = allowed.length === 0 ? 'nothing of ours' : allowed.join(', ');
    it(`lets ${room} import ${reach}`, () => {
      const strays = files
        .filter(({ path }) => roomOf(path) === room)
        .flatMap(({ path, imports }) => imports.filter(isOurs).map((to) => ({ path, to: inSource(path, to) })))
        .filter(({ to }) => roomOf(to) !== room && !allowed.includes(roomOf(to)) && !allowed.includes(to));
      expect(strays.map(({ path, to }) => `${path} imports ${to}`)).to.deep.equal([]);
    });
  }

  it('keeps node: modules out of the pure files', () => {
    const found = files.filter(({ path }) => pure.test(path) || callsItselfPure(path));
    const strays = found.filter(({ imports }) => imports.some((name) => !isOurs(name)));
    expect(found.length, 'pure files found').to.be.greaterThan(30);
    expect(strays.map(({ path, imports }) => `${path} imports ${imports.join(', ')}`)).to.deep.equal([]);
  });
});

describe('the web page', () => {
  it('is loaded when the first request for it comes: only its own files import its files at once', () => {
    const its = ['html', 'page', 'static-files', 'status-page', 'tail-page', 'web', 'web-actions'].map(
      (name) => `${name}.ts`,
    );
    const atOnce = new RegExp(`^import (?!type\\b)[^;]*? from '\\./(?:${its.join('|')})';$`, 'm');
    const http = files.filter(({ path }) => path.startsWith('http/') && !its.includes(path.slice('http/'.length)));
    const strays = http.filter(({ path }) => atOnce.test(readFileSync(join(source, path), 'utf8')));
    expect(http.length).to.be.greaterThan(10);
    expect(strays.map(({ path }) => path)).to.deep.equal([]);
  });
});

/** Every module that a file names in `import … from`, `export … from`, `import('…')` or `require('…')`. */
function importsOf(path: string): string[] {
  const text = readFileSync(join(source, path), 'utf8').replaceAll(/^\s*\/\/.*$/gm, '');
  const named = /(?:\bfrom|^import|\bimport\(|\brequire\()\s*(['"])([^'"\n]+)\1/gm;
  return [...text.matchAll(named)].map((match) => match[2] ?? '');
}

function callsItselfPure(path: string): boolean {
  const [head = ''] = readFileSync(join(source, path), 'utf8').split(/\n(?!\/\/)/, 1);
  return /\bPure[.;:]/.test(head);
}

function isOurs(name: string): boolean {
  return name.startsWith('.');
}

function inSource(from: string, name: string): string {
  return relative(source, resolve(source, dirname(from), name));
}

function roomOf(path: string): string {
  return path.split('/')[0] ?? path;
}
