import { expect } from 'chai';
import { array, assert, constantFrom, integer, oneof, property, record } from 'fast-check';
import { lexically } from '../../src/rpc/names.ts';
import { WrittenInfos } from '../../src/rpc/written-infos.ts';
import { writeValue } from '../../src/rpc/xmlrpc.ts';
import { processInfo } from '../../src/supervisor/snapshot.ts';
import { makeConfig } from '../support/make-config.ts';
import { makeSupervisor } from '../support/make-process.ts';

const names = ['a<b', 'db', 'web', 'job'] as const;

/** A daemon whose wall clock can be set; one program waits for another, one has a name that is written with escapes. */
function makeDaemon() {
  const { groups } = makeConfig(
    '[program:a<b]\ncommand=/bin/x\nstdout_logfile=/tmp/&.log\n[program:db]\ncommand=/bin/x\n' +
      '[program:web]\ncommand=/bin/x\ndepends_on=db\n[program:job]\ncommand=/bin/x\nstartsecs=0\nrestart_delay=2\nautorestart=true\n',
  );
  const made = makeSupervisor(groups);
  const { clock } = made;
  const wall = clock.wall.bind(clock);
  let ahead = 0;
  clock.wall = () => wall() + ahead;
  made.supervisor.addConfiguredGroups();
  const infos = new WrittenInfos(clock);
  const all = () => lexically(made.supervisor.groups());
  return {
    ...made,
    kept: () => ({
      all: infos.all(made.supervisor.groups()).xml,
      each: all().map((process) => infos.one(process).xml),
    }),
    fresh() {
      const each = all().map((process) => writeValue({ ...processInfo(process, Math.floor(clock.wall() / 1000)) }));
      return { all: `<value><array><data>\n${each.join('')}</data></array></value>\n`, each };
    },
    setWall: (ms: number) => void (ahead += ms),
  };
}

type Daemon = ReturnType<typeof makeDaemon>;

const steps: Record<string, (daemon: Daemon, name: string, ms: number) => void> = {
  start: ({ find }, name) => find(name).start(),
  stop: ({ find }, name) => find(name).stop(),
  restart: ({ find }, name) => find(name).restart(),
  'end well': ({ find, host }, name) => void (find(name).pid !== 0 && host.end(find(name).pid, { code: 0 })),
  'end badly': ({ find, host }, name) =>
    void (find(name).pid !== 0 && host.end(find(name).pid, { signal: 9, core: false })),
  'fail to start'({ find, host }, name) {
    host.spawnError = 'no <room>';
    find(name).start();
    host.spawnError = null;
  },
  'time goes on': ({ clock }, _name, ms) => clock.advance(ms),
  'somebody sets the clock': ({ setWall }, _name, ms) => setWall(ms - 1500),
  'remove the group'({ find, supervisor }, name) {
    if (['STOPPED', 'EXITED', 'FATAL'].includes(find(name).wireState)) {
      supervisor.removeGroup(name);
      supervisor.addGroup(name);
    }
  },
};

describe('answers about processes that are kept', () => {
  it('are what they would be if they were written anew, whatever has happened', () => {
    const step = record({
      what: constantFrom(...Object.keys(steps)),
      name: constantFrom(...names),
      ms: oneof(integer({ min: 0, max: 40 }), integer({ min: 0, max: 3000 })),
    });
    assert(
      property(array(step, { maxLength: 60 }), (happened) => {
        const daemon = makeDaemon();
        expect(daemon.kept()).to.deep.equal(daemon.fresh());
        for (const { what, name, ms } of happened) {
          steps[what]?.(daemon, name, ms);
          expect(daemon.kept()).to.deep.equal(daemon.fresh());
        }
      }),
    );
  });

  it('are the very same bytes until something changes or the second is over', () => {
    const { supervisor, clock, find, host } = makeDaemon();
    const infos = new WrittenInfos(clock);
    const answer = () => infos.all(supervisor.groups()).answer;
    clock.advance(2300);
    supervisor.start();
    clock.advance(0);
    const first = answer();
    clock.advance(600);
    expect(answer()).to.equal(first);
    clock.advance(100);
    const second = answer();
    expect(second).to.not.equal(first);
    host.end(find('db').pid, { code: 0 });
    expect(answer()).to.not.equal(second);
  });
});
