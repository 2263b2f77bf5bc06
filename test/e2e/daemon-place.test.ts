// What a child finds around it: environment, directory, umask, process group, user.
import { expect } from 'chai';
import { describeStory, type Mode } from '../support/modes.ts';
import { child, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

describeStory('the place a child runs in', (mode) => {
  let daemon: Daemon;

  before(async () => {
    daemon = await startDaemon(mode, {
      config: `
[supervisord]
environment=SHARED="from the daemon",OVERRIDDEN="by nobody"

[program:environment]
command=${child('prints-environment.sh')} %(here)s/environment
environment=OWN="a, b;c=%(ENV_INHERITED)s",OVERRIDDEN="by the program",EMPTY="",PERCENT="100%%"

[program:named]
command=${child('prints-environment.sh')} %(here)s/named-%(process_num)d
process_name=%(program_name)s-%(process_num)d
numprocs=2
numprocs_start=8000
environment=PORT="%(process_num)d",OF="%(numprocs)d"

[group:team]
programs=named

[program:place]
command=${child('prints-place.sh')} %(here)s/place
directory=/usr/lib
umask=027

[program:unchanged]
command=${child('prints-place.sh')} %(here)s/unchanged

[program:own-path]
command=finds-me.sh %(here)s/own-path
environment=PATH="%(here)s/programs:/usr/bin:/bin"
`,
      environment: { INHERITED: '50% & more', HOME: '/some/home' },
      files: { 'programs/finds-me.sh': '#!/bin/sh\necho "found as $0" >"$1"\nexec sleep 3600\n' },
      wrapper: ['sh', '-c', 'chmod +x programs/finds-me.sh; umask 022; exec "$@"', 'sh'],
    });
  });

  after(() => daemon.stop());

  const variables = async (file: string): Promise<Map<string, string>> => {
    await waitUntil(() => daemon.read(file), { what: file });
    return new Map(daemon.lines(file).map((line) => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)]));
  };
  const facts = async (file: string): Promise<Map<string, string>> => {
    await waitUntil(() => daemon.read(file), { what: file });
    return new Map(daemon.lines(file).map((line) => [line.split(' ')[0] ?? '', line.slice(line.indexOf(' ') + 1)]));
  };

  it("gives a child the daemon's environment, then [supervisord]'s, then its own", async () => {
    const found = await variables('environment');
    expect(found.get('INHERITED')).to.equal('50% & more');
    expect(found.get('SHARED')).to.equal('from the daemon');
    expect(found.get('OVERRIDDEN')).to.equal('by the program');
    expect(found.get('OWN')).to.equal('a, b;c=50% & more');
    expect(found.get('EMPTY')).to.equal('');
    expect(found.get('PERCENT')).to.equal('100%');
  });

  it('tells a child who it is and where its supervisor listens', async () => {
    const found = await variables('named-8001');
    expect(found.get('SUPERVISOR_ENABLED')).to.equal('1');
    expect(found.get('SUPERVISOR_PROCESS_NAME')).to.equal('named-8001');
    expect(found.get('SUPERVISOR_GROUP_NAME')).to.equal('team');
    expect(found.get('SUPERVISOR_SERVER_URL')).to.equal(`unix://${daemon.path('supervisor.sock')}`);
    expect(found.get('PORT')).to.equal('8001');
    expect(found.get('OF')).to.equal('2');
    expect((await variables('named-8000')).get('PORT')).to.equal('8000');
  });

  it('runs a child in its directory, with its umask, as leader of its own process group', async () => {
    const found = await facts('place');
    expect(found.get('directory')).to.equal('/usr/lib');
    expect(found.get('umask')).to.equal('0027');
    expect(found.get('pgid')).to.equal(found.get('pid'));
    expect(found.get('pid')).to.equal(String((await daemon.info('place')).pid));
  });

  it('changes neither directory nor umask when it is not told to', async () => {
    const found = await facts('unchanged');
    expect(found.get('directory')).to.equal(daemon.directory);
    expect(found.get('umask')).to.equal('0022');
    expect(found.get('uid')).to.equal(String(process.getuid?.()));
    expect(found.get('home')).to.equal('/some/home');
  });

  it("finds a command by the program's own PATH", async () => {
    await waitUntil(() => daemon.read('own-path'), { what: 'its note' });
    expect(daemon.read('own-path')).to.equal(`found as ${daemon.path('programs/finds-me.sh')}\n`);
  });
});

describeStory('the user a child runs as', (mode) => {
  let daemon: Daemon;

  before(async () => {
    daemon = await startAsIfUsersExisted(mode, {
      config: `
[program:by-name]
command=${child('prints-place.sh')} %(here)s/open/by-name
user=tester

[program:by-number]
command=${child('prints-place.sh')} %(here)s/open/by-number
user=54321

[program:streams]
command=${child('writes-dev-streams.sh')}
user=tester
stdout_logfile=%(here)s/streams.out
stderr_logfile=%(here)s/streams.err
`,
    });
  });

  after(() => daemon.stop());

  for (const name of ['by-name', 'by-number'] as const) {
    it(`runs a child as its user ${name}, with the user's groups, and leaves HOME as it is`, async () => {
      await waitUntil(() => daemon.read(`open/${name}`), { what: () => `its note; ${daemon.output}` });
      const facts = daemon.lines(`open/${name}`);
      expect(facts).to.include.members(['uid 54321', 'gid 54320', 'home /some/home']);
      const groups =
        facts
          .find((line) => line.startsWith('groups '))
          ?.split(' ')
          .slice(1) ?? [];
      expect(groups.toSorted()).to.deep.equal(['54320', '54330', '54340']);
    });
  }

  it('lets such a child write through fd 1 and 2 into its logs', async () => {
    await waitUntil(() => daemon.lines('streams.err').length > 0, { what: 'its output' });
    expect(daemon.lines('streams.out')).to.include('through fd 1');
    expect(daemon.lines('streams.err')).to.include('through fd 2');
  });

  it('is given the user that the daemon takes on at a HUP', async () => {
    const other = await startAsIfUsersExisted(mode, { config: placeNotedIn('before') });
    await waitUntil(() => other.lines('open/before').includes('uid 0'), { what: 'the first note' });
    other.writeConfig(`
[supervisord]
user=tester
logfile=%(here)s/open/log
pidfile=%(here)s/open/pid
[unix_http_server]
file=%(here)s/open/sock
${placeNotedIn('after')}`);
    other.signal('SIGHUP');
    await waitUntil(() => other.lines('open/after').includes('uid 54321'), { what: () => other.output });
    expect(other.read('open/log')).to.contain('INFO Set uid to user 54321 succeeded');
    await other.stop();
  });
});

function placeNotedIn(note: string): string {
  return `
[program:place]
command=${child('prints-place.sh')} %(here)s/open/${note}
stdout_logfile=NONE
stderr_logfile=NONE
`;
}

/** A daemon that sees two more groups and a user in /etc: in a mount namespace of its own, so the machine's stay as they are. */
async function startAsIfUsersExisted(mode: Mode, options: { config: string }): Promise<Daemon> {
  const users = see('passwd', 'tester:x:54321:54320:Tester:/home/tester:/bin/sh\\n');
  const groups = see(
    'group',
    'tester:x:54320:\\nweb:x:54330:tester,root\\nlogs:x:54340:tester\\nother:x:54350:root\\n',
  );
  return await startDaemon(mode, {
    ...options,
    environment: { HOME: '/some/home' },
    wrapper: ['unshare', '--mount', 'sh', '-c', `${users} && ${groups} && mkdir -m 777 open && exec "$@"`, 'sh'],
  });
}

function see(file: string, lines: string): string {
  return `{ cat /etc/${file}; printf '${lines}'; } >${file} && chmod 644 ${file} && mount --bind ${file} /etc/${file}`;
}
