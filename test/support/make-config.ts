// Configurations for tests: a machine that is always the same, and files in a directory of their own.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ConfigError } from '../../src/base/errors.ts';
import { type Config, loadConfig, type LoadContext } from '../../src/config/load.ts';
import type { UserLookup } from '../../src/base/user.ts';
import type { ValueContext } from '../../src/config/values.ts';

/** A machine with the users root and nobody. */
export const fakeUsers: UserLookup = {
  findUser: (nameOrId) =>
    [
      { name: 'root', uid: 0, gid: 0, home: '/root' },
      { name: 'nobody', uid: 65534, gid: 65534, home: '/nonexistent' },
    ].find(({ name, uid }) => name === nameOrId || String(uid) === nameOrId) ?? null,
  findGroup: (nameOrId) => (nameOrId === 'root' || nameOrId === '0' ? { gid: 0 } : null),
};

/** A machine on which every directory exists but those below /nope. */
export function fakeValueContext(): ValueContext {
  return { users: fakeUsers, home: '/root', isDirectory: (path) => !path.startsWith('/nope') };
}

/** What the configuration of a test is loaded with, unless it says otherwise. */
export const fakeLoadContext: LoadContext = {
  environment: { HOME: '/root', GREETING: 'hello' },
  cpus: { count: 4, reason: 'affinity 4' },
  hostname: 'node-1',
  users: fakeUsers,
};

/** The text after `[supervisord]`, or whole files by name, `supervisord.conf` among them. */
export type ConfigText = string | Readonly<Record<string, string | Uint8Array>>;

/** Loads `[supervisord]` and `text`, or, with files, `supervisord.conf` among them. */
export function makeConfig(text: ConfigText, context: Partial<LoadContext> = {}): Config {
  const directory = mkdtempSync(join(tmpdir(), 'corevisor-config-'));
  const files = typeof text === 'string' ? { 'supervisord.conf': `[supervisord]\n${text}` } : text;
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), content);
    }
    return loadConfig(join(directory, 'supervisord.conf'), { ...fakeLoadContext, ...context });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The error that loading ends with, its directory written as DIR. */
export function configError(
  text: ConfigText,
  context: Partial<LoadContext> = {},
): { readonly message: string; readonly detail: string } {
  try {
    makeConfig(text, context);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { message: withoutDirectory(error.message), detail: withoutDirectory(error.detail) };
  }
  throw new Error('the configuration is accepted');
}

/** Puts DIR for the directory that makeConfig made. */
export function withoutDirectory(text: string): string {
  return text.replaceAll(/\/[^\s'":]*\/corevisor-config-\w+/g, 'DIR');
}
