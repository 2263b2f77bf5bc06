import { expect } from 'chai';
import type { GroupConfig } from '../../src/config/programs.ts';
import { watchEssentials } from '../../src/supervisor/essentials.ts';
import { groupConfig, makeSupervisor, processConfig } from '../support/make-process.ts';

const program = (name: string, options: Parameters<typeof processConfig>[1] = {}): GroupConfig =>
  groupConfig(name, 999, [processConfig(name, { startretries: 0, ...options })]);
const essential = (name: string, options: Parameters<typeof processConfig>[1] = {}): GroupConfig =>
  program(name, { essential: true, ...options });

function watch(groups: readonly GroupConfig[]) {
  const made = makeSupervisor(groups);
  const { supervisor, bus, logger } = made;
  const downfall = watchEssentials({ bus, supervisor, logger });
  supervisor.addConfiguredGroups();
  supervisor.start();
  const crits = (): string[] => made.lines.filter((line) => line.startsWith('crit '));
  return { ...made, downfall, crits };
}

/** a and b of the group web. */
const pair = (options: Parameters<typeof processConfig>[1] = {}): GroupConfig => ({
  ...groupConfig(
    'web',
    999,
    ['a', 'b'].map((name) => processConfig(name, { startretries: 0, ...options })),
  ),
  essential: true,
});

/** Lets what was put off to the end of the moment happen. */
const settled = (): Promise<void> => Promise.resolve();

describe('an essential process', () => {
  it('that is given up ends everything with its last exit code', async () => {
    const { clock, host, find, supervisor, downfall, crits } = watch([essential('web'), program('other')]);
    clock.advance(500);
    host.end(find('web').pid, { code: 3 });
    expect(find('web').wireState).to.equal('FATAL');
    await settled();
    expect(supervisor.state).to.equal('SHUTDOWN');
    expect(downfall()?.exitCode).to.equal(3);
    expect(crits()).to.deep.equal([
      'crit essential process web has ended for good: shutting down, to end with exit status 3',
    ]);
    host.end(find('other').pid, { code: 0 });
    expect(await supervisor.ended).to.equal('shutdown');
  });

  it('that exits and is not started again ends everything, also with 0', async () => {
    const { clock, host, find, supervisor, downfall } = watch([essential('job')]);
    clock.advance(1000);
    host.end(find('job').pid, { code: 0 });
    await settled();
    expect(await supervisor.ended).to.equal('shutdown');
    expect(downfall()?.exitCode).to.equal(0);
  });

  it('counts as 128 and the signal when a signal ended it', async () => {
    const { clock, host, find, downfall } = watch([essential('web', { autorestart: false })]);
    clock.advance(1000);
    host.end(find('web').pid, { signal: 9, core: false });
    await settled();
    expect(downfall()?.exitCode).to.equal(137);
  });

  it('may crash and be started again as often as its options say', async () => {
    const { clock, host, find, supervisor } = watch([essential('web', { autorestart: true, startretries: 3 })]);
    clock.advance(1000);
    host.end(find('web').pid, { code: 1 });
    await settled();
    host.end(find('web').pid, { code: 1 });
    await settled();
    expect(find('web').wireState).to.equal('BACKOFF');
    expect(supervisor.state).to.equal('RUNNING');
  });

  it('ends everything with 70 when nothing could be executed, and with the last code when something was', async () => {
    const never = watch([essential('web', { command: '/nope/x' })]);
    await settled();
    expect(never.downfall()?.exitCode).to.equal(70);
    expect(never.downfall()?.postMortem).to.include(
      "post-mortem: web is FATAL (can't find command '/nope/x'), it was restarted 0 times",
    );
    const once = watch([essential('web', { autorestart: true })]);
    once.clock.advance(1000);
    once.host.spawnError = 'unknown error during fork';
    once.host.end(once.find('web').pid, { code: 5 });
    await settled();
    expect(once.find('web').wireState).to.equal('FATAL');
    expect(once.downfall()?.exitCode).to.equal(5);
  });

  it('that fails because of what it depends on ends everything with the code of that', async () => {
    const needsDb = { depends_on: [{ name: 'db', until: 'ready', atLeast: null }] } as const;
    const { host, find, downfall } = watch([essential('web', needsDb), program('db')]);
    host.end(find('db').pid, { code: 9 });
    await settled();
    expect(find('web').wireState).to.equal('FATAL');
    expect(downfall()?.exitCode).to.equal(9);
    expect(downfall()?.postMortem.join('\n')).to.match(
      /web is FATAL \(dependency db failed[^]*db is FATAL[^]*exit status 9/,
    );
    const never = watch([essential('web', needsDb), program('db', { command: '/nope/x' })]);
    await settled();
    expect(never.downfall()?.exitCode).to.equal(70);
  });

  it('may be stopped by a person, in whatever state', async () => {
    const { clock, host, find, supervisor } = watch([essential('web'), essential('late', { startretries: 3 })]);
    host.end(find('late').pid, { code: 1 });
    find('late').stop();
    clock.advance(1000);
    find('web').stop();
    host.end(find('web').pid, { code: 9 });
    await settled();
    expect([find('web').wireState, find('late').wireState]).to.deep.equal(['STOPPED', 'STOPPED']);
    expect(supervisor.state).to.equal('RUNNING');
  });

  it('does not count once a shutdown or a restart was asked for', async () => {
    for (const ask of ['shutdown', 'restart'] as const) {
      const { clock, host, find, supervisor, downfall } = watch([essential('web'), program('slow')]);
      clock.advance(1000);
      supervisor[ask]();
      host.end(find('web').pid, { code: 3 });
      host.end(find('slow').pid, { code: 0 });
      await settled();
      expect(await supervisor.ended).to.equal(ask);
      expect(downfall()).to.equal(null);
    }
  });

  it('that ended first decides, when two end in one moment', async () => {
    const { clock, host, find, downfall, crits } = watch([
      essential('a', { autorestart: false }),
      essential('b', { autorestart: false }),
    ]);
    clock.advance(1000);
    host.end(find('b').pid, { code: 4 });
    host.end(find('a').pid, { code: 5 });
    await settled();
    await settled();
    expect(downfall()?.exitCode).to.equal(4);
    expect(crits()).to.have.length(1);
  });

  it('keeps its code whatever ends or is asked for after it', async () => {
    const { clock, host, find, supervisor, downfall } = watch([
      essential('a', { autorestart: false }),
      essential('b'),
      program('slow'),
    ]);
    clock.advance(1000);
    host.end(find('a').pid, { code: 4 });
    await settled();
    supervisor.shutdown();
    expect(supervisor.restart()).to.equal(false);
    for (const name of ['slow', 'b']) host.end(find(name).pid, { code: 7 });
    await settled();
    expect(await supervisor.ended).to.equal('shutdown');
    expect(downfall()?.exitCode).to.equal(4);
  });

  it('that fails while others are being started has them all stopped', async () => {
    const { host, supervisor, downfall } = watch([
      essential('bad', { command: '/nope/x' }),
      program('x'),
      program('y'),
    ]);
    await settled();
    for (const pid of host.living.toReversed()) host.end(pid, { code: 0 });
    expect(await supervisor.ended).to.equal('shutdown');
    expect(downfall()?.exitCode).to.equal(70);
    expect(host.living).to.deep.equal([]);
  });
});

describe('an essential group', () => {
  it('ends everything when none of its processes is left, with the code of the last', async () => {
    const { clock, host, find, supervisor, downfall, crits } = watch([pair()]);
    clock.advance(1000);
    host.end(find('a').pid, { code: 0 });
    await settled();
    expect(supervisor.state).to.equal('RUNNING');
    host.end(find('b').pid, { signal: 15, core: false });
    expect(find('b').wireState).to.equal('STARTING');
    host.end(find('b').pid, { code: 6 });
    await settled();
    expect(downfall()?.exitCode).to.equal(6);
    expect(crits()[0]).to.contain('essential group web has ended for good');
  });

  it('counts those that a person stopped as gone, but their stop does not end anything', async () => {
    const { clock, host, find, supervisor, downfall } = watch([pair({ autorestart: false })]);
    clock.advance(1000);
    host.end(find('a').pid, { code: 2 });
    await settled();
    find('b').stop();
    host.end(find('b').pid, { code: 0 });
    await settled();
    expect(supervisor.state).to.equal('RUNNING');
    find('a').start();
    clock.advance(1000);
    host.end(find('a').pid, { code: 8 });
    await settled();
    expect(downfall()?.exitCode).to.equal(8);
  });

  it('is not judged before all of it had its start', async () => {
    const { supervisor } = watch([
      {
        ...groupConfig('web', 999, [processConfig('a', { command: '/nope/x', startretries: 0 }), processConfig('b')]),
        essential: true,
      },
    ]);
    await settled();
    expect(supervisor.state).to.equal('RUNNING');
  });
});
