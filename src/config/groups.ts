// From [group:x], [program:x], [eventlistener:x] and [fcgi-program:x] sections to the groups of processes, in supervisord's
// order of reading and with its errors (its options.py `process_groups_from_parser`). Pure.

import { ConfigError } from '../base/errors.ts';
import { byCodeUnit } from '../base/ordering.ts';
import { fcgiMemberSocket, readFcgiProgram } from './fcgi.ts';
import type { IniSection } from './ini.ts';
import { listenerOf, withoutEffect } from './listeners.ts';
import { type Message, warning } from './messages.ts';
import { badOption, type OptionSource, readOptions } from './option.ts';
import { groupOptions, programSectionOptions } from './options.ts';
import { type GroupConfig, nameOf, type ProcessConfig, processesOf, type ProgramContext } from './programs.ts';

export interface Groups {
  /** By priority, then name. */
  readonly groups: readonly GroupConfig[];
  readonly messages: readonly Message[];
}

/** All groups of a document; throws ConfigError. */
export function groupsOf(context: ProgramContext): Groups {
  const messages: Message[] = [];
  const groups: GroupConfig[] = [];
  const members = new Set<string>();
  for (const section of sectionsOf(context, 'group')) {
    groups.push(readGroup(section, { ...context, members, messages }));
  }
  for (const section of sectionsOf(context, 'program')) {
    if (!members.has(section.name)) groups.push(readProgram(section, { ...context, messages }));
  }
  for (const section of sectionsOf(context, 'eventlistener')) {
    groups.push(readListener(section, { ...context, messages }));
  }
  for (const section of sectionsOf(context, 'fcgi-program')) {
    if (!members.has(section.name)) groups.push(readFcgi(section, { ...context, messages }));
  }
  return { groups: withoutDoubles(groups.toSorted(byPriority), messages), messages };
}

/** Sections whose head is `kind:x`, in order of first appearance. */
export function sectionsOf({ document }: Pick<ProgramContext, 'document'>, kind: string): IniSection[] {
  return [...document.sections.values()].filter(({ name }) => name.startsWith(`${kind}:`));
}

type Collecting = ProgramContext & { readonly messages: Message[] };

function readGroup(section: IniSection, context: Collecting & { members: Set<string> }): GroupConfig {
  const { document, members, messages } = context;
  const name = nameOf(section);
  const source = groupSource(section, context);
  const { programs, priority, essential } = readOptions(groupOptions, source);
  const processes: ProcessConfig[] = [];
  // Quirk: from the second member on, supervisord's errors name the member before instead of the group.
  let named = section.name;
  for (const program of programs) {
    const own = document.sections.get(`program:${program}`);
    const fastcgi = document.sections.get(`fcgi-program:${program}`);
    const wrong =
      own === undefined && fastcgi === undefined
        ? `[${named}] names unknown program or fcgi-program ${program}`
        : own !== undefined && fastcgi !== undefined
          ? `[${named}] name ${program} is ambiguous (exists as program and fcgi-program)`
          : null;
    if (wrong !== null) throw badOption({ name: 'programs', row: groupOptions.programs, source }, wrong);
    const member = own ?? fastcgi;
    if (member === undefined) continue;
    named = member.name;
    members.add(member.name);
    const socket = own === undefined ? fcgiMemberSocket(member, context) : null;
    const made = processesOf(member, { ...context, group: name, socket });
    for (const process of made.processes) processes.push(process);
    messages.push(...made.messages);
  }
  const own = lastOfEachName(processes, { group: name, messages });
  return { name, priority, kind: 'group', processes: own, essential };
}

function readProgram(section: IniSection, context: Collecting): GroupConfig {
  const name = nameOf(section);
  // Read here once more, because here supervisord's error does not name the section.
  const { priority } = readOptions({ priority: programSectionOptions.priority }, groupSource(section, context));
  const { processes, messages } = processesOf(section, { ...context, group: name });
  context.messages.push(...messages);
  return {
    name,
    priority,
    kind: 'program',
    processes: lastOfEachName(processes, { group: name, messages: context.messages }),
  };
}

function readListener(section: IniSection, context: Collecting): GroupConfig {
  // Taken as written: supervisord checks the name only where it reads the processes.
  const name = section.name.slice('eventlistener:'.length);
  const { priority, listener } = listenerOf(groupSource(section, context));
  const made = processesOf(section, { ...context, group: name });
  context.messages.push(...made.messages, ...withoutEffect(section));
  const processes = lastOfEachName(made.processes, { group: name, messages: context.messages });
  return { name, priority, kind: 'eventlistener', listener, processes };
}

function readFcgi(section: IniSection, context: Collecting): GroupConfig {
  const name = nameOf(section);
  const { priority, socket } = readFcgiProgram(section, context);
  const { processes, messages } = processesOf(section, { ...context, group: name, socket });
  context.messages.push(...messages);
  return {
    name,
    priority,
    kind: 'fcgi-program',
    processes: lastOfEachName(processes, { group: name, messages: context.messages }),
  };
}

function groupSource(section: IniSection, context: ProgramContext): OptionSource {
  const names = { ...context.environmentNames, here: context.here };
  return { document: context.document, section: section.name, names, context: context.values };
}

/** Of two processes with one name in a group supervisord runs the last, and says nothing. */
function lastOfEachName(
  processes: readonly ProcessConfig[],
  { group, messages }: { group: string; messages: Message[] },
): readonly ProcessConfig[] {
  const last = new Map<string, ProcessConfig>();
  for (const process of processes) {
    if (last.has(process.name))
      messages.push(warning(`group ${group} has several processes ${process.name}, only the last one runs`));
    last.set(process.name, process);
  }
  return [...last.values()];
}

/** Of two groups with one name supervisord runs the first, and says nothing. */
function withoutDoubles(groups: readonly GroupConfig[], messages: Message[]): readonly GroupConfig[] {
  const first = new Map<string, GroupConfig>();
  for (const group of groups) {
    if (first.has(group.name))
      messages.push(warning(`there are several groups ${group.name}, only the first one runs`));
    else first.set(group.name, group);
  }
  return [...first.values()];
}

/** By priority, then name. */
export function byPriority(a: GroupConfig, b: GroupConfig): number {
  return a.priority - b.priority || byCodeUnit(a.name, b.name);
}

/** The error of a name that is taken by something of ours. */
export function nameTaken(message: string, section: IniSection): ConfigError {
  return new ConfigError(message, { where: section.where, section: section.name });
}
