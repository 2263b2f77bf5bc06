// The servers that the daemon listens with: [inet_http_server] and [unix_http_server], several of each
// (supervisord's options.py `server_configs_from_parser`). Pure but for paths made absolute.

import { resolve } from 'node:path';
import { ConfigError } from '../base/errors.ts';
import { strip } from '../base/python-text.ts';
import type { IniSection } from './ini.ts';
import { type OptionSource, readOptions } from './option.ts';
import { inetServerOptions, serverOptions, unixServerOptions } from './options.ts';
import { expandHome } from './values.ts';

/** What all servers have. */
interface Common {
  readonly section: string;
  readonly username: string | null;
  readonly password: string | null;
  /** The web page also acts on supervisord's links and on forms that carry no token. */
  readonly getActions: boolean;
}

/** `section` is the whole head, such as `unix_http_server:x`; host '' is every address. */
export type ServerConfig =
  | ({ readonly kind: 'inet'; readonly host: string; readonly port: number } & Common)
  | ({
      readonly kind: 'unix';
      readonly file: string;
      readonly chmod: number;
      readonly chown: { readonly uid: number; readonly gid: number } | null;
    } & Common);

/** TCP servers first, then unix sockets, as supervisord makes them; throws ConfigError. */
export function serversOf(source: Omit<OptionSource, 'section'> & { readonly here: string }): readonly ServerConfig[] {
  const sections = [...source.document.sections.values()];
  // The whole head only has to begin with the word, as under supervisord.
  const inet = sections.filter(({ name }) => name.startsWith('inet_http_server'));
  const unix = sections.filter(({ name }) => name.startsWith('unix_http_server'));
  return [...inet.map((section) => inetServer(section, source)), ...unix.map((section) => unixServer(section, source))];
}

/** What children and clients on this machine use to reach the daemon: the first unix socket, else the last port. */
export function serverUrlOf(servers: readonly ServerConfig[]): string | null {
  const unix = servers.find((server) => server.kind === 'unix');
  if (unix !== undefined) return `unix://${unix.file}`;
  const inet = servers.findLast((server) => server.kind === 'inet');
  return inet === undefined ? null : `http://${inet.host || 'localhost'}:${inet.port}`;
}

type Source = Omit<OptionSource, 'section'> & { readonly here: string };

function inetServer(section: IniSection, base: Source): ServerConfig {
  const source = { ...base, section: section.name };
  const common = readCommon(section, source);
  const { port: address } = readOptions({ port: inetServerOptions.port }, source);
  return { kind: 'inet', ...address, ...common };
}

function unixServer(section: IniSection, base: Source): ServerConfig {
  const source = { ...base, section: section.name };
  const named = { ...source, names: { ...base.names, here: base.here } };
  const { file } = readOptions({ file: unixServerOptions.file }, named);
  const common = readCommon(section, source);
  const { chown, chmod } = readOptions({ chown: unixServerOptions.chown, chmod: unixServerOptions.chmod }, source);
  const path = resolve(expandHome(strip(file), base.context));
  return { kind: 'unix', file: path, chmod, chown, ...common };
}

function readCommon(section: IniSection, source: OptionSource): Common {
  const { get_actions: getActions, ...credentials } = readOptions(serverOptions, source);
  if ((credentials.username === null) === (credentials.password === null)) {
    return { section: section.name, ...credentials, getActions };
  }
  throw new ConfigError(
    `Section [${section.name}] contains incomplete authentication: ` +
      'If a username or a password is specified, both the username and password must be specified',
    {
      where: section.where,
      section: section.name,
      option: credentials.username === null ? 'username' : 'password',
      accepted: 'both or neither',
    },
  );
}
