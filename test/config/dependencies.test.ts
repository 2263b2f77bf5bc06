import { expect } from 'chai';
import { diffConfig } from '../../src/config/diff.ts';
import { configError, makeConfig } from '../support/make-config.ts';

const program = (name: string, options = ''): string => `[program:${name}]\ncommand=x\n${options}\n`;

function dependsOn(written: string): unknown {
  const others = program('db') + program('c:d'.replace(':', '')) + program('started') + pool;
  const { groups } = makeConfig(`${program('web', `depends_on=${written}`)}${others}[group:g]\nprograms=started\n`);
  return groups.find(({ name }) => name === 'web')?.processes[0]?.options.depends_on;
}

const pool = program('pool', 'numprocs=3\nprocess_name=%(program_name)s-%(process_num)d');

/** A program of two, which depend on `last`. */
const chained = (last: string): string =>
  program('a', `numprocs=2\nprocess_name=a%(process_num)d\nenvironment=D="x"\ndepends_on=${last}`) + program('b');

describe('depends_on', () => {
  const readings: readonly (readonly [string, readonly (readonly [string, string, number?])[]])[] = [
    ['', []],
    ['db', [['db', 'ready']]],
    ['db:ready', [['db', 'ready']]],
    ['db:started, pool:completed', [['db', 'started'], ['pool', 'completed']]], // prettier-ignore
    ['pool:ready>=2', [['pool', 'ready', 2]]],
    ['pool:pool-1', [['pool:pool-1', 'ready']]],
    ['pool:pool-1:started', [['pool:pool-1', 'started']]],
    ['pool:*', [['pool:*', 'ready']]],
    ['g:started:ready', [['g:started', 'ready']]],
    ['pool:pool-%(process_num)d', [['pool:pool-0', 'ready']]],
  ];
  for (const [written, read] of readings) {
    it(`reads "${written}"`, () => {
      const expected = read.map(([name, until, atLeast = null]) => ({ name, until, atLeast }));
      expect(dependsOn(written)).to.deep.equal(expected);
    });
  }

  it('may stand on FastCGI programs and event listeners, and may name them', () => {
    const text = `${program('web', 'depends_on=fast,lst')}[fcgi-program:fast]\ncommand=x\nsocket=unix:///tmp/x\ndepends_on=lst\n[eventlistener:lst]\ncommand=x\nevents=EVENT\n`;
    const found = makeConfig(text).groups.map(({ name, processes }) => [name, processes[0]?.options.depends_on.length]);
    expect(found).to.deep.equal([
      ['lst', 0],
      ['fast', 1],
      ['web', 2],
    ]);
  });

  const accepted =
    'accepted: programs, groups or group:process, separated by commas, each followed by :started, :ready, :completed or :ready>=N if wanted';
  const refused: readonly (readonly [string, string, string, string])[] = [
    [
      'a name that nothing has, with a guess',
      program('web', 'depends_on=bd') + program('db'),
      '[program:web] depends on unknown program or group bd, did you mean db?',
      'DIR/supervisord.conf:4: [program:web] depends_on=bd',
    ],
    [
      'what stands behind a colon and is no condition, as part of the name',
      program('web', 'depends_on=db:healthy') + program('db'),
      '[program:web] depends on unknown program or group db:healthy',
      'DIR/supervisord.conf:4: [program:web] depends_on=db:healthy',
    ],
    [
      'more processes than there are',
      program('web', 'depends_on=pool:ready>=4') + pool,
      '[program:web] waits for 4 of pool, which has 3 processes',
      'DIR/supervisord.conf:4: [program:web] depends_on=pool:ready>=4',
    ],
    [
      'nothing between commas',
      program('web', 'depends_on=db,,db') + program('db'),
      "a name is missing between commas in section 'program:web' (file: 'DIR/supervisord.conf')",
      'DIR/supervisord.conf:4: [program:web] depends_on=db,,db',
    ],
    [
      'a program that depends on itself',
      program('web', 'depends_on=web'),
      '[program:web] depends on itself: web -> web',
      'DIR/supervisord.conf:4: [program:web] depends_on=web',
    ],
    [
      'a program that depends on its own group',
      `${program('web', 'depends_on=all')}[group:all]\nprograms=web\n`,
      '[program:web] depends on itself: all:web -> all:web',
      'DIR/supervisord.conf:4: [program:web] depends_on=all',
    ],
    [
      'a circle, as the chain that it is',
      program('first', 'depends_on=web') +
        program('web', 'depends_on=db:started') +
        program('db', 'depends_on=cache:completed') +
        program('cache', 'depends_on=web'),
      '[program:cache] depends on itself: cache -> web -> db -> cache',
      'DIR/supervisord.conf:13: [program:cache] depends_on=web',
    ],
  ];
  for (const [what, text, message, place] of refused) {
    it(`refuses ${what}`, () => {
      const error = configError(text);
      expect(error).to.deep.equal({ message, detail: `${place}; ${accepted}` });
    });
  }

  it('lets processes of one program depend on each other as long as they do not in a circle', () => {
    expect(() => makeConfig(chained('b'))).not.to.throw();
    expect(configError(chained('a:a0')).message).to.equal('[program:a] depends on itself: a:a0 -> a:a0');
  });

  it('finds its way through a thousand programs that depend on each other', () => {
    const chain = Array.from({ length: 1000 }, (_, index) =>
      program(`p${index}`, index === 999 ? '' : `depends_on=p${index + 1}`),
    ).join('');
    expect(makeConfig(chain).groups.length).to.equal(1000);
    const closed = chain.replace('[program:p999]\ncommand=x\n', '[program:p999]\ncommand=x\ndepends_on=p0\n');
    expect(configError(closed).message.split(' -> ').length).to.equal(1001);
  }).timeout(20_000);

  it('warns of a job whose quick end would be a failed start', () => {
    const slow = makeConfig(program('web', 'depends_on=job:completed') + program('job'));
    expect(slow.messages.map(({ level, text }) => [level, text.replace(/^\S+\//, '')])).to.deep.equal([
      [
        'warn',
        'supervisord.conf:2: [program:web] depends_on=job:completed waits for the end of a program with startsecs=1, ' +
          'for which a quick end is a failed start: a job wants startsecs=0, autorestart=false, exitcodes=0',
      ],
    ]);
    const quick = makeConfig(program('web', 'depends_on=job:completed') + program('job', 'startsecs=0'));
    expect(quick.messages).to.deep.equal([]);
  });

  it('changes its group when it changes', () => {
    const one = makeConfig(program('web', 'depends_on=db') + program('db') + program('job', 'startsecs=0'));
    const other = makeConfig(
      program('web', 'depends_on=db:ready, job:completed') + program('db') + program('job', 'startsecs=0'),
    );
    const none = makeConfig(program('web') + program('db') + program('job', 'startsecs=0'));
    const reasons = (a: typeof one, b: typeof one): unknown =>
      diffConfig(a.groups, b.groups).changed.map((changed) => [changed.group.name, changed.reasons]);
    expect(reasons(one, other)).to.deep.equal([['web', ['depends_on db -> db,job:completed']]]);
    expect(reasons(one, none)).to.deep.equal([['web', ['depends_on db -> none']]]);
    expect(reasons(one, one)).to.deep.equal([]);
  });
});
