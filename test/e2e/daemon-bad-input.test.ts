// What the daemon does with input it cannot use: supervisord's own sentence, then ours with the place in the file and what
// is accepted, exit status 2, and no program started.
import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { run } from '../support/ctl.ts';
import { listen } from '../support/free-port.ts';
import { describeStory, type Mode } from '../support/modes.ts';
import { child, daemonCommand, startDaemon, type Daemon } from '../support/run-supervisord.ts';

interface BadInput {
  readonly what: string;
  readonly config: string;
  /** supervisord's first line after `Error: `; `HERE` stands for the directory of the file. */
  readonly text: string;
  /** Our second line. */
  readonly place: RegExp;
  /** Without the usual sections before it. */
  readonly alone?: true;
}

const programLine = `[program:p]\ncommand=${child('notes.sh')} %(here)s/started p\n`;

const badInputs: readonly BadInput[] = [
  {
    what: 'a number that is none',
    config: `${programLine}startsecs=soon\n`,
    text: "invalid literal for int() with base 10: 'soon' in section 'program:p' (file: 'HERE/supervisord.conf')",
    place: /^HERE\/supervisord\.conf:\d+: \[program:p\] startsecs=soon; accepted: /,
  },
  {
    what: 'a boolean that is none',
    config: `${programLine}autostart=maybe\n`,
    text: "not a valid boolean value: 'maybe' in section 'program:p' (file: 'HERE/supervisord.conf')",
    place: /^HERE\/supervisord\.conf:\d+: \[program:p\] autostart=maybe; accepted: /,
  },
  {
    what: 'a signal that does not exist',
    config: `${programLine}stopsignal=NOPE\n`,
    text: "value 'NOPE' is not a valid signal name in section 'program:p' (file: 'HERE/supervisord.conf')",
    place: /^HERE\/supervisord\.conf:\d+: \[program:p\] stopsignal=NOPE; accepted: /,
  },
  {
    what: 'a user that does not exist',
    config: `${programLine}user=nobody-of-that-name\n`,
    text: "Invalid user name nobody-of-that-name in section 'program:p' (file: 'HERE/supervisord.conf')",
    place: /^HERE\/supervisord\.conf:\d+: \[program:p\] user=nobody-of-that-name/,
  },
  {
    what: 'a log file in a directory that does not exist',
    config: `${programLine}stdout_logfile=/no/such/directory/p.log\n`,
    text: "The directory named as part of the path /no/such/directory/p.log does not exist in section 'program:p' (file: 'HERE/supervisord.conf')",
    place: /^HERE\/supervisord\.conf:\d+: \[program:p\] stdout_logfile=\/no\/such\/directory\/p\.log/,
  },
  {
    what: "a log of the daemon's own in a directory that does not exist",
    config: `${programLine}[supervisord]\nlogfile=/no/such/directory/d.log\n`,
    text: 'The directory named as part of the path /no/such/directory/d.log does not exist',
    place: /^HERE\/supervisord\.conf:\d+: \[supervisord\] logfile=\/no\/such\/directory\/d\.log/,
  },
  {
    what: 'a log level that does not exist',
    config: `${programLine}[supervisord]\nloglevel=loud\n`,
    text: "bad logging level name 'loud'",
    place: /^HERE\/supervisord\.conf:\d+: \[supervisord\] loglevel=loud; accepted: .*\binfo\b/,
  },
  {
    what: 'a file without the section [supervisord]',
    config: programLine,
    alone: true,
    text: '.ini file does not include supervisord section',
    place: /^HERE\/supervisord\.conf:\d+:/,
  },
  {
    what: 'a program without a command',
    config: `${programLine}[program:empty]\npriority=1\n`,
    text: "program section program:empty does not specify a command in section 'program:empty' (file: 'HERE/supervisord.conf')",
    place: /^HERE\/supervisord\.conf:\d+: \[program:empty\] command/,
  },
  {
    what: 'several processes under one name',
    config: `${programLine}numprocs=2\n`,
    text: "%(process_num) must be present within process_name when numprocs > 1 in section 'program:p' (file: 'HERE/supervisord.conf')",
    place: /^HERE\/supervisord\.conf:\d+: \[program:p\] process_name/,
  },
  {
    what: 'a group of a program that does not exist',
    config: `${programLine}[group:g]\nprograms=ghost\n`,
    text: '[group:g] names unknown program or fcgi-program ghost',
    place: /^HERE\/supervisord\.conf:\d+: \[group:g\] programs=ghost/,
  },
  {
    what: 'an expansion of a name that does not exist',
    config: `${programLine}directory=%(nowhere)s\n`,
    text: "Format string '%(nowhere)s' for 'program:p.directory' contains names ('nowhere') which cannot be expanded. Available names: ",
    place: /^HERE\/supervisord\.conf:\d+: \[program:p\] directory=%\(nowhere\)s/,
  },
  {
    what: 'a user name without a password',
    config: `${programLine}[unix_http_server]\nusername=someone\n`,
    text: 'Section [unix_http_server] contains incomplete authentication: If a username or a password is specified, both the username and password must be specified',
    place: /^HERE\/supervisord\.conf:\d+: \[unix_http_server\]/,
  },
  {
    what: 'a port that is out of range',
    config: `${programLine}[inet_http_server]\nport=70000\n`,
    text: "not a valid port number: '70000' ",
    place: /^HERE\/supervisord\.conf:\d+: \[inet_http_server\] port=70000; accepted: /,
  },
];

/** Starts a daemon that is expected to refuse, and returns how it ended and its stderr, with HERE for its directory. */
async function refused(daemon: Daemon): Promise<{ status: number | null; lines: string[] }> {
  const { status } = await daemon.waitForEnd();
  return { status, lines: daemon.errors.replaceAll(daemon.directory, 'HERE').split('\n') };
}

const start = (mode: Mode, { config, alone }: BadInput): Promise<Daemon> =>
  startDaemon(mode, { config, head: alone !== true, comesUp: false });

describeStory('refusing bad input', (mode) => {
  let daemons: readonly Daemon[];

  before(async () => {
    daemons = await Promise.all(badInputs.map((input) => start(mode, input)));
  });

  after(() => Promise.all(daemons.map((daemon) => daemon.stop())));

  for (const [index, { what, text }] of badInputs.entries()) {
    it(`refuses ${what} with supervisord's sentence and status 2`, async () => {
      const daemon = daemons[index] ?? expect.fail('not started');
      const { status, lines } = await refused(daemon);
      expect(status).to.equal(2);
      expect(lines[0]?.slice(0, `Error: ${text}`.length)).to.equal(`Error: ${text}`);
      expect(lines.at(-2)).to.match(/^For help, use \S+ -h$/);
      expect(existsSync(daemon.path('started')), 'nothing was started').to.equal(false);
    });
  }

  it('refuses a line that is no option, and quotes it', async () => {
    const daemon = await startDaemon(mode, { config: `${programLine}\nno option at all\n`, comesUp: false });
    const { status, lines } = await refused(daemon);
    expect(status).to.equal(2);
    expect(lines[0]).to.equal("Error: Source contains parsing errors: 'HERE/supervisord.conf'");
    expect(lines[1]).to.match(/^\t\[line \d+\]: 'no option at all\\n'$/);
    await daemon.stop();
  });

  it('refuses a file that is not there or cannot be read', async () => {
    const missing = await run([...daemonCommand[mode], '-n', '-c', '/no/such/file.conf']);
    expect(missing.status).to.equal(2);
    expect(missing.stderr.split('\n')[0]).to.equal('Error: could not find config file /no/such/file.conf');
    const daemon = await startDaemon(mode, {
      config: programLine,
      configMode: 0o000,
      wrapper: process.getuid?.() === 0 ? dropRoot : [],
      comesUp: false,
    });
    const { status, lines } = await refused(daemon);
    expect(status).to.equal(2);
    expect(lines[0]).to.equal('Error: could not read config file HERE/supervisord.conf');
    await daemon.stop();
  });

  it('refuses flags that it does not know', async () => {
    const cases = [
      { flags: ['--bogus'], text: 'option --bogus not recognized' },
      { flags: ['-c'], text: 'option -c requires argument' },
      { flags: ['-n', 'word'], text: "positional arguments are not supported: ['word']" },
      { flags: ['-e', 'loud'], text: "invalid value for -e 'loud': bad logging level name 'loud'" },
    ];
    const outcomes = await Promise.all(cases.map(({ flags }) => run([...daemonCommand[mode], ...flags])));
    for (const [index, { text }] of cases.entries()) {
      expect(outcomes[index]?.stderr.split('\n')[0]).to.equal(`Error: ${text}`);
      expect(outcomes[index]?.status).to.equal(2);
    }
  });

  it('refuses to start while its port is taken, before any program is started', async () => {
    const { server, port } = await listen();
    const daemon = await startDaemon(mode, {
      config: `${programLine}[inet_http_server]\nport=127.0.0.1:${port}\nusername=u\npassword=p\n`,
      comesUp: false,
    });
    const { status, lines } = await refused(daemon);
    expect(status).to.equal(2);
    expect(lines[0]).to.equal(
      'Error: Another program is already listening on a port that one of our HTTP servers is configured to use.  Shut this program down first before starting supervisord.',
    );
    expect(existsSync(daemon.path('started'))).to.equal(false);
    server.close();
    await daemon.stop();
  });

  it('refuses to start a second time on the same socket, and leaves the first daemon alone', async () => {
    const first = await startDaemon(mode, { config: programLine });
    const second = await run([...daemonCommand[mode], '-n', '-c', first.configFile], { directory: first.directory });
    expect(second.status).to.equal(2);
    expect(second.stderr).to.contain('Error: Another program is already listening on a port');
    const info = await first.waitForState('p', 'RUNNING');
    expect(first.descendants()).to.include(info.pid);
    expect(first.read('supervisord.pid')).to.equal(`${first.pid}\n`);
    await first.stop();
  });
});

describeStory('refusing bad input in our own words', (mode) => {
  let daemons: readonly Daemon[];

  before(async () => {
    daemons = await Promise.all(badInputs.map((input) => start(mode, input)));
  });

  after(() => Promise.all(daemons.map((daemon) => daemon.stop())));

  for (const [index, { what, place, config }] of badInputs.entries()) {
    it(`says where ${what} stands`, async () => {
      const daemon = daemons[index] ?? expect.fail('not started');
      const { lines } = await refused(daemon);
      expect(lines[1]).to.match(place);
      const line = Number(/:(\d+):/.exec(lines[1] ?? '')?.[1]);
      const option = /\] (\w+)=/.exec(lines[1] ?? '')?.[1];
      if (option !== undefined && config.includes(`\n${option}=`)) {
        expect(daemon.lines('supervisord.conf')[line - 1]).to.match(new RegExp(`^${option}=`));
      }
    });
  }

  it('never shows the values of an environment', async () => {
    const daemon = await startDaemon(mode, {
      config: `${programLine}environment=TOKEN="s3cret",BROKEN\n`,
      comesUp: false,
    });
    const { status, lines } = await refused(daemon);
    expect(status).to.equal(2);
    expect(lines[1]).to.match(/^HERE\/supervisord\.conf:\d+: \[program:p\] environment/);
    expect(lines[1]).not.to.contain('s3cret');
    await daemon.stop();
  });

  it('warns of an option that it does not know and says which was probably meant', async () => {
    const daemon = await startDaemon(mode, { config: `${programLine}autostrat=true\n` });
    const [warning] = await daemon.waitForMessage(/^WARN .*autostrat/);
    expect(warning).to.match(/supervisord\.conf:\d+.*\bautostart\b/);
    await daemon.stop();
  });
});

const dropRoot = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
