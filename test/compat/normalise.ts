// What differs from run to run by nature, taken out of a record: directories, ports, pids, dates, durations, random names,
// and the few things that ours adds to a text on purpose, which docs/compatibility.md lists once in general.

/** The particulars of one run. */
export interface Particulars {
  readonly directory: string;
  readonly ports: readonly number[];
  readonly children: string;
  readonly bin: string;
  readonly mark: string;
}

/** What a record is made of. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** Puts the particulars of a run into a text of a scenario: `{dir}`, `{port}`, `{user}`, `{children}`, `{bin}`, `{node}`. */
export function fillIn(text: string, { directory, ports, children, bin }: Particulars): string {
  const [port = 0, port2 = 0] = ports;
  return text
    .replaceAll('{dir}', directory)
    .replaceAll('{port}', String(port))
    .replaceAll('{port2}', String(port2))
    .replaceAll('{user}', 'nobody')
    .replaceAll('{children}', children)
    .replaceAll('{bin}', bin)
    .replaceAll('{node}', process.execPath);
}

/** The same for the names and values of a list. */
export function fillAll(
  texts: Readonly<Record<string, string>>,
  fill: (text: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [fill(name), fill(text)]));
}

/** Takes them out again, and whatever else no two runs have in common. */
export function normaliseText(text: string, particulars: Particulars): string {
  const { directory, ports, children, mark } = particulars;
  const [port = 0, port2 = 0] = ports;
  const named = text
    .replaceAll(mark, '{mark}')
    .replaceAll(directory, '{dir}')
    .replaceAll(children, '{children}')
    .replaceAll(process.execPath, '{node}')
    .replaceAll(portPattern(port), '{port}')
    .replaceAll(portPattern(port2), '{port2}');
  return rules.reduce((left, [pattern, right]) => left.replaceAll(pattern, right), named);
}

/** Sooner or later a process has the number of a port. */
function portPattern(port: number): RegExp {
  return new RegExp(`(?<!\\bpid[ :=]|' \\()\\b${port}\\b`, 'g');
}

/** The numbers on lines of their own that `supervisorctl pid` prints, also behind a prompt. */
export function normalisePidLines(text: string): string {
  return text.replaceAll(/^((?:\S+> )?)[1-9]\d*$/gm, '$1{pid}');
}

/** The same for a value of XML-RPC, where the name of a member tells what its number is. */
export function normaliseValue(value: Json, particulars: Particulars): Json {
  if (typeof value === 'string') return normaliseText(value, particulars);
  if (typeof value !== 'object' || value === null) return value;
  if (isArray(value)) return value.map((item) => normaliseValue(item, particulars));
  const members = Object.entries(value).map(([name, item]): [string, Json] => [
    name,
    typeof item === 'number' && item !== 0 && name in numberNames
      ? (numberNames[name] ?? '')
      : normaliseValue(item, particulars),
  ]);
  return Object.fromEntries(members);
}

const numberNames: Readonly<Record<string, string>> = { pid: '{pid}', start: '{time}', stop: '{time}', now: '{time}' };

const blank = String.raw`(?: |%20|\+)`;
const clock = String.raw`\d\d(?::|%3A)\d\d(?::|%3A)\d\d`;

const rules: readonly (readonly [RegExp, string])[] = [
  // Ours: the place of a config error, behind a dash or as a line of its own; supervisord's first line stays.
  [/ — \{dir\}\/[^\n]*?(?=(?:["']>)?(?:: file:|$))/gm, ''],
  [/^\{dir\}\/\S+:\d+: .*\n/gm, ''],
  [/^\S[^\n]*; accepted: [^\n]*\n/gm, ''],
  // Which variables the machine has.
  [/(?<=Available names: )ENV_[^,\s]+(?:, ENV_[^,\s]+)*/g, '{environment}'],
  // Python: places in its own sources, addresses of its objects.
  // supervisorctl's tail takes Ctrl-C for a failure when it comes at the wrong moment.
  [/^.*Cannot connect, error: <class 'KeyboardInterrupt'> \(\)\n/gm, ''],
  [/\bfile: \S+ line: \d+/g, 'file: {file} line: {line}'],
  [/ at (?:0x[0-9a-f]+|\d{6,})\b/g, ' at {address}'],
  [/\bfd \d+ closed/g, 'fd {fd} closed'],
  [/^Usage: \S+/gm, 'Usage: {argv0}'],
  [/^For help, use \S+ -h$/gm, 'For help, use {argv0} -h'],
  [/^Traceback \(most recent call last\):\n(?: .*\n)*/gm, '{traceback}\n'],
  // The length of an event that has a pid.
  [/\blen:\d+(?= \| ".*\bpid:[1-9])/g, 'len:{len}'],
  // supervisord appends a traceback where ours names the error in its log.
  [/\b(problem killing \S+) \(\d+\)(?::Traceback \(most recent call last\):\n(?: .*\n)*\w+: .*\n)?/g, '$1 ({pid})'],
  // Pids.
  [/\bpid([ :=])[1-9]\d*/g, 'pid$1{pid}'],
  [/('[^'\n]*') \(\d+\)/g, '$1 ({pid})'],
  [/(<name>pid<\/name>\s*<value><int>)[1-9]\d*/g, '$1{pid}'],
  [/(\.sock)\.\d+\b/g, '$1.{pid}'],
  // Dates and durations.
  [/(<name>(?:start|stop|now)<\/name>\s*<value><int>)[1-9]\d*/g, '$1{time}'],
  [/\buptime (?:\d+ days?, )?\d+:\d\d:\d\d/g, 'uptime {time}'],
  [/\b[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M\b/g, '{date}'],
  [/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\b/g, '{date}'],
  [/\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\b/g, '{date}'],
  [
    new RegExp(
      `(?<![A-Za-z])[A-Z][a-z]{2}${blank}[A-Z][a-z]{2}${blank}{1,2}\\d{1,2}${blank}${clock}${blank}\\d{4}\\b`,
      'g',
    ),
    '{date}',
  ],
  [/\b[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d\b/g, '{date}'],
  [/\b1[5-9]\d{8}\b/g, '{time}'],
  [/\[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]/g, '[{date}]'],
  // Ours: who asked for a change, and what is said of servers that are open or misused (the section Security).
  [/^(?:\{date\} )?INFO command \S+\(.*\) by .*\n?/gm, ''],
  [/^(?:\{date\} )?(?:CRIT|WARN) \[(?:unix|inet)_http_server\S*\] .*\n?/gm, ''],
  // The random part of automatic log names.
  [/(---[^/\n]+?)-[a-z0-9_]{8}(?=\.log)/g, '$1-{random}'],
];

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
