// Which programs a daemon starts by itself, in which order, and when it calls them started.
import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { describeStory } from '../support/modes.ts';
import { child, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

describeStory('starting programs', (mode) => {
  let daemon: Daemon;

  before(async () => {
    daemon = await startDaemon(mode, {
      config: `
[program:manual]
command=${child('stays.sh')}
autostart=false

[program:slow]
command=${child('stays.sh')}
startsecs=3

[program:instant]
command=${child('stays.sh')}
startsecs=0

[program:done]
command=${child('exits-with.sh')} 0
startsecs=0

[program:many]
command=${child('stays.sh')} %(process_num)d of %(numprocs)d
process_name=%(program_name)s_%(process_num)02d
numprocs=3
numprocs_start=8

[program:none]
command=${child('stays.sh')}
numprocs=0
process_name=none_%(process_num)d

[program:third]
${note('third')}
priority=30

[program:first]
${note('first')}
priority=10

[program:second-b]
${note('second-b')}
priority=20

[program:second-a]
${note('second-a')}
priority=20

[program:late]
${note('late')}
priority=1

[program:early]
${note('early')}
priority=2

[group:listed]
programs=early,late
priority=40
`,
    });
  });

  after(() => daemon.stop());

  it('starts what autostarts and leaves the rest alone', async () => {
    await daemon.waitForState('instant', 'RUNNING');
    const manual = await daemon.info('manual');
    expect(manual.statename).to.equal('STOPPED');
    expect(manual.description).to.equal('Not started');
    expect(manual.pid).to.equal(0);
  });

  it('calls a program STARTING until it has stayed up for startsecs, and then RUNNING', async () => {
    const starting = await daemon.waitForState('slow', 'STARTING');
    const running = await daemon.waitForState('slow', 'RUNNING');
    expect(running.pid).to.equal(starting.pid);
    expect(running.now - running.start).to.be.within(3, 6);
    expect(running.description).to.match(new RegExp(`^pid ${running.pid}, uptime 0:00:0\\d$`));
  });

  it('takes an exit of 0 as expected when startsecs is 0', async () => {
    const done = await daemon.waitForState('done', 'EXITED');
    expect(done.exitstatus).to.equal(0);
    expect(done.spawnerr).to.equal('');
    expect(daemon.messages).to.include('INFO exited: done (exit status 0; expected)');
  });

  it('makes numprocs processes, numbered from numprocs_start', async () => {
    await daemon.waitForState('many:many_10', 'RUNNING');
    const many = (await daemon.infos()).filter(({ group }) => group === 'many');
    expect(many.map(({ name, statename }) => [name, statename])).to.deep.equal([
      ['many_08', 'RUNNING'],
      ['many_09', 'RUNNING'],
      ['many_10', 'RUNNING'],
    ]);
  });

  it('makes no process of a program with numprocs=0', async () => {
    expect((await daemon.infos()).filter(({ group }) => group === 'none')).to.deep.equal([]);
  });

  it('starts groups by priority, then by name, and the members of a [group] in the order of its list', async () => {
    await daemon.waitForState('listed:late', 'RUNNING');
    const names = ['first', 'second-a', 'second-b', 'third', 'early', 'late'];
    await waitUntil(() => daemon.lines('order').length === names.length, { what: 'six starts' });
    const spawned = daemon.messages.map((line) => /^INFO spawned: '(.*)' with pid/.exec(line)?.[1]);
    expect(spawned.filter((name) => name !== undefined && names.includes(name))).to.deep.equal(names);
  });

  it('answers every name that supervisord answers, with the pid that the system knows', async () => {
    for (const { pid, statename, name } of await daemon.infos()) {
      if (statename === 'RUNNING') expect(daemon.descendants(), name).to.include(pid);
    }
  });
});

function note(name: string): string {
  return `command=${child('notes.sh')} %(here)s/order ${name}`;
}

describeStory('saying what the portable path lacks', (mode) => {
  it('warns once without native calls, names what is lost, and is silent with them', async () => {
    const daemon = await startDaemon(mode, { config: '' });
    const warnings = daemon.messages.filter((line) => line.startsWith('WARN no native calls'));
    if (mode === 'portable') {
      expect(warnings).to.have.length(1);
      expect(warnings[0])
        .to.match(/orphans/)
        .and.match(/syslog/)
        .and.match(/user=/)
        .and.match(/fcgi-program/);
    } else {
      expect(warnings).to.deep.equal([]);
    }
    await daemon.stop();
  });

  it('says of a FastCGI program why it cannot be started, and keeps the others', async () => {
    const daemon = await startDaemon(mode, {
      config: `
[fcgi-program:fcgi]
command=${child('stays.sh')}
socket=unix://%(here)s/fcgi.sock
startretries=0
[program:other]
command=${child('stays.sh')}
`,
    });
    await daemon.waitForState('other', 'RUNNING');
    const { statename, description } = await daemon.waitForState('fcgi', mode === 'portable' ? 'FATAL' : 'RUNNING');
    if (statename === 'FATAL')
      expect(description).to.equal('FastCGI programs need native calls, which cannot be made here');
    expect(existsSync(daemon.path('fcgi.sock'))).to.equal(mode !== 'portable');
    await daemon.stop();
  });
});
