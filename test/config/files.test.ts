import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { noConfigFile, searchPaths } from '../../src/config/files.ts';
import { glob } from '../../src/config/glob.ts';

describe('the search path', () => {
  it('begins around the program, then here, then in /etc', () => {
    expect(searchPaths('/opt/x/bin/corevisord')).to.deep.equal([
      '/opt/x/etc/supervisord.conf',
      '/opt/x/supervisord.conf',
      'supervisord.conf',
      'etc/supervisord.conf',
      '/etc/supervisord.conf',
      '/etc/supervisor/supervisord.conf',
    ]);
  });

  it('begins here for a program without a path', () => {
    expect(searchPaths('corevisord').slice(0, 2)).to.deep.equal(['etc/supervisord.conf', 'supervisord.conf']);
  });

  it('is named when nothing is found', () => {
    expect(noConfigFile('x').message).to.match(
      /^No config file found at default paths \(etc\/supervisord\.conf, .*\); use the -c option to specify a config file at a different path$/,
    );
  });
});

describe('patterns of [include]', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'corevisor-glob-'));
    for (const path of [
      'a.conf',
      'B.conf',
      'b-1.conf',
      '.hidden.conf',
      'x/1.ini',
      'y/2.ini',
      'y/deep/3.ini',
      'z].ini',
    ]) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), '');
    }
    symlinkSync('/nope', join(directory, 'dangling.conf'));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  const patterns: readonly (readonly [string, readonly string[]])[] = [
    ['*.conf', ['B.conf', 'a.conf', 'b-1.conf', 'dangling.conf']],
    ['.*.conf', ['.hidden.conf']],
    ['?.conf', ['B.conf', 'a.conf']],
    ['[ab].conf', ['a.conf']],
    ['[!a].conf', ['B.conf']],
    ['[A-Z].conf', ['B.conf']],
    ['b[,-.]1.conf', ['b-1.conf']],
    ['[z-a].conf', []],
    ['z[]].ini', ['z].ini']],
    ['[.conf', []],
    ['*/*.ini', ['x/1.ini', 'y/2.ini']],
    ['**/*.ini', ['x/1.ini', 'y/2.ini']],
    ['[xy]/1.ini', ['x/1.ini']],
    ['y/../a.conf', ['y/../a.conf']],
    ['x/', ['x/']],
    ['nope.conf', []],
    ['dangling.conf', ['dangling.conf']],
    ['a.conf/*', []],
    ['*-*.c*f', ['b-1.conf']],
    ['*a*n*l*g*.conf', ['dangling.conf']],
    ['*l*g*n*.conf', []],
    ['*n*n', []],
    ['*n*f', ['B.conf', 'a.conf', 'b-1.conf', 'dangling.conf']],
  ];
  for (const [pattern, found] of patterns) {
    it(`matches ${pattern} like Python`, () => {
      expect(glob(`${directory}/${pattern}`)).to.deep.equal(found.map((path) => `${directory}/${path}`));

      it('finds with many stars as quickly as with one', () => {
        const name = 'a'.repeat(200);
        writeFileSync(join(directory, name), '');
        const started = process.cpuUsage();
        expect(glob(`${directory}/${'*a'.repeat(50)}b`)).to.deep.equal([]);
        expect(glob(`${directory}/${'*a'.repeat(50)}`)).to.deep.equal([`${directory}/${name}`]);
        // Every place for every star would be more than there is time.
        expect(process.cpuUsage(started).user / 1e6).to.be.below(5);
        rmSync(join(directory, name));
      });
    });
  }
});
