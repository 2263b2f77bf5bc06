import { expect } from 'chai';
import { diffConfig } from '../../src/config/diff.ts';
import { makeConfig } from '../support/make-config.ts';

describe('what a reread finds', () => {
  it('finds nothing in the same configuration', () => {
    expect(diff('[program:a]\ncommand=x\n', '[program:a]\ncommand=x\n')).to.deep.equal({
      added: [],
      changed: {},
      removed: [],
    });
  });

  it('finds what is new and what is gone', () => {
    expect(diff('[program:a]\ncommand=x\n', '[program:b]\ncommand=x\n')).to.deep.equal({
      added: ['b'],
      changed: {},
      removed: ['a'],
    });
  });

  const changes: readonly (readonly [string, string, string, readonly string[]])[] = [
    ['a number', 'startsecs=1', 'startsecs=5', ['startsecs 1 -> 5']],
    ['a signal', '', 'stopsignal=QUIT', ['stopsignal SIGTERM -> SIGQUIT']],
    ['a priority, of group and processes', '', 'priority=1', ['priority 999 -> 1']],
    ['a directory, without showing it', '', 'directory=/srv', ['directory']],
    [
      'environment, without its values',
      'environment=A=1,B=2',
      'environment=B=2,C=hunter2',
      ['environment A=***,C=***'],
    ],
    ['the environment of the daemon', '\n[supervisord]\nenvironment=A=1', '', ['environment A=***']],
    ['a log', 'stdout_logfile=/tmp/a', 'stdout_logfile=/tmp/b', ['stdout_logfile /tmp/a -> /tmp/b']],
    ['an AUTO log to a file', '', 'stdout_logfile=/tmp/b', ['stdout_logfile auto -> /tmp/b']],
    ['a file to an AUTO log, which supervisord does not see', 'stdout_logfile=/tmp/b', '', []],
    ['the user', '', 'user=nobody', ['user none -> nobody']],
    ['the number of processes', numbered(1), numbered(3), ['processes 1 -> 3', 'new p1, p2']],
    ['the numbers of the processes', numbered(1), `${numbered(1)}\nnumprocs_start=5`, ['new p5', 'without p0']],
    ['numprocs_start where nothing names a number', '', 'numprocs_start=5', []],
    ['the order of environment', 'environment=A=1,B=2', 'environment=B=2,A=1', []],
  ];
  for (const [what, before, after, reasons] of changes) {
    it(`sees a change of ${what}`, () => {
      const { changed } = diff(`[program:a]\ncommand=x\n${before}\n`, `[program:a]\ncommand=x\n${after}\n`);
      expect(changed).to.deep.equal(reasons.length === 0 ? {} : { a: reasons });
    });
  }

  it('sees the order of a [group]', () => {
    const programs = '[program:a]\ncommand=x\n[program:b]\ncommand=x\n[group:g]\nprograms=';
    expect(diff(`${programs}a,b\n`, `${programs}b,a\n`).changed).to.deep.equal({ g: ['order of the processes'] });
  });

  it('sees another socket of a FastCGI program, but neither its owner nor its mode, as supervisord', () => {
    const fcgi = '[fcgi-program:a]\ncommand=x\nsocket=unix:///run/';
    expect(diff(`${fcgi}a\n`, `${fcgi}b\n`).changed).to.deep.equal({ a: ['socket unix:///run/a -> unix:///run/b'] });
    expect(diff(`${fcgi}a\n`, `${fcgi}a\nsocket_mode=0777\nsocket_owner=nobody\n`).changed).to.deep.equal({});
  });

  it('tells a FastCGI program from a program', () => {
    const [program, fcgi] = ['[program:a]\ncommand=x\n', '[fcgi-program:a]\ncommand=x\nsocket=unix:///run/a\n'];
    expect(diff(program, fcgi).changed).to.have.key('a');
    expect(diff(fcgi, program).changed).to.have.key('a');
  });

  it('does not tell a program from a group that has the same processes', () => {
    const program = '[program:a]\ncommand=x\n';
    expect(diff(program, `${program}[group:a]\nprograms=a\n`).changed).to.deep.equal({});
  });
});

function numbered(count: number): string {
  return `process_name=p%(process_num)d\nnumprocs=${count}`;
}

function diff(
  before: string,
  after: string,
): { added: string[]; changed: Record<string, readonly string[]>; removed: string[] } {
  const { added, changed, removed } = diffConfig(makeConfig(before).groups, makeConfig(after).groups);
  return {
    added: added.map(({ name }) => name),
    changed: Object.fromEntries(changed.map(({ group, reasons }) => [group.name, reasons])),
    removed: removed.map(({ name }) => name),
  };
}
