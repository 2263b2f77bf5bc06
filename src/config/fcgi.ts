// From [fcgi-program:x] to its processes and the socket that they share (supervisord's options.py
// `process_groups_from_parser` and `parse_fcgi_socket`, whose order of reading decides which error comes first).
// Pure but for paths made absolute.

import { resolve } from 'node:path';
import type { FcgiSocket } from '../base/child-socket.ts';
import { pythonRepr } from '../base/python-text.ts';
import type { User } from '../base/user.ts';
import type { IniSection } from './ini.ts';
import { badOption, type OptionSource, readOptions, type Values } from './option.ts';
import { fcgiSocketOptions, programSectionOptions } from './options.ts';
import { nameOf, type ProgramContext } from './programs.ts';
import { BadValue, readPort } from './values.ts';

/** What a section says of its group; throws ConfigError, whose text does not name the section's file. */
export function readFcgiProgram(
  section: IniSection,
  context: ProgramContext,
): { readonly priority: number; readonly socket: FcgiSocket } {
  const { priority, user } = programSectionOptions;
  const read = readOptions({ priority, user }, sourceOf(section, context));
  return { priority: read.priority, socket: readSocket(section, { ...context, user: read.user }) };
}

/**
 * The socket of a program that a [group:x] names; null without a `socket` line. supervisord reads none of it and runs the
 * program without its socket, which no FastCGI program survives.
 */
export function fcgiMemberSocket(section: IniSection, context: ProgramContext): FcgiSocket | null {
  if (!section.options.has('socket')) return null;
  const { user } = readOptions({ user: programSectionOptions.user }, sourceOf(section, context));
  return readSocket(section, { ...context, user });
}

type SocketOptions = Omit<Values<typeof fcgiSocketOptions>, 'socket'> & { readonly user: User | null };

function readSocket(section: IniSection, context: ProgramContext & { user: User | null }): FcgiSocket {
  const { socket: row, ...others } = fcgiSocketOptions;
  const source = sourceOf(section, context);
  const options = readOptions(others, source);
  const named = { ...source, names: { ...source.names, program_name: nameOf(section) } };
  const { socket } = readOptions({ socket: row }, named);
  if (socket === '')
    throw badOption({ name: 'socket', row, source }, `[${section.name}] section requires a "socket" line`);
  try {
    return parseSocket(socket, { ...options, user: context.user, uid: context.uid });
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    throw badOption({ name: 'socket', row, source }, `${error.message} in [${section.name}] socket`);
  }
}

/** `uid` is the daemon's: a program of its own user leaves the socket to it. */
function parseSocket(text: string, options: SocketOptions & { readonly uid: number }): FcgiSocket {
  const { socket_owner, socket_mode, socket_backlog: backlog, user, uid } = options;
  if (text.startsWith('unix://')) {
    const written = text.slice('unix://'.length);
    if (!written.startsWith('/')) throw new BadValue(tuple('Unix socket path %s is not an absolute path', written));
    const path = resolve(written);
    const others = user !== null && user.uid !== uid ? { uid: user.uid, gid: user.gid } : null;
    const owner = socket_owner ?? others;
    return { kind: 'unix', url: `unix://${path}`, path, mode: socket_mode ?? 0o700, owner, backlog };
  }
  if (socket_owner !== null || socket_mode !== null) {
    throw new BadValue('socket_owner and socket_mode params should only be used with a Unix domain socket');
  }
  const [, name = '', digits = ''] = /^tcp:\/\/([^\s:]+):(\d+)$/.exec(text) ?? [];
  if (name === '') throw new BadValue(tuple('Bad socket format %s', text));
  const host = name.toLowerCase();
  const port = readPort(digits);
  return { kind: 'tcp', url: `tcp://${host}:${port}`, host, port, backlog };
}

/** supervisord never puts the value into its sentence: Python shows both as they were handed over. */
function tuple(sentence: string, value: string): string {
  return `(${pythonRepr(sentence)}, ${pythonRepr(value)})`;
}

function sourceOf(section: IniSection, context: ProgramContext): OptionSource {
  const names = { ...context.environmentNames, here: context.here };
  return { document: context.document, section: section.name, names, context: context.values };
}
