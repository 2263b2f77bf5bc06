// Where output goes and what the daemon says: log files, their rotation, reopening and clearing, what is captured, the
// activity log at each level. Programs say what a step tells them (says.cjs); the next step waits until it has arrived.
import { wrapperWithLog } from '../../support/syslog-receiver.ts';
import type { Scenario, Step } from '../scenario.ts';

/** A program that says what it is told. */
function says(name: string, options = ''): string {
  return `[program:${name}]\ncommand={node} {children}/says.cjs\nstartsecs=0\nstdout_logfile={dir}/${name}.out\nstderr_logfile={dir}/${name}.err\n${options}\n`;
}

/** Lets it say something on its stdout; what is written with JSON's escapes. */
function say(name: string, text: string, channel: 'out' | 'err' = 'out'): Step {
  return { rpc: 'supervisor.sendProcessStdin', params: [name, `${channel} ${JSON.stringify(text).slice(1, -1)}\n`] };
}

const begin = '<!--XSUPERVISOR:BEGIN-->';
const end = '<!--XSUPERVISOR:END-->';

/** A listener that keeps what it gets in `events`. */
function listener(events: string): string {
  return `[eventlistener:listener]\ncommand={node} {children}/listener.cjs {dir}/events\nstdout_logfile=NONE\nstderr_logfile=NONE\nevents=${events}\n`;
}

/** What is said of programs, but not how often, nor what only Python has: descriptors of its objects. */
const ofPrograms =
  /^(?!\S+ Supervisor is|INFO Increased|DEBG fd|DEBG received SIGCHLD|INFO waiting for|DEBG 's' stdout|ready)/;

const files: readonly Scenario[] = [
  {
    name: 'keeps stdout and stderr each in its file',
    shows: ['program.stdout_logfile', 'program.stderr_logfile'],
    config: says('p'),
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      say('p', 'one\n'),
      say('p', 'error\n', 'err'),
      { waitForText: 'one', in: 'p.out' },
      { waitForText: 'error', in: 'p.err' },
      { list: 'p.*', modes: true },
      { read: 'p.out' },
      { read: 'p.err' },
      { rpc: 'supervisor.getProcessInfo', params: ['p'], pick: ['logfile', 'stdout_logfile', 'stderr_logfile'] },
    ],
  },
  {
    name: 'goes on at the end of a log that is there already',
    config: says('p'),
    files: { 'p.out': 'from before, without an end' },
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      say('p', 'one\n'),
      { waitForText: 'one', in: 'p.out' },
      { rpc: 'supervisor.stopProcess', params: ['p'] },
      { rpc: 'supervisor.startProcess', params: ['p'] },
      say('p', 'two\n'),
      { waitForText: 'two', in: 'p.out' },
      { read: 'p.out' },
    ],
  },
  {
    name: 'keeps nothing with NONE, off or no name at all',
    shows: ['program.stdout_logfile', 'program.stderr_logfile'],
    config: [
      says('none', 'stdout_logfile=NONE\nstderr_logfile=none'),
      says('off', 'stdout_logfile=OFF\nstderr_logfile=off'),
      says('empty', 'stdout_logfile=\nstderr_logfile='),
    ].join(''),
    steps: ['none', 'off', 'empty'].flatMap((name): Step[] => [
      { waitFor: name, state: 'RUNNING' },
      say(name, 'one\n'),
      { rpc: 'supervisor.getProcessInfo', params: [name], pick: ['logfile', 'stdout_logfile', 'stderr_logfile'] },
      { ctl: `tail ${name}` },
      { ctl: `tail ${name} stderr` },
      { ctl: `clear ${name}` },
      { http: `GET /logtail/${name}` },
    ]),
  },
  {
    name: 'joins stderr to stdout with redirect_stderr, and warns of a stderr_logfile',
    shows: ['program.redirect_stderr'],
    config: `${says('p', 'redirect_stderr=true')}[program:quiet]\ncommand=/bin/cat\nautostart=false\nredirect_stderr=true\nstdout_logfile=NONE\n`,
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      say('p', 'one\n'),
      say('p', 'error\n', 'err'),
      say('p', 'two\n'),
      { waitForText: 'two', in: 'p.out' },
      { read: 'p.out' },
      { list: 'p.*' },
      { rpc: 'supervisor.getProcessInfo', params: ['p'], pick: ['stdout_logfile', 'stderr_logfile'] },
      { messages: /^WARN For/ },
    ],
  },
  {
    name: 'names a log after program, process and number, with four percent signs for one',
    shows: ['program.stdout_logfile', 'program.numprocs'],
    config: `
[program:web]
command=/bin/cat
numprocs=2
process_name=%(program_name)s-%(process_num)02d
startsecs=0
stdout_logfile={dir}/%(program_name)s_%(process_num)d_100%%%%.out
stderr_logfile={dir}/%(group_name)s.%(numprocs)d.err
`,
    steps: [{ waitFor: 'web:web-00', state: 'RUNNING' }, { waitFor: 'web:web-01', state: 'RUNNING' }, { list: 'web*' }],
  },
  {
    name: 'makes AUTO logs in childlogdir, readable for nobody else, and throws those of the last run away',
    shows: ['supervisord.childlogdir', 'supervisord.identifier', 'program.stdout_logfile', 'program.stderr_logfile'],
    config:
      '[supervisord]\nchildlogdir={dir}/logs\nidentifier=unit.1\n' +
      '[program:p]\ncommand=/bin/cat\nstartsecs=0\n[program:late]\ncommand=/bin/cat\nautostart=false\n',
    files: {
      'logs/old-stdout---unit.1-abcdefgh.log': 'old\n',
      'logs/old-stdout---unit.1-abcdefgh.log.1': 'old\n',
      'logs/old-stdout---unit.1-abcdefgh.log.12345': 'old\n',
      'logs/old-stdout---unit.1-abcdefgh.log.gz': 'old\n',
      'logs/old---unit.1-x.log': 'old\n',
      'logs/---unit.1-x.log': 'kept\n',
      'logs/old-stdout---supervisor-abcdefgh.log': 'kept\n',
      'logs/old-stdout---unit.1-abcdefgh.txt': 'kept\n',
    },
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      { list: 'logs/*', modes: true },
      { rpc: 'supervisor.getProcessInfo', params: ['late'], pick: ['stdout_logfile', 'stderr_logfile'] },
    ],
  },
  {
    name: 'throws away the AUTO logs of nobody else',
    shows: ['supervisord.identifier'],
    config: '[supervisord]\nidentifier=unit.1\n',
    files: {
      'old-stdout---unit.1-abcdefgh.log': 'old\n',
      'old-stdout---unit-1-abcdefgh.log': 'of another daemon\n',
    },
    steps: [{ list: '*---*' }],
    verdict: {
      is: 'better',
      what: 'only the logs of this very identifier are deleted',
      why: 'supervisord takes the identifier for a regular expression: unit.1 is unit-1 too, and some identifiers end it with a traceback',
    },
  },
  {
    name: 'keeps the AUTO logs of the last run with nocleanup',
    shows: ['supervisord.nocleanup'],
    config: '[supervisord]\nnocleanup=true\n[program:p]\ncommand=/bin/cat\nstartsecs=0\n',
    files: { 'old-stdout---supervisor-abcdefgh.log': 'old\n' },
    steps: [{ waitFor: 'p', state: 'RUNNING' }, { list: '*---*' }],
  },
  {
    name: 'leaves its AUTO logs behind at the end',
    config: '[program:p]\ncommand=/bin/cat\nstartsecs=0\n',
    steps: [{ waitFor: 'p', state: 'RUNNING' }, { signal: 'TERM' }, { waitForEnd: true }, { list: '*---*' }],
  },
  {
    name: 'warns of an AUTO log without limit and of the old name for syslog',
    shows: ['program.stdout_logfile_maxbytes', 'program.stderr_logfile_maxbytes', 'program.stdout_syslog'],
    config:
      '[program:auto]\ncommand=/bin/cat\nautostart=false\nstdout_logfile_maxbytes=0\nstderr_logfile_maxbytes=0\n' +
      '[program:syslog]\ncommand=/bin/cat\nautostart=false\nnumprocs=2\nprocess_name=%(process_num)d\nstdout_logfile=syslog\nstderr_logfile=SYSLOG\n',
    steps: [
      { messages: /^WARN/ },
      {
        rpc: 'supervisor.getAllConfigInfo',
        pick: ['name', 'stdout_logfile', 'stdout_syslog', 'stderr_logfile', 'stderr_syslog'],
      },
    ],
  },
  {
    name: 'fails to start over a log that cannot be opened',
    shows: ['fault SPAWN_ERROR'],
    config: [
      says('folder', 'autostart=false\nstartretries=0\nstdout_logfile={dir}/folder\n'),
      says('gone', 'autostart=false\nstartretries=0\nstderr_logfile={dir}/gone/log\n'),
    ].join(''),
    files: { 'folder/file': '', 'gone/file': '' },
    steps: [
      { shell: 'rm -r gone' },
      ...['folder', 'gone'].flatMap((name): Step[] => [
        { rpc: 'supervisor.startProcess', params: [name] },
        { waitFor: name, state: 'FATAL' },
        { rpc: 'supervisor.getProcessInfo', params: [name], pick: ['statename', 'spawnerr', 'description'] },
      ]),
      { list: '*.out *.err' },
      { messages: /spawnerr|gave up/ },
    ],
  },
];

const rotation: readonly Scenario[] = [
  {
    name: 'rotates a log that has grown to maxbytes, and keeps as many backups as it is told',
    shows: [
      'program.stdout_logfile_maxbytes',
      'program.stdout_logfile_backups',
      'program.stderr_logfile_maxbytes',
      'program.stderr_logfile_backups',
    ],
    config: says(
      'p',
      'stdout_logfile_maxbytes=20\nstdout_logfile_backups=2\nstderr_logfile_maxbytes=1KB\nstderr_logfile_backups=1',
    ),
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      say('p', 'nineteen bytes: 123'),
      { waitForText: '123', in: 'p.out' },
      { list: 'p.out*' },
      say('p', '4'),
      { waitForFile: 'p.out.1' },
      { waitForFile: 'p.out' },
      { read: 'p.out.1' },
      { read: 'p.out' },
      say('p', 'a write that is longer than the log may be is not split\n'),
      { waitForText: 'not split', in: 'p.out.1' },
      say('p', 'short\n'),
      { waitForText: 'short', in: 'p.out' },
      say('p', 'and another fifteen\n'),
      { waitForText: 'and another', in: 'p.out.1' },
      { waitForFile: 'p.out' },
      { list: 'p.out*', modes: true },
      { read: 'p.out.1' },
      { read: 'p.out.2' },
      { read: 'p.out' },
      ...['1', '2', '3'].flatMap((digit): Step[] => [
        say('p', digit.repeat(1024), 'err'),
        { waitForText: digit.repeat(1024), in: 'p.err.1' },
      ]),
      { waitForFile: 'p.err' },
      { list: 'p.err*' },
      { read: 'p.err' },
    ],
  },
  {
    name: 'counts what is in a log already, and rotates never with maxbytes=0',
    shows: ['program.stdout_logfile_maxbytes'],
    config: says('counts', 'stdout_logfile_maxbytes=100\n') + says('grows', 'stdout_logfile_maxbytes=0'),
    files: { 'counts.out': `${'x'.repeat(94)}\n`, 'grows.out': `${'x'.repeat(999)}\n` },
    steps: [
      { waitFor: 'counts', state: 'RUNNING' },
      { waitFor: 'grows', state: 'RUNNING' },
      say('counts', 'five\n'),
      { waitForText: 'five', in: 'counts.out.1' },
      { waitForFile: 'counts.out' },
      { read: 'counts.out' },
      say('grows', 'five\n'),
      { waitForText: 'five', in: 'grows.out' },
      { list: '*.out*' },
    ],
  },
  {
    name: 'begins a log anew without backups',
    shows: ['program.stdout_logfile_backups'],
    config: says('p', 'stdout_logfile_maxbytes=10\nstdout_logfile_backups=0'),
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      say('p', 'first'),
      { waitForText: 'first', in: 'p.out' },
      say('p', ' and too long'),
      { shell: 'while [ -s p.out ]; do sleep 0.05; done' },
      say('p', 'second'),
      { waitForText: 'second', in: 'p.out' },
      { read: 'p.out' },
      { list: 'p.out*' },
    ],
  },
  {
    name: 'rotates on when somebody has removed the backups or the log',
    config: says('p', 'stdout_logfile_maxbytes=10\nstdout_logfile_backups=3'),
    files: { 'p.out.2': 'a gap before it\n' },
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      say('p', 'more than ten 1\n'),
      { waitForText: 'ten 1', in: 'p.out.1' },
      { waitForFile: 'p.out' },
      { shell: 'rm p.out' },
      say('p', 'more than ten 2\n'),
      { waitForFile: 'p.out' },
      { list: 'p.out*' },
      say('p', 'more than ten 3\n'),
      { waitForText: 'ten 3', in: 'p.out.1' },
      { waitForFile: 'p.out' },
      { shell: 'head p.out*' },
    ],
  },
  {
    name: 'opens its logs by their names again at USR2',
    shows: ['signal USR2'],
    config: says('p') + says('stopped', 'autostart=false'),
    files: { 'stopped.out': 'kept\n' },
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      say('p', 'one\n'),
      { waitForText: 'one', in: 'p.out' },
      { shell: 'mv p.out p.old; mv supervisord.log supervisord.old; rm p.err' },
      say('p', 'two\n'),
      { waitForText: 'two', in: 'p.old' },
      { signal: 'USR2' },
      { waitForFile: 'p.out' },
      { waitForFile: 'p.err' },
      { waitForFile: 'supervisord.log' },
      say('p', 'three\n'),
      { waitForText: 'three', in: 'p.out' },
      { rpc: 'supervisor.stopProcess', params: ['p'] },
      { read: 'p.out' },
      { read: 'p.old' },
      { list: '*.out *.err *.old *.log' },
      { shell: "grep -o 'INFO .*reopen.*' supervisord.old" },
      { messages: /stopped/ },
    ],
  },
  {
    name: 'clears the log of a program that runs, and leaves its backups alone',
    config: says('p', 'stdout_logfile_maxbytes=10'),
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      say('p', 'more than ten\n'),
      { waitForText: 'ten', in: 'p.out.1' },
      say('p', 'one\n'),
      { waitForText: 'one', in: 'p.out' },
      { ctl: 'clear p' },
      { read: 'p.out' },
      { read: 'p.out.1' },
      say('p', 'two\n'),
      { waitForText: 'two', in: 'p.out' },
      { read: 'p.out' },
      { shell: 'rm p.out' },
      { ctl: 'clear p' },
      { list: 'p.*', modes: true },
    ],
  },
];

const streams: readonly Scenario[] = [
  {
    name: 'takes terminal sequences out of output with strip_ansi',
    shows: ['supervisord.strip_ansi'],
    config: `[supervisord]\nstrip_ansi=true\n${says('p')}`,
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      say(
        'p',
        '\u001b[31mred\u001b[0m \u001b[1;1Hmoved\u001b[2J \u001b[?25lhidden, \u001b]0;title\u0007 stays, unknown \u001b[3G eats up to m: stem\n',
      ),
      { waitForText: 'stem', in: 'p.out' },
      say('p', '\u001b[4mlast\u001b[24m\n', 'err'),
      { waitForText: 'last', in: 'p.err' },
      { shell: 'od -c p.out; od -c p.err' },
    ],
  },
  {
    name: 'leaves terminal sequences in output without strip_ansi',
    shows: ['supervisord.strip_ansi'],
    config: says('p'),
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      say('p', '\u001b[31mred\u001b[0m\n'),
      { waitForText: 'red', in: 'p.out' },
      { shell: 'od -c p.out' },
    ],
  },
  {
    name: 'keeps what is captured out of the log and gives it to listeners',
    shows: ['program.stdout_capture_maxbytes', 'program.stderr_capture_maxbytes'],
    config:
      says('p', 'stdout_capture_maxbytes=1KB\nstderr_capture_maxbytes=1KB') +
      says('plain') +
      listener('PROCESS_COMMUNICATION'),
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      { waitFor: 'plain', state: 'RUNNING' },
      say('p', `before, at least 24 bytes long\n${begin}message${end}behind, at least 24 bytes long\n`),
      { waitForText: 'behind', in: 'p.out' },
      say(
        'p',
        `before, at least 24 bytes long\n${begin}from stderr: gr\u00c3\u00bc\u00c3\u009fe${end}behind, at least 24 bytes long\n`,
        'err',
      ),
      { waitForText: 'behind', in: 'p.err' },
      say(
        'p',
        `${begin}not UTF-8: \u00e9${end}${begin}${end}three messages at once: ${begin}and ${begin} within${end} and ${end} outside\n`,
      ),
      { waitForText: 'outside', in: 'p.out' },
      say('plain', `without capture ${begin}all stays${end} as it is\n`),
      { waitForText: 'as it is', in: 'plain.out' },
      { waitForText: 'eventname', in: 'events', count: 5 },
      { read: 'p.out' },
      { read: 'p.err' },
      { read: 'plain.out' },
      { read: 'events' },
    ],
  },
  {
    name: 'finds capture tokens that are cut by the reads',
    shows: ['program.stdout_capture_maxbytes'],
    config: says('p', 'stdout_capture_maxbytes=1KB') + listener('PROCESS_COMMUNICATION_STDOUT'),
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      ...[
        'some output before the message\n<',
        '!--XSUPERVISOR:BE',
        'GIN-->mess',
        'age<!--XSUPER',
        'VISOR:END-',
        '->output behind the message\n',
      ].flatMap((piece, index): Step[] => [
        say('p', piece),
        say('p', `${index}\n`, 'err'),
        { waitForText: `${index}\n`, in: 'p.err' },
      ]),
      { waitForText: 'eventname', in: 'events' },
      { waitForText: 'behind', in: 'p.out' },
      { read: 'p.out' },
      { read: 'events' },
    ],
  },
  {
    name: 'keeps the newest of a message that is longer than it may be',
    shows: ['program.stdout_capture_maxbytes'],
    config:
      says('p', 'stdout_capture_maxbytes=60\nstdout_events_enabled=true') +
      listener('PROCESS_COMMUNICATION,PROCESS_LOG'),
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      say('p', `${begin}${'a'.repeat(30)}`),
      { waitForText: 'PROCESS_LOG_STDOUT', in: 'events', count: 1 },
      say('p', 'b'.repeat(30)),
      { waitForText: 'PROCESS_LOG_STDOUT', in: 'events', count: 2 },
      say('p', 'c'.repeat(25)),
      { waitForText: 'PROCESS_LOG_STDOUT', in: 'events', count: 3 },
      say('p', end + ' '.repeat(30)),
      { waitForText: 'PROCESS_LOG_STDOUT', in: 'events', count: 4 },
      say('p', `${begin}${'d'.repeat(100)}${end}${' '.repeat(30)}`),
      { waitForText: 'PROCESS_LOG_STDOUT', in: 'events', count: 6 },
      { read: 'events' },
    ],
  },
  {
    name: 'loses no output over capture, and keeps none waiting',
    shows: ['program.stdout_capture_maxbytes'],
    config: says('p', 'stdout_capture_maxbytes=1KB\nautorestart=false'),
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      say('p', 'ready\n'),
      say('p', 'said\n', 'err'),
      { waitForText: 'said', in: 'p.err' },
      { read: 'p.out' },
      say('p', `goodbye\n`),
      { rpc: 'supervisor.sendProcessStdin', params: ['p', 'exit 0\n'] },
      { waitFor: 'p', state: 'EXITED' },
      { read: 'p.out' },
      { rpc: 'supervisor.startProcess', params: ['p'] },
      say('p', `${begin}cut short by the end, which comes before the token\n`),
      { rpc: 'supervisor.sendProcessStdin', params: ['p', 'exit 0\n'] },
      { waitFor: 'p', state: 'EXITED' },
      { read: 'p.out' },
    ],
    verdict: {
      is: 'better',
      what: 'output is in the log at once and also when the program ends: only what may be the beginning of a token waits',
      why: 'supervisord holds back up to 24 bytes until more comes and loses them at the end: the last words of a program, of all',
    },
  },
  {
    name: 'tells listeners of all that programs write, where events are enabled',
    shows: ['program.stdout_events_enabled', 'program.stderr_events_enabled', 'supervisord.strip_ansi'],
    config:
      '[supervisord]\nstrip_ansi=true\n' +
      says('both', 'stdout_events_enabled=true\nstderr_events_enabled=true') +
      says('none', 'stdout_events_enabled=false\nstdout_logfile={dir}/none.out') +
      says('unlogged', 'stdout_events_enabled=true\nstdout_logfile=NONE\nstderr_logfile=NONE') +
      listener('PROCESS_LOG'),
    steps: [
      { waitFor: 'both', state: 'RUNNING' },
      { waitFor: 'none', state: 'RUNNING' },
      { waitFor: 'unlogged', state: 'RUNNING' },
      say('none', 'nobody is told\n'),
      { waitForText: 'nobody', in: 'none.out' },
      ...[
        say('both', 'one\ntwo\n'),
        say('both', 'from stderr\n', 'err'),
        say('both', '\u001b[1mcolourless\u001b[0m'),
        say('both', 'h\u00c3\u00a9llo \u00e2\u0082\u00ac\n'),
        say('both', 'caf\u00e9 \u0000\u007f "\'\\\n'),
        say('unlogged', 'without a log\n'),
      ].flatMap((step, index): Step[] => [step, { waitForText: 'eventname', in: 'events', count: index + 1 }]),
      { read: 'events' },
    ],
  },
  {
    name: 'copies output to the activity log at debug',
    shows: ['supervisord.loglevel', 'program.stdout_capture_maxbytes'],
    config: `[supervisord]\nloglevel=debug\n${says('p', 'stdout_capture_maxbytes=1KB')}${says('none', 'stdout_logfile=NONE\nstderr_logfile=NONE')}`,
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      { waitFor: 'none', state: 'RUNNING' },
      say('p', 'several lines\nof one write\n\n'),
      { waitForMessage: /several/ },
      say('p', 'from stderr, without an end', 'err'),
      { waitForMessage: /from stderr/ },
      say('p', 'not UTF-8: \u0088 "quoted" \\ \u001b[1m\u0007\n', 'err'),
      { waitForMessage: /Undecodable/ },
      say('p', `the log says ${begin}captured${end} what was captured, and goes on\n`),
      { waitForMessage: /what was captured/ },
      say('none', 'gr\u00c3\u00bc\u00c3\u009fe without a log\n'),
      { waitForMessage: /without a log/ },
      { shell: "sed -e 's/^[-0-9]* [:,0-9]* //' -e '/^DEBG/,/^INFO/!d' supervisord.log | grep -v '^INFO\\|^TRAC'" },
    ],
  },
  {
    name: 'copies output to its own stdout for the log /dev/stdout',
    shows: ['program.stdout_logfile', 'program.stdout_logfile_maxbytes'],
    config: says(
      'p',
      'stdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=0\nstderr_logfile=/dev/stderr\nstderr_logfile_maxbytes=0',
    ),
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      say('p', 'one\ntwo\n'),
      { waitForText: 'two', in: 'daemon.stdout' },
      say('p', 'error\n', 'err'),
      { waitForText: 'error', in: 'daemon.stderr' },
      { read: 'daemon.stdout', only: /^(one|two)/ },
      { read: 'daemon.stderr', only: /^error/ },
      { rpc: 'supervisor.getProcessInfo', params: ['p'], pick: ['stdout_logfile', 'stderr_logfile'] },
    ],
  },
];

const activity: readonly Scenario[] = [
  ...(['critical', 'error', 'warn', 'info', 'debug'] as const).map((level): Scenario => ({
    name: `tells a program's whole life at loglevel ${level}`,
    shows: ['supervisord.loglevel'],
    config: `
[supervisord]
loglevel=${level}
[program:p]
command={children}/stays.sh
startsecs=1
; Alive until supervisord has looked: what ends in the pass that starts it is never said to be RUNNING.
[program:q]
command={children}/exits-with.sh 3 0.5
startsecs=0
exitcodes=3
stopasgroup=true
[program:r]
command=/nowhere/r
autostart=false
startretries=0
[program:s]
command={children}/ignores-term.sh
autostart=false
startsecs=0
stopwaitsecs=2
stdout_logfile={dir}/s.out
`,
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      { rpc: 'supervisor.signalProcess', params: ['p', 'WINCH'] },
      { rpc: 'supervisor.stopProcess', params: ['p'] },
      { rpc: 'supervisor.startProcess', params: ['q', false] },
      { waitFor: 'q', state: 'EXITED' },
      { rpc: 'supervisor.startProcess', params: ['r'] },
      { rpc: 'supervisor.startProcess', params: ['s'] },
      { waitForText: 'ready', in: 's.out' },
      { rpc: 'supervisor.stopProcess', params: ['s'] },
      { signal: 'TERM' },
      { waitForEnd: true },
      { messages: ofPrograms },
    ],
  })),
  {
    name: 'writes its log where it is told, and to stdout in the foreground',
    shows: ['supervisord.logfile', 'supervisord.nodaemon'],
    config: '[supervisord]\nlogfile={dir}/logs/activity\n[program:p]\ncommand=/bin/cat\nstartsecs=0\n',
    files: { 'logs/activity': 'from before\n' },
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      { read: 'logs/activity', only: /before|started|spawned|success/ },
      { read: 'daemon.stdout', only: /before|started|spawned|success/ },
      { list: 'logs/*', modes: true },
      { ctl: 'tail p' },
      { rpc: 'supervisor.readLog', params: [0, 11] },
    ],
  },
  {
    name: 'says nothing on stdout with silent',
    shows: ['supervisord.silent'],
    config: '[supervisord]\nsilent=true\n[program:p]\ncommand=/bin/cat\nstartsecs=0\n',
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      { waitForMessage: /spawned/ },
      { read: 'daemon.stdout' },
      { read: 'daemon.stderr' },
      { messages: /spawned/ },
    ],
  },
  {
    name: 'rotates its own log',
    shows: ['supervisord.logfile_maxbytes', 'supervisord.logfile_backups'],
    config: `[supervisord]\nloglevel=debug\nlogfile_maxbytes=4KB\nlogfile_backups=2\n${says('p', 'stdout_logfile=NONE')}`,
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      ...['a', 'b', 'c', 'd'].flatMap((letter): Step[] => [
        say('p', letter.repeat(5000)),
        { waitForText: letter.repeat(5000), in: 'supervisord.log.1' },
      ]),
      { list: 'supervisord.log*', modes: true },
      // Ours has a line per command more.
      {
        shell:
          'grep -v command supervisord.log.1 | tr -cd abcd | wc -c; grep -v command supervisord.log.2 | tr -cd c | wc -c',
      },
    ],
  },
  {
    name: 'opens and clears its own log by its name',
    config: '[supervisord]\nlogfile_maxbytes=0\n',
    steps: [
      { shell: 'mv supervisord.log supervisord.old' },
      { signal: 'USR2' },
      { waitForFile: 'supervisord.log' },
      { shell: "grep -o 'INFO .*reopen.*' supervisord.old" },
      { rpc: 'supervisor.clearLog' },
      { read: 'supervisord.log' },
      { shell: 'rm supervisord.log' },
      { rpc: 'supervisor.clearLog' },
      { rpc: 'supervisor.readLog', params: [0, 0] },
      { ctl: 'maintail' },
    ],
  },
  {
    name: 'has no log to read when it goes to syslog',
    shows: ['supervisord.logfile', 'program.stdout_syslog', 'program.stderr_syslog'],
    config: `[supervisord]\nlogfile=syslog\n${says('p', 'stdout_syslog=true\nstderr_syslog=true')}`,
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      say('p', 'one\ntwo\n'),
      { waitForText: 'two', in: 'p.out' },
      say('p', 'error\n', 'err'),
      { waitForText: 'error', in: 'p.err' },
      { read: 'p.out' },
      { rpc: 'supervisor.readLog', params: [0, 0] },
      { rpc: 'supervisor.clearLog' },
      { ctl: 'maintail' },
      { http: 'GET /mainlogtail' },
      { read: 'daemon.stdout', only: /spawned/ },
      { list: '*.log' },
      { rpc: 'supervisor.getAllConfigInfo', pick: ['name', 'stdout_syslog', 'stderr_syslog'] },
    ],
  },
  {
    name: 'clears a program that also writes to syslog',
    shows: ['program.stdout_syslog'],
    config: says('p', 'stdout_syslog=true'),
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      say('p', 'one\n'),
      { waitForText: 'one', in: 'p.out' },
      { ctl: 'clear p' },
      { read: 'p.out' },
    ],
    verdict: {
      is: 'better',
      what: 'the file is cleared, and syslog is left alone',
      why: 'supervisord answers HTTP 500, after it has cleared the file',
    },
  },
  {
    name: 'writes its log to /dev/stdout once',
    shows: ['supervisord.logfile'],
    config: '[supervisord]\nlogfile=/dev/stdout\nlogfile_maxbytes=0\n[program:p]\ncommand=/bin/cat\nstartsecs=0\n',
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      { waitForMessage: /success/ },
      { read: 'daemon.stdout', only: /spawned|success/ },
    ],
    verdict: {
      is: 'better',
      what: 'each line is there once',
      why: 'with nodaemon supervisord logs to stdout as well, so every line of a container stands there twice',
    },
  },
];

/** A receiver of its own behind /dev/log, for which each daemon gets its own /dev. */
const receiver =
  '[program:receiver]\ncommand={node} {children}/receives-syslog.cjs {dir}/log {dir}/received\nstartsecs=0\npriority=1\n';
const withReceiver = { needs: ['namespaces', 'koffi'], wrapper: wrapperWithLog('{dir}/log') } as const;

const syslog: readonly Scenario[] = [
  {
    name: 'sends the lines of programs to syslog',
    shows: ['program.stdout_syslog', 'program.stderr_syslog', 'program.stdout_logfile', 'program.stderr_logfile'],
    ...withReceiver,
    config:
      receiver +
      says('p', 'stdout_syslog=true\nstderr_logfile=syslog') +
      says('q', 'stdout_syslog=true\nstdout_capture_maxbytes=1KB\nstderr_syslog=true\nstdout_logfile=NONE'),
    steps: [
      { waitForFile: 'log' },
      { waitFor: 'p', state: 'RUNNING' },
      { waitFor: 'q', state: 'RUNNING' },
      say('p', 'one\n\ntwo, gr\u00c3\u00bc\u00c3\u009fe\n\n\n'),
      { waitForText: 'two', in: 'received' },
      say('p', 'error, without an end', 'err'),
      { waitForText: 'error', in: 'received' },
      say('q', `before, at least 24 bytes long\n${begin}captured${end}behind, at least 24 bytes long\n`),
      { waitForText: 'behind', in: 'received' },
      say('q', '\n', 'err'),
      { waitForText: 'q "', in: 'received' },
      { waitForText: 'two', in: 'p.out' },
      { read: 'received' },
      { read: 'p.out' },
      { list: 'p.* q.*' },
    ],
  },
  {
    name: 'sends its log to syslog',
    shows: ['supervisord.logfile', 'supervisord.loglevel'],
    ...withReceiver,
    config: `[supervisord]\nlogfile=syslog\nloglevel=debug\n${receiver}${says('p', 'stdout_logfile=NONE')}`,
    steps: [
      { waitForFile: 'log' },
      { waitFor: 'p', state: 'RUNNING' },
      say('p', 'one\n\ntwo\n'),
      { waitForText: 'DEBG two', in: 'received' },
      { rpc: 'supervisor.stopProcess', params: ['p'] },
      { waitForText: 'stopped: p', in: 'received' },
      { read: 'received', only: /DEBG 'p'|DEBG (one|two)?\\n|stopped: p/ },
    ],
  },
  {
    name: 'sends lines to syslog that are not UTF-8',
    shows: ['program.stdout_syslog'],
    ...withReceiver,
    config: receiver + says('p', 'stdout_syslog=true'),
    steps: [
      { waitForFile: 'log' },
      { waitFor: 'p', state: 'RUNNING' },
      say('p', 'caf\u00e9\n'),
      { waitForText: 'caf', in: 'p.out' },
      say('p', 'still there\n'),
      { waitForText: 'still there', in: 'received' },
      { read: 'received' },
    ],
    verdict: {
      is: 'better',
      what: 'the bytes are sent as they are',
      why: 'supervisord loses them and prints a Python traceback on its stderr',
    },
  },
];

export const scenarios: readonly Scenario[] = [...files, ...rotation, ...streams, ...activity, ...syslog];
