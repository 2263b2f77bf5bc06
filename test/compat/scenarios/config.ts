// The configuration file: its dialect, includes, expansions, every type of value with its errors, groups, servers.
// Most files are read by a daemon that already runs (`reloadConfig`), which says of each what it makes of it.
import type { Scenario, Step } from '../scenario.ts';

/** Each text in turn becomes the file (behind the head), and the daemon reads it. */
function rereads(...texts: readonly string[]): Step[] {
  return texts.flatMap((text): Step[] => [{ write: 'supervisord.conf', text }, { rpc: 'supervisor.reloadConfig' }]);
}

/** The same with one program that has these lines. */
function rereadsProgram(...lines: readonly string[]): Step[] {
  return rereads(...lines.map((line) => `[program:p]\ncommand=/bin/cat\n${line}\n`));
}

/** The same with these lines in [supervisord]. */
function rereadsDaemon(...lines: readonly string[]): Step[] {
  return rereads(...lines.map((line) => `[supervisord]\n${line}\n`));
}

function configInfo(...pick: readonly string[]): Step {
  return { rpc: 'supervisor.getAllConfigInfo', pick: ['name', 'group', ...pick] };
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'reads comments, continued lines, both delimiters and keys in any case',
    shows: ['program.command', 'program.priority', 'program.stdout_logfile'],
    config: `
# a comment
; another
   ; an indented one
[program:comments]
command=/bin/cat a;b c#d ; cut here
stdout_logfile=NONE # cut
stderr_logfile=/dev/null	;behind a tab
PRIORITY : 5
[program:continued]
  command = /bin/cat one
    two
    # not this

    three
  autostart=false
[program:delimiters]
command: /bin/cat x=y:z
startsecs :2
startretries= 4
[program:quotes]
command=/bin/sh -c "echo a ; echo b"
directory="/quoted"
[program:brackets]] ; and what follows
command=/bin/cat
[PROGRAM:case]
command=/bin/cat
[supervisord]
identifier:=a:b
`,
    steps: [
      { rpc: 'supervisor.getIdentification' },
      configInfo(
        'command',
        'stdout_logfile',
        'stderr_logfile',
        'group_prio',
        'autostart',
        'startsecs',
        'startretries',
        'directory',
      ),
    ],
  },
  {
    name: 'merges sections and takes the last value of an option',
    shows: ['supervisord.identifier'],
    config: `
[program:p]
command=/bin/cat first
priority=1
[supervisord]
identifier=first
[program:p]
priority=2
command=/bin/cat second
[program:p]
priority=3
[supervisord]
identifier=last
`,
    steps: [{ rpc: 'supervisor.getIdentification' }, configInfo('command', 'group_prio')],
  },
  {
    name: 'reads a file with carriage returns, form feeds and other kinds of blanks',
    head: false,
    config:
      '[supervisord]\r\nlogfile=%(here)s/supervisord.log\r\npidfile=%(here)s/supervisord.pid\r\nchildlogdir=%(here)s\r\n' +
      '[unix_http_server]\rfile=%(here)s/supervisor.sock\r\n[rpcinterface:supervisor]\n' +
      'supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\r\n' +
      '[program:p]\r\ncommand\u00a0=\u3000/bin/cat\u000ba\u2028b \u000c\r\n\tpriority=7\r\n',
    steps: [configInfo('command', 'group_prio')],
  },
  {
    name: 'refuses a text that is no configuration, and names the lines',
    config: '',
    comesUp: false,
    head: false,
    steps: [
      { waitForEnd: true },
      { write: 'a.conf', text: 'x=1\n' },
      { daemon: ['-c', '{dir}/a.conf'] },
      { write: 'a.conf', text: '\n\n   it\'s "here"\n[supervisord]\n' },
      { daemon: ['-c', '{dir}/a.conf'] },
      {
        write: 'a.conf',
        text: `[supervisord]\nnothing\n${'k=1\n'.repeat(9)}it's bad\n=x\n: y\n[program:p]\nsay "x"\té\n`,
      },
      { daemon: ['-c', '{dir}/a.conf'] },
      { write: 'a.conf', text: '\ufeff[supervisord]\n' },
      { daemon: ['-c', '{dir}/a.conf'] },
      { write: 'a.conf', text: '[supervisord\n' },
      { daemon: ['-c', '{dir}/a.conf'] },
      { write: 'a.conf', text: '[]\n' },
      { daemon: ['-c', '{dir}/a.conf'] },
      { write: 'a.conf', text: '[program:p]\ncommand=/bin/cat\n' },
      { daemon: ['-c', '{dir}/a.conf'] },
    ],
  },
  {
    name: 'says where a file is not UTF-8',
    config: '',
    steps: [
      { shell: String.raw`printf '[supervisord]\nidentifier=\351t\351\n' > supervisord.conf` },
      { rpc: 'supervisor.reloadConfig' },
      { shell: String.raw`printf '[supervisord]\n; \377\n' > supervisord.conf` },
      { rpc: 'supervisor.reloadConfig' },
      { shell: String.raw`printf '[supervisord]\n\342\202a' > supervisord.conf` },
      { rpc: 'supervisor.reloadConfig' },
      { shell: String.raw`printf '[supervisord]\n\360\237\230' > supervisord.conf` },
      { rpc: 'supervisor.reloadConfig' },
    ],
  },
  {
    name: 'refuses a file that is missing or cannot be read',
    shows: ['supervisord --configuration'],
    config: '',
    comesUp: false,
    head: false,
    files: { 'other/empty': '' },
    steps: [
      { waitForEnd: true },
      { daemon: ['-c', '{dir}/nothing.conf'] },
      { daemon: ['--configuration={dir}/supervisord.conf/x'] },
      { daemon: ['-c', '{dir}/other'] },
    ],
  },
  {
    name: 'looks for its file around the program, here and in /etc',
    config: '[supervisord]\nlogfile=%(here)s/nowhere/log\n',
    comesUp: false,
    head: false,
    steps: [
      // The nearest one that this run can make sure of; it is refused, so that it ends.
      { waitForEnd: true },
      { daemon: ['-n'] },
      { shell: 'mkdir etc; mv supervisord.conf etc' },
      { daemon: [] },
    ],
  },
  {
    name: 'expands every name in every format',
    shows: [
      'program.command',
      'program.numprocs',
      'program.numprocs_start',
      'program.process_name',
      'program.directory',
    ],
    environment: { PERCENT: '100% %(here)s', EMPTY: '' },
    config: `
[program:p]
process_name=%(program_name)s_%(process_num)02d
numprocs=2
numprocs_start=9
command=/bin/cat %(here)s %(program_name)s %(group_name)s %(process_num)d/%(numprocs)d %(host_node_name).0s %(ENV_PERCENT)s %(ENV_EMPTY)s %%
directory=/%(process_num)d/%(process_num)03d/%(process_num)x/%(process_num)#o/%(process_num)+d/%(process_num)5d/%(process_num)-5d/%(process_num).2f/%(process_num)e/%(process_num)g/%(process_num)c|
[program:q]
command=/bin/cat %(program_name)r %(program_name)5s| %(program_name)-5s| %(program_name).0s| %(process_num)s %(process_num)i%(process_num)u
priority=%(ENV_EMPTY)s7
stdout_logfile=%(here)s/%(program_name)s-%(process_num)d.log
[group:g]
programs=p
`,
    steps: [configInfo('command', 'directory', 'stdout_logfile', 'group_prio', 'process_prio')],
  },
  {
    name: 'names what cannot be expanded, and what could be',
    shows: ['program.process_name', 'program.environment', 'program.stdout_logfile'],
    config: '',
    steps: [
      ...rereadsProgram(
        'command=/bin/cat %(nope)s',
        'directory=/%(ENV_NO_SUCH_VARIABLE)s',
        'process_name=%(nope)s',
        'stdout_logfile=/tmp/%%(nope)s',
        'priority=%(process_num)d',
        'startsecs=%(process_num)d',
        'autostart=%(here)s',
      ),
      ...rereadsDaemon(
        'identifier=%(program_name)s',
        'logfile=%(host_node_name)s',
        'childlogdir=%(ENV_NO_SUCH_VARIABLE)s',
      ),
      ...rereads(
        '[group:g]\nprograms=%(group_name)s\n',
        '[unix_http_server:x]\nfile=/tmp/%(host_node_name)s\n',
        '[inet_http_server]\nport=%(here)s\n',
        '[include]\nfiles=%(program_name)s\n',
        '[rpcinterface:x]\nsupervisor.rpcinterface_factory=%(here)s\n',
      ),
    ],
  },
  {
    name: 'says what is wrong with a format',
    config: '',
    steps: rereadsProgram(
      'command=/bin/cat 100%',
      'command=/bin/cat % d',
      'command=/bin/cat %(here)',
      'command=/bin/cat %(here',
      'command=/bin/cat %(here)d',
      'command=/bin/cat %(here)x',
      'command=/bin/cat %(here)f',
      'command=/bin/cat %(here)b',
      'command=/bin/cat %(here)é',
      'command=/bin/cat %(here)c',
      'command=/bin/cat %d',
      'command=/bin/cat %(here)*s',
      'command=/bin/cat 5%5%',
      'command=/bin/cat %(process_num).2q',
      'process_name=%',
      'process_name=%(process_num)x\nnumprocs=2\nstdout_logfile=/tmp/50%%',
    ),
  },
  {
    name: 'refuses to put all variables where a name was forgotten',
    shows: ['program.command'],
    config: '',
    steps: [
      { write: 'supervisord.conf', text: '[program:p]\ncommand=/bin/date +%s\n' },
      { rpc: 'supervisor.reloadConfig' },
    ],
    verdict: {
      is: 'better',
      what: 'a percent sign without a name is an error, also before `s` as in `date +%s`',
      why: 'supervisord puts its whole environment, with all secrets, on the command line',
    },
  },
  {
    name: 'expands log file names twice and everything else once',
    shows: ['program.stdout_logfile', 'program.stderr_logfile', 'program.command'],
    config: `
[program:p]
command=/bin/cat 50%% %%%% %%(here)s
directory=/50%%
stdout_logfile=%(here)s/50%%%%
stderr_logfile=%(here)s/%%(program_name)s
`,
    steps: [configInfo('command', 'directory', 'stdout_logfile', 'stderr_logfile')],
  },
  {
    name: 'gives a program its own variables over those of the daemon and of [supervisord]',
    shows: ['supervisord.environment', 'program.environment'],
    environment: { OUTER: 'outer', BOTH: 'outer', SECRET: '100%', THREE: 'outer' },
    config: `
[supervisord]
environment=BOTH="daemon",THREE="daemon",DAEMON="%(ENV_OUTER)s and %%%%",HERE="%(here)s"
[program:p]
command=/bin/sh -c 'env | grep -E "^(OUTER|BOTH|SECRET|THREE|DAEMON|HERE|MINE|NUMBER|SUPERVISOR_[A-Z]*)=" | sort > %(here)s/p.env'
environment=THREE="program",MINE="%(ENV_THREE)s %(ENV_BOTH)s %%",NUMBER="%(process_num)d",SUPERVISOR_GROUP_NAME="mine"
startsecs=0
autorestart=false
[program:uses]
command=/bin/cat %(ENV_MINE)s %(ENV_DAEMON)s %(ENV_OUTER)s
environment=MINE="own"
autostart=false
`,
    steps: [{ waitForText: 'THREE=', in: 'p.env' }, { read: 'p.env' }, configInfo('command')],
  },
  {
    name: 'reads variables by the rules of its lexer',
    shows: ['program.environment', 'supervisord.environment'],
    config: `
[supervisord]
environment=A="1",B='2'
[program:p]
command=/bin/sh -c 'env | grep "^[A-Z]=" | sort > %(here)s/p.env'
environment=C=word/._+-():,D="he said 'hi'",E='"both"',F="a, b = c ; # d",G = spaced , H="",I="two
 lines",J="x"; K="back\\slash",  # a comment
 L=last,
startsecs=0
autorestart=false
`,
    steps: [{ waitForText: 'L=', in: 'p.env' }, { read: 'p.env' }],
  },
  {
    name: 'refuses variables that are not pairs, without showing values',
    shows: ['program.environment', 'supervisord.environment'],
    config: '',
    steps: [
      ...rereadsProgram(
        'environment=A',
        'environment=A=',
        'environment==1',
        'environment=A=1 B=2',
        'environment=A=x@y',
        'environment=A=1,B',
        'environment=A="%(nope)s"',
        'environment=A="100%"',
      ),
      ...rereadsDaemon('environment=A=a=b', 'environment=A="50%%"', 'environment=A="%(program_name)s"'),
    ],
    verdict: {
      is: 'better',
      what: 'the error shows the keys of `environment` and `***` for the values',
      why: 'values are often secrets, and errors are copied into logs and tickets',
    },
  },
  {
    name: 'refuses variables with an open quote',
    shows: ['program.environment', 'supervisord.environment'],
    config: '',
    steps: [...rereadsProgram('environment=A="x', "environment=A=1,B='"), ...rereadsDaemon('environment=A="x')],
  },
  {
    name: 'includes files by their patterns, in order, the last value winning',
    shows: ['include.files'],
    environment: { FILES: 'by-variable' },
    config: `
[include]
files = conf.d/*.conf {dir}/abs?.ini %(here)s/[xy].ini
    %(ENV_FILES)s.ini none/*.conf conf.d/*.conf
[program:a]
command=/bin/cat main
priority=1
`,
    files: {
      'conf.d/2.conf': '[program:a]\ncommand=/bin/cat 2\n[program:b]\ncommand=/bin/cat b\n',
      'conf.d/10.conf': '[program:a]\ncommand=/bin/cat 10\npriority=10\n',
      'conf.d/.hidden.conf': '[program:hidden]\ncommand=/bin/cat\n',
      'conf.d/deep/x.conf': '[program:deep]\ncommand=/bin/cat\n',
      'abs1.ini': '[program:abs]\ncommand=/bin/cat\n',
      'y.ini': '[program:y]\ncommand=/bin/cat\n',
      'z.ini': '[program:z]\ncommand=/bin/cat\n',
      'by-variable.ini': '[supervisord]\nidentifier=included\n',
    },
    steps: [{ messages: /include/i }, { rpc: 'supervisor.getIdentification' }, configInfo('command', 'group_prio')],
  },
  {
    name: 'gives each included file its own directory, and includes no further',
    shows: ['include.files'],
    config: `
[supervisord]
directory=%(here)s
[include]
files = sub/*.conf
[program:main]
command=/bin/cat %(here)s
`,
    files: {
      'sub/a.conf': '[program:a]\ncommand=/bin/cat %(here)s\n[include]\nfiles=more.conf\n',
      'sub/more.conf.txt': '[program:more]\ncommand=/bin/cat\n',
      'sub/b.conf': '[program:main]\ndirectory=%(here)s\n[program:b]\ncommand=/bin/cat %(here)s/b\n',
    },
    steps: [configInfo('command', 'directory'), { messages: /include/i }],
  },
  {
    name: 'names the included file that is wrong',
    shows: ['include.files'],
    config: '',
    files: {
      'bad/parse.conf': '[program:p]\nnothing\n',
      'bad/head.conf': 'x=1\n',
      'bad/value.conf': '[program:p]\ncommand=/bin/cat\nnumprocs=x\n',
      'bad/other.conf': '[program:main]\nnumprocs=x\n',
      'bad/priority.conf': '[program:p]\ncommand=/bin/cat\npriority=x\n',
    },
    steps: [
      ...rereads(
        '[include]\nfiles=bad/parse.conf\n',
        '[include]\nfiles=bad/head.conf\n',
        '[include]\nfiles=bad/value.conf\n',
        '[program:main]\ncommand=/bin/cat\n[include]\nfiles=bad/other.conf\n',
        '[include]\nfiles=bad/priority.conf\n',
        '[include]\n',
        '[include]\nfiles=%\n',
        '[include]\nfiles=bad\n',
        '[include]\nfiles=\n',
      ),
    ],
  },
  {
    name: 'refuses numbers that are none',
    shows: [
      'program.priority',
      'program.startsecs',
      'program.startretries',
      'program.stopwaitsecs',
      'program.numprocs',
      'program.numprocs_start',
      'program.stdout_logfile_backups',
      'program.stderr_logfile_backups',
    ],
    config: '',
    steps: rereadsProgram(
      'priority=high',
      'startsecs=1.5',
      'startretries=',
      'stopwaitsecs=10s',
      'numprocs=0x2',
      'numprocs_start=1e3',
      "stdout_logfile_backups=it's",
      'stderr_logfile_backups=1__0',
    ),
  },
  {
    name: 'refuses switches that are neither on nor off',
    shows: [
      'program.autostart',
      'program.autorestart',
      'program.stopasgroup',
      'program.killasgroup',
      'program.redirect_stderr',
      'program.stdout_events_enabled',
      'program.stderr_events_enabled',
      'program.stdout_syslog',
      'program.stderr_syslog',
    ],
    config: '',
    steps: rereadsProgram(
      'autostart=maybe',
      'autorestart=Sometimes',
      'stopasgroup=',
      'killasgroup=2',
      'redirect_stderr=y',
      'stdout_events_enabled=t',
      'stderr_events_enabled=enabled',
      'stdout_syslog=TRUE!',
      'stderr_syslog="yes"',
      'stopasgroup=true\nkillasgroup=false',
    ),
  },
  {
    name: 'refuses sizes, modes, exit codes and signals that are none',
    shows: [
      'program.stdout_logfile_maxbytes',
      'program.stderr_logfile_maxbytes',
      'program.stdout_capture_maxbytes',
      'program.stderr_capture_maxbytes',
      'program.umask',
      'program.exitcodes',
      'program.stopsignal',
    ],
    config: '',
    steps: rereadsProgram(
      'stdout_logfile_maxbytes=10XB',
      'stderr_logfile_maxbytes=1K',
      'stdout_capture_maxbytes=1.5MB',
      'stderr_capture_maxbytes=MB',
      'umask=8',
      'umask=0x1f',
      'exitcodes=256',
      'exitcodes=0,two',
      'exitcodes=1,',
      'exitcodes=-1',
      'stopsignal=NOPE',
      'stopsignal=32',
      'stopsignal=-1',
      'stopsignal=',
    ),
  },
  {
    name: 'refuses names, users and paths that cannot be',
    shows: ['program.process_name', 'program.user', 'program.stdout_logfile', 'program.numprocs', 'program.command'],
    config: '',
    steps: [
      ...rereadsProgram(
        'process_name=a b',
        'process_name=a:b',
        "process_name=it's/b",
        'numprocs=2',
        'numprocs=2\nprocess_name=p-%(process_num',
        'user=nosuchuser',
        'user=4294967',
        'user=',
        'stdout_logfile={dir}/nowhere/log',
        'stderr_logfile=supervisord.conf/log',
      ),
      ...rereads(
        '[program:p]\n',
        '[program:a b]\ncommand=/bin/cat\n',
        '[program:a:b]\ncommand=/bin/cat\n',
        '[program:a/b]\ncommand=/bin/cat\n',
        '[group:a b]\nprograms=\n',
      ),
    ],
  },
  {
    name: 'accepts every way to write a value',
    shows: [
      'program.autorestart',
      'program.exitcodes',
      'program.stopsignal',
      'program.stopwaitsecs',
      'program.stdout_logfile_maxbytes',
      'program.stdout_logfile_backups',
      'program.stderr_logfile_maxbytes',
      'program.stderr_logfile_backups',
      'program.stdout_capture_maxbytes',
      'program.stderr_capture_maxbytes',
      'program.stdout_events_enabled',
      'program.stderr_events_enabled',
      'program.killasgroup',
      'program.stopasgroup',
      'program.redirect_stderr',
      'program.serverurl',
      'program.user',
      'program.umask',
      'program.startsecs',
      'program.startretries',
      'program.autostart',
    ],
    environment: { HOME: '{dir}' },
    config: `
[program:a]
command=/bin/cat
priority= -5
autostart=OFF
autorestart=Yes
startsecs=+0
startretries=1_0
stopsignal=sigHUP
stopwaitsecs=007
stopasgroup=ON
exitcodes= 0 , 2,0_7
redirect_stderr=1
stdout_logfile=~/a.log
stdout_logfile_maxbytes=1kb
stdout_logfile_backups=0
stdout_capture_maxbytes=2MB
stdout_events_enabled=True
user=0
umask=0o27
serverurl=http://elsewhere:1
[program:b]
command=/bin/cat
autostart=no
autorestart=unexpected
stopsignal=9
killasgroup=true
exitcodes=
stdout_logfile=None
stderr_logfile=off
stderr_logfile_maxbytes=1GB
stderr_logfile_backups=3
stderr_capture_maxbytes=10 kb
stderr_events_enabled=on
user=root
serverurl= auto
[program:c]
command=/bin/cat
autostart=0
autorestart=FALSE
stopsignal=34
stdout_logfile=relative.log
stderr_logfile={dir}/c%%%%.err
stdout_syslog=no
`,
    steps: [{ rpc: 'supervisor.getAllConfigInfo' }],
  },
  {
    name: 'knows signals by every name that Python has for them',
    shows: ['program.stopsignal'],
    config: '',
    steps: [
      {
        write: 'supervisord.conf',
        text: [
          'ABRT',
          'IOT',
          'CHLD',
          'cld',
          'SigPOLL',
          'IO',
          'RTMIN',
          'rtmax',
          'STKFLT',
          'PWR',
          'WINCH',
          '64',
          '0',
          ' 15 ',
        ]
          .map((name, index) => `[program:s${String(index).padStart(2, '0')}]\ncommand=/bin/cat\nstopsignal=${name}\n`)
          .join(''),
      },
      { rpc: 'supervisor.reloadConfig' },
      configInfo('stopsignal'),
      ...rereadsProgram('stopsignal=RTMIN+1', 'stopsignal=SIGSIGTERM', 'stopsignal=UNUSED', 'stopsignal=35'),
    ],
  },
  {
    name: 'makes the processes of a program in the order of their names',
    shows: ['program.numprocs', 'program.numprocs_start', 'program.process_name'],
    config: `
[program:many]
command=/bin/cat
process_name=x_%(process_num)d
numprocs=12
autostart=false
[program:none]
command=/bin/cat
numprocs=0
[program:negative]
command=/bin/cat %(process_num)d
numprocs_start=-3
[program: spaced ]
command=/bin/cat
[program:Grün]
command=/bin/cat
`,
    steps: [
      configInfo('command'),
      { rpc: 'supervisor.getAllProcessInfo', pick: ['name', 'group'] },
      { rpc: 'supervisor.startProcessGroup', params: ['none'] },
      { rpc: 'supervisor.getProcessInfo', params: ['none:none'] },
    ],
  },
  {
    name: 'sorts groups by priority and name, with members in the order of the list',
    shows: ['group.programs', 'group.priority', 'program.priority'],
    config: `
[program:late]
command=/bin/cat
priority=2000
[program:early]
command=/bin/cat
priority=1
[program:b]
command=/bin/cat
[program:a]
command=/bin/cat
[group:middle]
programs= b ,early
priority=50
[group:again]
programs=early
priority=50
[group:empty]
programs=
`,
    steps: [
      configInfo('group_prio', 'process_prio'),
      { rpc: 'supervisor.getAllProcessInfo', pick: ['name', 'group'] },
      { waitForMessage: /^INFO spawned/, count: 5 },
      { messages: /^INFO spawned/ },
    ],
  },
  {
    name: 'refuses groups of programs that there are not',
    shows: ['group.programs', 'group.priority'],
    config: '',
    steps: rereads(
      '[group:g]\nprograms=nope\n',
      '[program:a]\ncommand=/bin/cat\n[group:g]\nprograms=a,nope\n',
      '[program:a]\ncommand=/bin/cat\n[group:g]\nprograms=a,\n',
      '[program:a]\ncommand=/bin/cat\n[group:g]\nprograms=a\npriority=first\n',
      '[program:a]\ncommand=/bin/cat\n[fcgi-program:a]\ncommand=/bin/cat\nsocket=tcp://localhost:1\n[group:g]\nprograms=a\n',
      '[program:a]\ncommand=/bin/cat\nuser=nosuchuser\n[group:g]\nprograms=a\n',
      '[group:g]\npriority=7\n',
    ),
  },
  {
    name: 'warns about names that hide each other',
    shows: ['group.programs', 'program.process_name'],
    config: `
[program:a]
command=/bin/cat
[program:b]
command=/bin/cat
[group:b]
programs=a
[program:c]
command=/bin/cat c
process_name=same
[program:d]
command=/bin/cat d
process_name=same
[group:g]
programs=c,d
`,
    steps: [
      { waitForMessage: /^INFO spawned/, count: 2 },
      { rpc: 'supervisor.getAllProcessInfo', pick: ['name', 'group'] },
      { messages: /^WARN (group|there)/ },
    ],
    verdict: {
      is: 'better',
      what: 'two groups of one name, and two processes of one name in a group, are warned about',
      why: 'supervisord silently runs only one of them',
    },
  },
  {
    name: 'warns about sections and options that it does not know',
    shows: ['program.command'],
    config: `
[program:a]
command=/bin/cat
autostrat=false
[programm:b]
command=/bin/cat
[anything]
else=1
`,
    steps: [{ messages: /^WARN/ }],
    verdict: {
      is: 'better',
      what: 'unknown sections and options are warned about with file, line and a guess',
      why: 'supervisord ignores them silently, and a typing error stays hidden',
    },
  },
  {
    name: 'warns about logs that are set and not used, or never end',
    shows: [
      'program.redirect_stderr',
      'program.stderr_logfile',
      'program.stdout_logfile',
      'program.stdout_logfile_maxbytes',
      'program.stderr_logfile_maxbytes',
    ],
    config: `
[program:a]
command=/bin/cat
redirect_stderr=true
stderr_logfile=%(here)s/a.err
[program:b]
command=/bin/cat
stdout_logfile_maxbytes=0
stderr_logfile_maxbytes=0
numprocs=2
process_name=%(process_num)d
[program:c]
command=/bin/cat
redirect_stderr=true
stderr_logfile=AUTO
stdout_logfile=NONE
stdout_logfile_maxbytes=0
`,
    steps: [{ messages: /^WARN For/ }, configInfo('redirect_stderr', 'stderr_logfile_maxbytes')],
  },
  {
    name: 'refuses servers without an address, or with one that cannot be',
    shows: [
      'unix_http_server.file',
      'unix_http_server.chmod',
      'unix_http_server.chown',
      'unix_http_server.username',
      'inet_http_server.port',
      'inet_http_server.username',
      'inet_http_server.password',
    ],
    config: '',
    steps: [
      ...rereads(
        ...[
          '',
          'port=',
          'port=0',
          'port=70000',
          'port=abc',
          'port=h:abc',
          'port=h:0',
          'port=h:',
          'port=h:70000',
          'port=-1',
        ].map((line) => `[inet_http_server]\n${line}\n`),
        ...[
          '',
          'file=/x\nchmod=9',
          'file=/x\nchmod=rw',
          'file=/x\nchown=nosuchuser',
          'file=/x\nchown=root:nosuchgroup',
          'file=/x\nchown=:',
        ].map((line) => `[unix_http_server:more]\n${line}\n`),
        ...['username=a', 'password=b'].flatMap((line) => [
          `[inet_http_server:a]\nport=1\n${line}\n`,
          `[unix_http_server]\nfile=/x\n${line}\n`,
        ]),
      ),
    ],
  },
  {
    name: 'refuses an RPC interface that it cannot make',
    shows: ['rpcinterface.supervisor.rpcinterface_factory'],
    config: '',
    steps: rereads(
      '[rpcinterface:x]\n',
      '[rpcinterface:x]\nsupervisor.rpcinterface_factory=no_such_package.module:make\n',
      '[rpcinterface:x]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:no_such_function\n',
    ),
  },
  {
    name: 'refuses settings of the daemon that cannot be',
    shows: [
      'supervisord.minfds',
      'supervisord.minprocs',
      'supervisord.umask',
      'supervisord.directory',
      'supervisord.logfile',
      'supervisord.logfile_maxbytes',
      'supervisord.logfile_backups',
      'supervisord.loglevel',
      'supervisord.pidfile',
      'supervisord.nodaemon',
      'supervisord.silent',
      'supervisord.childlogdir',
      'supervisord.nocleanup',
      'supervisord.strip_ansi',
    ],
    config: '',
    steps: rereadsDaemon(
      'minfds=many',
      'minprocs=1.5',
      'umask=99',
      'directory={dir}/nowhere',
      'directory=supervisord.conf',
      'logfile={dir}/nowhere/log',
      'logfile_maxbytes=5TB',
      'logfile_backups=few',
      'loglevel=loud',
      'loglevel=',
      'pidfile={dir}/nowhere/pid',
      'nodaemon=perhaps',
      'silent=x',
      'childlogdir={dir}/nowhere',
      'childlogdir=',
      'nocleanup=x',
      'strip_ansi=x',
    ),
  },
  {
    name: 'finds the same first error among several',
    config: '',
    steps: rereads(
      '[supervisord]\nstrip_ansi=x\nminfds=y\n[inet_http_server]\nport=z\n[program:p]\n',
      '[inet_http_server]\nport=z\n[program:p]\ncommand=/bin/cat\nuser=nosuchuser\nautostart=x\n[rpcinterface:y]\n',
      '[program:z]\ncommand=/bin/cat\nstdout_logfile_backups=x\nstderr_logfile=/nowhere/x\numask=9\n[group:g]\nprograms=nope\n',
      '[program:z]\nstdout_logfile_backups=x\nenvironment="\nprocess_name=a b\nnumprocs=2\n',
      '[program:z]\npriority=x\n[program:y]\ncommand=/bin/cat\nuser=nosuchuser\n',
      '[unix_http_server:a]\n[inet_http_server:b]\n',
    ),
  },
];
