import { expect } from 'chai';
import { configError, makeConfig, withoutDirectory } from '../support/make-config.ts';

const warnings = (text: string): string[] =>
  makeConfig(text)
    .messages.filter(({ level }) => level === 'warn')
    .map((message) => withoutDirectory(message.text));

const programs =
  '[program:a]\ncommand=x\nstopwaitsecs=20\n[program:b]\ncommand=x\nnumprocs=4\nprocess_name=b%(process_num)d\n';

/** Three in one group, the last with `dependency`. */
const grouped = (dependency: string): string =>
  ['a', 'b', 'c'].map((name) => `[program:${name}]\ncommand=x\n${name === 'c' ? dependency : ''}\n`).join('') +
  '[group:g]\nprograms=a,b,c\n';

describe('shutdown_timeout in the file', () => {
  it('is warned about, with its place, when stopwaitsecs allow more in sum', () => {
    expect(warnings(`shutdown_timeout=29.5\n${programs}`)).to.deep.equal([
      'DIR/supervisord.conf:2: shutdown_timeout=29.5 is shorter than the 30 seconds that stopwaitsecs allow ' +
        '(a 20, b 10): what still lives by then is killed',
    ]);
  });

  it('has to be enough for predrain too', () => {
    expect(warnings(`shutdown_timeout=34\npredrain=5\n${programs}`)[0]).to.contain(
      'shorter than the 35 seconds that predrain and stopwaitsecs allow (a 20, b 10, predrain 5)',
    );
    expect(warnings(`shutdown_timeout=35\npredrain=5\n${programs}`)).to.deep.equal([]);
  });

  it('is not warned about when it is enough, or is not there', () => {
    expect(warnings(`shutdown_timeout=30\n${programs}`)).to.deep.equal([]);
    expect(warnings(programs)).to.deep.equal([]);
    expect(warnings('shutdown_timeout=0\n')).to.deep.equal([]);
  });

  it('names the longest five of many groups', () => {
    const many = Array.from({ length: 8 }, (_, index) => `[program:p${index}]\ncommand=x\nstopwaitsecs=${index}\n`);
    expect(warnings(`shutdown_timeout=1\n${many.join('')}`)[0]).to.contain(
      'the 28 seconds that stopwaitsecs allow (p7 7, p6 6, p5 5, p4 4, p3 3, 2 more)',
    );
  });

  it('adds up the waits of those in one group that depend on each other', () => {
    expect(warnings(`shutdown_timeout=15\n${grouped('')}`)).to.deep.equal([]);
    expect(warnings(`shutdown_timeout=15\n${grouped('depends_on=g:a')}`)[0]).to.contain('the 20 seconds');
  });

  it('must be seconds', () => {
    for (const written of ['-1', 'soon', '', '1e3', '5s']) {
      const { message, detail } = configError(`shutdown_timeout=${written}\n`);
      expect(message).to.contain('not a valid number of seconds');
      expect(detail).to.equal(
        `DIR/supervisord.conf:2: [supervisord] shutdown_timeout=${written}; accepted: seconds, such as 5 or 0.5`,
      );
    }
  });
});

describe('essential in the file', () => {
  it('is there for programs, listeners and groups, and off when not written', () => {
    const { groups } = makeConfig(
      '[program:a]\ncommand=x\nessential=true\n[program:b]\ncommand=x\n[group:g]\nprograms=b\nessential=yes\n' +
        '[eventlistener:l]\ncommand=x\nevents=TICK_5\nessential=on\n',
    );
    const told = groups.flatMap(({ name, essential = false, processes }) =>
      processes.map(({ options }) => `${name} ${essential} ${options.essential}`),
    );
    expect(told.toSorted()).to.deep.equal(['a false true', 'g true false', 'l false true']);
  });

  it('must be a boolean', () => {
    expect(configError('[group:g]\nprograms=\nessential=very\n').detail).to.equal(
      'DIR/supervisord.conf:4: [group:g] essential=very; accepted: true, false, yes, no, on, off, 1, 0',
    );
  });
});
