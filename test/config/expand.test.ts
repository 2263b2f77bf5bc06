import { expect } from 'chai';
import { expand } from '../../src/config/expand.ts';

const names = { here: '/srv', program_name: 'web', process_num: 7, cpus: 4, ENV_X: '50%s' };

describe('expanding names', () => {
  const good: readonly (readonly [string, string])[] = [
    ['no names', 'no names'],
    ['100%%', '100%'],
    ['%(here)s/x', '/srv/x'],
    ['%(process_num)d', '7'],
    ['%(process_num)02d', '07'],
    ['%(process_num)-3d|', '7  |'],
    ['%(process_num)+d', '+7'],
    ['%(process_num)#x', '0x7'],
    ['%(process_num)s', '7'],
    ['%(process_num).2f', '7.00'],
    ['%(process_num)e', '7.000000e+00'],
    ['%(program_name)5s', '  web'],
    ['%(program_name).1s', 'w'],
    ['%(program_name)r', "'web'"],
    ['%(ENV_X)s', '50%s'],
    ['%(cpus)d', '4'],
  ];
  for (const [text, expanded] of good) {
    it(`makes ${expanded} of ${text}`, () =>
      expect(expand(text, { names, label: 'a.b' })).to.deep.equal({ text: expanded }));
  }

  const bad: readonly (readonly [string, string])[] = [
    ['100%', 'incomplete format'],
    ['%(here', 'incomplete format key'],
    ['%(here)', 'incomplete format'],
    ['%(here)d', '%d format: a real number is required, not str'],
    ['%(here)x', '%x format: an integer is required, not str'],
    ['%(here)f', 'must be real number, not str'],
    ['50 %b', "unsupported format character 'b' (0x62) at index 4"],
    ['%(here)é', "unsupported format character '?' (0xe9) at index 7"],
    ['%(here)%', "unsupported format character '%' (0x25) at index 7"],
    ['%(here)s %s', 'not enough arguments for format string'],
    ['50% off', '%o format: an integer is required, not dict'],
  ];
  for (const [text, reason] of bad) {
    it(`refuses ${text} with Python's reason`, () => {
      const problem = `Format string '${text}' for 'a.b' is badly formatted: ${reason}`;
      expect(expand(text, { names, label: 'a.b' })).to.deep.equal({ problem });
    });
  }

  it('lists the names that supervisord has when one is unknown', () => {
    expect(expand('%(nope)s', { names, label: 'program:x.command' })).to.deep.equal({
      problem:
        "Format string '%(nope)s' for 'program:x.command' contains names ('nope') which cannot be expanded. " +
        'Available names: ENV_X, here, process_num, program_name',
    });
  });

  it('does not take what every object has for a name', () => {
    expect(expand('%(constructor)s', { names, label: 'a.b' })).to.have.property('problem');
    expect(expand('%(__proto__)s', { names, label: 'a.b' })).to.have.property('problem');
  });

  it('never puts all names on a command line, where Python would for a conversion without a name', () => {
    expect(expand('date +%s', { names, label: 'a.b' })).to.deep.equal({
      problem: "Format string 'date +%s' for 'a.b' is badly formatted: not enough arguments for format string",
    });
  });

  it('shows something else of a text that holds secrets', () => {
    const { problem } = { problem: '', ...expand('A=hunter2%', { names, label: 'environment', shown: 'A=***' }) };
    expect(problem).to.contain('A=***').and.not.contain('hunter2');
  });
});
