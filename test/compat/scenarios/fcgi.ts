// FastCGI programs: the socket that their processes share, its options and their errors, when it is made and closed.
import type { Scenario } from '../scenario.ts';

/** Says whether somebody listens at a path or port. */
const knocks = {
  'knocks.cjs': `
const [address] = process.argv.slice(2);
const socket = require('node:net').connect(/^\\d+$/.test(address) ? { port: Number(address) } : { path: address });
socket.once('connect', () => (console.log('connected'), process.exit()));
socket.once('error', ({ code }) => console.log(code));
`,
};

const socketLines = /socket|spawned|exited|stopped|gave up|spawnerr/;

/** Each as a whole configuration that the daemon is asked to start with. */
function refused(sections: readonly string[]): Pick<Scenario, 'files' | 'steps'> {
  const names = sections.map((_, index) => `refused-${index}.conf`);
  return {
    files: Object.fromEntries(sections.map((text, index) => [names[index] ?? '', `[supervisord]\n${text}\n`])),
    steps: names.map((name) => ({ daemon: ['-n', '-c', `{dir}/${name}`] })),
  };
}

const x = '[fcgi-program:x]\ncommand=/bin/cat\n';

export const scenarios: readonly Scenario[] = [
  {
    name: 'gives the processes of a FastCGI program one listening socket as their standard input',
    shows: ['fcgi-program.socket'],
    config: `
[fcgi-program:x]
command={children}/notes-stdin.sh {dir}/stdin
process_name=%(program_name)s_%(process_num)d
numprocs=2
socket=unix://{dir}/x.sock
`,
    files: knocks,
    steps: [
      { waitFor: 'x:x_0', state: 'RUNNING' },
      { waitFor: 'x:x_1', state: 'RUNNING' },
      { waitForText: ']', in: 'stdin', count: 2 },
      { shell: "sort -u stdin | sed 's/[0-9]*//g'" },
      { shell: '{node} knocks.cjs {dir}/x.sock' },
      { list: 'x.sock', modes: true },
      { rpc: 'supervisor.getAllProcessInfo' },
      { rpc: 'supervisor.getAllConfigInfo' },
      { ctl: 'status' },
      { rpc: 'supervisor.sendProcessStdin', params: ['x:x_0', 'text'] },
      { signal: 'TERM' },
      { waitForEnd: true },
      { list: 'x.sock', modes: true },
    ],
  },
  {
    name: 'makes the socket for the first process, closes it after the last, and leaves its file',
    config: `
[fcgi-program:x]
command={children}/stays.sh
process_name=%(process_num)d
numprocs=2
autostart=false
startsecs=0
socket=unix://{dir}/x.sock
`,
    files: knocks,
    steps: [
      { messages: socketLines },
      { shell: '{node} knocks.cjs {dir}/x.sock' },
      { ctl: 'start x:1' },
      { shell: '{node} knocks.cjs {dir}/x.sock' },
      { ctl: 'start x:0' },
      { ctl: 'stop x:1' },
      { shell: '{node} knocks.cjs {dir}/x.sock' },
      { ctl: 'stop x:0' },
      { shell: '{node} knocks.cjs {dir}/x.sock' },
      { list: 'x.sock', modes: true },
      { ctl: 'restart x:0' },
      { shell: '{node} knocks.cjs {dir}/x.sock' },
      { messages: socketLines },
    ],
  },
  {
    name: 'listens on TCP for a FastCGI program and says so in lower case',
    shows: ['fcgi-program.socket', 'fcgi-program.socket_backlog'],
    config: `
[fcgi-program:x]
command={children}/notes-stdin.sh {dir}/stdin
socket=tcp://LocalHost:{port}
socket_backlog=5
startsecs=0
`,
    files: knocks,
    steps: [
      { waitFor: 'x', state: 'RUNNING' },
      { waitForText: ']', in: 'stdin' },
      { shell: "sed 's/[0-9]*//g' stdin" },
      { shell: '{node} knocks.cjs {port}' },
      { ctl: 'stop x' },
      { shell: '{node} knocks.cjs {port}' },
      { messages: socketLines },
    ],
  },
  {
    name: 'gives the socket the owner and the permissions that are asked for',
    shows: ['fcgi-program.socket_owner', 'fcgi-program.socket_mode'],
    needs: ['root'],
    config: `
[fcgi-program:plain]
command={children}/stays.sh
socket=unix://{dir}/%(program_name)s.sock
[fcgi-program:user]
command={children}/stays.sh
socket=unix://{dir}/%(program_name)s.sock
user={user}
[fcgi-program:owner]
command={children}/stays.sh
socket=unix://{dir}/%(program_name)s.sock
socket_owner={user}
socket_mode=0770
[fcgi-program:both]
command={children}/stays.sh
socket=unix://{dir}/%(program_name)s.sock
user={user}
socket_owner=root:nogroup
socket_mode=666
`,
    steps: [{ waitFor: 'both', state: 'RUNNING' }, { shell: "stat -c '%A %U:%G %n' *.sock" }],
  },
  {
    name: 'takes the place of a socket that somebody left',
    config: `
[fcgi-program:x]
command={children}/stays.sh
autostart=false
startsecs=0
socket=unix://{dir}/x.sock
`,
    files: {
      ...knocks,
      'leaves.cjs': "require('node:net').createServer().listen('{dir}/x.sock', () => process.exit());",
    },
    steps: [
      { shell: 'rm x.sock; {node} leaves.cjs; {node} knocks.cjs {dir}/x.sock' },
      { ctl: 'start x' },
      { shell: '{node} knocks.cjs {dir}/x.sock' },
    ],
  },
  {
    name: 'expands the directory, the environment and the name of the program in a socket',
    config: `
[supervisord]
environment=NAME="fast"
[fcgi-program:x]
command={children}/stays.sh
socket=unix://%(here)s/%(ENV_NAME)s-%(program_name)s.sock
`,
    steps: [{ waitFor: 'x', state: 'RUNNING' }, { list: '*.sock' }],
  },
  {
    name: 'refuses a FastCGI socket that it cannot read',
    shows: ['fcgi-program.socket'],
    config: '',
    ...refused([
      x,
      `${x}socket=`,
      `${x}socket=x.sock`,
      `${x}socket=tcp://:9000`,
      `${x}socket=tcp://localhost`,
      `${x}socket=tcp://localhost:0`,
      `${x}socket=tcp://localhost:70000`,
      `${x}socket=unix://x.sock`,
      `${x}socket=tcp://localhost:9000\nsocket_mode=0700`,
      `${x}socket=tcp://localhost:9000\nsocket_owner=root`,
    ]),
  },
  {
    name: 'refuses options of a FastCGI socket that it cannot read',
    shows: ['fcgi-program.socket_owner', 'fcgi-program.socket_mode', 'fcgi-program.socket_backlog'],
    config: '',
    ...refused([
      `${x}socket=unix:///tmp/x\nsocket_owner=nobody-at-all`,
      `${x}socket=unix:///tmp/x\nsocket_owner=root:nobody-at-all`,
      `${x}socket=unix:///tmp/x\nsocket_mode=rwx`,
      `${x}socket=unix:///tmp/x\nsocket_backlog=0`,
      `${x}socket=unix:///tmp/x\nsocket_backlog=65536`,
      `${x}socket=unix:///tmp/x\nsocket_backlog=many`,
      `${x}socket=unix:///tmp/x\npriority=high`,
      `${x}socket=unix:///tmp/x\nuser=nobody-at-all`,
      `${x}socket=unix:///tmp/x\nstartsecs=soon`,
      '[fcgi-program:x]\nsocket=unix:///tmp/x',
      `[fcgi-program:a b]\ncommand=/bin/cat\nsocket=unix:///tmp/x`,
      `${x}[program:x]\ncommand=/bin/cat\n[group:g]\nprograms=x`,
      `${x}[group:g]\nprograms=x,y`,
    ]),
  },
  {
    name: 'orders FastCGI programs among the others, by priority and name',
    shows: ['fcgi-program.priority'],
    config: `
[fcgi-program:b]
command={children}/notes.sh {dir}/order b
socket=unix://{dir}/b.sock
[program:a]
command={children}/notes.sh {dir}/order a
[program:c]
command={children}/notes.sh {dir}/order c
[fcgi-program:first]
command={children}/notes.sh {dir}/order first
socket=unix://{dir}/first.sock
priority=1
[fcgi-program:not]
command={children}/notes.sh {dir}/order not
socket=unix://{dir}/not.sock
autostart=false
`,
    steps: [
      { waitFor: 'c', state: 'RUNNING' },
      { waitForText: 'start', in: 'order', count: 4 },
      { messages: /socket|spawned/ },
      { ctl: 'avail' },
      { signal: 'TERM' },
      { waitForEnd: true },
      { messages: /socket|stopped/ },
    ],
  },
  {
    name: 'sees another address of a FastCGI program at reread, but no other option of its socket',
    config: `
[fcgi-program:moves]
command={children}/stays.sh
socket=unix://{dir}/moves.sock
startsecs=0
[fcgi-program:stays]
command={children}/stays.sh
socket=unix://{dir}/stays.sock
startsecs=0
[fcgi-program:becomes]
command={children}/stays.sh
socket=unix://{dir}/becomes.sock
startsecs=0
[program:other]
command={children}/stays.sh
startsecs=0
`,
    steps: [
      { waitFor: 'other', state: 'RUNNING' },
      {
        write: 'supervisord.conf',
        text: `
[fcgi-program:moves]
command={children}/stays.sh
socket=unix://{dir}/moved.sock
startsecs=0
[fcgi-program:stays]
command={children}/stays.sh
socket=unix://{dir}/stays.sock
socket_mode=0777
socket_owner=root
socket_backlog=7
startsecs=0
[program:becomes]
command={children}/stays.sh
startsecs=0
[fcgi-program:other]
command={children}/stays.sh
socket=unix://{dir}/other.sock
startsecs=0
`,
      },
      { ctl: 'reread' },
      { ctl: 'update' },
      { waitFor: 'other', state: 'RUNNING' },
      { ctl: 'status' },
      { ctl: 'reread' },
      { list: '*.sock', modes: true },
      { messages: /^INFO (Creating|Closing) socket/ },
    ],
  },
  {
    name: 'makes the sockets anew when it begins anew',
    shows: ['signal HUP'],
    config: `
[fcgi-program:x]
command={children}/stays.sh
socket=unix://{dir}/x.sock
startsecs=0
`,
    files: knocks,
    steps: [
      { waitFor: 'x', state: 'RUNNING' },
      { signal: 'HUP' },
      { waitForMessage: /success: x/, count: 2 },
      { shell: '{node} knocks.cjs {dir}/x.sock' },
      { messages: 'all' },
    ],
  },
  {
    name: 'makes the socket of a FastCGI program whose command is missing, and closes it again',
    config: `
[fcgi-program:x]
command=/nowhere/at/all
startretries=1
socket=unix://{dir}/x.sock
[fcgi-program:quick]
command={children}/exits-with.sh 3
startretries=0
startsecs=10
autostart=false
socket=unix://{dir}/quick.sock
`,
    steps: [
      { waitFor: 'x', state: 'FATAL' },
      { ctl: 'start x' },
      { ctl: 'start quick' },
      { waitFor: 'quick', state: 'FATAL' },
      { ctl: 'status' },
      { messages: socketLines },
    ],
  },
  {
    name: 'keeps the socket open when the only process of a FastCGI program is replaced at once',
    shows: ['fcgi-program.socket'],
    config: `
[fcgi-program:x]
command={children}/stays.sh
socket=unix://{dir}/x.sock
startsecs=0
`,
    steps: [
      { waitFor: 'x', state: 'RUNNING' },
      { signal: 'KILL', to: 'x' },
      { waitForMessage: /success: x/, count: 2 },
      { messages: socketLines },
    ],
    verdict: {
      is: 'better',
      what: 'a process that is replaced at once takes the open socket over',
      why: 'requests that come meanwhile wait instead of being refused',
    },
  },
  {
    name: 'starts a FastCGI program of a group with its socket',
    shows: ['fcgi-program.socket'],
    config: `
[fcgi-program:x]
command={children}/notes-stdin.sh {dir}/stdin
socket=unix://{dir}/x.sock
[group:g]
programs=x
`,
    steps: [
      { waitFor: 'g:x', state: 'RUNNING' },
      { waitForText: ']', in: 'stdin' },
      { shell: "sed 's/[0-9]*//g' stdin" },
      { list: 'x.sock' },
    ],
    verdict: {
      is: 'better',
      what: 'a FastCGI program that a [group:x] names keeps its socket',
      why: 'supervisord starts it with a pipe instead, and no FastCGI program works without its socket',
    },
  },
  {
    name: 'ends at the start when a FastCGI socket cannot be made',
    shows: ['fcgi-program.socket'],
    config: `${x}socket=unix://{dir}/nowhere/x.sock\n`,
    comesUp: false,
    steps: [{ waitForEnd: true }, { messages: 'all' }],
    verdict: {
      is: 'better',
      what: 'an error like those of the configuration, with its place, and exit status 2',
      why: 'supervisord shows a traceback and ends with 1, which tells neither section nor line',
    },
  },
  {
    name: 'answers with a fault when the FastCGI socket of a new group cannot be made',
    shows: ['fcgi-program.socket'],
    config: '[program:other]\ncommand={children}/stays.sh\n',
    steps: [
      { waitFor: 'other', state: 'RUNNING' },
      {
        write: 'supervisord.conf',
        text: `[program:other]\ncommand={children}/stays.sh\n${x}socket=unix://{dir}/nowhere/x.sock\n`,
      },
      { rpc: 'supervisor.reloadConfig' },
      { rpc: 'supervisor.addProcessGroup', params: ['x'] },
      { ctl: 'status' },
      { messages: /^INFO (Creating|Closing) socket/ },
    ],
    verdict: {
      is: 'better',
      what: 'the fault FAILED, which says why',
      why: 'supervisord answers with HTTP 500 and logs a traceback',
    },
  },
  {
    name: 'goes on when a FastCGI process cannot be started because its socket cannot be made',
    shows: ['fcgi-program.socket'],
    config: `
[fcgi-program:x]
command={children}/stays.sh
socket=unix://{dir}/folder/x.sock
startretries=0
startsecs=0
autostart=false
`,
    files: { 'folder/a': '' },
    steps: [
      { shell: 'rm -r folder' },
      { rpc: 'supervisor.startProcess', params: ['x'] },
      { ctl: 'status' },
      { shell: 'mkdir folder' },
      { ctl: 'start x' },
      { messages: /^INFO (Creating|Closing) socket|spawnerr|gave up/ },
    ],
    verdict: {
      is: 'better',
      what: 'a failed start with its reason, which is tried again like any other',
      why: 'supervisord answers with HTTP 500; at a restart of a process it even ends, and leaves all children behind',
    },
  },
  {
    name: 'deletes nothing but a socket to make room for a FastCGI socket',
    shows: ['fcgi-program.socket'],
    config: `${x}socket=unix://{dir}/precious\n`,
    files: { precious: 'data\n' },
    comesUp: false,
    steps: [
      { waitForMessage: /Creating socket/ },
      {
        shell:
          'for try in $(seq 20); do test -f precious || break; sleep 0.1; done; test -f precious && cat precious || echo gone',
      },
    ],
    verdict: {
      is: 'better',
      what: 'refuses a path at which something else than a socket stands',
      why: 'supervisord deletes whatever is there, as root, whatever the file may be',
    },
  },
];
