import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { findCommand } from '../../src/os/command.ts';

describe('finding a command', () => {
  let place: string;

  before(() => {
    place = mkdtempSync(join(tmpdir(), 'command-test-'));
    for (const directory of ['first', 'second', 'first/folder']) mkdirSync(join(place, directory));
    for (const [name, mode] of [
      ['first/plain', 0o644],
      ['second/plain', 0o755],
      ['second/runs', 0o755],
    ] as const) {
      writeFileSync(join(place, name), '#!/bin/sh\n');
      chmodSync(join(place, name), mode);
    }
  });

  after(() => rmSync(place, { recursive: true }));

  const path = (): string => `${place}/first:${place}/second/`;

  it('searches the PATH it is given, and keeps the first word as written', () => {
    expect(findCommand(`runs 'a b' c`, path())).to.deep.equal({
      file: `${place}/second/runs`,
      argv: ['runs', 'a b', 'c'],
    });
  });

  it('takes a name with a slash as it is', () => {
    expect(findCommand(`${place}/second/runs`, '')).to.deep.equal({
      file: `${place}/second/runs`,
      argv: [`${place}/second/runs`],
    });
  });

  it('stops at the first directory that has the file, though it cannot be executed there', () => {
    expect(findCommand('plain', path())).to.deep.equal({
      error: `command at '${place}/first/plain' is not executable`,
      fault: 'NOT_EXECUTABLE',
    });
  });

  it('passes over directories that it cannot look into', () => {
    symlinkSync('loop', join(place, 'loop'));
    expect(findCommand('runs', `${place}/loop:${path()}`)).to.have.property('file', `${place}/second/runs`);
    expect(findCommand(`${place}/loop/runs`, '')).to.deep.equal({
      error: `can't find command '${place}/loop/runs'`,
      fault: 'NO_FILE',
    });
  });

  it('refuses a directory', () => {
    expect(findCommand('folder', path())).to.deep.equal({
      error: `command at '${place}/first/folder' is a directory`,
      fault: 'NOT_EXECUTABLE',
    });
  });

  it("searches the daemon's PATH where the program sets none", () => {
    expect(findCommand('sh', undefined)).to.have.property('file').that.matches(/\/sh$/);
  });

  it('searches no further where the program sets an empty PATH', () => {
    expect(findCommand('sh', '')).to.deep.equal({ error: "can't find command 'sh'", fault: 'NO_FILE' });
  });

  const refused: readonly [string, string, string][] = [
    ['nowhere', "can't find command 'nowhere'", 'NO_FILE'],
    ['/nowhere/at/all --x', "can't find command '/nowhere/at/all'", 'NO_FILE'],
    [`"it's"`, `can't find command "it's"`, 'NO_FILE'],
    ['', 'command is empty', 'NOT_EXECUTABLE'],
    ['   ', 'command is empty', 'NOT_EXECUTABLE'],
    ["cat 'x", `can't parse command "cat 'x": No closing quotation`, 'NOT_EXECUTABLE'],
    ['cat \\', String.raw`can't parse command 'cat \\': No escaped character`, 'NOT_EXECUTABLE'],
  ];
  for (const [command, error, fault] of refused) {
    it(`says of ${JSON.stringify(command)}: ${error}`, () => {
      expect(findCommand(command, path())).to.deep.equal({ error, fault });
    });
  }
});
