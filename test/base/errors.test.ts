import { expect } from 'chai';
import { ConfigError, Fault } from '../../src/base/errors.ts';

describe('config errors', () => {
  it('say where, what was written and what is accepted', () => {
    const error = new ConfigError("not a valid boolean value: 'maybe'", {
      where: { file: '/etc/s.conf', line: 3 },
      section: 'program:web',
      option: 'autostart',
      value: 'maybe',
      accepted: 'true or false',
    });
    expect(error.message).to.equal("not a valid boolean value: 'maybe'");
    expect(error.detail).to.equal('/etc/s.conf:3: [program:web] autostart=maybe; accepted: true or false');
  });

  it('stay on one line when the value has several', () => {
    const error = new ConfigError('no', { section: 's', option: 'o', value: 'a\nb' });
    expect(error.detail).to.equal('[s] o=a\\nb');
  });

  it('have no second line without a place', () => {
    expect(new ConfigError('no').detail).to.equal('');
  });
});

describe('faults', () => {
  it("carry supervisord's code and text", () => {
    expect(new Fault('BAD_NAME', 'x')).to.include({ code: 10, message: 'BAD_NAME: x' });
    expect(new Fault('NOT_RUNNING')).to.include({ code: 70, message: 'NOT_RUNNING' });
  });
});
