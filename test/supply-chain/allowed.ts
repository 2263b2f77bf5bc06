// Every package that may run in production, as `npm ls --omit=dev --all` shows them: what package.json names, and what
// those bring along. A package that is not here fails the tests.

/** koffi's library for one platform each; npm installs the one that fits. */
const platforms = [
  'android-arm64',
  'android-x64',
  'darwin-arm64',
  'darwin-x64',
  'freebsd-arm64',
  'freebsd-ia32',
  'freebsd-x64',
  'linux-arm',
  'linux-arm64',
  'linux-ia32',
  'linux-loong64',
  'linux-ppc64',
  'linux-riscv64',
  'linux-x64',
  'openbsd-arm64',
  'openbsd-ia32',
  'openbsd-x64',
  'win32-arm64',
  'win32-ia32',
  'win32-x64',
];

/** By the dependency of ours that brings it; versions are the lockfile's. */
export const allowedPackages: Readonly<Record<string, readonly string[]>> = {
  'http-proxy': ['http-proxy', 'eventemitter3', 'follow-redirects', 'requires-port'],
  koffi: ['koffi', ...platforms.map((platform) => `@koromix/koffi-${platform}`)],
  pidusage: ['pidusage', 'safe-buffer'],
  'tree-kill': ['tree-kill'],
  winston: [
    'winston',
    'winston-transport',
    'logform',
    'triple-beam',
    '@types/triple-beam',
    'async',
    'one-time',
    'fn.name',
    'is-stream',
    'stack-trace',
    'safe-stable-stringify',
    'fecha',
    'ms',
    '@colors/colors',
    '@dabh/diagnostics',
    'enabled',
    'kuler',
    '@so-ric/colorspace',
    'color',
    'color-convert',
    'color-name',
    'color-string',
    'text-hex',
    'readable-stream',
    'inherits',
    'string_decoder',
    'safe-buffer',
    'util-deprecate',
  ],
};

/** Licences under which a package may run in production. */
export const allowedLicences: readonly string[] = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD'];

/** Packages that bring an install script, and why nothing is lost when it does not run. */
export const unneededScripts: Readonly<Record<string, string>> = {
  koffi: 'its libraries are prebuilt, in the packages @koromix/koffi-…; the script would only check for them',
  esbuild: 'development only; the script only makes its command start faster',
  fsevents: 'macOS only, of a development tool',
};

/** What a failing test says about a package that nobody knows. */
export const whatToDo =
  'A new package in production is a decision: say in docs/architecture.md (Dependencies) why it is needed, look at what it ' +
  'brings, its licence and its install scripts, then add it to test/supply-chain/allowed.ts. If it should not be there, ' +
  'take it out of package.json, or move it to devDependencies.';
