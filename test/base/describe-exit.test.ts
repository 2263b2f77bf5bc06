import { expect } from 'chai';
import { describeExit } from '../../src/base/describe-exit.ts';

describe('describeExit', () => {
  it('names codes and signals as supervisord does', () => {
    expect(describeExit({ code: 127 })).to.equal('exit status 127');
    expect(describeExit({ signal: 9, core: false })).to.equal('terminated by SIGKILL');
    expect(describeExit({ signal: 11, core: true })).to.equal('terminated by SIGSEGV (core dumped)');
  });
});
