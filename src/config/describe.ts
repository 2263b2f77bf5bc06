// docs/options.md as the option tables say it; a test keeps the file fresh (UPDATE_DOCS=1 rewrites it). Pure.

import { type Change, type Default, type OptionRow, requiredFirst } from './option.ts';
import { type SectionKind, sectionKinds } from './options.ts';

/** The whole page, in Markdown. */
export function describeOptions(): string {
  return [intro, ...sectionKinds.map(describeSection)].join('\n');
}

const intro = `# Options

All sections and options of the configuration file, generated from the tables in \`src/config/options.ts\`.
Those marked *Corevisor* are ours; stock supervisord ignores them. A sign like \`%(here)s\` in a value is replaced by what it
names: \`here\` (the directory of the file), \`host_node_name\`, \`ENV_X\` (the environment variable X), in programs also
\`program_name\`, \`group_name\`, \`process_num\`, \`numprocs\` and, Corevisor's own, \`cpus\` (how many CPUs the container may use).
A percent sign itself is written \`%%\`. Sizes take KB, MB or GB. \` ;\` and \` #\` begin a comment, also inside quotes.
`;

function describeSection({ head, doc, options, like, since }: SectionKind): string {
  const ours = since === 'corevisor' ? ' *Corevisor.*' : '';
  const others = like === undefined ? '' : ` All options of [${like}], and these:`;
  const title = `## [${head}]\n\n${doc}${ours}${others}\n`;
  if (options === null) return title;
  const shared = sectionKinds.find((kind) => kind.head === like)?.options ?? {};
  const own = Object.entries(options).filter(([name]) => !Object.hasOwn(shared, name));
  const rows = requiredFirst(own).map(([name, row]) =>
    describeRow(name, { row, sectionIsOurs: since === 'corevisor' }),
  );
  return `${title}\n| option | default | accepted | meaning | a change |\n|---|---|---|---|---|\n${rows.join('')}`;
}

function describeRow(
  name: string,
  { row, sectionIsOurs }: { row: OptionRow<unknown>; sectionIsOurs: boolean },
): string {
  const ours = row.since === 'corevisor' && !sectionIsOurs ? ' *Corevisor.*' : '';
  const cells = [`\`${name}\``, describeDefault(row.default), row.type.accepted, row.doc + ours, changes[row.change]];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
}

function describeDefault(value: Default): string {
  if (value === null) return 'none';
  if (typeof value === 'string') return value === '' ? 'empty' : `\`${value}\``;
  return 'sameAs' in value ? `as ${value.sameAs}` : 'required';
}

const changes: Readonly<Record<Change, string>> = {
  restart: 'restarts the group at update',
  processes: 'restarts the group at update, if its processes become others',
  reload: 'takes effect at reload',
  ctl: 'takes effect at the next call',
};
