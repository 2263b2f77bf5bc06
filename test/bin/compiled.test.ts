import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect } from 'chai';
import { cacheFile, compile, fromCache } from '../../src/bin/compiled.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const program = `"use strict";module.exports.answer=()=>new Error('here').stack;`;

describe('a bundle with its code cache', () => {
  const path = useTempFolder();
  const withMaps = process.sourceMapsEnabled;
  // The tests' own loader turns them on.
  before(() => process.setSourceMapsEnabled(false));
  after(() => process.setSourceMapsEnabled(withMaps));

  /** A bundle and its cache; answers the bundle's path. */
  function made(text = program): string {
    const file = path('tool.main.cjs');
    writeFileSync(file, text);
    const script = compile(file, { text: Buffer.from(text) });
    script.runInThisContext();
    writeFileSync(cacheFile(file), Buffer.concat([script.createCachedData(), Buffer.from(text)]));
    return file;
  }

  it('is what it is without, and its stacks name it and the places in it', () => {
    const file = made();
    const own = { exports: { answer: (): unknown => null } };
    fromCache(file)?.(own.exports, createRequire(file), own, file, path(''));
    expect(own.exports.answer()).to.include(`(tool.main.cjs:1:${program.indexOf('new Error') + 1}`);
  });

  it('is left to Node where stacks are to be read with source maps', () => {
    const file = made();
    process.setSourceMapsEnabled(true);
    expect(fromCache(file)).to.equal(null);
    process.setSourceMapsEnabled(false);
    expect(fromCache(file)).to.be.a('function');
  });

  it('is compiled as always when there is no cache', () => {
    const file = path('other.main.cjs');
    writeFileSync(file, program);
    expect(fromCache(file)).to.equal(null);
  });

  it('is compiled as always when the cache is of another text, even of the same length', () => {
    const file = made();
    writeFileSync(file, program.replace('here', 'hare'));
    expect(fromCache(file)).to.equal(null);
  });

  it('is compiled as always when the cache is cut, damaged, or of another V8', () => {
    const whole = readFileSync(cacheFile(made()));
    const withByte = (at: number): Buffer => {
      const copy = Buffer.from(whole);
      copy[at] = (copy[at] ?? 0) ^ 0xff;
      return copy;
    };
    // V8's own head: a magic number, its version, the length of the source, the flags.
    const damaged = [Buffer.alloc(0), whole.subarray(0, -1), whole.subarray(100), ...[0, 4, 8, 12].map(withByte)];
    for (const [index, bad] of damaged.entries()) {
      // Each is a file of its own name: V8 remembers what it has compiled in this process.
      const file = path(`damaged-${index}.main.cjs`);
      writeFileSync(file, program);
      writeFileSync(cacheFile(file), bad);
      expect(fromCache(file), String(index)).to.equal(null);
    }
  });

  it('has a cache for each Node', () => {
    expect(cacheFile('/dist/tool.main.cjs')).to.equal(`/dist/tool.main.${process.version}-${process.arch}.cache`);
  });
});
