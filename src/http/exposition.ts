// Prometheus' text format, version 0.0.4: families of samples, one after the other, each once. Pure.

export type MetricType = 'gauge' | 'counter' | 'histogram';

/** One line: values in the order of the family's labels; `suffix` and `le` are a histogram's. */
export interface Sample {
  readonly labels: readonly string[];
  readonly value: number;
  readonly suffix?: '_bucket' | '_sum' | '_count';
  readonly le?: string;
}

/** Samples of one name. */
export interface Family<Source> {
  readonly name: `corevisor_${string}`;
  readonly type: MetricType;
  /** A sentence, for people who choose from a list. */
  readonly help: string;
  readonly labels: readonly string[];
  readonly samples: (source: Source) => Iterable<Sample>;
}

export const contentType = 'text/plain; version=0.0.4; charset=utf-8';

/** The families as lines, each with its line end: whoever takes them may pause in between. */
export function* lines<Source>(families: readonly Family<Source>[], source: Source): Generator<string> {
  for (const { name, type, help, labels, samples } of families) {
    yield `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n`;
    for (const sample of samples(source)) {
      const named = labels.map((label, index) => `${label}="${escaped(sample.labels[index] ?? '')}"`);
      if (sample.le !== undefined) named.push(`le="${sample.le}"`);
      const inBraces = named.length === 0 ? '' : `{${named.join(',')}}`;
      yield `${name}${sample.suffix ?? ''}${inBraces} ${numberText(sample.value)}\n`;
    }
  }
}

function escaped(value: string): string {
  return /[\\"\n]/.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : value;
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}
