// Another number of processes, and an update, of a configuration that is really read.
import { expect } from 'chai';
import type { Config } from '../../src/config/load.ts';
import { Rolls } from '../../src/supervisor/rolls.ts';
import { makeConfig } from '../support/make-config.ts';
import { makeSupervisor } from '../support/make-process.ts';
import { faultOf } from '../support/fault-of.ts';

const web = (more = '', numprocs: number | 'auto' = 2): string => `
[program:web]
command=/bin/web %(process_num)d
process_name=%(program_name)s-%(process_num)d
numprocs=${numprocs}
numprocs_start=8
startretries=0
${more}
`;
const other = '[program:other]\ncommand=/bin/other\n';

function daemon(file: string, { inUpstream = true } = {}) {
  let loaded = makeConfig(file);
  const made = makeSupervisor(loaded.groups, { load: () => loaded });
  const { supervisor, bus, clock, logger, host } = made;
  const stopped: string[] = [];
  const asked: string[] = [];
  const rolls = new Rolls({
    supervisor,
    bus,
    clock,
    logger,
    draining: {
      drain: ({ config }) => Promise.resolve(void asked.push(`drain ${config.name}`)),
      undrain: ({ config }) => void asked.push(`undrain ${config.name}`),
      drainTimeoutMs: () => null,
      standsInUpstream: (group) => inUpstream && group !== 'other' && group !== 'new',
    },
    mishap(error) {
      throw error;
    },
  });
  supervisor.addConfiguredGroups();
  supervisor.start();
  clock.advance(1000);
  const rewrite = (next: string): Config => (loaded = makeConfig(next));
  const stopGroup = async (name: string): Promise<boolean> => {
    stopped.push(name);
    for (const process of supervisor.findGroup(name)?.processes ?? []) {
      process.stop();
      if (process.pid !== 0) host.end(process.pid, { code: 0 });
    }
    return true;
  };
  const update = (...names: string[]): number => rolls.update(supervisor.reread(), { names, stopGroup });
  /** Lets everything come to its end: what is stopped ends, what starts is up. */
  const pass = async (turns = 20): Promise<void> => {
    for (let turn = 0; turn < turns; turn += 1) {
      for (let tick = 0; tick < 5; tick += 1) await Promise.resolve();
      const all = supervisor.groups().flatMap(({ processes }) => processes);
      for (const { wireState, pid } of all) if (wireState === 'STOPPING') host.end(pid, { code: 0 });
      clock.advance(1000);
    }
  };
  const running = (group = 'web'): string =>
    (supervisor.findGroup(group)?.processes ?? []).map(({ config, wireState }) => `${config.name} ${wireState}`).join(', '); // prettier-ignore
  const pids = (): Record<string, number> =>
    Object.fromEntries((supervisor.findGroup('web')?.processes ?? []).map(({ config, pid }) => [config.name, pid]));
  const lines = (id: number): string => rolls.progress(id).lines.map(({ group, text }) => `${group}: ${text}`).join('\n'); // prettier-ignore
  return { ...made, rolls, rewrite, update, pass, running, pids, lines, stopped, asked };
}

describe('scaling', () => {
  it('starts new ones and leaves the others running', async () => {
    const { rolls, pass, running, pids, lines, events } = daemon(web());
    const before = pids();
    const id = rolls.scale('web', 4);
    await pass();
    expect(rolls.progress(id)).to.include({ state: 'done', what: 'scaling of web to 4 (the file says 2)' });
    expect(lines(id)).to.equal('web: scaled to 4 (the file says 2)');
    expect(running()).to.equal('web-10 RUNNING, web-11 RUNNING, web-8 RUNNING, web-9 RUNNING');
    expect(pids()).to.include(before);
    expect(rolls.scales()).to.deep.equal([{ name: 'web', group: 'web', count: 4, inFile: 2 }]);
    expect(events.filter(({ type }) => type === 'PROCESS_GROUP_CHANGED')).to.have.length(2);
  });

  it('has the last ones leave, drained, all at once', async () => {
    const { rolls, pass, running, pids, asked, host } = daemon(web('', 4));
    const before = pids();
    rolls.scale('web', 2);
    await pass();
    expect(running()).to.equal('web-8 RUNNING, web-9 RUNNING');
    expect(before).to.include(pids());
    expect(asked.slice(0, 2)).to.deep.equal(['drain web-11', 'drain web-10']);
    expect(host.living).to.have.length(2);
  });

  it('goes back to the file, and to the CPUs', async () => {
    const { rolls, pass, running } = daemon(web());
    rolls.scale('web', 3);
    await pass();
    rolls.scale('web', null);
    await pass();
    expect(running()).to.equal('web-8 RUNNING, web-9 RUNNING');
    expect(rolls.scales()).to.deep.equal([]);
    const id = rolls.scale('web', 'auto');
    await pass();
    expect(rolls.progress(id).what).to.equal('scaling of web to 4 (the file says 2)');
    expect(running().split(',')).to.have.length(4);
  });

  it('outlives a reread until the file says another number', async () => {
    const { rolls, pass, supervisor, rewrite } = daemon(web());
    rolls.scale('web', 4);
    await pass();
    expect(supervisor.reread().changed).to.deep.equal([]);
    rewrite(web('stopwaitsecs=3'));
    expect(supervisor.reread().changed[0]?.reasons).to.deep.equal(['stopwaitsecs 10 -> 3']);
    expect(rolls.scales()).to.have.length(1);
    rewrite(web('', 3));
    expect(supervisor.reread().changed[0]?.reasons).to.include('processes 4 -> 3');
    expect(rolls.scales()).to.deep.equal([]);
  });

  it('is gone with a file that it does not fit any more', async () => {
    const { rolls, pass, supervisor, rewrite } = daemon(web());
    rolls.scale('web', 1);
    await pass();
    rewrite(`${web()}[program:late]\ncommand=x\ndepends_on=web:ready>=2\n`);
    supervisor.reread();
    expect(rolls.scales()).to.deep.equal([]);
  });

  it('replaces those that the number itself makes other ones, one after the other', async () => {
    const { rolls, pass, pids, find } = daemon(web('environment=OF="%(numprocs)d"'));
    const before = pids();
    rolls.scale('web', 3);
    await pass();
    expect(Object.values(pids()).filter((pid) => Object.values(before).includes(pid))).to.deep.equal([]);
    expect(find('web-8').config.options.environment).to.deep.equal({ OF: '3' });
  });

  it('does not bring in what else the file says since', async () => {
    const { rolls, pass, pids, rewrite, supervisor } = daemon(web());
    const before = pids();
    rewrite(web('stopwaitsecs=3'));
    supervisor.reread();
    rolls.scale('web', 3);
    await pass();
    expect(pids()).to.include(before);
    expect(supervisor.reread().changed[0]?.reasons).to.deep.equal(['stopwaitsecs 10 -> 3']);
  });

  it('takes one program of a group, and refuses what it cannot do, with a reason', async () => {
    const grouped = `[group:g]\nprograms=web,other\n${web()}${other}`;
    const { rolls, pass, running } = daemon(grouped);
    expect(faultOf(() => rolls.scale('g', 3))).to.equal(
      'FAILED: g stands for several programs: g:web, g:other; scale one of them',
    );
    rolls.scale('g:web', 3);
    await pass();
    expect(running('g')).to.contain('web-10 RUNNING').and.contain('other RUNNING');
    expect(rolls.scales()[0]).to.include({ name: 'g:web', group: 'g' });
    rolls.scale('web', 1);
    await pass();
    expect(running('g')).to.equal('web-8 RUNNING, other RUNNING');
  });

  it('refuses names that lack a number, too many, unknown ones and other kinds', () => {
    const { rolls, running } = daemon(`${web()}${other}[eventlistener:l]\ncommand=x\nevents=TICK_5\n`);
    const before = running();
    expect(faultOf(() => rolls.scale('other', 2))).to.match(
      /^FAILED: %\(process_num\) must be present within process_name when numprocs > 1.*accepted: a name with/,
    );
    expect(faultOf(() => rolls.scale('web', 1001))).to.contain('accepted: 1 to 1000, auto or file');
    expect(faultOf(() => rolls.scale('nope', 2))).to.equal('BAD_NAME: nope');
    expect(faultOf(() => rolls.scale('l', 2))).to.contain('only programs can be scaled');
    expect(running()).to.equal(before);
    expect(rolls.scales()).to.deep.equal([]);
  });

  it('is refused while the group is rolled', () => {
    const { rolls } = daemon(web());
    rolls.restart(['web'], { maxUnavailable: 1 });
    expect(faultOf(() => rolls.scale('web', 3))).to.contain('web is being rolled already');
    expect(rolls.scales()).to.deep.equal([]);
  });
});

describe('an update', () => {
  it('replaces the processes of an upstream one after the other', async () => {
    const { rolls, pass, pids, rewrite, update, lines, asked, stopped, find } = daemon(web());
    const before = pids();
    rewrite(web('environment=NEW="1"'));
    const id = update();
    await pass(1);
    expect(rolls.progress(id).members.map(({ phase }) => phase)).to.not.deep.equal(['starting', 'starting']);
    await pass();
    expect(lines(id)).to.equal('web: updated process group');
    expect(stopped).to.deep.equal([]);
    expect(asked).to.deep.equal(['drain web-8', 'undrain web-8', 'drain web-9', 'undrain web-9']);
    expect(Object.values(pids()).filter((pid) => Object.values(before).includes(pid))).to.deep.equal([]);
    expect(find('web-8').history.last?.by).to.equal('roll');
    expect(rolls.progress(update()).members).to.deep.equal([]);
  });

  it('adds and removes the last ones where only their number changes', async () => {
    const { pass, pids, running, rewrite, update, lines, supervisor } = daemon(web());
    const before = pids();
    rewrite(web('', 4));
    update();
    await pass();
    expect(pids()).to.include(before);
    rewrite(web('', 1));
    const id = update();
    await pass();
    expect(running()).to.equal('web-8 RUNNING');
    expect(pids()['web-8']).to.equal(before['web-8']);
    expect(lines(id)).to.equal('web: updated process group');
    expect(supervisor.reread().changed).to.deep.equal([]);
  });

  it('that fails stays changed, and what it has not touched serves on', async () => {
    const { rolls, pass, pids, host, rewrite, update, supervisor, find } = daemon(`${web()}${other}`);
    const before = pids();
    rewrite(`${web('environment=BAD="1"')}${other}priority=5\n`);
    const id = update('web');
    for (let tick = 0; tick < 5; tick += 1) await Promise.resolve();
    host.end(find('web-8').pid, { code: 0 });
    for (let tick = 0; tick < 5; tick += 1) await Promise.resolve();
    host.end(find('web-8').pid, { code: 1 });
    await pass();
    expect(rolls.progress(id)).to.include({ state: 'failed', reason: 'web:web-8 is FATAL and was never ready' });
    expect(pids()['web-9']).to.equal(before['web-9']);
    expect(supervisor.reread().changed.map(({ group }) => group.name)).to.include('web');
  });

  it('gives what a person has stopped its new configuration, and does not start it', async () => {
    const { pass, rewrite, update, running, find, supervisor, host } = daemon(web());
    find('web-9').stop();
    host.end(find('web-9').pid, { code: 0 });
    rewrite(web('environment=NEW="1"'));
    update();
    await pass();
    expect(running()).to.equal('web-8 RUNNING, web-9 STOPPED');
    expect(find('web-9').config.options.environment).to.deep.equal({ NEW: '1' });
    expect(supervisor.reread().changed).to.deep.equal([]);
  });

  it('stops, removes and adds what stands in no upstream, and what is new or gone, as supervisord', async () => {
    const { rolls, pass, rewrite, update, lines, stopped } = daemon(`${web()}${other}`);
    rewrite(`[program:new]\ncommand=x\n${other}stopwaitsecs=3\n`);
    const id = update();
    await pass();
    expect(lines(id)).to.equal(
      'web: stopped\nweb: removed process group\nother: stopped\nother: updated process group\n' +
        'new: added process group',
    );
    expect(stopped).to.deep.equal(['web', 'other']);
    expect(rolls.progress(id).state).to.equal('done');
  });

  it('keeps to the groups named, and says which it does not know', async () => {
    const { rolls, pass, rewrite, update, lines } = daemon(`${web()}${other}`, { inUpstream: false });
    rewrite(`${web('stopwaitsecs=3')}${other}stopwaitsecs=3\n`);
    const id = update('other', 'nope');
    await pass();
    expect(lines(id)).to.equal('other: stopped\nother: updated process group');
    expect(rolls.progress(id).unknown).to.deep.equal(['nope']);
  });

  it('ends with the daemon', async () => {
    const { rolls, pass, rewrite, update, supervisor, lines } = daemon(`${web()}${other}`);
    rewrite(`${web('stopwaitsecs=3')}${other}stopwaitsecs=3\n`);
    const id = update();
    supervisor.shutdown({ atOnce: true });
    await pass();
    expect(rolls.progress(id)).to.include({ state: 'cancelled', reason: 'the daemon shuts down' });
    expect(lines(id)).to.not.contain('updated');
  });
});
