// Every native call that the program can make, whole and alone: prototypes of the C library's functions, called through
// koffi. Nothing here decides anything. Where koffi or a function is missing the answer is null and the reason, and the
// program runs on the portable path (spawn-portable.ts).

import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type * as Koffi from 'koffi';

/** A C function by its koffi prototype: result, then parameters. All calls are synchronous and cost about 0.4 µs. */
const prototypes = {
  fcntl: ['int', ['int', 'int', 'int']],
  pipe2: ['int', ['void *', 'int']],
  waitid: ['int', ['int', 'int', 'void *', 'int']],
  waitpid: ['int', ['int', 'void *', 'int']],
  prctl: ['int', ['int', 'long', 'long', 'long', 'long']],
  prlimit: ['int', ['int', 'int', 'void *', 'void *']],
  access: ['int', ['const char *', 'int']],
  // `_exit` of the C library; never comes back.
  exitAtOnce: ['int', ['int']],
  socket: ['int', ['int', 'int', 'int']],
  connect: ['int', ['int', 'void *', 'int']],
  getsockopt: ['int', ['int', 'int', 'int', 'void *', 'void *']],
  setsockopt: ['int', ['int', 'int', 'int', 'void *', 'int']],
  bind: ['int', ['int', 'void *', 'int']],
  listen: ['int', ['int', 'int']],
  getaddrinfo: ['int', ['const char *', 'void *', 'void *', 'void *']],
  // Where the library gives us an address of its own, it travels as a number.
  freeaddrinfo: ['int', ['long']],
  memcpy: ['long', ['void *', 'long', 'long']],
  // Addresses of our own mappings, as numbers.
  madvise: ['int', ['long', 'long', 'int']],
  posix_spawn: ['int', ['void *', 'const char *', 'void *', 'void *', 'const char **', 'const char **']],
  posix_spawnattr_init: ['int', ['void *']],
  posix_spawnattr_setflags: ['int', ['void *', 'short']],
  posix_spawnattr_setpgroup: ['int', ['void *', 'int']],
  posix_spawnattr_setsigmask: ['int', ['void *', 'void *']],
  posix_spawnattr_setsigdefault: ['int', ['void *', 'void *']],
  posix_spawn_file_actions_init: ['int', ['void *']],
  posix_spawn_file_actions_destroy: ['int', ['void *']],
  posix_spawn_file_actions_adddup2: ['int', ['void *', 'int', 'int']],
  posix_spawn_file_actions_addchdir_np: ['int', ['void *', 'const char *']],
  // The raw call on the calling thread alone; set*id of the C library would change every thread. Not declared variadic:
  // integers and pointers travel the same way on every platform that `setIdNumbers` names.
  syscall: ['long', ['long', 'long', 'long', 'long']],
  syscallOnList: ['long', ['long', 'long', 'void *']],
  syscallOfFour: ['long', ['long', 'long', 'long', 'long', 'long']],
} as const;

/** Functions of which the C library has another name. */
const namesInC: Readonly<Record<string, string>> = {
  syscallOnList: 'syscall',
  syscallOfFour: 'syscall',
  exitAtOnce: '_exit',
};

type Values = { int: number; short: number; long: number };
type Parameter<T> = T extends keyof Values
  ? Values[T]
  : T extends 'void *'
    ? Buffer | null
    : T extends 'const char *'
      ? string
      : readonly (string | null)[];
type Parameters<T extends readonly string[]> = { -readonly [K in keyof T]: Parameter<T[K]> };
type Functions = {
  readonly [K in keyof typeof prototypes]: (...parameters: Parameters<(typeof prototypes)[K][1]>) => number;
};

/** The C library's functions, the error number of the last one that failed, and what differs between platforms. */
export interface Libc extends Functions {
  errno(): number;
  /** malloc_trim(3) and mallopt(3) of the GNU C library; null elsewhere. */
  readonly malloc: Malloc | null;
  /** System call numbers of setgroups, setresuid and setresgid. */
  readonly setIdNumbers: { readonly groups: number; readonly user: number; readonly group: number };
}

export interface Malloc {
  trim(keepBytes: number): number;
  set(parameter: number, value: number): number;
}

/** What became of loading: the library, or null and why, in words that can follow a colon. */
export type LibcLoad = { readonly libc: Libc } | { readonly libc: null; readonly reason: string };

/** Loads koffi and binds every function; about 2 ms, once, at the start. */
export function loadLibc(): LibcLoad {
  if (process.platform !== 'linux') return { libc: null, reason: `native calls are made on Linux only` };
  const setIdNumbers = numbersByArchitecture[process.arch];
  if (setIdNumbers === undefined) return { libc: null, reason: `no native calls are known for ${process.arch}` };
  try {
    const koffi = nativeKoffi() ?? packagedKoffi();
    const library = koffi.load(null);
    const bound = Object.entries(prototypes).map(([name, [result, parameters]]) => [
      name,
      library.func(namesInC[name] ?? name, result, [...parameters]),
    ]);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place where C's types are claimed
    const functions = Object.fromEntries(bound) as unknown as Functions;
    return { libc: { ...functions, errno: () => koffi.errno(), malloc: mallocOf(library), setIdNumbers } };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { libc: null, reason: (text.split('\n')[0] ?? text).replace(/\.$/, '') };
  }
}

function mallocOf(library: Koffi.LibraryHandle): Malloc | null {
  try {
    return { trim: library.func('malloc_trim', 'int', ['long']), set: library.func('mallopt', 'int', ['int', 'int']) };
  } catch {
    return null;
  }
}

/**
 * koffi's library itself, where npm puts it and the C library is the GNU one: 3 ms less than the package's way to it,
 * which reads Node's program headers and asks the module loader. Null where it lies elsewhere or cannot be loaded.
 */
function nativeKoffi(): typeof Koffi | null {
  const folders = typeof module === 'object' ? module.paths : [];
  const file = folders.map((folder) => join(folder, nativeLibrary)).find((path) => existsSync(path));
  if (file === undefined || !usesGlibc()) return null;
  const loaded: { readonly exports: object } = { exports: {} };
  try {
    process.dlopen(loaded, file);
  } catch {
    return null; // the package says why
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a library is what its package's name says
  return 'version' in loaded.exports ? (loaded.exports as typeof Koffi) : null;
}

const nativeLibrary = `@koromix/koffi-${process.platform}-${process.arch}/linux_${process.arch}/koffi.node`;

/** The dynamic linker that Node asks for stands at the beginning of its file (ELF's PT_INTERP). */
function usesGlibc(): boolean {
  const start = Buffer.alloc(1024);
  const fd = openSync(process.execPath, 'r');
  try {
    readSync(fd, start);
  } finally {
    closeSync(fd);
  }
  return start.includes('/ld-linux-');
}

/** koffi as Node's module loader finds it, by the package for this platform or, where that is elsewhere, by koffi itself. */
function packagedKoffi(): typeof Koffi {
  const { createRequire } = process.getBuiltinModule('node:module');
  const packages = createRequire(typeof __filename === 'string' ? __filename : import.meta.url);
  let koffi: unknown;
  try {
    koffi = packages(`@koromix/koffi-${process.platform}-${process.arch}`);
  } catch {
    koffi = packages('koffi');
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a package is what its name says
  return koffi as typeof Koffi;
}

/** Linux's generic table (asm-generic/unistd.h), except on x86. All are 64-bit and little-endian, as our buffers are. */
const generic = { groups: 159, user: 147, group: 149 };
const numbersByArchitecture: Readonly<Partial<Record<NodeJS.Architecture, Libc['setIdNumbers']>>> = {
  x64: { groups: 116, user: 117, group: 119 },
  arm64: generic,
  riscv64: generic,
  loong64: generic,
};
