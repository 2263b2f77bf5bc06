// Every native call that the program can make, whole and alone: prototypes of the C library's functions, called through
// koffi. Nothing here decides anything. Where koffi or a function is missing the answer is null and the reason, and the
// program runs on the portable path (spawn-portable.ts).

import { createRequire } from 'node:module';
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
  /** System call numbers of setgroups, setresuid and setresgid. */
  readonly setIdNumbers: { readonly groups: number; readonly user: number; readonly group: number };
}

/** What became of loading: the library, or null and why, in words that can follow a colon. */
export type LibcLoad = { readonly libc: Libc } | { readonly libc: null; readonly reason: string };

/** Loads koffi and binds every function; about 6 ms, once, at the start. */
export function loadLibc(): LibcLoad {
  if (process.platform !== 'linux') return { libc: null, reason: `native calls are made on Linux only` };
  const setIdNumbers = numbersByArchitecture[process.arch];
  if (setIdNumbers === undefined) return { libc: null, reason: `no native calls are known for ${process.arch}` };
  try {
    const koffi = loadKoffi(createRequire(typeof __filename === 'string' ? __filename : import.meta.url));
    const library = koffi.load(null);
    const bound = Object.entries(prototypes).map(([name, [result, parameters]]) => [
      name,
      library.func(namesInC[name] ?? name, result, [...parameters]),
    ]);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place where C's types are claimed
    const functions = Object.fromEntries(bound) as unknown as Functions;
    return { libc: { ...functions, errno: () => koffi.errno(), setIdNumbers } };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { libc: null, reason: (text.split('\n')[0] ?? text).replace(/\.$/, '') };
  }
}

/** koffi's library for this platform as its own loader would find it, without the loader, which takes as long again. */
function loadKoffi(require: NodeJS.Require): typeof Koffi {
  let koffi: unknown;
  try {
    koffi = require(`@koromix/koffi-${process.platform}-${process.arch}`);
  } catch {
    // Laid out otherwise, or it cannot be loaded at all: koffi itself finds it, or says why not.
    koffi = require('koffi');
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
