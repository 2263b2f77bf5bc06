import { expect } from 'chai';
import { Fault } from '../../src/base/errors.ts';
import type { GroupConfig } from '../../src/config/programs.ts';
import { processInfo } from '../../src/supervisor/snapshot.ts';
import { makeConfig } from '../support/make-config.ts';
import { makeSupervisor } from '../support/make-process.ts';

/** Sections of programs by name; what is not said has supervisord's default. */
function programs(all: Readonly<Record<string, string>>, rest = ''): readonly GroupConfig[] {
  const sections = Object.entries(all).map(([name, options]) => `[program:${name}]\ncommand=x\n${options}\n`);
  return makeConfig(sections.join('') + rest).groups;
}

const many = (count: number, options = ''): string =>
  `numprocs=${count}\nprocess_name=%(program_name)s%(process_num)d\n${options}`;
const job = 'startsecs=0\nautorestart=false\nexitcodes=0';

/** A supervisor that has started all of these, and short ways to look at it. */
function started(groups: readonly GroupConfig[]) {
  const made = makeSupervisor(groups);
  const { supervisor, host, events, find, clock } = made;
  supervisor.addConfiguredGroups();
  supervisor.start();
  return {
    ...made,
    spawned: (): string[] => host.spawned.map(({ name }) => name),
    end: (name: string, code: number): void => host.end(find(name).pid, { code }),
    states: (name: string): string[] =>
      events.flatMap((event) =>
        event.type === 'PROCESS_STATE' && event.process === name ? [`${event.to} pid ${event.pid}`] : [],
      ),
    describe: (name: string): string => {
      const { statename, description, pid } = processInfo(find(name), 0);
      return `${statename} ${pid} ${description}`;
    },
    /** The names of those that were sent a signal, once each. */
    stopped: (): string[] => [...new Set(host.signals.map(({ pid }) => host.spawned[pid - 100]?.name ?? '?'))],
    ready: (): void => clock.advance(1000),
  };
}

describe('a process that depends on another', () => {
  it('waits for it: STARTING without a pid, announced once, with words that say for what', () => {
    const { spawned, describe: look, states, ready, lines } = started(programs({ db: '', web: 'depends_on=db' }));
    expect(spawned()).to.deep.equal(['db']);
    expect(look('web')).to.equal('STARTING 0 waiting for db to be ready');
    expect(states('web')).to.deep.equal(['STARTING pid 0']);
    expect(lines).to.include('info web: waiting for db to be ready');
    ready();
    expect(spawned()).to.deep.equal(['db', 'web']);
    expect(look('web')).to.equal('STARTING 101 ');
    expect(states('web')).to.deep.equal(['STARTING pid 0']);
    ready();
    expect(states('web')).to.deep.equal(['STARTING pid 0', 'RUNNING pid 101']);
  });

  it('waits, where the other has a health, for a probe that succeeds: before startsecs are over, or after', () => {
    const check = 'health=tcp://127.0.0.1:9\n';
    const { spawned, find, clock, events } = started(
      programs({
        db: check,
        slow: check,
        web: 'depends_on=db',
        two: 'depends_on=pool:ready>=2',
        pool: many(2, check),
        last: 'depends_on=slow',
      }),
    );
    const probe = (name: string): void => find(name).probed({ outcome: 'healthy', text: '200', atMs: 0, failures: 0 });
    probe('db');
    expect(spawned(), 'without waiting for startsecs').to.include('web');
    clock.advance(5000);
    expect(find('slow')).to.deep.include({ wireState: 'RUNNING', isReady: false });
    expect(spawned()).not.to.include('last');
    probe('slow');
    expect(spawned()).to.include('last');
    probe('pool0');
    expect(find('two').waitingFor).to.equal('waiting for 2 of pool to be ready (1 now)');
    probe('pool1');
    expect(spawned()).to.include('two');
    expect(events).to.deep.include({ type: 'PROCESS_READY', process: 'slow', group: 'slow' });
  });

  it('is spawned after it also when its priority says otherwise', () => {
    const { spawned, ready } = started(programs({ db: 'priority=900', web: 'priority=1\ndepends_on=db' }));
    expect(spawned()).to.deep.equal(['db']);
    ready();
    expect(spawned()).to.deep.equal(['db', 'web']);
  });

  it('is spawned at once when it needs the other only started', () => {
    const { spawned } = started(programs({ z: '', a: 'depends_on=z:started', b: 'depends_on=a:started' }));
    expect(spawned()).to.deep.equal(['z', 'a', 'b']);
  });

  it('stands in a chain of three', () => {
    const { spawned, describe: look, ready } = started(programs({ a: 'depends_on=b', b: 'depends_on=c', c: '' }));
    expect(spawned()).to.deep.equal(['c']);
    ready();
    expect(spawned()).to.deep.equal(['c', 'b']);
    expect(look('a')).to.equal('STARTING 0 waiting for b to be ready');
    ready();
    expect(spawned()).to.deep.equal(['c', 'b', 'a']);
  });

  it('waits for both sides of a diamond, which start together in supervisord’s order', () => {
    const {
      spawned,
      describe: look,
      ready,
      end,
    } = started(
      programs({ top: 'depends_on=right,left', left: 'depends_on=base', right: 'depends_on=base', base: '' }),
    );
    ready();
    expect(spawned()).to.deep.equal(['base', 'left', 'right']);
    expect(look('top')).to.equal('STARTING 0 waiting for right to be ready, left to be ready');
    end('left', 1);
    ready();
    expect(look('top')).to.equal('STARTING 0 waiting for left to be ready');
    ready();
    expect(spawned().at(-1)).to.equal('top');
  });

  it('waits for as many of several as it needs, whichever they are', () => {
    const {
      spawned,
      describe: look,
      clock,
      end,
    } = started(programs({ pool: many(3, 'startretries=9'), web: 'depends_on=pool:ready>=2' }));
    end('pool0', 1);
    expect(look('web')).to.equal('STARTING 0 waiting for 2 of pool to be ready (0 now)');
    clock.advance(1000);
    expect(spawned()).to.deep.equal(['pool0', 'pool1', 'pool2', 'web', 'pool0']);
  });

  it('waits for a job to end as it should, and is let go in the very moment', () => {
    const { spawned, describe: look, clock, end } = started(programs({ job, web: 'depends_on=job:completed' }));
    clock.advance(5000);
    expect(look('web')).to.equal('STARTING 0 waiting for job to complete');
    end('job', 0);
    expect(spawned()).to.deep.equal(['job', 'web']);
  });

  it('is FATAL with the reason when the job ends otherwise for good, and whoever depends on it too', () => {
    const {
      find,
      describe: look,
      states,
      end,
      lines,
    } = started(programs({ job, web: 'depends_on=job:completed', last: 'depends_on=web' }));
    end('job', 3);
    expect(look('web')).to.equal('FATAL 0 dependency job failed: Bad exit code 3');
    expect(look('last')).to.equal('FATAL 0 dependency job failed: Bad exit code 3');
    expect(find('last').failedDependency).to.equal(find('job'));
    expect(find('job').failedDependency).to.equal(null);
    expect(states('last')).to.deep.equal(['STARTING pid 0', 'FATAL pid 0']);
    expect(lines).to.include('info gave up: web entered FATAL state, dependency job failed: Bad exit code 3');
  });

  it('goes on waiting while the job is tried again', () => {
    const {
      spawned,
      describe: look,
      end,
    } = started(programs({ job: 'startsecs=0\nautorestart=unexpected\nexitcodes=0', web: 'depends_on=job:completed' }));
    end('job', 3);
    end('job', 3);
    expect(look('web')).to.equal('STARTING 0 waiting for job to complete');
    end('job', 0);
    expect(spawned()).to.deep.equal(['job', 'job', 'job', 'web']);
  });

  it('goes on waiting while a dependency waits for its restart_delay', () => {
    const options = 'startsecs=0\nautorestart=unexpected\nexitcodes=0\nrestart_delay=5';
    const {
      spawned,
      describe: look,
      end,
      clock,
    } = started(programs({ job: options, web: 'depends_on=job:completed' }));
    clock.advance(10);
    end('job', 3);
    expect(look('job')).to.match(/^BACKOFF/);
    expect(look('web')).to.equal('STARTING 0 waiting for job to complete');
    clock.advance(5000);
    end('job', 0);
    expect(spawned()).to.deep.equal(['job', 'job', 'web']);
  });

  it('is FATAL when a dependency is given up by its restart_limit', () => {
    const {
      describe: look,
      end,
      clock,
    } = started(
      programs({ job: 'startsecs=0\nautorestart=true\nrestart_limit=1/60', web: 'depends_on=job:completed' }),
    );
    clock.advance(10);
    end('job', 3);
    clock.advance(10);
    end('job', 3);
    expect(look('job')).to.match(/^FATAL/);
    expect(look('web')).to.match(/^FATAL 0 dependency job failed: /);
  });

  it('stands also in a chain of five hundred, which stops again from its beginning', async () => {
    const chain = Array.from({ length: 500 }, (_, index) => [
      `p${index}`,
      index === 499 ? '' : `depends_on=p${index + 1}`,
    ]);
    const { supervisor, spawned, ready, stopped, end, find } = started(programs(Object.fromEntries(chain)));
    for (let turn = 0; turn < 500; turn += 1) ready();
    expect(spawned().length).to.equal(500);
    expect(find('p0').wireState).to.equal('RUNNING');
    supervisor.shutdown();
    for (let index = 0; index < 500; index += 1) end(`p${index}`, 0);
    expect(await supervisor.ended).to.equal('shutdown');
    expect(stopped().length).to.equal(500);
  }).timeout(60_000);

  it('is FATAL with the reason of the one that could not be started', () => {
    const { describe: look, clock, end } = started(programs({ db: 'startretries=1', web: 'depends_on=db' }));
    end('db', 1);
    expect(look('web')).to.equal('STARTING 0 waiting for db to be ready');
    clock.advance(1000);
    end('db', 1);
    expect(look('web')).to.equal('FATAL 0 dependency db failed: Exited too quickly (process log may have details)');
  });

  it('is FATAL only when too few of several are left', () => {
    const {
      describe: look,
      end,
      find,
    } = started(programs({ pool: many(3, 'startretries=0'), web: 'depends_on=pool:ready>=2' }));
    end('pool0', 1);
    expect(look('web')).to.equal('STARTING 0 waiting for 2 of pool to be ready (0 now)');
    end('pool2', 1);
    expect(look('web')).to.equal(
      'FATAL 0 dependency pool:pool0 failed: Exited too quickly (process log may have details)',
    );
    expect(find('web').failedDependency).to.equal(find('pool0'));
  });

  it('waits until all are ready at the same time when one of them flaps', () => {
    const {
      spawned,
      describe: look,
      end,
      clock,
    } = started(programs({ db: 'startsecs=1', slow: 'startsecs=3', web: 'depends_on=db,slow' }));
    clock.advance(2900);
    expect(look('web')).to.equal('STARTING 0 waiting for slow to be ready');
    end('db', 1);
    clock.advance(200);
    expect(look('slow')).to.match(/^RUNNING/);
    expect(look('web')).to.equal('STARTING 0 waiting for db to be ready');
    clock.advance(1000);
    expect(spawned().at(-1)).to.equal('web');
  });

  it('takes a job for ready that was RUNNING for no more than a moment', () => {
    const { spawned, end } = started(programs({ job, web: 'depends_on=job' }));
    end('job', 0);
    expect(spawned()).to.deep.equal(['job', 'web']);
  });

  it('is FATAL when such a moment passed while it waited for something else', () => {
    const { describe: look, end } = started(programs({ job, db: 'startsecs=9', web: 'depends_on=db,job' }));
    end('job', 0);
    expect(look('web')).to.equal('FATAL 0 dependency job failed: it ended before those that wait for it could start');
  });

  it('never hears of its dependencies again once it was let go', () => {
    const { spawned, ready, end, find, clock } = started(programs({ db: '', web: 'depends_on=db' }));
    ready();
    end('web', 1);
    find('db').stop();
    end('db', 0);
    clock.advance(1000);
    expect(find('web').wireState, 'a retry').to.equal('STARTING');
    ready();
    end('web', 1);
    expect(spawned(), 'an automatic restart').to.deep.equal(['db', 'web', 'web', 'web']);
  });

  it('is STOPPED at once when a person stops it, and takes no signal and no stdin while it waits', () => {
    const { find, describe: look, states, ready, spawned, clock } = started(programs({ db: '', web: 'depends_on=db' }));
    expect(() => find('web').signal(1)).to.throw(Fault, 'NOT_RUNNING');
    expect(() => find('web').writeStdin(Buffer.from('x'))).to.throw(Fault, 'NOT_RUNNING');
    find('web').stop();
    expect(look('web')).to.equal('STOPPED 0 Not started');
    expect(states('web')).to.deep.equal(['STARTING pid 0', 'STOPPED pid 0']);
    expect(find('web').stoppedByPerson).to.equal(true);
    ready();
    expect(spawned()).to.deep.equal(['db']);
    expect(clock.pending).to.equal(0);
  });

  it('says when it waits for what a person stopped, and goes on when that is started again', () => {
    const { find, describe: look, end, ready, spawned } = started(programs({ db: '', web: 'depends_on=db' }));
    find('db').stop();
    end('db', 0);
    expect(look('web')).to.equal('STARTING 0 waiting for db to be ready (it is stopped)');
    find('db').start();
    ready();
    expect(spawned()).to.deep.equal(['db', 'db', 'web']);
  });

  it('costs no timer while it waits', () => {
    const { clock } = started(programs({ db: job, web: 'depends_on=db:completed' }));
    clock.advance(10);
    expect(clock.pending).to.equal(0);
  });
});

describe('starting a process', () => {
  it('starts what it depends on, also what does not start by itself and what was stopped', () => {
    const groups = programs({
      a: 'autostart=false\ndepends_on=b',
      b: 'autostart=false\ndepends_on=c',
      c: 'autostart=false',
    });
    const { find, spawned, ready, end } = started(groups);
    expect(spawned()).to.deep.equal([]);
    find('a').start();
    expect(spawned()).to.deep.equal(['c']);
    ready();
    ready();
    expect(spawned()).to.deep.equal(['c', 'b', 'a']);
    for (const name of ['a', 'c']) {
      find(name).stop();
      end(name, 0);
    }
    find('a').start();
    expect(spawned(), 'b is there').to.deep.equal(['c', 'b', 'a', 'a']);
  });

  it('starts what it depends on also when it starts by itself', () => {
    const { spawned } = started(programs({ web: 'depends_on=db', db: 'autostart=false' }));
    expect(spawned()).to.deep.equal(['db']);
  });

  it('tries again what has failed when a person asks, and leaves a job alone that was done', () => {
    const {
      find,
      spawned,
      end,
      ready,
      describe: look,
    } = started(programs({ db: 'startretries=0', job, web: 'depends_on=db,job:completed' }));
    end('job', 0);
    end('db', 1);
    expect(look('web')).to.match(/^FATAL 0 dependency db failed/);
    find('web').start();
    expect(look('web')).to.equal('STARTING 0 waiting for db to be ready');
    expect(find('web').failedDependency).to.equal(null);
    ready();
    expect(spawned()).to.deep.equal(['db', 'job', 'db', 'web']);
  });

  it('tries again through others that failed for the same reason', () => {
    const { find, spawned, end } = started(programs({ a: 'depends_on=b', b: 'depends_on=c', c: 'startretries=0' }));
    end('c', 1);
    expect(find('a').failedDependency).to.equal(find('c'));
    find('a').start();
    expect(spawned()).to.deep.equal(['c', 'c']);
    expect(find('b').isWaiting).to.equal(true);
  });

  it('starts one again that was just on its way down', () => {
    const { find, spawned, end, ready, describe: look } = started(programs({ db: '', web: 'depends_on=db' }));
    find('web').stop();
    find('db').stop();
    find('web').start();
    expect(look('web')).to.equal('STARTING 0 waiting for db to be ready');
    end('db', 0);
    ready();
    expect(spawned()).to.deep.equal(['db', 'db', 'web']);
  });

  it('does not start what was on its way down when nobody waits any more', () => {
    const { find, spawned, end } = started(programs({ db: '', web: 'depends_on=db' }));
    find('web').stop();
    find('db').stop();
    find('web').start();
    find('web').stop();
    end('db', 0);
    expect(spawned()).to.deep.equal(['db']);
  });

  it('makes it FATAL at once when what it needs cannot even be spawned', () => {
    const made = makeSupervisor(programs({ db: 'startretries=0', web: 'depends_on=db' }));
    made.host.spawnError = 'too many processes in process table';
    made.supervisor.addConfiguredGroups();
    made.supervisor.start();
    expect(made.find('web').spawnError).to.equal('dependency db failed: too many processes in process table');
    expect(made.find('web').wireState).to.equal('FATAL');
  });
});

/** With a file that can be reread. */
function withFile(text: Readonly<Record<string, string>>) {
  const made = started(programs(text));
  const reread = (next: Readonly<Record<string, string>>): void => {
    made.file.groups = programs(next);
    made.supervisor.reread();
  };
  const remove = (name: string): void => {
    made.find(name).stop();
    if (made.find(name).pid !== 0) made.end(name, 0);
    made.supervisor.removeGroup(name);
  };
  return { ...made, reread, remove };
}

describe('groups that come and go while somebody waits', () => {
  it('leave it waiting when what it waits for is removed, until there is one of that name again', () => {
    const made = withFile({ db: '', web: 'depends_on=db' });
    made.remove('db');
    expect(made.describe('web')).to.equal('STARTING 0 waiting for db to be ready (there is none)');
    made.supervisor.addGroup('db');
    made.ready();
    expect(made.spawned()).to.deep.equal(['db', 'db', 'web']);
  });

  it('start what it needs when it is added, also what does not start by itself', () => {
    const made = withFile({ web: '' });
    made.reread({ web: 'depends_on=db', db: 'autostart=false' });
    made.remove('web');
    made.supervisor.addGroup('web');
    expect(made.describe('web')).to.equal('STARTING 0 waiting for db to be ready (there is none)');
    made.supervisor.addGroup('db');
    made.ready();
    expect(made.spawned()).to.deep.equal(['web', 'db', 'web']);
  });

  it('let it wait for the processes that now bear the name', () => {
    const made = withFile({ db: many(1), web: 'depends_on=db' });
    made.reread({ db: many(2), web: 'depends_on=db' });
    made.find('db0').stop();
    made.end('db0', 0);
    made.supervisor.removeGroup('db');
    made.supervisor.addGroup('db');
    expect(made.describe('web')).to.equal('STARTING 0 waiting for db to be ready');
    made.end('db1', 1);
    made.ready();
    expect(made.find('web').isWaiting).to.equal(true);
    made.ready();
    expect(made.spawned().at(-1)).to.equal('web');
  });

  it('do not stand in each other’s way when an update turns a dependency round', () => {
    const made = withFile({ db: '', web: 'depends_on=db' });
    made.reread({ db: 'depends_on=web', web: '' });
    made.remove('db');
    made.supervisor.addGroup('db');
    made.remove('web');
    made.supervisor.addGroup('web');
    made.ready();
    made.ready();
    expect([made.find('db').wireState, made.find('web').wireState]).to.deep.equal(['RUNNING', 'RUNNING']);
  });
});

describe('a shutdown', () => {
  it('stops a process only when those that depend on it are stopped, whatever the priorities', async () => {
    const { supervisor, stopped, ready, end } = started(
      programs({
        db: 'priority=999',
        cache: 'depends_on=db',
        web: 'priority=1\ndepends_on=cache',
        other: 'priority=500',
      }),
    );
    for (let round = 0; round < 3; round += 1) ready();
    supervisor.shutdown();
    expect(stopped()).to.deep.equal(['web']);
    end('web', 0);
    expect(stopped()).to.deep.equal(['web', 'cache']);
    end('cache', 0);
    expect(stopped()).to.deep.equal(['web', 'cache', 'db']);
    end('db', 0);
    expect(stopped()).to.deep.equal(['web', 'cache', 'db', 'other']);
    end('other', 0);
    expect(await supervisor.ended).to.equal('shutdown');
  });

  it('stops the rest of a group while some of it wait for others', () => {
    const groups = programs(
      { db: '', log: '', web: 'priority=1\ndepends_on=db' },
      '[group:low]\nprograms=db,log\npriority=999\n',
    );
    const { supervisor, stopped, ready, end } = started(groups);
    ready();
    supervisor.shutdown();
    expect(stopped().toSorted()).to.deep.equal(['log', 'web']);
    end('web', 0);
    expect(stopped().at(-1)).to.equal('db');
  });

  it('gives up what waits, as STOPPED and not as a failure, and spawns nothing any more', async () => {
    const {
      supervisor,
      spawned,
      end,
      describe: look,
      states,
    } = started(programs({ db: 'startretries=0', web: 'depends_on=db', last: 'depends_on=web' }));
    supervisor.shutdown();
    expect(look('web')).to.equal('STOPPED 0 Not started');
    expect(states('last')).to.deep.equal(['STARTING pid 0', 'STOPPED pid 0']);
    end('db', 1);
    expect(await supervisor.ended).to.equal('shutdown');
    expect(spawned()).to.deep.equal(['db']);
  });

  it('ends also when only waiting processes are left', async () => {
    const { supervisor, end } = started(programs({ job, web: 'depends_on=job:completed', gone: 'depends_on=web' }));
    void end;
    supervisor.restart();
    end('job', 0);
    expect(await supervisor.ended).to.equal('restart');
  });

  it('lets a listener that others depend on hear their end, and stops one that depends on others before them', async () => {
    const text = '[eventlistener:lst]\ncommand=x\nevents=PROCESS_STATE\ndepends_on=db\n';
    const { supervisor, stopped, ready, end, clock } = started(programs({ db: '' }, text));
    ready();
    ready();
    supervisor.shutdown();
    clock.advance(1000);
    expect(stopped()).to.deep.equal(['lst']);
    end('lst', 0);
    expect(stopped()).to.deep.equal(['lst', 'db']);
    end('db', 0);
    expect(await supervisor.ended).to.equal('shutdown');
  });

  it('ends when groups of two files depend on each other in a circle', async () => {
    const made = started(programs({ db: '', web: 'depends_on=db' }));
    made.ready();
    made.file.groups = programs({ db: 'depends_on=web', web: '' });
    made.supervisor.reread();
    made.find('db').stop();
    made.end('db', 0);
    made.supervisor.removeGroup('db');
    made.ready();
    made.supervisor.addGroup('db');
    made.supervisor.shutdown();
    for (const name of made.stopped()) if (made.find(name).pid !== 0) made.end(name, 0);
    for (const pid of made.host.living) made.host.end(pid, { code: 0 });
    expect(await made.supervisor.ended).to.equal('shutdown');
  });
});

describe('readiness', () => {
  it('is not there while something waits, and is when it runs', () => {
    const { ready, find } = started(programs({ db: '', web: 'depends_on=db' }));
    ready();
    expect([find('db').isReady, find('web').isReady]).to.deep.equal([true, false]);
    ready();
    expect(find('web').isReady).to.equal(true);
  });
});
