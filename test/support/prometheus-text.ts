// A reader of Prometheus' text format 0.0.4 that takes nothing but what the format says, and a little less: each family in one
// piece with HELP and TYPE before its samples, no series twice, counters that end with _total and are not negative, histograms
// whose buckets are cumulative and end with +Inf.

export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ParsedFamily {
  readonly type: string;
  readonly help: string;
  readonly samples: ParsedSample[];
}

/** The families by name; throws for anything that is not as it should be, with the line. */
export function parsePrometheus(text: string): ReadonlyMap<string, ParsedFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, ParsedFamily>();
  const series = new Set<string>();
  let open: { name: string; help: string; family: ParsedFamily | null } | null = null;
  for (const [index, line] of text.slice(0, -1).split('\n').entries()) {
    const fail = (why: string): never => {
      throw new Error(`line ${index + 1}: ${why}: ${line}`);
    };
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line) ?? [];
    if (kind === 'HELP') {
      if (families.has(name)) fail('a family twice');
      if (/\\(?![\\n])/.test(rest)) fail('an escape that HELP does not know');
      open = { name, help: rest, family: null };
    } else if (kind === 'TYPE') {
      if (open?.name !== name || open.family !== null) fail('TYPE without HELP right before it');
      if (!['gauge', 'counter', 'histogram'].includes(rest)) fail('no type');
      if ((rest === 'counter') !== name.endsWith('_total')) fail('a counter ends with _total, and nothing else does');
      const family = { type: rest, help: open?.help ?? '', samples: [] };
      families.set(name, family);
      if (open !== null) open.family = family;
    } else {
      const sample = sampleOf(line) ?? fail('neither HELP, TYPE nor sample');
      const family = open?.family ?? fail('a sample without a family');
      const suffix = sample.name.slice(open?.name.length);
      const allowed = family.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
      if (!sample.name.startsWith(open?.name ?? '') || !allowed.includes(suffix)) fail('a sample of another family');
      const key = JSON.stringify([
        sample.name,
        Object.entries(sample.labels)
          .map(([label, value]) => `${label}=${value}`)
          .toSorted(),
      ]);
      if (series.has(key)) fail('a series twice');
      series.add(key);
      if (family.type === 'counter' && !(sample.value >= 0)) fail('a counter below zero');
      family.samples.push(sample);
    }
  }
  for (const [name, family] of families) if (family.type === 'histogram') checkHistogram(name, family);
  return families;
}

/** The value of one series; throws when there is none. */
export function valueOf(
  families: ReadonlyMap<string, ParsedFamily>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const samples = families.get(name)?.samples ?? [];
  const found = samples.filter((sample) =>
    Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  const [one] = found;
  if (one === undefined || found.length > 1) throw new Error(`${found.length} series ${name}${JSON.stringify(labels)}`);
  return one.value;
}

function sampleOf(line: string): ParsedSample | null {
  const [, name = '', braces, written = ''] =
    /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\[\\"n])*"(?:,(?!\})|(?=\})))+)\})? (\S+)$/.exec(
      line,
    ) ?? [];
  if (name === '') return null;
  if (!/^(?:[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?)|[+-]Inf|NaN)$/.test(written)) return null;
  const labels: Record<string, string> = {};
  for (const [, label = '', value = ''] of (braces ?? '').matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)) {
    if (label in labels || label.startsWith('__')) return null;
    labels[label] = value.replaceAll(/\\(.)/g, (_all, char: string) => (char === 'n' ? '\n' : char));
  }
  return { name, labels, value: Number(written.replace('Inf', 'Infinity')) };
}

function checkHistogram(name: string, { samples }: ParsedFamily): void {
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
  const bounds = buckets.map(({ labels }) => Number((labels['le'] ?? '').replace('Inf', 'Infinity')));
  if (!isAscending(bounds) || bounds.at(-1) !== Infinity) throw new Error(`${name}: buckets not up to +Inf`);
  if (!isAscending(buckets.map(({ value }) => value))) throw new Error(`${name}: buckets not cumulative`);
  const count = samples.find((sample) => sample.name === `${name}_count`)?.value;
  if (count !== buckets.at(-1)?.value) throw new Error(`${name}: its count is not that of its last bucket`);
  if (!samples.some((sample) => sample.name === `${name}_sum`)) throw new Error(`${name}: no sum`);
}

function isAscending(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || value >= (values[index - 1] ?? 0));
}
