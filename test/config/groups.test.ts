import { expect } from 'chai';
import { configError, makeConfig } from '../support/make-config.ts';

const programs = '[program:a]\ncommand=a\npriority=5\n[program:b]\ncommand=b\n[program:c]\ncommand=c\n';

describe('groups', () => {
  it('makes a group of each program, by priority and then by name', () => {
    const config = makeConfig('[program:b]\ncommand=x\n[program:a]\ncommand=x\n[program:z]\ncommand=x\npriority=1\n');
    expect(config.groups.map(({ name, priority, kind }) => [name, priority, kind])).to.deep.equal([
      ['z', 1, 'program'],
      ['a', 999, 'program'],
      ['b', 999, 'program'],
    ]);
  });

  it('takes the members of a [group] out of their own groups, in the order in which they are listed', () => {
    const { groups } = makeConfig(`${programs}[group:g]\nprograms=b, a\npriority=7\n`);
    expect(
      groups.map(({ name, kind, processes }) => [name, kind, processes.map((process) => process.name)]),
    ).to.deep.equal([
      ['g', 'group', ['b', 'a']],
      ['c', 'program', ['c']],
    ]);
  });

  it('lets a program be in several groups, each with its own group_name', () => {
    const { groups } = makeConfig(
      '[program:a]\ncommand=%(group_name)s\n[group:g]\nprograms=a\n[group:h]\nprograms=a\n',
    );
    expect(groups.map(({ processes }) => processes[0]?.options.command)).to.deep.equal(['g', 'h']);
  });

  it('allows a group without programs', () => {
    expect(makeConfig('[group:g]\n').groups).to.deep.equal([
      { name: 'g', priority: 999, kind: 'group', processes: [], essential: false },
    ]);
  });

  it('keeps the last of several processes of one name, and warns', () => {
    const { groups, messages } = makeConfig(
      '[program:a]\ncommand=a\nprocess_name=x\n[program:b]\ncommand=b\nprocess_name=x\n[group:g]\nprograms=a,b\n',
    );
    expect(groups[0]?.processes.map(({ options }) => options.command)).to.deep.equal(['b']);
    expect(messages.map(({ text }) => text)).to.deep.equal(['group g has several processes x, only the last one runs']);
  });

  it('keeps the first of several groups of one name, and warns', () => {
    const { groups, messages } = makeConfig('[program:g]\ncommand=a\n[program:b]\ncommand=b\n[group:g]\nprograms=b\n');
    expect(groups.map(({ kind }) => kind)).to.deep.equal(['group']);
    expect(messages.map(({ text }) => text)).to.deep.equal(['there are several groups g, only the first one runs']);
  });

  const errors: readonly (readonly [string, string])[] = [
    ['[group:g]\nprograms=nope\n', '[group:g] names unknown program or fcgi-program nope'],
    ['[group:g]\nprograms=b,nope\n', '[program:b] names unknown program or fcgi-program nope'],
    ['[group:g]\nprograms=a,\n', '[program:a] names unknown program or fcgi-program '],
    ['[fcgi-program:a]\n[group:g]\nprograms=a\n', '[group:g] name a is ambiguous (exists as program and fcgi-program)'],
    ['[group:a b]\nprograms=a\n', "Invalid name: 'a b' because of character: ' '"],
    ['[group:g]\npriority=high\n', "invalid literal for int() with base 10: 'high'"],
    ['[program:d]\npriority=high\n', "invalid literal for int() with base 10: 'high'"],
    ['[program:d/e]\ncommand=x\n', "Invalid name: 'd/e' because of character: '/'"],
  ];
  for (const [text, message] of errors) {
    it(`says ${message}, without naming a file`, () => expect(configError(programs + text).message).to.equal(message));
  }

  it('reads a member’s priority with the member, and then names its section', () => {
    const { message } = configError('[program:a]\ncommand=x\npriority=high\n[group:g]\nprograms=a\n');
    expect(message).to.match(/^invalid literal .* in section 'program:a' \(file: 'DIR/);
  });
});
