/**
 * `import 'corevisor/worker'`: gives every node:http and node:https server of this process the drain that a restart without
 * a lost request needs. It exports nothing.
 */
// oxlint-disable-next-line unicorn/require-module-specifiers -- makes a module of a file that exports nothing
export {};
