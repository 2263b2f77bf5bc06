import { expect } from 'chai';
import { commandLine } from '../../src/rpc/command-line.ts';
import type { XmlRpcValue } from '../../src/rpc/xmlrpc.ts';
import { caller } from './fakes.ts';

const line = (params: XmlRpcValue[], shown: number): string => commandLine({ name: 'a.b', params, shown, caller });

describe('the line about a command', () => {
  it('names the method, what it is done to and who asked', () => {
    expect(line(['web:a', 15], 2)).to.equal("command a.b('web:a', 15) by somebody");
  });

  it('leaves out what is not to be shown', () => {
    expect(line(['web:a', 'a secret'], 1)).to.equal("command a.b('web:a') by somebody");
    expect(line(['a secret'], 0)).to.equal('command a.b() by somebody');
  });

  it('is one line, and a short one, whatever the caller wrote', () => {
    expect(line(['x\n2026-01-01 CRIT all is lost\u0007'], 1)).to.equal(
      String.raw`command a.b('x\n2026-01-01 CRIT all is lost\x07') by somebody`,
    );
    expect(line(['x'.repeat(1_000_000), ['x']], 2)).to.have.length.below(300);
  });
});
