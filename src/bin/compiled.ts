// A bundle, compiled with what V8 kept of an earlier run of the same one (a code cache): a third of the daemon's start is
// spent on compiling otherwise. The cache lies beside the bundle, made by whoever made that (code-cache.ts), and is never
// written while the daemon or corevisorctl runs. It counts only for the Node that its name says, for the very bytes that
// it ends with, and when V8 takes it (its version, its flags); in every other case the bundle is compiled as always.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Script } from 'node:vm';

/** What Node wraps a CommonJS module into, in its order. */
export type ModuleFunction = (
  exports: unknown,
  require: NodeJS.Require,
  module: { exports: unknown },
  filename: string,
  dirname: string,
) => void;

const head = '(function (exports, require, module, __filename, __dirname) { ';

/** The bundle's script; `run` gives its module function. */
export function compile(path: string, { text, cache }: { readonly text: Buffer; readonly cache?: Buffer }): Script {
  return new Script(`${head}${text.toString('latin1')}\n})`, {
    // Not where it lies: that is kept in the cache, which may have been made elsewhere.
    filename: basename(path),
    // Places in the first line are those of the file.
    columnOffset: -head.length,
    ...(cache !== undefined && { cachedData: cache }),
  });
}

/** The module function of a compiled bundle. */
export function moduleFunction(script: Script): ModuleFunction {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what `head` makes
  return script.runInThisContext() as ModuleFunction;
}

/** The module function of the bundle at `path` with its cache; null when there is none that counts. */
export function fromCache(path: string): ModuleFunction | null {
  // Node looks for a stack's source map only in what it has compiled itself.
  if (process.sourceMapsEnabled) return null;
  try {
    const kept = readFileSync(cacheFile(path));
    const text = readFileSync(path);
    const length = kept.length - text.length;
    if (length <= 0 || text.compare(kept, length) !== 0) return null;
    const script = compile(path, { text, cache: kept.subarray(0, length) });
    return script.cachedDataRejected === false ? moduleFunction(script) : null;
  } catch {
    return null;
  }
}

/** The name of a bundle's cache for the Node that runs now. */
export function cacheFile(path: string): string {
  return path.replace(/\.cjs$/, `.${process.version}-${process.arch}.cache`);
}
