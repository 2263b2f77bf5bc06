// A program that does not come up: tried again after growing delays, then given up.
import { expect } from 'chai';
import { describeStory } from '../support/modes.ts';
import { child, startDaemon, type Daemon } from '../support/run-supervisord.ts';

const quickly = 'Exited too quickly (process log may have details)';
const gaveUp = (name: string): string =>
  `INFO gave up: ${name} entered FATAL state, too many start retries too quickly`;

describeStory('backing off', (mode) => {
  let daemon: Daemon;

  before(async () => {
    daemon = await startDaemon(mode, {
      config: `
[program:hopeless]
${fails('hopeless-tries')}
startretries=2

[program:one-chance]
${fails('one-chance-tries')}
startretries=0

[program:quick-success]
${fails('quick-success-tries', 0)}
startretries=1
autorestart=false

[program:recovers]
command=${child('stays-at-try.sh')} 2 %(here)s/recovers-tries

[program:stopped]
${fails('stopped-tries')}
startretries=100

[program:missing]
command=%(here)s/no-such-program --flag
startretries=1

[program:nowhere]
command=no-such-program-in-path
startretries=0

[program:not-executable]
command=%(here)s/plain.txt
startretries=0

[program:a-directory]
command=%(here)s
startretries=0

[program:badly-quoted]
command=${child('stays.sh')} "never closed
startretries=0

[program:no-directory]
command=${child('stays.sh')}
directory=%(here)s/no-such-directory
startretries=0
stderr_logfile=%(here)s/no-directory.err
`,
      files: { 'plain.txt': 'not a program\n' },
    });
  });

  after(() => daemon.stop());

  it('gives up at once when startretries is 0', async () => {
    const info = await daemon.waitForState('one-chance', 'FATAL');
    expect(daemon.lines('one-chance-tries')).to.have.length(1);
    expect(info.spawnerr).to.equal(quickly);
    expect(info.description).to.equal(quickly);
    expect(info.exitstatus).to.equal(0);
    expect(daemon.messages).to.include(gaveUp('one-chance'));
  });

  it('counts a quick exit with 0 as a failed start, even with autorestart=false', async () => {
    await daemon.waitForState('quick-success', 'FATAL');
    expect(daemon.lines('quick-success-tries')).to.have.length(2);
    expect(daemon.messages).to.include('WARN exited: quick-success (exit status 0; not expected)');
  });

  it('waits one second longer before each further try, and then gives up', async () => {
    await daemon.waitForState('hopeless', 'FATAL');
    const [first = 0, second = 0, third = 0, ...more] = daemon.lines('hopeless-tries').map(Number);
    expect(more).to.deep.equal([]);
    expect(second - first).to.be.within(950, 2900);
    expect(third - second).to.be.within(1950, 3900);
    expect(daemon.messages).to.include(gaveUp('hopeless'));
  });

  it('shows what is wrong while it backs off', async () => {
    const info = await daemon.waitForState('stopped', 'BACKOFF');
    expect(info.description).to.equal(quickly);
    expect(info.pid).to.equal(0);
  });

  it('keeps a program that comes up at a later try', async () => {
    const info = await daemon.waitForState('recovers', 'RUNNING');
    expect(info.spawnerr).to.equal('');
    expect(daemon.lines('recovers-tries')).to.have.length(2);
  });

  it('ends the tries at once when it is stopped while backing off', async () => {
    await daemon.waitForState('stopped', 'BACKOFF');
    expect(await daemon.call('stopProcess', 'stopped')).to.equal(true);
    const stopped = await daemon.info('stopped');
    expect(stopped.statename).to.equal('STOPPED');
    expect(stopped.spawnerr).to.equal(quickly);
  });

  it('begins anew when what it gave up is started by hand', async () => {
    await daemon.waitForState('one-chance', 'FATAL');
    const fault = await daemon.fault('startProcess', 'one-chance');
    expect(fault).to.be.oneOf(['SPAWN_ERROR: one-chance', 'ABNORMAL_TERMINATION: one-chance']);
    expect(daemon.lines('one-chance-tries')).to.have.length(2);
    await daemon.waitForState('one-chance', 'FATAL');
  });

  it('takes a command that is not there as a failed start', async () => {
    const info = await daemon.waitForState('missing', 'FATAL');
    const problem = `can't find command '${daemon.path('no-such-program')}'`;
    expect(info.spawnerr).to.equal(problem);
    expect(daemon.messages.filter((line) => line === `INFO spawnerr: ${problem}`)).to.have.length(2);
    expect((await daemon.info('nowhere')).spawnerr).to.equal("can't find command 'no-such-program-in-path'");
  });

  it('says what is wrong with a command that cannot be executed', async () => {
    const problem = async (name: string): Promise<string> => (await daemon.waitForState(name, 'FATAL')).spawnerr;
    expect(await problem('not-executable')).to.equal(`command at '${daemon.path('plain.txt')}' is not executable`);
    expect(await problem('a-directory')).to.equal(`command at '${daemon.directory}' is a directory`);
    expect(await problem('badly-quoted')).to.match(/^can't parse command '.*': No closing quotation$/);
  });

  it('answers a start of a command that cannot be executed with the right fault', async () => {
    expect(await daemon.fault('startProcess', 'missing')).to.match(
      /^NO_FILE: can't find command '.*\/no-such-program'$/,
    );
    expect(await daemon.fault('startProcess', 'not-executable')).to.match(
      /^NOT_EXECUTABLE: command at '.*' is not executable$/,
    );
  });

  it('says in the error log of a program that its directory is not there', async () => {
    await daemon.waitForState('no-directory', 'FATAL');
    const missing = daemon.path('no-such-directory');
    const [first, second] = daemon.lines('no-directory.err');
    expect(first).to.equal(`supervisor: couldn't chdir to ${missing}: ENOENT`);
    expect(second).to.equal('supervisor: child process was not spawned');
    expect(daemon.messages).to.include('WARN exited: no-directory (exit status 127; not expected)');
  });
});

function fails(file: string, code = 1): string {
  return `command=${child('fails-and-notes-when.sh')} %(here)s/${file} ${code}`;
}
