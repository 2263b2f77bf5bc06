// How processes and the daemon end: signals, patience, groups of processes, and the order in which all is started and
// stopped.
import type { Scenario } from '../scenario.ts';

/** With `-e debug`: which process was sent what, in order. */
const kills = /DEBG killing|WARN killing/;

const debug = ['-n', '-e', 'debug'];

const stopsignals: Readonly<Record<string, string>> = {
  unset: '',
  term: 'stopsignal=TERM',
  hup: 'stopsignal=HUP',
  int: 'stopsignal=sigint',
  quit: 'stopsignal=3',
  usr1: 'stopsignal=Usr1',
  usr2: 'stopsignal=SIGUSR2',
  kill: 'stopsignal=KILL',
};

/** Prints what becomes of the process whose pid is in a file: it is gone soon, or it stays. */
function fate(file: string): string {
  return `for try in $(seq 50); do
    state=$(cut -d' ' -f3 /proc/$(cat ${file})/stat 2>/dev/null)
    case "$state" in ''|Z) echo gone; exit;; esac
    sleep 0.1
  done
  echo stays`;
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'asks a process to stop with its stopsignal',
    shows: ['program.stopsignal'],
    config: Object.entries(stopsignals)
      .map(
        ([name, option]) => `
[program:${name}]
command={children}/ends-on-signal.sh {dir}/got-${name}
startsecs=0
autorestart=true
${option}
`,
      )
      .join(''),
    flags: debug,
    steps: [
      ...Object.keys(stopsignals).map((name) => ({ waitForText: 'ready', in: `got-${name}` })),
      ...Object.keys(stopsignals).map((name) => ({ ctl: `stop ${name}` })),
      ...Object.keys(stopsignals).map((name) => ({ read: `got-${name}` })),
      { rpc: 'supervisor.getAllProcessInfo', pick: ['name', 'statename', 'exitstatus', 'spawnerr'] },
      { rpc: 'supervisor.getAllConfigInfo', pick: ['name', 'stopsignal'] },
      { messages: kills },
      { messages: /(INFO|WARN) stopped/ },
    ],
  },
  {
    name: 'refuses signals that there are not, and a stopasgroup without killasgroup',
    shows: ['program.stopsignal', 'program.stopasgroup', 'program.killasgroup', 'program.stopwaitsecs'],
    config: '',
    files: Object.fromEntries(
      [
        'stopsignal=NONE',
        'stopsignal=99',
        'stopsignal=',
        'stopwaitsecs=long',
        'stopasgroup=true\nkillasgroup=false',
      ].map((option, index) => [`refused-${index}.conf`, `[supervisord]\n[program:x]\ncommand=/bin/cat\n${option}\n`]),
    ),
    steps: [0, 1, 2, 3, 4].map((index) => ({ daemon: ['-n', '-c', `{dir}/refused-${index}.conf`] })),
  },
  {
    name: 'kills a process that has not ended stopwaitsecs after it was asked to',
    shows: ['program.stopwaitsecs'],
    config: `
[program:deaf]
command={children}/ignores-term.sh
stopwaitsecs=2
stdout_logfile={dir}/deaf
`,
    flags: debug,
    steps: [
      { waitForText: 'ready', in: 'deaf' },
      { waitFor: 'deaf', state: 'RUNNING' },
      { ctl: 'stop deaf' },
      { rpc: 'supervisor.getProcessInfo', params: ['deaf'], pick: ['statename', 'exitstatus', 'spawnerr', 'pid'] },
      { messages: kills },
      { messages: /(INFO|WARN) stopped/ },
    ],
  },
  {
    name: 'says for whom a client that stops a process is waiting',
    shows: ['supervisor.stopProcess'],
    config: `
[program:slow]
command={children}/notes.sh {dir}/notes slow 1
startsecs=0
`,
    steps: [
      { waitFor: 'slow', state: 'RUNNING' },
      { waitForText: 'start', in: 'notes' },
      { rpc: 'supervisor.stopProcess', params: ['slow'] },
      { waitForMessage: /^INFO waiting for slow to stop$/ },
      { messages: /(INFO|WARN) stopped/ },
    ],
  },
  {
    name: 'stops a process alone, or with all of its group',
    shows: ['program.stopasgroup', 'program.killasgroup'],
    config: `
[program:alone]
command={children}/forks-child.sh {dir}/alone
startsecs=0
[program:together]
command={children}/forks-child.sh {dir}/together
startsecs=0
stopasgroup=true
[program:killed-alone]
command={children}/forks-child-ignoring-term.sh {dir}/killed-alone
startsecs=0
stopwaitsecs=2
[program:killed-together]
command={children}/forks-child-ignoring-term.sh {dir}/killed-together
startsecs=0
stopwaitsecs=2
killasgroup=true
[program:both]
command={children}/forks-child-ignoring-term.sh {dir}/both
startsecs=0
stopwaitsecs=2
stopasgroup=true
`,
    flags: debug,
    steps: [
      ...['alone', 'together', 'killed-alone', 'killed-together', 'both'].flatMap((name) => [
        { waitForText: '\n', in: name },
        { waitFor: name, state: 'RUNNING' },
      ]),
      { ctl: 'stop all', unordered: true },
      // One that is left alone stays until the test is over.
      { shell: "cut -d' ' -f3 /proc/$(cat alone)/stat" },
      { shell: fate('together') },
      { shell: "cut -d' ' -f3 /proc/$(cat killed-alone)/stat" },
      { shell: fate('killed-together') },
      { shell: fate('both') },
      { rpc: 'supervisor.getAllConfigInfo', pick: ['name', 'killasgroup'] },
      { messages: kills, unordered: true },
    ],
  },
  {
    name: 'starts groups by priority and name, members of a program by name, and members of a group as listed',
    shows: ['program.priority', 'group.priority', 'group.programs'],
    config: `
[program:b]
command={children}/stays.sh
[program:a]
command={children}/stays.sh
[program:last]
command={children}/stays.sh
priority=1000
[program:first]
command={children}/stays.sh
priority=-5
[program:x]
command={children}/stays.sh
process_name=x_%(process_num)d
numprocs=3
numprocs_start=9
[program:m1]
command={children}/stays.sh
priority=30
[program:m2]
command={children}/stays.sh
priority=20
[program:m3]
command={children}/stays.sh
priority=10
[group:members]
programs=m2,m3,m1
priority=5
`,
    flags: debug,
    steps: [
      { waitFor: 'last', state: 'RUNNING' },
      { messages: /spawned/ },
      { ctl: 'avail' },
      { rpc: 'supervisor.stopProcessGroup', params: ['members', false] },
      { waitForMessage: /stopped: m/, count: 3 },
      { rpc: 'supervisor.startProcessGroup', params: ['members'], unordered: true },
      { messages: /spawned: 'm/ },
      { messages: kills },
      { signal: 'TERM' },
      { waitForEnd: true },
      { messages: kills },
    ],
  },
  {
    name: 'stops group after group at the end, each only when the one before is gone',
    shows: ['program.priority', 'group.priority', 'signal TERM'],
    config: `
[program:early]
command={children}/notes.sh {dir}/notes early
priority=1
[program:middle-1]
command={children}/notes.sh {dir}/notes middle-1
priority=10
[program:middle-2]
command={children}/notes.sh {dir}/notes middle-2 1
priority=20
[group:middle]
programs=middle-1,middle-2
priority=500
[program:late]
command={children}/notes.sh {dir}/notes late
`,
    flags: debug,
    steps: [
      { waitFor: 'late', state: 'RUNNING' },
      { waitForText: 'start', in: 'notes', count: 4 },
      { signal: 'TERM' },
      { waitForEnd: true },
      { read: 'notes', only: /^stop/ },
      { messages: kills },
      { messages: /(INFO|WARN) stopped|received SIGTERM/ },
      { messages: /waiting for .*early, middle-1, middle-2, late to die/ },
    ],
  },
  {
    name: 'stops what is still STARTING at the end, gives up what waits for a retry, and kills what does not listen',
    shows: ['signal TERM'],
    config: `
[program:starting]
command={children}/stays.sh
startsecs=1000
[program:waiting]
command={children}/stays.sh
stdout_logfile={dir}/folder
startretries=1000
[program:deaf]
command={children}/ignores-term.sh
stopwaitsecs=2
stdout_logfile={dir}/deaf
[program:ended]
command={children}/exits-with.sh 0
startsecs=0
`,
    files: { 'folder/a': '' },
    flags: debug,
    steps: [
      { waitForText: 'ready', in: 'deaf' },
      { waitFor: 'deaf', state: 'RUNNING' },
      { waitFor: 'waiting', state: 'BACKOFF' },
      { waitFor: 'ended', state: 'EXITED' },
      { signal: 'TERM' },
      { waitForEnd: true },
      { messages: kills },
      { messages: /(INFO|WARN) stopped|gave up/ },
      { list: 'supervisor*' },
    ],
  },
  {
    name: 'says that it was asked to end once more, and ends no sooner; and does not begin anew then',
    shows: ['signal TERM', 'signal HUP', 'fault SHUTDOWN_STATE'],
    config: `
[program:x]
command={children}/stops-when-told.sh {dir}/go
stopwaitsecs=1000
[program:other]
command={children}/stays.sh
priority=1
startsecs=0
`,
    steps: [
      { waitFor: 'x', state: 'RUNNING' },
      { waitForFile: 'go.ready' },
      { signal: 'TERM' },
      { waitForMessage: /waiting for/ },
      { signal: 'TERM' },
      { waitForMessage: /exit request/, count: 2 },
      { signal: 'INT' },
      { waitForMessage: /received SIGINT/ },
      { signal: 'QUIT' },
      { waitForMessage: /received SIGQUIT/ },
      { signal: 'HUP' },
      { waitForMessage: /SIGHUP/ },
      { rpc: 'supervisor.getState' },
      { rpc: 'supervisor.startProcess', params: ['other'] },
      { ctl: 'status' },
      { ctl: 'shutdown' },
      { write: 'go', text: '' },
      { waitForEnd: true },
      { messages: /received|ignored|stopped/ },
    ],
  },
  {
    name: 'stops everything at HUP and begins anew with the configuration as it is now, in the same pid',
    shows: ['signal HUP', 'program.priority'],
    config: `
[program:stays]
command={children}/stays.sh
[program:goes]
command={children}/stays.sh
priority=5
[program:changes]
command={children}/stays.sh before
priority=7
`,
    steps: [
      { waitFor: 'stays', state: 'RUNNING' },
      { waitFor: 'goes', state: 'RUNNING' },
      { waitFor: 'changes', state: 'RUNNING' },
      { shell: 'cp supervisord.pid before.pid' },
      {
        write: 'supervisord.conf',
        text: `
[program:stays]
command={children}/stays.sh
[program:changes]
command={children}/stays.sh after
startsecs=0
[program:comes]
command={children}/stays.sh
autostart=false
`,
      },
      { signal: 'HUP' },
      { waitForMessage: /success: stays/, count: 2 },
      { waitForMessage: /success: changes/, count: 2 },
      { shell: 'cmp supervisord.pid before.pid && echo same' },
      { ctl: 'status' },
      { rpc: 'supervisor.getAllConfigInfo', pick: ['name', 'command'] },
      { messages: /spawned|stopped|received|started with/ },
    ],
  },
  {
    name: 'stops and starts all that it is asked to, and says what became of each',
    config: `
[program:a]
command={children}/stays.sh
[program:b]
command={children}/stays.sh
autostart=false
[program:c]
command=/nowhere/at/all
autostart=false
startretries=0
[program:m1]
command={children}/stays.sh
[program:m2]
command={children}/stays.sh
[group:g]
programs=m1,m2
`,
    steps: [
      { waitFor: 'a', state: 'RUNNING' },
      { waitFor: 'g:m1', state: 'RUNNING' },
      { waitFor: 'g:m2', state: 'RUNNING' },
      { rpc: 'supervisor.stopAllProcesses', unordered: true },
      { rpc: 'supervisor.stopAllProcesses' },
      { rpc: 'supervisor.startAllProcesses', unordered: true },
      { rpc: 'supervisor.startProcessGroup', params: ['g'] },
      { rpc: 'supervisor.stopProcess', params: ['g:*'], unordered: true },
      { ctl: 'start g:*', unordered: true },
      { ctl: 'restart g:', unordered: true },
      { ctl: 'stop all', unordered: true },
      { ctl: 'status' },
    ],
  },
  {
    name: 'sends signals to a process, a group and all, and to nobody else',
    shows: ['fault BAD_SIGNAL', 'fault NOT_RUNNING'],
    config: `
[program:notes]
command={children}/notes-signals.sh {dir}/notes
startsecs=0
[program:m1]
command={children}/notes-signals.sh {dir}/m1
startsecs=0
[program:m2]
command={children}/notes-signals.sh {dir}/m2
startsecs=0
autostart=false
[group:g]
programs=m1,m2
[program:parent]
command={children}/forks-child.sh {dir}/child
startsecs=0
stopasgroup=true
`,
    steps: [
      { waitForText: 'ready', in: 'notes' },
      { waitForText: 'ready', in: 'm1' },
      { waitForText: '\n', in: 'child' },
      { waitFor: 'parent', state: 'RUNNING' },
      { waitFor: 'notes', state: 'RUNNING' },
      { waitFor: 'g:m1', state: 'RUNNING' },
      { rpc: 'supervisor.signalProcess', params: ['notes', 'usr1'] },
      { waitForText: 'USR1', in: 'notes' },
      { rpc: 'supervisor.signalProcess', params: ['notes', 12] },
      { waitForText: 'USR2', in: 'notes' },
      { rpc: 'supervisor.signalProcess', params: ['notes', 'SIGHUP'] },
      { waitForText: 'HUP', in: 'notes' },
      { rpc: 'supervisor.signalProcess', params: ['notes', 'WHAT'] },
      { rpc: 'supervisor.signalProcess', params: ['notes', '0'] },
      { rpc: 'supervisor.signalProcess', params: ['g:m2', 'HUP'] },
      { rpc: 'supervisor.signalProcessGroup', params: ['g', 'USR1'] },
      { waitForText: 'USR1', in: 'm1' },
      { rpc: 'supervisor.signalAllProcesses', params: ['CONT'], unordered: true },
      { ctl: 'signal HUP g:*' },
      { waitForText: 'HUP', in: 'm1' },
      { rpc: 'supervisor.signalProcess', params: ['parent', 'KILL'] },
      { waitForMessage: /exited: parent/ },
      { shell: "cut -d' ' -f3 /proc/$(head -n 1 child)/stat" },
      { read: 'notes' },
      { read: 'm1' },
    ],
  },
];
