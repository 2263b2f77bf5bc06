// How corevisorctl was called: its flags, and its file where they are silent. Without `-c` the usual places are
// searched, and no file at all is fine (supervisord's options.py ClientOptions).
import { type CtlContext, loadCtlConfig } from '../config/ctl-config.ts';
import { findConfigFile } from '../config/files.ts';
import { describeFlags, readCtlFlags, supervisorctlFlags } from '../config/flags.ts';
import { valueContextOf } from '../config/load.ts';
import type { Address } from './address.ts';

/** A call of the program, as the machine gives it. */
export interface CtlOrder extends Pick<CtlContext, 'environment' | 'users'> {
  /** The words behind the program's name. */
  readonly argv: readonly string[];
  /** The program as it was called; supervisord looks for its file around it. */
  readonly name: string;
}

/** What is to be done, flags and file together. */
export interface CtlOptions {
  readonly address: Address;
  readonly prompt: string;
  readonly historyFile: string | null;
  /** The sections of Python plugins, whose commands are not known here. */
  readonly plugins: readonly string[];
  /** `-i`, or no command at all. */
  readonly interactive: boolean;
  /** The command line, as words of argv. */
  readonly words: readonly string[];
}

/** Reads flags and file; null when only the help is asked for. Throws ConfigError. */
export function readCtlOptions(order: CtlOrder): CtlOptions | null {
  const { environment, users } = order;
  const { request, configuration, interactive, flags, words } = readCtlFlags(order.argv, valueContextOf(order));
  if (request === 'help') return null;
  const file = configuration ?? findConfigFile(order.name);
  const config = loadCtlConfig(file, { environment, users, flags });
  const { serverurl, username, password, prompt, historyFile, plugins } = config;
  return { address: { serverurl, username, password }, prompt, historyFile, plugins, interactive, words };
}

/** What `-h` prints. */
export function ctlUsage(name: string): string {
  return `supervisorctl -- control applications run by supervisord from the cmd line.

Usage: ${name} [options] [command [arguments]]

Options:
${describeFlags(supervisorctlFlags)}
With -i or without a command a shell starts that reads commands; "help" lists them.
`;
}
