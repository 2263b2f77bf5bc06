import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'chai';
import { describeOptions } from '../../src/config/describe.ts';
import { sectionKinds } from '../../src/config/options.ts';
import { fakeValueContext } from '../support/make-config.ts';

const page = resolve(import.meta.dirname, '../../docs/options.md');

describe('the option tables', () => {
  it('are what docs/options.md says (UPDATE_DOCS=1 writes it)', () => {
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, describeOptions());
    expect(readFileSync(page, 'utf8')).to.equal(describeOptions());
  });

  for (const { head, options } of sectionKinds) {
    for (const [name, row] of Object.entries(options ?? {})) {
      it(`have a default that can be read, and a sentence, for ${name} in [${head}]`, () => {
        expect(row.doc).to.match(/^[A-Z$].*\.$/);
        const written = row.default;
        if (typeof written === 'string') expect(() => row.type.read(written, fakeValueContext())).not.to.throw();
      });
    }
  }
});
