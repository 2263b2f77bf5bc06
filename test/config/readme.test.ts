import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'chai';
import { makeConfig } from '../support/make-config.ts';

describe("the README's configuration", () => {
  it('loads, and says nothing but how many processes it makes', () => {
    const text = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8');
    const example = /```ini\n([^`]+)```/.exec(text)?.[1] ?? '';
    const { groups, messages } = makeConfig({ 'supervisord.conf': example });
    expect(groups.map(({ name, processes }) => [name, processes.length])).to.deep.equal([
      ['nginx', 1],
      ['web', 4],
    ]);
    expect(messages.map(({ text: said }) => said)).to.deep.equal(['web: 4 processes (affinity 4)']);
  });
});
