// What corevisorctl takes from the configuration file: [supervisorctl], without the files of [include], as supervisorctl
// 4.2.5 reads it (its options.py `ClientOptions.read_config`). The command line wins over the file.

import { dirname, resolve } from 'node:path';
import { ConfigError } from '../base/errors.ts';
import { readConfigText } from './files.ts';
import { readIni } from './ini.ts';
import { environmentNames, type LoadContext, valueContextOf } from './load.ts';
import { readOptions } from './option.ts';
import { supervisorctlOptions } from './options.ts';
import { expandHome } from './values.ts';

export interface CtlConfig {
  /** `http://host:port` or `unix://` and a path. */
  readonly serverurl: string;
  readonly username: string | null;
  readonly password: string | null;
  readonly prompt: string;
  readonly historyFile: string | null;
  /** The sections [ctlplugin:x]: Python, which is not run here. */
  readonly plugins: readonly string[];
}

/** What the command line may set. */
export type CtlFlags = Partial<Pick<CtlConfig, 'serverurl' | 'username' | 'password' | 'historyFile'>>;

export interface CtlContext extends Pick<LoadContext, 'environment' | 'users'> {
  readonly flags?: CtlFlags;
}

/** Reads [supervisorctl]; a `file` of null means that there is none, and defaults. Throws ConfigError. */
export function loadCtlConfig(file: string | null, context: CtlContext): CtlConfig {
  const { serverurl, username, password, historyFile } = context.flags ?? {};
  const read = file === null ? defaults : readSection(file, context);
  return {
    ...read,
    ...(serverurl !== undefined && { serverurl }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(historyFile !== undefined && { historyFile }),
  };
}

const defaults: CtlConfig = {
  serverurl: supervisorctlOptions.serverurl.default,
  username: null,
  password: null,
  prompt: supervisorctlOptions.prompt.default,
  historyFile: null,
  plugins: [],
};

function readSection(file: string, context: CtlContext): CtlConfig {
  const values = valueContextOf(context);
  const path = resolve(expandHome(file, values));
  const document = readIni(readConfigText(file), { file });
  if (!document.sections.has('supervisorctl')) {
    throw new ConfigError('.ini file does not include supervisorctl section', {
      where: { file, line: 1 },
      accepted: 'a section [supervisorctl]',
    });
  }
  const names = environmentNames(context.environment);
  const source = { document, section: 'supervisorctl', names, context: values };
  const withHere = { ...source, names: { ...names, here: dirname(path) } };
  const { serverurl: urlRow, history_file: historyRow, ...others } = supervisorctlOptions;
  const { serverurl } = readOptions({ serverurl: urlRow }, withHere);
  const { prompt, username, password } = readOptions(others, source);
  const { history_file: history } = readOptions({ history_file: historyRow }, withHere);
  const absolute = (relative: string): string => resolve(expandHome(relative, values));
  return {
    serverurl: serverurl.startsWith('unix://') ? `unix://${absolute(serverurl.slice('unix://'.length))}` : serverurl,
    username,
    password,
    prompt,
    historyFile: history === null || history === '' ? null : absolute(history),
    plugins: [...document.sections.keys()].filter((name) => name.startsWith('ctlplugin:')),
  };
}
