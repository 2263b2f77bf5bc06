import { expect } from 'chai';
import { sectionKinds } from '../../src/config/options.ts';
import { sampleConfiguration } from '../../src/config/sample.ts';
import { makeConfig } from '../support/make-config.ts';

const sample = sampleConfiguration();

/** The sample with every option that has a value written out. */
const everything = sample.replaceAll(/^;(?=\[|[a-z_.]+=(?!<))/gm, '');

describe('the sample configuration', () => {
  it('begins with the line that programs look for', () => {
    expect(sample).to.match(/^; Sample supervisor config file\.\n/);
  });

  it('is a configuration that nothing is said against', () => {
    const config = makeConfig({ 'supervisord.conf': sample });
    expect(config.groups).to.deep.equal([]);
    expect(config.messages.filter(({ level }) => level !== 'info')).to.deep.equal([]);
  });

  it('is one with all of its options too', () => {
    const config = makeConfig({ 'supervisord.conf': everything });
    expect(config.groups.map(({ kind, name }) => `${kind} ${name}`)).to.include.members([
      'group group-name',
      'eventlistener eventlistener-name',
      'fcgi-program fcgi-program-name',
    ]);
    expect(config.messages.filter(({ text }) => /unknown|not supported|no effect/.test(text))).to.deep.equal([]);
  });

  it('has every section and option', () => {
    for (const { head, options } of sectionKinds) {
      if (options === null) continue;
      const [, section = ''] = sample.split(new RegExp(String.raw`^;?\[${head.replace(/:x$/, ':.*')}\]$`, 'm'));
      const own = section.split(/^;?\[/m)[0] ?? '';
      const missing = Object.keys(options).filter((name) => !new RegExp(`^;?${name}=`, 'm').test(own));
      if (own.includes('=') && missing.length > 0) expect(sample).to.contain('All options of [program:x], and:');
      else expect(missing, head).to.deep.equal([]);
    }
  });

  it('is ASCII and fits a screen', () => {
    expect(sample).to.match(/^[\n -~]*$/);
    expect(sample.split('\n').filter((line) => line.length > 100 && line.startsWith('; '))).to.deep.equal([]);
  });
});
