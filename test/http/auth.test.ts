import { expect } from 'chai';
import { isProtected, judge } from '../../src/http/auth.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const plain = { username: 'user', password: 'pä:ss' };

describe('Basic authentication', () => {
  it('is asked for where there is a user name', () => {
    expect(isProtected(plain)).to.equal(true);
    expect(isProtected({ username: null, password: null })).to.equal(false);
    expect(isProtected({ username: '', password: '' })).to.equal(false);
  });

  it('lets the right name and password in, however the scheme is written', () => {
    expect(judge(basic('user:pä:ss'), plain)).to.equal('allowed');
    expect(judge(basic('user:pä:ss').replace('Basic', 'bAsIC'), plain)).to.equal('allowed');
  });

  const denied = ['user:pä:s', 'user:pä:sss', 'user:', 'user', '', 'User:pä:ss', 'x:pä:ss', 'user:PÄ:SS', ':pä:ss'];
  for (const shown of denied) {
    it(`denies ${JSON.stringify(shown)}`, () => expect(judge(basic(shown), plain)).to.equal('denied'));
  }

  it('denies no header and other schemes', () => {
    expect(judge(undefined, plain)).to.equal('denied');
    expect(judge('Digest x', plain)).to.equal('denied');
    expect(judge('Basic', plain)).to.equal('denied');
  });

  it('calls what is not UTF-8 malformed', () => {
    expect(judge('Basic /w==', plain)).to.equal('malformed');
  });

  it('compares {SHA} passwords by their hash, and takes neither the hash nor the whole word for the password', () => {
    const abc = { username: 'user', password: '{SHA}a9993e364706816aba3e25717850c26c9cd0d89d' };
    expect(judge(basic('user:abc'), abc)).to.equal('allowed');
    expect(judge(basic('user:a9993e364706816aba3e25717850c26c9cd0d89d'), abc)).to.equal('denied');
    expect(judge(basic(`user:${abc.password}`), abc)).to.equal('denied');
  });
});
