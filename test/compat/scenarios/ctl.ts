// supervisorctl: every command with good and bad arguments, its flags, its file, its shell, and daemons that cannot be
// talked to. What happens on a terminal is in ctl-terminal.test.ts.
import type { Scenario, Step } from '../scenario.ts';

/** A program that runs at once and stays. */
const stays = (name: string, options = ''): string =>
  `[program:${name}]\ncommand={children}/stays.sh ${name}\nstartsecs=0\n${options}\n`;

const two = `${stays('cat')}${stays('off', 'autostart=false')}`;

const team = `
${two}
${stays('left', 'priority=20')}
${stays('right', 'priority=10\nautostart=false')}
${stays('many', 'numprocs=2\nprocess_name=%(program_name)s_%(process_num)02d\npriority=5')}
[group:pair]
programs=left,right
priority=500
`;
const running = (...names: string[]): Step[] => names.map((name) => ({ waitFor: name, state: 'RUNNING' }));
const teamRuns = running('cat', 'pair:left', 'many:many_00', 'many:many_01');

const each = (...lines: string[]): Step[] => lines.map((line) => ({ ctl: line }));

/** What the daemon has logged, in any order, but for what the machine or time alone decides, and our reasons of a change. */
const said: Step = {
  messages:
    /^(?!INFO (?:waiting for|Increased RLIMIT|reaped unknown|\S+: changed \()|CRIT Supervisor is running as root)/,
  unordered: true,
};

const documented =
  'add avail clear exit fg maintail open pid quit reload remove reread restart shutdown signal start status stop tail ' +
  'update version help EOF nope';

const talkative = `
[program:says]
command={children}/writes-lines.sh 300 word
stdout_logfile=%(here)s/says.out
stderr_logfile=%(here)s/says.err
startsecs=0
[program:utters]
command={children}/writes-lines.sh 3 žluťoučký
startsecs=0
[program:nolog]
command={children}/stays.sh
stdout_logfile=NONE
stderr_logfile=NONE
startsecs=0
[program:unstarted]
command={children}/stays.sh
stdout_logfile=%(here)s/unstarted.out
autostart=false
[group:g]
programs=unstarted
`;
const hasTalked: Step[] = [
  { waitForText: 'word 300\n', in: 'says.out' },
  { waitForText: 'error 300\n', in: 'says.err' },
  ...running('says', 'nolog', 'utters'),
];

export const scenarios: readonly Scenario[] = [
  {
    name: 'lists processes by group and name, and exits with 3 when a listed one is down',
    config: `${team}
[program:done]
command={children}/exits-with.sh 3
startsecs=0
exitcodes=3
[program:fails]
command=/nowhere/at/all
startretries=0
[program:fails-again]
command=/nowhere/at/all
startretries=600
`,
    steps: [
      ...teamRuns,
      { waitFor: 'done', state: 'EXITED' },
      { waitFor: 'fails', state: 'FATAL' },
      { waitFor: 'fails-again', state: 'BACKOFF' },
      { ctl: 'status cat pair:left' },
      ...each('status cat off', 'status done', 'status fails', 'status all cat', 'status pair:*', 'status many:'),
      { ctl: 'status fails-again' },
    ],
  },
  {
    name: 'exits with 4 for a status of what nobody has, and with 3 when something is down besides',
    config: team,
    steps: [
      ...teamRuns,
      ...each('status nope', 'status nope:*', 'status nope: cat', 'status nope cat pair:nope', 'status pair'),
      ...each('status nope off', 'status off nope', 'status cat:cat', 'status left', 'status -x', 'status-x'),
      { ctl: ['status', '', 'cat'] },
      { ctl: ['  status   cat  '] },
      { ctl: ['status\tcat'] },
    ],
  },
  {
    name: 'makes the first column of status as wide as the longest name',
    config: `${stays('a-program-with-quite-a-long-name-indeed')}${stays('ž', 'numprocs=2\nprocess_name=ž_%(process_num)d')}`,
    steps: [
      ...running('a-program-with-quite-a-long-name-indeed', 'ž:ž_0', 'ž:ž_1'),
      ...each('status', 'status ž:ž_1', 'pid ž:nope', 'tail ž:ž_0', 'avail'),
    ],
  },
  {
    name: 'prints the pid of the daemon, of processes, and of all',
    config: team,
    steps: [
      ...teamRuns,
      ...each('pid', 'pid cat', 'pid cat pair:left', 'pid all', 'pid cat all', 'pid off', 'pid nope', 'pid off nope'),
      ...each('pid nope off', 'pid many:*', 'pid cat:cat', 'pid many'),
      { ctl: ['pid', '', 'off'] },
    ],
  },
  {
    name: 'lists what is configured, and tells the version',
    shows: ['program.autostart', 'program.priority', 'group.priority'],
    config: `${team}
[eventlistener:ears]
command={children}/stays.sh
events=TICK_3600
autostart=false
[fcgi-program:pages]
command={children}/stays.sh
socket=unix://%(here)s/pages.sock
autostart=false
`,
    steps: [...teamRuns, ...each('avail', 'version', 'status ears pages', 'pid ears')],
  },
  {
    name: 'refuses arguments to commands that take none',
    config: two,
    steps: [
      ...running('cat'),
      ...each('avail x', 'reread now', 'reload x y', 'shutdown now', 'version 1', 'status cat'),
    ],
  },
  {
    name: 'does not know lines that are no command',
    config: two,
    steps: [
      ...running('cat'),
      ...each(
        'nonsense',
        'nonsense with words',
        '!ls',
        'START cat',
        'EOF',
        'exit',
        'quit',
        'exit now',
        '*',
        'do_status',
      ),
      { ctl: ['--', '-x'] },
      { ctl: ['--', '--help'] },
      { ctl: [' '], input: 'status cat\n' },
    ],
  },
  {
    name: 'helps with every command',
    config: '',
    steps: [
      {
        ctl: [],
        input: documented
          .split(' ')
          .map((topic) => `help ${topic}\n`)
          .join(''),
      },
      ...each('help add', 'help nope', 'help start stop', 'help  pid', '?start', '? stop', '?nope'),
    ],
  },
  {
    name: 'lists its commands',
    config: '',
    steps: each('help', '?'),
    verdict: {
      is: 'better',
      about: ['supervisorctl help'],
      what: "after supervisorctl's list of commands comes a second one with those of Corevisor",
      why: 'commands of our own have to be found, and supervisorctl lists those of a plugin in the same way',
    },
  },
  {
    name: 'starts processes, groups and all',
    config: team,
    steps: [
      ...teamRuns,
      ...each('start', 'start off', 'start off', 'start cat off nope', 'start nope cat', 'start pair:right'),
      ...each(
        'stop off',
        'start nope:*',
        'start nope:* off',
        'start pair:nope',
        'start many',
        'start pair:*',
        'start all',
      ),
      { ctl: 'stop many:*', unordered: true },
      { ctl: 'start many:', unordered: true },
      { ctl: 'stop all', unordered: true },
      { ctl: 'start cat all', unordered: true },
      { ctl: 'status' },
      said,
    ],
  },
  {
    name: 'says why a process could not be started',
    shows: ['program.startretries', 'program.startsecs'],
    config: `
[program:missing]
command=/nowhere/at/all --flag
autostart=false
[program:plain]
command=%(here)s/plain.txt
autostart=false
[program:folder]
command=%(here)s
autostart=false
[program:unquoted]
command={children}/stays.sh "unquoted
autostart=false
[program:quits]
command={children}/exits-with.sh 0
startsecs=60
startretries=0
autostart=false
[program:nolog]
command={children}/stays.sh
stdout_logfile=%(here)s/folder
startretries=0
autostart=false
${stays('fine', 'autostart=false')}
[group:g]
programs=missing,plain
`,
    files: { 'plain.txt': 'no program\n', 'folder/x': '' },
    steps: [
      ...each('start g:missing', 'start g:plain', 'start folder', 'start unquoted', 'start quits', 'start nolog'),
      ...each('start fine quits nope', 'start quits fine', 'start nope:* quits'),
      { ctl: 'start g:*', unordered: true },
      { ctl: 'status g:* quits' },
      said,
    ],
  },
  {
    name: 'stops processes, groups and all',
    config: team,
    steps: [
      ...teamRuns,
      ...each('stop', 'stop off', 'stop cat', 'stop cat', 'stop nope', 'stop nope:*', 'stop off many:many_00 nope'),
      ...each('stop pair:nope', 'stop pair:*', 'stop pair:*', 'stop many', 'status', 'start cat'),
      { ctl: 'stop off all', unordered: true },
      { ctl: 'stop all' },
      { ctl: 'status' },
      said,
    ],
  },
  {
    name: 'restarts by stopping and starting',
    config: `${team}
[program:quits]
command={children}/exits-with.sh 1
startsecs=60
startretries=0
autostart=false
`,
    steps: [
      ...teamRuns,
      ...each('restart', 'restart cat', 'restart off', 'stop off', 'restart nope', 'restart nope:*', 'restart quits'),
      ...each('restart cat pair:left', 'restart nope cat', 'restart cat nope'),
      { ctl: 'restart many:*', unordered: true },
      { ctl: 'restart all', unordered: true },
      { ctl: 'status cat many:* off pair:*' },
      said,
    ],
  },
  {
    name: 'sends signals to processes, groups and all',
    config: `${team}[program:listens]\ncommand={children}/notes-signals.sh %(here)s/signals\nstartsecs=0\n`,
    steps: [
      ...teamRuns,
      { waitForText: 'ready', in: 'signals' },
      ...each('signal', 'signal HUP', 'signal HUP listens'),
      { waitForText: 'HUP', in: 'signals' },
      { ctl: 'signal sigusr1 listens' },
      { waitForText: 'USR1', in: 'signals' },
      { ctl: 'signal 12 listens' },
      { waitForText: 'USR2', in: 'signals' },
      { read: 'signals' },
      ...each(
        'signal NOPE listens',
        'signal 99 listens',
        'signal HUP nope',
        'signal HUP off',
        'signal CONT cat off nope',
      ),
      ...each('signal CONT nope cat', 'signal CONT nope:*', 'signal NOPE nope', 'signal CONT many', 'signal 0 cat'),
      { ctl: 'signal CONT many:*', unordered: true },
      { ctl: 'signal NOPE pair:*', unordered: true },
      { ctl: 'signal CONT cat all', unordered: true },
      { ctl: 'signal NOPE all', unordered: true },
      said,
    ],
  },
  {
    name: 'prints the end of a log by bytes',
    config: talkative,
    steps: [
      ...hasTalked,
      ...each('tail says', 'tail says stderr', 'tail -21 says', 'tail -20 says STDERR', 'tail -5 says stdout'),
      ...each('tail -1_0 says', 'tail -+5 says', 'tail --5 says', 'tail -99999999999 says'),
      ...each('tail utters', 'tail -2 utters', 'tail utters stderr'),
      { ctl: 'clear says' },
      ...each('tail says', 'tail -0 says', 'tail says stderr', 'tail -0 utters'),
    ],
  },
  {
    name: 'refuses bad arguments of tail and maintail',
    config: talkative,
    steps: [
      ...hasTalked,
      ...each('tail', 'tail a b c d', 'tail -5', 'tail -f', 'tail - says', 'tail -x says', 'tail says stdin'),
      ...each('tail -5 says stderr more', 'tail a b c -f', 'tail -5 -5', 'tail nope', 'tail says more stderr'),
      ...each(
        'tail unstarted',
        'tail g:unstarted',
        'tail nolog',
        'tail nolog stderr',
        'tail g:*',
        'tail says:says stdin',
      ),
      { ctl: ['tail', 'says', `a"b'c`] },
      { ctl: ['tail', `says it's`] },
      ...each('maintail x', 'maintail -x', 'maintail a b', 'maintail -', 'maintail -0x1', 'maintail -f now'),
    ],
  },
  {
    name: 'prints the end of the activity log by bytes',
    config: '[program:cat]\ncommand={children}/stays.sh\nautostart=false\n',
    steps: each('start cat', 'maintail -29', 'stop cat', 'maintail -39', 'maintail -+5'),
  },
  {
    name: 'says that there is no activity log',
    config: '[supervisord]\nlogfile=/dev/null\nlogfile_maxbytes=0\n',
    steps: each('maintail', 'maintail -5'),
  },
  {
    name: 'follows a log until Ctrl-C, beginning with its last 1024 bytes',
    config: talkative,
    steps: [
      ...hasTalked,
      { ctl: 'tail -f says', interruptWhen: 'word 300\n' },
      { ctl: 'tail -f says stderr', interruptWhen: 'error 300\n' },
      { ctl: 'tail -f utters', interruptWhen: 'žluťoučký 3\n' },
      { ctl: 'tail -f says:says STDERR', interruptWhen: 'error 300\n' },
      ...each('tail -f nope', 'tail -f nolog', 'tail -f g:unstarted', 'tail -f says nope'),
    ],
  },
  {
    name: 'clears logs',
    config: `${talkative}${stays('web', 'numprocs=2\nprocess_name=w%(process_num)d')}`,
    steps: [
      ...hasTalked,
      ...running('web:w0', 'web:w1'),
      ...each('clear', 'clear nope', 'clear nolog', 'clear web:w0', 'clear web:*', 'clear nope:*', 'clear says:says'),
      ...each('clear nope says', 'clear says nope', 'tail says', 'tail says stderr', 'clear says all', 'clear web'),
      said,
    ],
  },
  {
    name: 'tells what reread found, and shows it in avail',
    config: `${stays('kept')}${stays('changed')}${stays('dropped')}${stays('idle', 'autostart=false')}`,
    steps: [
      ...running('kept', 'changed', 'dropped'),
      ...each('reread', 'update', 'avail'),
      {
        write: 'supervisord.conf',
        text: `${stays('kept')}${stays('changed', 'exitcodes=2')}${stays('fresh')}${stays('idle', 'autostart=false\npriority=1')}`,
      },
      ...each('reread', 'avail', 'reread', 'status'),
    ],
  },
  {
    name: 'updates the groups that are named',
    config: `${stays('kept')}${stays('changed')}${stays('dropped')}`,
    steps: [
      ...running('kept', 'changed', 'dropped'),
      {
        write: 'supervisord.conf',
        text: `${stays('kept')}${stays('changed', 'exitcodes=2')}${stays('fresh', 'autostart=false')}`,
      },
      ...each(
        'update nope',
        'update kept',
        'update changed nope',
        'reread',
        'update fresh',
        'update dropped kept',
        'reread',
      ),
      ...running('changed'),
      ...each('status', 'update', 'update all', 'update nope all'),
      said,
    ],
  },
  {
    name: 'updates everything, and shows what is wrong with the file instead',
    config: `${stays('kept')}${stays('changed')}${stays('dropped')}`,
    steps: [
      ...running('kept', 'changed', 'dropped'),
      {
        write: 'supervisord.conf',
        text: stays('kept', 'autostart=maybe'),
      },
      ...each('reread', 'update', 'update kept', 'avail', 'status'),
      { write: 'supervisord.conf', text: 'no option\n' },
      ...each('reread', 'update'),
      { write: 'supervisord.conf', text: `${stays('kept')}${stays('changed', 'exitcodes=2')}${stays('fresh')}` },
      { ctl: 'update all' },
      ...running('changed', 'fresh'),
      ...each('status', 'reread'),
      said,
    ],
  },
  {
    name: 'adds and removes groups',
    config: `${two}${stays('third', 'autostart=false')}`,
    steps: [
      ...running('cat'),
      ...each('add', 'add cat', 'add nope', 'add cat nope', 'remove', 'remove nope', 'remove cat', 'remove cat nope'),
      ...each(
        'remove off',
        'status off',
        'avail',
        'add off',
        'status off',
        'remove off third off',
        'add off off third',
      ),
      ...each('stop cat', 'remove cat', 'status', 'add cat'),
      ...running('cat'),
      { ctl: 'status' },
      said,
    ],
  },
  {
    name: 'reloads the daemon',
    config: `${stays('one')}${stays('two')}`,
    steps: [
      ...running('one', 'two'),
      { write: 'supervisord.conf', text: `${stays('one')}${stays('three')}` },
      { ctl: 'reload' },
      { waitForMessage: /^INFO supervisord started with pid/, count: 2 },
      { waitForMessage: /^INFO success: three entered RUNNING state/ },
      { ctl: 'status' },
      said,
    ],
  },
  {
    name: 'shuts the daemon down, and tells every command that it is shutting down',
    config: `[program:slow]\ncommand={children}/stops-when-told.sh %(here)s/told\nstartsecs=0\nstopwaitsecs=600\n${stays('other')}`,
    steps: [
      ...running('slow', 'other'),
      { ctl: 'shutdown' },
      { waitForMessage: /^INFO waiting for .* to die/ },
      ...each(
        'shutdown',
        'reload',
        'status',
        'pid',
        'version',
        'avail',
        'reread',
        'update',
        'add other',
        'remove other',
      ),
      ...each('start other', 'stop slow', 'restart slow', 'signal HUP slow', 'tail slow', 'clear slow', 'fg slow'),
      ...each('start all', 'stop other:*', 'maintail -5'),
      { write: 'told', text: '' },
      { waitForEnd: true },
      said,
    ],
  },
  {
    name: 'says of every command that the daemon is gone',
    shows: ['supervisorctl -s'],
    config: '',
    steps: [
      { ctl: 'shutdown' },
      { waitForEnd: true },
      ...each(
        'status',
        'pid',
        'start x',
        'stop x',
        'restart x',
        'signal HUP x',
        'tail x',
        'tail -f x',
        'maintail',
        'clear x',
      ),
      ...each('version', 'fg x', 'shutdown', 'reload', 'reread', 'update', 'avail', 'add x', 'remove x', 'help pid'),
      ...each('start', 'tail', 'fg', 'signal x'),
    ],
  },
  {
    name: 'says of every command that the daemon was killed and left its socket',
    config: '',
    steps: [
      { signal: 'KILL' },
      { waitForEnd: true },
      ...each(
        'status',
        'pid',
        'start x',
        'stop x',
        'restart x',
        'signal HUP x',
        'tail x',
        'maintail',
        'clear x',
        'version',
      ),
      ...each('fg x', 'shutdown', 'reload', 'reread', 'update', 'avail', 'add x', 'remove x'),
    ],
  },
  {
    name: 'reaches daemons by unix socket and by TCP, and says what is wrong with an address',
    shows: ['supervisorctl -s', 'supervisorctl --serverurl'],
    config: `[inet_http_server]\nport=127.0.0.1:{port}\n${two}`,
    files: { 'plain.txt': '' },
    steps: [
      ...running('cat'),
      ...each(
        '-s http://127.0.0.1:{port} status',
        '-s http://localhost:{port}/ pid off',
        '-shttp://127.0.0.1:{port} avail',
      ),
      ...each('-s unix://supervisor.sock pid off', '-s unix://{dir}/supervisor.sock pid off'),
      ...each('--serverurl=http://127.0.0.1:{port} pid off', '--server unix://{dir}/supervisor.sock pid off'),
      ...[
        'unix:///nonexistent.sock',
        'unix://{dir}/plain.txt',
        'unix://{dir}/plain.txt/below',
        'http://127.0.0.1:{port2}',
        'https://127.0.0.1:{port}',
        'http://127.0.0.1:x',
        'http://127.0.0.1:70000',
      ].flatMap((address) => ['status', 'shutdown', 'avail'].map((line): Step => ({ ctl: ['-s', address, line] }))),
      ...each('-s foo status', '-s unix:supervisor.sock status', '-s /supervisor.sock status'),
      { ctl: ['-s', '', 'status'] },
    ],
  },
  {
    name: 'turns to another daemon with open, which leaves the exit status alone',
    config: `[inet_http_server]\nport=127.0.0.1:{port}\n${two}`,
    steps: [
      ...running('cat'),
      ...each('open', 'open nope', 'open https://localhost', 'open ftp://x', 'open unix:///nonexistent.sock'),
      ...each('open http://127.0.0.1:{port2}', 'open HTTP://127.0.0.1:{port}', 'open unix://{dir}/supervisor.sock'),
      ...each('open http://127.0.0.1:{port}'),
      { ctl: [], input: 'open unix:///nonexistent.sock\nstatus\nopen http://127.0.0.1:{port}\npid off\n' },
    ],
  },
  {
    name: 'refuses to bring to the foreground what cannot be there',
    config: `${two}${stays('web', 'numprocs=2\nprocess_name=w%(process_num)d')}`,
    steps: [
      ...running('cat', 'web:w0'),
      ...each('fg', 'fg a b', 'fg nope', 'fg off', 'fg web:*', 'fg web', 'fg web:nope'),
    ],
  },
  {
    name: 'gives the user name and the password that it was told',
    shows: [
      'supervisorctl -u',
      'supervisorctl --username',
      'supervisorctl -p',
      'supervisorctl --password',
      'supervisorctl.username',
      'supervisorctl.password',
      'unix_http_server.username',
      'unix_http_server.password',
      'inet_http_server.username',
      'inet_http_server.password',
    ],
    config: `
[unix_http_server]
username=peter
password=se:cret
[inet_http_server]
port=127.0.0.1:{port}
username=paul
password={SHA}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4
[supervisorctl]
username=peter
password=se:cret
${stays('off', 'autostart=false')}
`,
    steps: [
      ...each(
        'status',
        'pid nope',
        'reread',
        'shutdown',
        'avail',
        'tail x',
        'tail -f x',
        'update',
        'start',
        'help start',
      ),
      ...each('-u peter -p wrong status', '-u peter status', '-p se:cret status', '-u paul -p se:cret avail'),
      { ctl: ['-u', 'peter', '-p', '', 'status'] },
      ...each('-u peter -p se:cret status', '--username peter --password=se:cret pid off', '-upeter -pse:cret reread'),
      ...each('-u peter -p se:cret tail -f nope', '-c {dir}/supervisord.conf pid off'),
      ...each('-c {dir}/supervisord.conf -p wrong pid off', '-c {dir}/supervisord.conf -u paul -p secret pid off'),
      ...each(
        '-s http://127.0.0.1:{port} -u paul -p secret status',
        '-s http://127.0.0.1:{port} -u peter -p se:cret status',
      ),
      ...each('-s http://127.0.0.1:{port} -u paul -p secret tail -f nope'),
    ],
  },
  {
    name: 'asks for user name and password in the shell, again and again',
    config: `[unix_http_server]\nusername=peter\npassword=se:cret\n${stays('off', 'autostart=false')}`,
    steps: [
      { ctl: [], input: 'peter\nwrong\npeter\nse:cret\npid off\nexit\n' },
      { ctl: '-i pid off', input: 'peter\nse:cret\n' },
    ],
  },
  {
    name: 'reads its flags as getopt does',
    shows: [
      'supervisorctl -c',
      'supervisorctl --configuration',
      'supervisorctl -i',
      'supervisorctl --interactive',
      'supervisorctl -r',
      'supervisorctl --history_file',
    ],
    config: two,
    steps: [
      ...running('cat'),
      ...each(
        '-x',
        '--nope',
        '-s',
        '--serverurl',
        '-c',
        '--conf',
        '-i -i status',
        '-u a -u b status',
        '--s',
        '--i=1 status',
      ),
      ...each(
        '-i pid off',
        '--interactive pid off',
        '-ipid',
        '--his x pid off',
        '-r x pid off',
        '-r x -r y status',
        '-ix',
      ),
      { ctl: ['tail -5 cat', 'stdin'] },
      { ctl: ['pid', '-s', 'x'] },
      { ctl: '-i', input: 'pid off\n' },
      { ctl: '--configuration={dir}/ctl.conf --interactive', input: 'version\n' },
    ],
  },
  {
    name: 'prints its usage',
    shows: ['supervisorctl -h', 'supervisorctl --help', 'supervisorctl -?'],
    config: '',
    steps: each('-h', '--help', '-?', '-h -x', '-x -h', '--nope -h'),
    verdict: {
      is: 'better',
      what: 'the usage says in one line what each flag does',
      why: 'the text is our own, made from the table of flags',
    },
  },
  {
    name: 'reads its own section of the file, and only that',
    shows: ['supervisorctl.serverurl', 'supervisorctl.prompt', 'supervisorctl.history_file'],
    config: two,
    environment: { CV_PROMPT: 'from-the-environment' },
    files: {
      'empty.conf': '',
      'other.conf': '[supervisord]\nlogfile=%(here)s/x\n[program:x]\n',
      'bare.conf': '[supervisorctl]\n',
      'relative.conf':
        '[supervisorctl]\nserverurl=unix://supervisor.sock\nprompt=100%% sure\n[program:x]\nnumprocs=nonsense\n',
      'here.conf':
        '[supervisorctl]\nserverurl = unix://%(here)s/x/../supervisor.sock ; comment\nPROMPT : here\n' +
        'history_file=%(here)s/history\nnonsense=1\n',
      'include.conf':
        '[include]\nfiles=bare.conf\n[supervisorctl]\nserverurl=unix://{dir}/supervisor.sock\nprompt=\n[supervisorctl]\nprompt=twice\n',
      'included.conf': '[include]\nfiles=here.conf\n',
      'unknown.conf': '[supervisorctl]\nserverurl=gopher://x\n',
      'not-here.conf': '[supervisorctl]\nusername=x%%(here)sx\nserverurl=unix://%(here)s/nope\n',
    },
    steps: [
      ...running('cat'),
      ...each(
        '-c {dir}/missing.conf status',
        '-c {dir}/empty.conf status',
        '-c {dir}/other.conf status',
        '-c {dir} status',
      ),
      ...each('-c {dir}/included.conf status', '-c {dir}/unknown.conf status', '-c {dir}/not-here.conf status'),
      ...['relative', 'here', 'include'].map((name): Step => ({
        ctl: ['-c', `{dir}/${name}.conf`],
        input: 'pid off\n',
      })),
      { list: 'history', modes: true },
      { read: 'history' },
    ],
  },
  {
    name: 'refuses a value of its file that cannot be expanded',
    config: '',
    files: { 'percent.conf': '[supervisorctl]\nprompt=100%\n' },
    steps: each('-c {dir}/percent.conf status', '-c {dir}/percent.conf -s unix://supervisor.sock status'),
  },
  {
    name: 'refuses a value with names that there are not, and a file that is no configuration',
    shows: ['supervisorctl.prompt', 'supervisorctl.serverurl'],
    config: '',
    files: {
      'name.conf': '[supervisorctl]\nprompt=%(ENV_CV_NOPE)s\n',
      'here.conf': '[supervisorctl]\nprompt=%(here)s\n',
      'other.conf': '[supervisorctl]\nserverurl=unix://%(program_name)s\n',
      'head.conf': 'prompt=x\n[supervisorctl]\n',
      'line.conf': '[supervisorctl]\nprompt\n',
    },
    steps: each(...['name', 'here', 'other', 'head', 'line'].map((file) => `-c {dir}/${file}.conf status`)),
    verdict: {
      is: 'better',
      about: ['supervisorctl --configuration'],
      what: 'a file that is no configuration is an error with its place and exit status 2',
      why: 'supervisorctl shows a Python traceback and exits with 1',
    },
  },
  {
    name: 'goes on without the Python plugins of its file',
    shows: ['ctlplugin.supervisor.ctl_factory'],
    config: stays('off', 'autostart=false'),
    files: {
      'plugin.conf':
        '[supervisorctl]\nserverurl=unix://%(here)s/supervisor.sock\n' +
        '[ctlplugin:x]\nsupervisor.ctl_factory=nowhere:nobody\n',
    },
    steps: each('-c {dir}/plugin.conf pid off', '-c {dir}/plugin.conf command_of_x'),
    verdict: {
      is: 'not offered',
      about: ['ctlplugin.supervisor.ctl_factory'],
      what: 'a section [ctlplugin:x] is left alone; who types a command that is unknown is told of it',
      why: 'plugins are Python',
    },
  },
  {
    name: 'keeps the history in the file that the command line names',
    shows: ['supervisorctl -r', 'supervisorctl --history_file'],
    config: stays('off', 'autostart=false'),
    steps: [
      { ctl: ['-r', '{dir}/mine'], input: 'pid off\n' },
      { ctl: ['--history_file={dir}/another'], input: 'pid off\n' },
      { list: 'mine another', modes: true },
    ],
    verdict: {
      is: 'better',
      what: 'the flag has an effect',
      why: 'supervisorctl accepts it and keeps no history',
    },
  },
  {
    name: 'runs a shell on an input that is no terminal',
    config: two,
    steps: [
      ...running('cat'),
      ...[
        '',
        '\n\n',
        'pid off\nexit\npid\n',
        'pid off',
        'nonsense\n\n  \n?pid\n',
        'help start\nhelp nope\n',
        'start cat\r\nquit\r\n',
        '!\nEOF\npid off\n',
        'open unix:///nonexistent.sock\nstatus\npid\navail\n',
        'fg\nfg a b\nfg nope\nfg off\ntail\ntail -f nope\n',
        'žluť\npid žluť\nstatus žluť:*\n',
      ].map((input): Step => ({ ctl: [], input })),
    ],
  },
  {
    name: 'asks in the shell before it restarts or ends the daemon',
    config: two,
    steps: [
      ...running('cat'),
      ...['n\n', 'no', '', '\n', '  yes\n'].map((input): Step => ({ ctl: '-i shutdown', input })),
      { ctl: [], input: 'shutdown\nn\nreload\nnever\nreload x\nreload' },
      { ctl: '-i reload', input: 'x\n' },
      { ctl: 'status off' },
      { ctl: '-i shutdown', input: 'Yes, please\n' },
      { waitForEnd: true },
    ],
  },
  {
    name: 'asks for nothing that a daemon without the supervisor namespace has',
    head: false,
    config: `
[supervisord]
pidfile=%(here)s/supervisord.pid
logfile=%(here)s/supervisord.log
childlogdir=%(here)s
[unix_http_server]
file=%(here)s/supervisor.sock
`,
    steps: each(
      ...'status,start x,version,pid,fg x,tail x,tail -f x,maintail,clear x,reread,avail,update'.split(','),
      ...'add x,remove x,shutdown,reload,signal HUP x,restart x'.split(','),
    ),
  },
];
