import { expect } from 'chai';
import { maskPairs, readPairs } from '../../src/config/environment-text.ts';

describe('the text of environment', () => {
  const good: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['', {}],
    ['A=1', { A: '1' }],
    ['A=1,B=2', { A: '1', B: '2' }],
    ['A=1,', { A: '1' }],
    ['A="a b",B=\'c,d\'', { A: 'a b', B: 'c,d' }],
    ['A="a\n b",\n  B=c', { A: 'a\n b', B: 'c' }],
    ['A=/usr/bin:/bin', { A: '/usr/bin:/bin' }],
    ['A=""', { A: '' }],
    ['A="he said \'hi\'"', { A: "he said 'hi" }],
    ['A=1;B=2', { A: '1', B: '2' }],
    ['A=b#note\nc,D=e', { A: 'bc', D: 'e' }],
    ['A=1 # note', { A: '1' }],
    ['__proto__=1', { ['__proto__']: '1' }],
  ];
  for (const [text, pairs] of good) {
    it(`reads ${JSON.stringify(text)}`, () => {
      expect(Object.fromEntries(entries(text))).to.deep.equal(pairs);
    });
  }

  it('reads many quotes within a value as quickly as anything else', () => {
    const quotes = `"'`.repeat(200_000);
    const started = process.cpuUsage();
    expect(entries(`A=a${quotes}b`)).to.deep.equal([['A', `a${quotes}b`]]);
    // Begun anew at each quote it would be minutes.
    expect(process.cpuUsage(started).user / 1e6).to.be.below(5);
  });

  it('reads a backslash as itself', () => {
    expect(entries(String.raw`A="a\nb"`)).to.deep.equal([['A', String.raw`a\nb`]]);
  });

  const bad: readonly (readonly [string, string])[] = [
    ['A', "Unexpected end of key/value pairs in value 'A'"],
    ['A=1,B', "Unexpected end of key/value pairs in value 'A=***,***'"],
    ['A=x@y', "Unexpected end of key/value pairs in value 'A=***'"],
    ['A=1 B=2', "Unexpected end of key/value pairs in value 'A=***'"],
    ['A="x', 'No closing quotation'],
  ];
  for (const [text, problem] of bad) {
    it(`refuses ${text} without its values`, () => expect(readPairs(text)).to.deep.equal({ problem }));
  }

  it('masks whatever may be a value', () => {
    expect(maskPairs('USER=root,PASSWORD="hunter2 = hunter3",TOKEN=ab/cd==')).to.equal(
      'USER=***,PASSWORD=***,TOKEN=***',
    );
    expect(maskPairs('PASSWORD="hunter2')).to.equal('PASSWORD=***');
    expect(maskPairs('hunter2 hunter3')).to.equal('***');
  });
});

function entries(text: string): [string, string][] {
  const read = readPairs(text);
  if ('problem' in read) throw new Error(read.problem);
  return [...read.pairs];
}
