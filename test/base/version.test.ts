import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { corevisorVersion } from '../../src/base/version.ts';

describe('the version', () => {
  it('is the one of package.json', () => {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    expect(JSON.parse(text)).to.have.property('version', corevisorVersion);
  });
});
