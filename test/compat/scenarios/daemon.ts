// The daemon's life: its command line, [supervisord], going to the background, its servers, signals, and what a reread
// calls changed.
import type { Scenario, Step } from '../scenario.ts';

const stays = 'command={children}/stays.sh\n';
const limits = 'command=/bin/sh -c "ulimit -n; exec sleep 3600"\n';
const rpcInterface =
  '[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n';

/** The daemon's executable is run with each of these command lines in turn. */
function runs(...commandLines: readonly string[]): Step[] {
  return commandLines.map((line) => ({ daemon: words(line) }));
}

function words(line: string): string[] {
  return line.split(' ').filter((word) => word !== '');
}

/** A second daemon that lives in {dir}/NAME. */
function second(name: string, lines = ''): string {
  return (
    `[supervisord]\nlogfile=%(here)s/${name}.log\npidfile=%(here)s/${name}.pid\nchildlogdir=%(here)s\n${lines}` +
    `[unix_http_server]\nfile=%(here)s/${name}.sock\n${rpcInterface}[supervisorctl]\nserverurl=unix://%(here)s/${name}.sock\n`
  );
}

/** A shell's words that put the command of the daemon that runs, interpreter and program, into $1 and $2. */
const theDaemon = `set -- $(tr '\\0' ' ' < /proc/$(cat supervisord.pid)/cmdline | cut -d ' ' -f 1,2)`;

/** A program that only this file's tables know: it runs nothing by itself. */
function programWith(name: string, line: string): string {
  return `[program:${name}]\ncommand=/bin/cat\nautostart=false\n${line}\n`;
}

/** An option, and two values that differ. */
const changes: readonly (readonly [option: string, before: string, after: string])[] = [
  ['command', 'command=/bin/cat a', 'command=/bin/cat b'],
  ['process_name', 'process_name=x', 'process_name=y'],
  ['numprocs', 'numprocs=2\nprocess_name=%(process_num)d', 'numprocs=3\nprocess_name=%(process_num)d'],
  ['numprocs_start', 'process_name=%(process_num)d', 'process_name=%(process_num)d\nnumprocs_start=1'],
  ['priority', '', 'priority=998'],
  ['autostart', '', 'autostart=true'],
  ['startsecs', 'startsecs=1', 'startsecs=2'],
  ['startretries', '', 'startretries=4'],
  ['autorestart', '', 'autorestart=true'],
  ['autorestart-off', '', 'autorestart=false'],
  ['exitcodes', 'exitcodes=0,2', 'exitcodes=2,0'],
  ['stopsignal', '', 'stopsignal=HUP'],
  ['stopwaitsecs', '', 'stopwaitsecs=9'],
  ['stopasgroup', 'killasgroup=true', 'killasgroup=true\nstopasgroup=true'],
  ['killasgroup', '', 'killasgroup=true'],
  ['user', '', 'user=nobody'],
  ['redirect_stderr', 'stderr_logfile=NONE', 'stderr_logfile=NONE\nredirect_stderr=true'],
  ['stdout_logfile', 'stdout_logfile=NONE', 'stdout_logfile=/dev/null'],
  ['stdout_logfile_maxbytes', '', 'stdout_logfile_maxbytes=1MB'],
  ['stdout_logfile_backups', '', 'stdout_logfile_backups=1'],
  ['stdout_capture_maxbytes', '', 'stdout_capture_maxbytes=1KB'],
  ['stdout_events_enabled', '', 'stdout_events_enabled=true'],
  ['stdout_syslog', '', 'stdout_syslog=true'],
  ['stderr_logfile', 'stderr_logfile=/dev/null', 'stderr_logfile=NONE'],
  ['stderr_logfile_maxbytes', '', 'stderr_logfile_maxbytes=1MB'],
  ['stderr_logfile_backups', '', 'stderr_logfile_backups=1'],
  ['stderr_capture_maxbytes', '', 'stderr_capture_maxbytes=1KB'],
  ['stderr_events_enabled', '', 'stderr_events_enabled=true'],
  ['stderr_syslog', '', 'stderr_syslog=true'],
  ['environment', 'environment=A=1', 'environment=A=2'],
  ['environment-more', 'environment=A=1', 'environment=A=1,B=1'],
  ['directory', '', 'directory=/'],
  ['umask', '', 'umask=077'],
  ['serverurl', '', 'serverurl=http://elsewhere:1'],
  ['auto-to-file', 'stdout_logfile=AUTO', 'stdout_logfile=/dev/null'],
  ['auto-to-none', 'stderr_logfile=AUTO', 'stderr_logfile=NONE'],
];

/** Two ways to write the same; what becomes AUTO counts as the same too. */
const rewritten: readonly (readonly [before: string, after: string])[] = [
  ['priority=5', 'priority = 05'],
  ['startsecs=1', ''],
  ['stopsignal=TERM', 'stopsignal= sigterm'],
  ['stopsignal=HUP', 'stopsignal=1'],
  ['environment=A="1",B="2"', "environment=B='2',A=1"],
  ['exitcodes=0,2', 'exitcodes= 0 , 2'],
  ['stdout_logfile_maxbytes=1MB', 'stdout_logfile_maxbytes=1048576'],
  ['command=/bin/cat o7', 'command=/bin/cat %(program_name)s'],
  ['stdout_logfile={dir}/a.log', 'stdout_logfile=AUTO'],
  ['stderr_logfile=NONE', 'stderr_logfile=auto'],
  ['stdout_logfile=AUTO', ''],
  ['redirect_stderr=true\nstderr_logfile=/dev/null', 'redirect_stderr=on'],
  ['', 'numprocs_start=4'],
  ['umask=022', 'umask=0o22'],
  ['user=root', 'user=0'],
  ['serverurl=AUTO', ''],
  ['stopasgroup=true', 'stopasgroup=true\nkillasgroup=true'],
  ['autorestart=unexpected', 'autorestart=UNEXPECTED'],
];

const levels = ['critical', 'error', 'warn', 'info', 'debug', 'trace', 'blather'] as const;

export const scenarios: readonly Scenario[] = [
  {
    name: 'prints its version, first of all that is right',
    shows: ['supervisord --version'],
    config: '',
    steps: [
      {
        shell: `${theDaemon}; ln -s $2 supervisord
for flags in -v --version --vers -nv '-v -e loud' '-v -h' '-v -Z' '-e loud -v'; do $1 ./supervisord $flags; echo $?; done 2>&1 |
sed 's/use [^ ]* -h/use {argv0} -h/'`,
      },
    ],
  },
  {
    name: 'prints all its flags, first of all that is right',
    shows: ['supervisord --help'],
    config: '',
    steps: [
      {
        shell: `${theDaemon}; for flag in -h --help --he '-?' '-h -e loud'; do $1 $2 $flag > help; echo $?; done
head -n 2 help; grep -c '^Usage: .* .options.$' help; grep -Eo -- '^(-.[/,])?--[a-z_]+' help | grep -o -- '--.*' | sort`,
      },
    ],
  },
  {
    name: 'refuses flags that it does not have',
    config: '',
    comesUp: false,
    head: false,
    steps: [
      { waitForEnd: true },
      ...runs(
        '--bogus',
        '-nZ',
        '-c',
        '--configuration',
        '-n foo bar',
        "-- it's",
        '--log=x',
        '--nodaemon=1',
        '-n --nodaemon',
        '-e warn -e warn',
        '-i a --ident=b',
      ),
    ],
  },
  {
    name: 'refuses values of flags that cannot be',
    shows: ['supervisord --user', 'supervisord --umask', 'supervisord --minprocs'],
    config: '',
    comesUp: false,
    head: false,
    steps: [
      { waitForEnd: true },
      ...runs(
        '-m 9',
        '--directory=nowhere',
        '-l nowhere/log',
        '-y 1x',
        '-z few',
        '-e loud',
        '--pidfile=nowhere/pid',
        '-q nowhere',
        '-a 1.5',
        '--minprocs many',
      ),
      { write: 'supervisord.conf', text: '[supervisord]\n' },
      ...runs('-u nosuchuser', '-u 4294967'),
    ],
  },
  {
    name: 'lets its flags win over the file, also after a restart',
    flags: words(
      '-n -s -k -t -i flag -l {dir}/flag.log -y 1KB -z 1 -e warn -j {dir}/flag.pid -q {dir}/logs ' +
        '-a 600 --minprocs 10 -u root -m 077 -d {dir}/logs',
    ),
    files: { 'logs/old-stdout---flag-abcdefgh.log': 'old' },
    config: `
[supervisord]
identifier=file
logfile_maxbytes=1MB
loglevel=debug
nocleanup=false
strip_ansi=false
minfds=400
user=nobody
[program:p]
command=/bin/sh -c "printf '\\033[1mbold\\033[0m\\n'; umask; pwd; exec sleep 3600"
`,
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      { rpc: 'supervisor.getIdentification' },
      { list: '*.log *.pid logs/*' },
      { rpc: 'supervisor.readProcessStdoutLog', params: ['p', 0, 0] },
      { write: 'supervisord.conf', text: `[supervisord]\nidentifier=file2\n[program:q]\n${stays}` },
      { signal: 'HUP' },
      { waitForText: 'authentication checking', in: 'flag.log', count: 2 },
      { waitFor: 'q', state: 'RUNNING' },
      { rpc: 'supervisor.getIdentification' },
      { list: '*.log *.pid logs/*' },
      { read: 'daemon.stdout' },
      { signal: 'TERM' },
      { waitForEnd: true },
      { read: 'flag.log' },
      { list: '*.pid' },
    ],
  },
  {
    name: 'reads flags in every form that getopt takes',
    shows: [
      'supervisord --identifier',
      'supervisord --nodaemon',
      'supervisord --nocleanup',
      'supervisord --strip_ansi',
    ],
    flags: ['-nkti', 'grouped', '--loglev=WARN', '--logfile_m', '1MB', '--silent', '-z3', '--minf', '300', '--'],
    config: '',
    steps: [
      { rpc: 'supervisor.getIdentification' },
      { messages: 'all' },
      { read: 'daemon.stdout' },
      { signal: 'INT' },
      { waitForEnd: true },
    ],
  },
  {
    name: 'has no profiler',
    shows: ['supervisord --profile_options'],
    flags: ['-n', '--profile_options', 'cumulative,callers'],
    config: '',
    steps: [
      { rpc: 'supervisor.getState' },
      { signal: 'QUIT' },
      { waitForEnd: true },
      { shell: "grep -c 'Ordered by: cumulative time' daemon.stdout" },
    ],
    verdict: {
      is: 'not offered',
      what: '--profile_options is accepted and has no effect',
      why: "it is Python's profiler",
    },
  },
  {
    name: 'goes to the background with its umask and directory',
    shows: ['supervisord.umask', 'supervisord.directory', 'supervisord.nodaemon', 'supervisord.pidfile'],
    flags: [],
    config: `
[supervisord]
umask=027
directory=/usr
[program:p]
command=/bin/sh -c "umask > %(here)s/p.out; pwd >> %(here)s/p.out; exec sleep 3600"
`,
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      { read: 'p.out' },
      { list: '*.pid *.sock *.out *.log', modes: true },
      {
        shell: `pid=$(cat supervisord.pid); readlink /proc/$pid/cwd /proc/$pid/fd/0 /proc/$pid/fd/1 /proc/$pid/fd/2
grep ^Umask /proc/$pid/status; cut -d' ' -f 7 /proc/$pid/stat
test $(cut -d' ' -f 6 /proc/$pid/stat) = $pid && echo leads its session`,
      },
      { read: 'daemon.stdout' },
      { messages: 'all' },
      ...runs('-c {dir}/supervisord.conf', '-ns -c {dir}/supervisord.conf'),
      { rpc: 'supervisor.getState' },
      { signal: 'TERM' },
      { waitForEnd: true },
      { list: '*.pid *.sock' },
    ],
  },
  {
    name: 'can be asked as soon as its command has returned',
    shows: ['supervisorctl status'],
    config: '',
    files: { 'other.conf': `${second('other')}[program:p]\n${stays}startsecs=0\nautostart=false\n` },
    steps: [
      ...runs('-c other.conf'),
      { ctl: '-c {dir}/other.conf status' },
      { list: 'other.*' },
      { ctl: '-c {dir}/other.conf shutdown' },
    ],
  },
  {
    name: 'says what is wrong before it goes to the background',
    shows: ['unix_http_server.file', 'inet_http_server.port', 'supervisord.minfds'],
    config: '[inet_http_server]\nport=127.0.0.1:{port}\n',
    files: {
      'live.conf': `${second('live')}[unix_http_server:x]\nfile=%(here)s/supervisor.sock\n`,
      'port.conf': `${second('port')}[inet_http_server]\nport=127.0.0.1:{port}\n`,
      'address.conf': `${second('address')}[inet_http_server]\nport=192.0.2.1:{port2}\n`,
      'folder.conf': `${second('folder')}[unix_http_server:x]\nfile=%(here)s/nowhere/x.sock\n`,
      'long.conf': `${second('long')}[unix_http_server:x]\nfile=%(here)s/${'x'.repeat(120)}\n`,
    },
    steps: [
      ...runs(
        '-c {dir}/live.conf',
        '-c {dir}/port.conf',
        '-c {dir}/address.conf',
        '-n -s -c {dir}/folder.conf',
        '-c {dir}/long.conf',
        '-c {dir}/live.conf -a 2000000000',
      ),
      { list: '*.pid' },
      { rpc: 'supervisor.getState' },
    ],
  },
  {
    name: 'begins anew in the same process at SIGHUP, also in the background',
    flags: [],
    config: `[supervisord]\ndirectory=/\n[program:p]\n${stays}priority=5\n[program:q]\n${stays}`,
    steps: [
      { waitFor: 'q', state: 'RUNNING' },
      { shell: 'cp supervisord.pid before' },
      {
        write: 'supervisord.conf',
        text: `[supervisord]\nidentifier=anew\ndirectory=/usr\n[unix_http_server:more]\nfile=%(here)s/more.sock\n[program:r]\n${stays}`,
      },
      { signal: 'HUP' },
      { waitForMessage: /^INFO supervisord started/, count: 2 },
      { waitFor: 'r', state: 'RUNNING' },
      { shell: 'cmp before supervisord.pid && readlink /proc/$(cat supervisord.pid)/cwd' },
      { rpc: 'supervisor.getIdentification', over: { to: 'more.sock' } },
      { rpc: 'supervisor.getAllProcessInfo', pick: ['name', 'statename'] },
      { messages: 'all' },
      { signal: 'TERM' },
      { waitForEnd: true },
      { list: '*.pid *.sock' },
    ],
  },
  {
    name: 'is lost when it is to begin anew and the file is wrong',
    shows: ['supervisor.restart', 'signal HUP'],
    config: `[program:p]\n${stays}`,
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      { write: 'supervisord.conf', text: '[program:p]\ncommand=/bin/cat\nautostart=never\n' },
      { signal: 'HUP' },
      { waitForMessage: /^WARN received SIGHUP/ },
      {
        shell:
          'for try in $(seq 300); do test -e supervisord.pid || break; grep -q refused supervisord.log && break; sleep 0.1; done',
      },
      { messages: /HUP|stopped|started|refused/ },
      { list: '*.pid *.sock' },
    ],
    verdict: {
      is: 'better',
      what: 'a restart (SIGHUP, or the method) is refused where the file is wrong, and everything runs on',
      why: 'supervisord stops all programs before it reads the file, and then ends with status 2: a typo costs the container',
    },
  },
  {
    name: 'ends with status 2 when it is to begin anew and cannot listen',
    config: `[program:p]\n${stays}`,
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      { write: 'supervisord.conf', text: '[unix_http_server:x]\nfile=%(here)s/nowhere/x.sock\n' },
      { signal: 'HUP' },
      { waitForEnd: true },
      { messages: 'all' },
      { list: '*.pid' },
    ],
  },
  {
    name: 'is not hurried by a second signal, and does not begin anew while it ends',
    config: '[program:p]\ncommand={children}/ignores-term.sh\nstopwaitsecs=6\n',
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      { signal: 'TERM' },
      { waitForMessage: /^WARN received SIGTERM/ },
      { signal: 'HUP' },
      { waitForMessage: /^WARN ignored/ },
      { signal: 'INT' },
      { waitForMessage: /^WARN received SIGINT/ },
      { rpc: 'supervisor.getState' },
      { waitForEnd: true },
      { messages: /received|ignored|killing|stopped/ },
      { list: '*.pid *.sock' },
    ],
  },
  {
    name: 'shuts down when told to while it is to begin anew',
    config: '[program:p]\ncommand={children}/ignores-term.sh\nstopwaitsecs=3\n',
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      { signal: 'HUP' },
      { waitForMessage: /^WARN received SIGHUP/ },
      { signal: 'TERM' },
      { waitForEnd: true },
      { messages: /received|started/ },
    ],
  },
  {
    name: 'stops groups one after another, the highest priority number first',
    shows: ['program.priority', 'group.priority'],
    config: `
[program:first]
${stays}priority=1
[program:last]
${stays}priority=3000
[program:a]
command={children}/ignores-term.sh
stopwaitsecs=2
[program:b]
${stays}
[group:middle]
programs=a,b
priority=5
`,
    steps: [
      { waitFor: 'first', state: 'RUNNING' },
      { waitFor: 'middle:a', state: 'RUNNING' },
      { waitFor: 'middle:b', state: 'RUNNING' },
      { waitFor: 'last', state: 'RUNNING' },
      { messages: /^INFO spawned/ },
      { signal: 'TERM' },
      { waitForEnd: true },
      { messages: /stopped|killing/ },
      { shell: "grep -o -m 1 'INFO waiting for .*' supervisord.log" },
    ],
  },
  {
    name: 'opens its logs by their names again at SIGUSR2',
    config: `[program:p]\ncommand={children}/echoes-stdin.sh\nstdout_logfile=%(here)s/p.log\n`,
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      { rpc: 'supervisor.sendProcessStdin', params: ['p', 'one\n'] },
      { waitForText: 'one', in: 'p.log' },
      { shell: 'mv supervisord.log old.log; mv p.log p.old' },
      { signal: 'USR2' },
      { waitForText: 'logreopen', in: 'old.log' },
      { waitForFile: 'p.log' },
      { rpc: 'supervisor.sendProcessStdin', params: ['p', 'two\n'] },
      { waitForText: 'two', in: 'p.log' },
      { rpc: 'supervisor.stopProcess', params: ['p'] },
      { read: 'old.log', only: /reopen/ },
      { read: 'supervisord.log', only: /stopped/ },
      { read: 'p.old', only: /one|two/ },
      { read: 'p.log', only: /one|two/ },
    ],
  },
  {
    name: 'dies of SIGUSR1, as of any signal that it does not listen for',
    config: '',
    steps: [{ signal: 'USR1' }, { waitForEnd: true }, { list: '*.pid *.sock' }],
  },
  {
    name: 'replaces a socket and a pidfile that a dead daemon has left',
    shows: ['unix_http_server.file', 'supervisord.pidfile'],
    config: '',
    steps: [
      { signal: 'KILL' },
      { waitForEnd: true },
      { list: '*.pid *.sock' },
      ...runs('-c {dir}/supervisord.conf'),
      { rpc: 'supervisor.getState' },
      { shell: 'kill -0 $(cat supervisord.pid) && echo lives' },
      { ctl: 'shutdown' },
    ],
  },
  {
    name: 'lives without a pidfile that it cannot write',
    shows: ['supervisord.pidfile'],
    config: '[supervisord]\npidfile=%(here)s/folder\n',
    files: { 'folder/x': '' },
    steps: [{ messages: 'all' }, { signal: 'TERM' }, { waitForEnd: true }, { list: 'folder' }],
  },
  ...levels.map((level): Scenario => ({
    name: `writes what loglevel=${level} asks for`,
    shows: ['supervisord.loglevel', 'supervisord.silent', 'signal CHLD'],
    config: `
[supervisord]
loglevel=${level}
[program:p]
${stays}
[program:ends]
command={children}/exits-with.sh 3 2
autorestart=false
priority=1
[program:nothing]
command=/nowhere/at/all
startretries=0
priority=2
`,
    steps: [
      { waitFor: 'nothing', state: 'FATAL' },
      { waitFor: 'ends', state: 'EXITED' },
      { waitFor: 'p', state: 'RUNNING' },
      { rpc: 'supervisor.stopProcess', params: ['p'] },
      { signal: 'TERM' },
      { waitForEnd: true },
      {
        messages: /^(CRIT (?!Supervisor is)|WARN|INFO (?!Incr|waiting)|DEBG (?!fd|received SIGCHLD)|ERRO)/,
        unordered: true,
      },
      { shell: `cmp supervisord.log daemon.stdout && echo the same on stdout` },
      { shell: `grep -c -m 1 'DEBG received SIGCHLD indicating a child quit' supervisord.log` },
    ],
  })),
  {
    name: 'keeps quiet on stdout when it is silent',
    shows: ['supervisord.silent', 'supervisord.nodaemon'],
    flags: [],
    config: '[supervisord]\nnodaemon=on\nsilent=on\n',
    steps: [{ messages: 'all' }, { read: 'daemon.stdout' }, { signal: 'TERM' }, { waitForEnd: true }],
  },
  {
    name: 'rotates its log at its size and keeps so many',
    shows: ['supervisord.logfile_maxbytes', 'supervisord.logfile_backups', 'supervisord.logfile'],
    config: `[supervisord]\nlogfile_maxbytes=300\nlogfile_backups=2\n[program:p]\n${stays}autostart=false\nstartsecs=0\n`,
    steps: [
      ...Array.from({ length: 6 }, (): Step[] => [
        { rpc: 'supervisor.startProcess', params: ['p'] },
        { rpc: 'supervisor.stopProcess', params: ['p'] },
      ]).flat(),
      { list: 'supervisord.log*' },
      { shell: 'test $(cat supervisord.log supervisord.log.1 supervisord.log.2 | wc -c) -lt 1300 && echo small' },
      { shell: "wc -l < daemon.stdout | awk '{ print ($1 >= 20) }'" },
    ],
  },
  {
    name: 'writes a log that is never rotated',
    shows: ['supervisord.logfile_maxbytes', 'supervisord.logfile_backups'],
    config: `[supervisord]\nlogfile_maxbytes=0\nlogfile_backups=0\nlogfile=/dev/null\n`,
    steps: [
      { rpc: 'supervisor.getState' },
      { rpc: 'supervisor.readLog', params: [0, 0] },
      { list: 'supervisord.log*' },
      { signal: 'TERM' },
      { waitForEnd: true },
    ],
  },
  {
    name: 'clears the logs that it made by itself, and no others',
    shows: ['supervisord.childlogdir', 'supervisord.identifier', 'supervisord.nocleanup', 'program.stdout_logfile'],
    config: `[supervisord]\nchildlogdir=%(here)s/logs\nidentifier=me\n[program:p]\n${stays}[program:q]\n${stays}redirect_stderr=true\n`,
    files: Object.fromEntries(
      [
        'old-stdout---me-abcdefgh.log',
        'old-stdout---me-abcdefgh.log.1',
        'old-stderr---me-x.log.12345',
        'old-stdout---you-abcdefgh.log',
        '---me-x.log',
        'x---me-.log',
        'x---me-a b.log',
        'x---me-y.log.old',
        'x---me-y.txt',
      ].map((name) => [`logs/${name}`, 'old']),
    ),
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      { waitFor: 'q', state: 'RUNNING' },
      { list: 'logs/*', modes: true },
      { signal: 'TERM' },
      { waitForEnd: true },
      { list: 'logs/*' },
    ],
  },
  {
    name: 'keeps the logs of earlier runs when told to',
    shows: ['supervisord.nocleanup'],
    config: `[supervisord]\nnocleanup=true\n`,
    files: { 'old-stdout---supervisor-abcdefgh.log': 'old', 'old-stdout---supervisor-abcdefgh.log.1': 'old' },
    steps: [{ list: '*---*' }],
  },
  {
    name: 'leaves umask and directory alone in the foreground',
    shows: ['supervisord.umask', 'supervisord.directory', 'supervisord.strip_ansi'],
    config: `
[supervisord]
umask=077
directory=/usr
strip_ansi=true
[program:p]
command=/bin/sh -c "umask; pwd; printf 'a\\033[1;31mb\\033[0mc\\n'; exec sleep 3600"
stdout_logfile=%(here)s/p.log
`,
    steps: [{ waitForText: 'abc', in: 'p.log' }, { read: 'p.log' }, { list: 'p.log supervisord.log', modes: true }],
  },
  {
    name: 'becomes its user before it opens anything',
    shows: ['supervisord.user', 'supervisord --user', 'supervisord.minprocs', 'unix_http_server.chown'],
    needs: ['root'],
    config: '',
    files: {
      'nobody/d.conf': `${second('d', 'user={user}\n')}[program:p]\ncommand=/bin/sh -c "id -un; id -Gn; exec sleep 3600"\nstdout_logfile=%(here)s/p.log\n[program:q]\n${stays}user=root\nstartretries=0\n`,
      'nobody/limit.conf': second('limit', 'user={user}\nminprocs=999999999\n'),
      'nobody/files.conf': second('files', 'user={user}\nminfds=999999999\n'),
      'nobody/chown.conf': `${second('chown', 'user={user}\n')}[unix_http_server]\nchown=root:root\n`,
    },
    steps: [
      { shell: 'chmod 777 nobody' },
      ...runs('-c nobody/d.conf'),
      { waitForText: 'nogroup', in: 'nobody/p.log' },
      { read: 'nobody/p.log' },
      { waitFor: 'q', state: 'FATAL', over: { to: '{dir}/nobody/d.sock' } },
      { shell: "stat -c '%n %U %G %a' nobody/d.log nobody/d.pid nobody/d.sock nobody/p.log" },
      { read: 'nobody/d.log', only: /Set uid|running as root|daemonizing|exited/ },
      { ctl: '-c {dir}/nobody/d.conf shutdown' },
      // The limit on processes is often none.
      { shell: `${theDaemon}; ulimit -u 4000; $1 $2 -ns -c {dir}/nobody/limit.conf 2>&1 | head -n 1` },
      ...runs('-ns -c {dir}/nobody/files.conf', '-ns -c {dir}/nobody/chown.conf'),
    ],
  },
  {
    name: 'allows programs as many open files as minfds asks for',
    shows: ['supervisord.minfds', 'supervisord --minfds'],
    config: '',
    files: {
      'few.conf': `${second('few', 'minfds=300\n')}[program:p]\n${limits}stdout_logfile=%(here)s/few.out\n`,
      'many.conf': `${second('many', 'minfds=700\n')}[program:p]\n${limits}stdout_logfile=%(here)s/many.out\n`,
      'flag.conf': `${second('flag', 'minfds=700\n')}[program:p]\n${limits}stdout_logfile=%(here)s/flag.out\n`,
    },
    steps: [
      // Under another limit than that of whoever runs the tests.
      {
        shell: `${theDaemon}; ulimit -S -n 512
$1 $2 -c {dir}/few.conf && $1 $2 -c {dir}/many.conf && $1 $2 -c {dir}/flag.conf -a 600`,
      },
      { waitForText: '\n', in: 'few.out' },
      { waitForText: '\n', in: 'many.out' },
      { waitForText: '\n', in: 'flag.out' },
      { read: 'few.out' },
      { read: 'many.out' },
      { read: 'flag.out' },
      { read: 'few.log', only: /RLIMIT_NOFILE/ },
      { read: 'many.log', only: /RLIMIT_NOFILE/ },
      { shell: 'kill $(cat few.pid many.pid flag.pid)' },
    ],
  },
  {
    name: 'opens every server that the file names, ports first',
    shows: [
      'unix_http_server.file',
      'unix_http_server.chmod',
      'unix_http_server.username',
      'unix_http_server.password',
      'inet_http_server.port',
      'inet_http_server.username',
      'inet_http_server.password',
      'supervisorctl.serverurl',
    ],
    config: `
[unix_http_server:closed]
file=%(here)s/closed.sock
chmod=0770
username=user
password={SHA}9d4e1e23bd5b727046a9e3b4b7db57bd8d6ee684
[inet_http_server:open]
port=*:{port2}
[unix_http_server:half]
file={dir}/x/../half.sock
chmod=0666
username=
password=
[inet_http_server]
port=LOCALHOST:{port}
username=user
password=pass:word%%
[program:p]
command=/bin/sh -c "echo url $SUPERVISOR_SERVER_URL; exec sleep 3600"
stdout_logfile=%(here)s/p.log
[program:q]
command=/bin/sh -c "echo url $SUPERVISOR_SERVER_URL; exec sleep 3600"
stdout_logfile=%(here)s/q.log
serverurl=http://elsewhere:1
`,
    steps: [
      { messages: /^(CRIT (?!Supervisor is)|INFO RPC)/ },
      { list: '*.sock*', modes: true },
      { rpc: 'supervisor.getState', over: { to: 'closed.sock' } },
      { rpc: 'supervisor.getState', over: { to: 'closed.sock', auth: 'user:pass' } },
      { rpc: 'supervisor.getState', over: { to: 'closed.sock', auth: 'user:wrong' } },
      { rpc: 'supervisor.getState', over: { to: 'half.sock' } },
      { rpc: 'supervisor.getState', over: { to: '{port}', auth: 'user:pass:word%' } },
      { rpc: 'supervisor.getState', over: { to: '{port}', auth: 'user:pass' } },
      { rpc: 'supervisor.getState', over: { to: '{port2}' } },
      { waitForText: 'url', in: 'p.log' },
      { waitForText: 'url', in: 'q.log' },
      { read: 'p.log' },
      { read: 'q.log' },
      { signal: 'TERM' },
      { waitForEnd: true },
      { list: '*.sock*' },
    ],
  },
  {
    name: 'tells programs its port when it has no socket',
    shows: ['inet_http_server.port', 'program.serverurl'],
    head: false,
    config: `
[supervisord]
logfile=%(here)s/supervisord.log
pidfile=%(here)s/supervisord.pid
[inet_http_server:b]
port=:{port}
[inet_http_server:a]
port={port2}
${rpcInterface}
[program:p]
command=/bin/sh -c "echo url $SUPERVISOR_SERVER_URL; exec sleep 3600"
stdout_logfile=%(here)s/p.log
`,
    comesUp: false,
    steps: [
      { waitForText: 'url', in: 'p.log' },
      { read: 'p.log' },
      { rpc: 'supervisor.getState', over: { to: '{port2}' } },
      { ctl: '-s http://127.0.0.1:{port} shutdown' },
      { waitForEnd: true },
    ],
  },
  {
    name: 'lives without any server',
    head: false,
    config: `
[supervisord]
logfile=%(here)s/supervisord.log
pidfile=%(here)s/supervisord.pid
[program:p]
command=/bin/sh -c "echo url $SUPERVISOR_SERVER_URL; exec sleep 3600"
stdout_logfile=%(here)s/p.log
`,
    comesUp: false,
    steps: [
      { waitForText: 'url', in: 'p.log' },
      { read: 'p.log' },
      { waitForMessage: /RUNNING/ },
      { messages: 'all' },
      { signal: 'TERM' },
      { waitForEnd: true },
    ],
  },
  {
    name: 'has no methods without an RPC interface',
    shows: ['rpcinterface.supervisor.rpcinterface_factory'],
    head: false,
    config: `
[supervisord]
logfile=%(here)s/supervisord.log
pidfile=%(here)s/supervisord.pid
[unix_http_server]
file=%(here)s/supervisor.sock
`,
    steps: [{ rpc: 'supervisor.getState' }, { ctl: 'status' }, { ctl: 'pid' }, { messages: 'all' }],
  },
  {
    name: 'offers its methods under the name that the file gives them',
    shows: ['rpcinterface.supervisor.rpcinterface_factory'],
    config: `
[rpcinterface:other]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
`,
    steps: [
      { messages: 'all' },
      { rpc: 'other.getState' },
      { rpc: 'supervisor.getState' },
      { rpc: 'another.getState' },
    ],
  },
  {
    name: 'calls a program changed when any of its options has another value',
    shows: ['supervisor.reloadConfig'],
    config: changes.map(([option, before]) => programWith(option, before)).join(''),
    steps: [
      { write: 'supervisord.conf', text: changes.map(([option, , after]) => programWith(option, after)).join('') },
      { rpc: 'supervisor.reloadConfig' },
      { rpc: 'supervisor.reloadConfig' },
    ],
  },
  {
    name: 'does not call a program changed that is written in another way',
    shows: ['supervisor.reloadConfig'],
    config: rewritten.map(([before], index) => programWith(`o${index}`, before)).join(''),
    steps: [
      {
        write: 'supervisord.conf',
        text: `[supervisord]\nidentifier=other\nloglevel=debug\n${rewritten.map(([, after], index) => programWith(`o${index}`, after)).join('')}`,
      },
      { rpc: 'supervisor.reloadConfig' },
    ],
  },
  {
    name: 'calls groups changed by their members, their order and their priority',
    shows: ['supervisor.reloadConfig', 'group.programs', 'group.priority'],
    config:
      ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => programWith(name, '')).join('') +
      '[group:order]\nprograms=a,b\n[group:priority]\nprograms=c\npriority=5\n[group:leaves]\nprograms=d\n[group:same]\nprograms=e\n',
    steps: [
      {
        write: 'supervisord.conf',
        text:
          ['e', 'd', 'c', 'b', 'a', 'g'].map((name) => programWith(name, '')).join('') +
          '[group:same]\nprograms = e\n[group:order]\nprograms=b,a\n[group:priority]\nprograms=c\npriority=6\n',
      },
      { rpc: 'supervisor.reloadConfig' },
      { rpc: 'supervisor.getAllProcessInfo', pick: ['name', 'group'] },
      {
        write: 'supervisord.conf',
        text: '[group:f]\nprograms=x\n[program:x]\ncommand=/bin/cat\nautostart=false\nprocess_name=f\n',
      },
      { rpc: 'supervisor.reloadConfig' },
    ],
  },
  {
    name: 'calls programs changed that get other variables from [supervisord]',
    shows: ['supervisor.reloadConfig', 'supervisord.environment'],
    config: `[supervisord]\nenvironment=A="1"\n${programWith('gets', '')}${programWith('has', 'environment=A="own"')}`,
    steps: [
      {
        write: 'supervisord.conf',
        text: `[supervisord]\nenvironment=A="2"\n${programWith('gets', '')}${programWith('has', 'environment=A="own"')}`,
      },
      { rpc: 'supervisor.reloadConfig' },
    ],
  },
  {
    name: 'finds at a reread what was put into an included folder',
    shows: ['supervisor.reloadConfig', 'include.files'],
    config: '[include]\nfiles=conf.d/*.conf\n',
    steps: [
      { shell: 'mkdir conf.d' },
      { write: 'conf.d/a.conf', text: programWith('a', '') },
      { write: 'conf.d/b.conf', text: programWith('b', '') },
      { rpc: 'supervisor.reloadConfig' },
      { rpc: 'supervisor.addProcessGroup', params: ['a'] },
      { shell: 'rm conf.d/*' },
      { rpc: 'supervisor.reloadConfig' },
      { rpc: 'supervisor.addProcessGroup', params: ['b'] },
      { rpc: 'supervisor.removeProcessGroup', params: ['a'] },
      { rpc: 'supervisor.reloadConfig' },
      { messages: 'all' },
    ],
  },
  {
    name: 'takes everything anew from the file at SIGHUP but its limits',
    shows: [
      'supervisord.logfile',
      'supervisord.loglevel',
      'supervisord.pidfile',
      'supervisord.childlogdir',
      'supervisord.minfds',
    ],
    config: `[supervisord]\nenvironment=A="before"\n[program:p]\ncommand=/bin/sh -c "echo $A; exec sleep 3600"\n`,
    files: { 'logs/x': '' },
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      { list: '*.log *.pid logs/*' },
      {
        write: 'supervisord.conf',
        text: `[supervisord]
logfile=%(here)s/anew.log
pidfile=%(here)s/anew.pid
childlogdir=%(here)s/logs
loglevel=debug
identifier=anew
minfds=2000000
environment=A="after"
[unix_http_server]
chmod=0777
[program:p]
command=/bin/sh -c "echo $A; exec sleep 3600"
`,
      },
      { signal: 'HUP' },
      { waitForText: 'success: p entered RUNNING', in: 'anew.log' },
      { waitForText: 'after', in: 'anew.log' },
      { list: '*.log *.pid *.sock logs/*', modes: true },
      { rpc: 'supervisor.readProcessStdoutLog', params: ['p', 0, 0] },
      { messages: 'all' },
      { read: 'anew.log', only: /CRIT Server|supervisord started|RLIMIT/ },
    ],
  },
  {
    name: 'uses what a reread says about the daemon for what it makes from then on',
    shows: ['supervisord.identifier', 'supervisord.childlogdir', 'supervisord.strip_ansi'],
    config: '',
    files: { 'logs/x': '' },
    steps: [
      {
        write: 'supervisord.conf',
        text: `[supervisord]
identifier=reread
childlogdir=%(here)s/logs
strip_ansi=true
loglevel=debug
[program:p]
command=/bin/sh -c "printf '\\033[1mbold\\n'; exec sleep 3600"
`,
      },
      { rpc: 'supervisor.getIdentification' },
      { rpc: 'supervisor.reloadConfig' },
      { rpc: 'supervisor.getIdentification' },
      { rpc: 'supervisor.addProcessGroup', params: ['p'] },
      { waitFor: 'p', state: 'RUNNING' },
      { list: '*.log logs/*' },
      { rpc: 'supervisor.readProcessStdoutLog', params: ['p', 0, 0] },
      { messages: 'all' },
    ],
  },
];
