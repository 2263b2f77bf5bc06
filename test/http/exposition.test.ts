import { expect } from 'chai';
import { assert, property, string, tuple } from 'fast-check';
import { type Family, lines } from '../../src/http/exposition.ts';
import { parsePrometheus } from '../support/prometheus-text.ts';

const family = (samples: Family<null>['samples'], change: Partial<Family<null>> = {}): Family<null> => ({
  name: 'corevisor_x',
  type: 'gauge',
  help: 'What it is.',
  labels: ['a', 'b'],
  samples,
  ...change,
});
const text = (...families: readonly Family<null>[]): string => [...lines(families, null)].join('');

describe("Prometheus' text format", () => {
  it('has HELP and TYPE before the samples of a family', () => {
    expect(text(family(() => [{ labels: ['1', '2'], value: 0.5 }]))).to.equal(
      '# HELP corevisor_x What it is.\n# TYPE corevisor_x gauge\ncorevisor_x{a="1",b="2"} 0.5\n',
    );
  });

  it('has no braces where there is no label', () => {
    expect(text(family(() => [{ labels: [], value: 3 }], { labels: [] }))).to.match(/\ncorevisor_x 3\n$/);
  });

  it('writes the numbers that JavaScript writes otherwise', () => {
    const values = [Infinity, -Infinity, NaN, 1e21, 1e-7];
    const written = text(family(() => values.map((value) => ({ labels: [], value })), { labels: [] }));
    expect([...written.matchAll(/^corevisor_x (.*)$/gm)].map(([, value]) => value)).to.deep.equal([
      '+Inf',
      '-Inf',
      'NaN',
      '1e+21',
      '1e-7',
    ]);
  });

  it('keeps a HELP of several lines on one', () => {
    expect(text(family(() => [], { help: 'a\\b\nc' }))).to.include('# HELP corevisor_x a\\\\b\\nc\n');
  });

  it('tells values of labels so that they come back as they were, whatever is in them', () => {
    assert(
      property(tuple(string({ unit: 'binary' }), string({ unit: 'grapheme' })), (labels) => {
        const written = text(family(() => [{ labels, value: 1 }]));
        const [sample] = parsePrometheus(written).get('corevisor_x')?.samples ?? [];
        expect(sample?.labels).to.deep.equal({ a: labels[0], b: labels[1] });
      }),
    );
  });
});
