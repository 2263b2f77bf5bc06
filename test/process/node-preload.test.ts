import { expect } from 'chai';
import { assert, constantFrom, pre, property, string } from 'fast-check';
import { nodeWords, preload } from '../../src/process/node-preload.ts';

const path = '/opt/corevisor/dist/worker.cjs';

function optionsAfter(present: string | undefined, module = path): string | undefined {
  const made = preload(present === undefined ? {} : { NODE_OPTIONS: present }, module);
  return 'variables' in made ? made.variables['NODE_OPTIONS'] : made.error;
}

describe('node_preload', () => {
  it('is one word of NODE_OPTIONS, behind those that are there', () => {
    expect(optionsAfter(undefined)).to.equal(`--require ${path}`);
    expect(optionsAfter('')).to.equal(`--require ${path}`);
    expect(optionsAfter('--max-old-space-size=300')).to.equal(`--max-old-space-size=300 --require ${path}`);
  });

  it('leaves all other variables as they are', () => {
    expect(preload({ A: '1', NODE_OPTIONS: '-r x' }, path)).to.deep.equal({
      variables: { A: '1', NODE_OPTIONS: `-r x --require ${path}` },
    });
  });

  it('quotes a path as NODE_OPTIONS wants it', () => {
    expect(optionsAfter('', '/a b/worker.cjs')).to.equal('--require "/a b/worker.cjs"');
    expect(optionsAfter('', String.raw`/a "b\c/worker.cjs`)).to.equal(String.raw`--require "/a \"b\\c/worker.cjs"`);
    expect(optionsAfter('', String.raw`/a\b/worker.cjs`)).to.equal(String.raw`--require /a\b/worker.cjs`);
  });

  for (const present of [`-r ${path}`, `--require=${path}`, `--import "${path}"`, `--require ${path} -r y`]) {
    it(`does not come twice: ${present}`, () => expect(optionsAfter(present)).to.equal(present));
  }

  for (const present of ['-r "unclosed', String.raw`-r "escaped\"`, '-r "escaped\\']) {
    it(`is refused where Node would refuse what is there: ${present}`, () => {
      expect(optionsAfter(present)).to.match(/^node_preload can't add to NODE_OPTIONS: a quote in it is not closed/);
    });
  }

  it('is found again as it was, whatever the path and whatever stands before it', () => {
    const text = string({ unit: constantFrom('a', ' ', '"', '\\', '/', '=', '-', 'ü', '\t') });
    assert(
      property(text, text, (present, name) => {
        const before = nodeWords(present);
        pre(before !== null && !before.includes(`/${name}`));
        expect(nodeWords(optionsAfter(present, `/${name}`) ?? '')).to.deep.equal([
          ...(before ?? []),
          '--require',
          `/${name}`,
        ]);
      }),
    );
  });
});
