import { expect } from 'chai';
import { quote, readForm } from '../../src/http/form.ts';

const read = (url: string, body = ''): Record<string, string> => Object.fromEntries(readForm(url, body));

describe('the fields of a request', () => {
  it('come from the address and from the body, which wins', () => {
    expect(read('/index.html?processname=a&action=start', 'action=stop&x=1')).to.deep.equal({
      processname: 'a',
      action: 'stop',
      x: '1',
    });
  });

  it('count once: the first of an address, the last of a body', () => {
    expect(read('/?a=1&a=2', 'b=1&b=2')).to.deep.equal({ a: '1', b: '2' });
  });

  it('are not there when they are empty', () => expect(read('/?action=&a', 'b=')).to.deep.equal({}));

  it('may hold any character', () => {
    expect(read('/?n=a%26b%3Ci%3E+%C3%BC%25#n=2')).to.deep.equal({ n: 'a&b<i> ü%' });
    expect(read('/?n=%zz%')).to.deep.equal({ n: '%zz%' });
    expect(read('/?__proto__=1')).to.have.own.property('__proto__', '1');
  });
});

describe('quoting for an address', () => {
  it('leaves what Python leaves', () => {
    expect(quote('AZaz09_.-~/')).to.equal('AZaz09_.-~/');
    expect(quote(" !'()*%&?#ü")).to.equal('%20%21%27%28%29%2A%25%26%3F%23%C3%BC');
  });
});
