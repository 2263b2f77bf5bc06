// The sample configuration that `echo_supervisord_conf` prints, made from the option tables: every section and option with
// its default, so that it cannot go stale. What has to be written for a daemon that corevisorctl reaches is written; the
// rest stands behind a semicolon. Pure.

import { corevisorVersion, supervisorVersion } from '../base/version.ts';
import { type OptionRow, type OptionTable, requiredFirst } from './option.ts';
import { programOptions, type SectionKind, sectionKinds } from './options.ts';

/** The whole file. */
export function sampleConfiguration(): string {
  return [intro, ...sectionKinds.filter(({ options }) => options !== null).map(describeSection)].join('\n');
}

// The first line is the one that programs look for.
const intro = `; Sample supervisor config file.
;
; Every section and option that Corevisor ${corevisorVersion} knows, for a daemon that answers as supervisord
; ${supervisorVersion}. An option stands behind a semicolon with its default: take the semicolon away and write
; what you want. A word in <angle brackets> says what is accepted where there is no default. Those
; that say "Corevisor" are not supervisord's, which takes no notice of them.
;
;  - " ;" and " #" begin a comment, also inside quotes.
;  - %(here)s is the directory of this file, %(ENV_HOME)s the environment variable HOME; a percent
;    sign itself is written %%. "~" and "$HOME" mean nothing, and no shell runs a command.
;  - Sizes take KB, MB or GB.
;  - /tmp is here because it is everywhere; a directory that only the daemon can write to is better.
`;

/** What is written out, by section: a daemon needs it, or supervisorctl needs it to find that daemon. */
const written: Readonly<Record<string, readonly string[]>> = {
  supervisord: [],
  unix_http_server: ['file'],
  'rpcinterface:x': ['supervisor.rpcinterface_factory'],
  supervisorctl: ['serverurl'],
};

/** Values where the default is none, or none that finds the daemon of this file. */
const examples: Readonly<Record<string, string>> = {
  'unix_http_server.file': '/tmp/supervisor.sock',
  'inet_http_server.port': '127.0.0.1:9001',
  'supervisorctl.serverurl': 'unix:///tmp/supervisor.sock',
  'rpcinterface:x.supervisor.rpcinterface_factory': 'supervisor.rpcinterface:make_main_rpcinterface',
  'include.files': 'conf.d/*.conf',
  'program:x.command': '/bin/cat',
  'fcgi-program:x.command': '/usr/bin/php-cgi',
  'fcgi-program:x.socket': 'unix:///tmp/%(program_name)s.sock',
  'eventlistener:x.command': '/usr/bin/listener',
  'eventlistener:x.events': 'PROCESS_STATE,TICK_60',
  'group:x.programs': 'program-name',
  'upstream:x.server': '127.0.0.1:80%(process_num)02d',
  'proxy:x.listen': '127.0.0.1:8080',
  'proxy:x.upstream': 'group-name',
};

function describeSection(kind: SectionKind): string {
  const { head, doc, since } = kind;
  const active = written[head];
  const isLikeProgram = head !== 'program:x' && Object.hasOwn(kind.options ?? {}, 'command');
  const others = isLikeProgram ? ' All options of [program:x], and:' : '';
  const title = `${active === undefined ? ';' : ''}[${head.replace(/:x$/, `:${nameIn(head)}`)}]\n`;
  const own = Object.entries(kind.options ?? {}).filter(
    ([name, row]) => !isLikeProgram || name === 'command' || !isSameAs(programOptions, { name, row }),
  );
  const options = requiredFirst(own).map(([name, row]) => describeOption(kind, { name, row }));
  return `${comment(doc + ours(since) + others)}${title}\n${options.join('')}`;
}

interface NamedRow {
  readonly name: string;
  readonly row: OptionRow<unknown>;
}

function describeOption({ head, options, since }: SectionKind, { name, row }: NamedRow): string {
  const isWritten = written[head]?.includes(name) === true;
  const marked = since === 'corevisor' ? '' : ours(row.since);
  const value = examples[`${head}.${name}`] ?? defaultOf(row, options ?? {}) ?? `<${row.type.accepted}>`;
  return `${comment(row.doc + marked)}${isWritten ? '' : ';'}${name}=${value}\n`;
}

/** As written; null where there is none. */
function defaultOf({ default: value }: OptionRow<unknown>, table: OptionTable): string | null {
  if (typeof value === 'string') return value;
  if (value === null || !('sameAs' in value)) return null;
  const other = table[value.sameAs];
  return other === undefined ? null : defaultOf(other, table);
}

function isSameAs(table: OptionTable, { name, row }: NamedRow): boolean {
  return Object.hasOwn(table, name) && table[name] === row;
}

function nameIn(head: string): string {
  if (head === 'rpcinterface:x') return 'supervisor';
  return head === 'upstream:x' ? 'group-name' : `${head.replace(/:x$/, '')}-name`;
}

function ours(since: SectionKind['since']): string {
  return since === 'corevisor' ? ' Corevisor.' : '';
}

const lineWidth = 100;

/** A text as lines of comment. */
function comment(text: string): string {
  const lines = [';'];
  for (const word of text.replaceAll('…', '...').split(' ')) {
    const line = `${lines.pop()} ${word}`;
    if (line.length <= lineWidth || line === `; ${word}`) lines.push(line);
    else lines.push(line.slice(0, -word.length - 1), `; ${word}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}
