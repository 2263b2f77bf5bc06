// The life of a process: how it becomes RUNNING, what follows from its end, and what may be asked of it in each state.
//
// supervisord may notice an end a second late, and may then call a dead process RUNNING. So a program that ends before its
// startsecs are over has many of them here.
import type { Scenario } from '../scenario.ts';

const life = /spawned|success|exited|stopped|gave up|spawnerr/;

/** What getProcessInfo says of a process without what time does to it. */
const told = ['name', 'state', 'statename', 'spawnerr', 'exitstatus', 'pid', 'description'];

export const scenarios: readonly Scenario[] = [
  {
    name: 'calls a process RUNNING once it has stayed up for startsecs, and at once when there are none',
    shows: ['program.startsecs', 'program.autostart'],
    config: `
[program:none]
command={children}/stays.sh
startsecs=0
[program:one]
command={children}/stays.sh
[program:two]
command={children}/stays.sh
startsecs=2
[program:many]
command={children}/stays.sh
startsecs=1000
[program:manual]
command={children}/stays.sh
autostart=false
`,
    steps: [
      { waitFor: 'two', state: 'RUNNING' },
      { rpc: 'supervisor.getAllProcessInfo', pick: told },
      { ctl: 'status' },
      { ctl: 'status two many manual' },
      { messages: /spawned/ },
      { messages: /success/ },
    ],
  },
  {
    name: 'tries a process again that ends before startsecs, whatever its exit code and autorestart, and gives it up',
    shows: ['program.startsecs', 'program.startretries', 'program.autorestart', 'fault SPAWN_ERROR'],
    config: `
[program:zero]
command={children}/exits-with.sh 0
startsecs=10
startretries=1
[program:three]
command={children}/exits-with.sh 3
startsecs=10
startretries=1
autorestart=false
[program:killed]
command=/bin/sh -c "kill -KILL $$"
startsecs=10
startretries=1
autorestart=true
`,
    steps: [
      { waitFor: 'zero', state: 'FATAL' },
      { waitFor: 'three', state: 'FATAL' },
      { waitFor: 'killed', state: 'FATAL' },
      { rpc: 'supervisor.getAllProcessInfo', pick: told },
      { ctl: 'status' },
      { messages: /zero/ },
      { messages: /three/ },
      { messages: /killed/ },
    ],
  },
  {
    name: 'gives a process up after its first failure when startretries is 0',
    shows: ['program.startretries'],
    config: `
[program:once]
command={children}/exits-with.sh 1 0.3
startsecs=10
startretries=0
autostart=false
`,
    steps: [
      { ctl: 'start once' },
      { waitFor: 'once', state: 'FATAL' },
      { rpc: 'supervisor.startProcess', params: ['once', false] },
      { waitForMessage: /gave up/, count: 2 },
      { rpc: 'supervisor.getProcessInfo', params: ['once'], pick: told },
      { ctl: 'stop once' },
      { messages: life },
    ],
  },
  {
    name: 'waits one second more after each failure',
    shows: ['program.startretries'],
    config: `
[program:fails]
command={children}/fails-and-notes-when.sh {dir}/times 1
startsecs=10
startretries=2
`,
    steps: [
      { waitFor: 'fails', state: 'FATAL' },
      {
        shell: `awk 'NR > 1 { print ($1 - last >= 1000 * (NR - 1)) ? "long enough" : "too soon" } { last = $1 }' times`,
      },
      { messages: life },
    ],
  },
  {
    name: 'counts failures anew once a process was RUNNING',
    shows: ['program.startretries', 'signal TERM'],
    config: `
[program:x]
command={children}/stays-at-try.sh 3 {dir}/tries
startsecs=2
startretries=2
`,
    steps: [
      { waitFor: 'x', state: 'RUNNING' },
      { read: 'tries' },
      { shell: ': >tries' },
      { signal: 'KILL', to: 'x' },
      { waitForMessage: /success/, count: 2 },
      { read: 'tries' },
      { rpc: 'supervisor.getProcessInfo', params: ['x'], pick: told },
      { messages: life },
    ],
  },
  {
    name: 'counts the failures before a stop with those after it',
    shows: ['program.startretries'],
    config: `
[program:x]
command={children}/exits-with.sh 1 0.3
startsecs=10
startretries=2
`,
    steps: [
      { waitForMessage: /exited: x/, count: 2 },
      { rpc: 'supervisor.stopProcess', params: ['x'] },
      { rpc: 'supervisor.startProcess', params: ['x', false] },
      { waitFor: 'x', state: 'FATAL' },
      { messages: life },
    ],
  },
  {
    name: 'starts a process again after its end as autorestart and exitcodes say',
    shows: ['program.autorestart', 'program.exitcodes'],
    config: `
[program:always]
command={children}/exits-until-try.sh 0 3 {dir}/always
startsecs=0
autorestart=true
[program:unexpected-zero]
command={children}/exits-until-try.sh 0 3 {dir}/unexpected-zero
startsecs=0
[program:unexpected-one]
command={children}/exits-until-try.sh 1 3 {dir}/unexpected-one
startsecs=0
autorestart=Unexpected
[program:listed]
command={children}/exits-until-try.sh 4 3 {dir}/listed
startsecs=0
exitcodes=3, 4
[program:not-listed]
command={children}/exits-until-try.sh 0 3 {dir}/not-listed
startsecs=0
exitcodes=3,4
[program:none-listed]
command={children}/exits-until-try.sh 0 3 {dir}/none-listed
startsecs=0
exitcodes=
[program:never]
command={children}/exits-until-try.sh 1 3 {dir}/never
startsecs=0
autorestart=false
`,
    steps: [
      { waitForText: 'try', in: 'always', count: 3 },
      { waitForText: 'try', in: 'unexpected-one', count: 3 },
      { waitForText: 'try', in: 'not-listed', count: 3 },
      { waitForText: 'try', in: 'none-listed', count: 3 },
      { waitFor: 'unexpected-zero', state: 'EXITED' },
      { waitFor: 'listed', state: 'EXITED' },
      { waitFor: 'never', state: 'EXITED' },
      ...['always', 'unexpected-one', 'not-listed', 'none-listed'].map((name) => ({ waitFor: name, state: 'RUNNING' })),
      { rpc: 'supervisor.getAllProcessInfo', pick: told },
      ...['always', 'unexpected-zero', 'unexpected-one', 'listed', 'not-listed', 'none-listed', 'never'].map(
        (name) => ({
          messages: new RegExp(`(?:spawned: '|exited: )${name}[' ]`),
        }),
      ),
    ],
  },
  {
    name: 'refuses values of startsecs, startretries, autorestart and exitcodes that it cannot read',
    shows: ['program.startsecs', 'program.startretries', 'program.autorestart', 'program.exitcodes'],
    config: '',
    files: Object.fromEntries(
      ['startsecs=soon', 'startretries=1.5', 'autorestart=Sometimes', 'exitcodes=0,256', 'exitcodes=a'].map(
        (option, index) => [`refused-${index}.conf`, `[supervisord]\n[program:x]\ncommand=/bin/cat\n${option}\n`],
      ),
    ),
    steps: [0, 1, 2, 3, 4].map((index) => ({ daemon: ['-n', '-c', `{dir}/refused-${index}.conf`] })),
  },
  {
    name: 'tells exit codes, and which of them were expected',
    shows: ['program.exitcodes'],
    config: [0, 1, 2, 127, 255]
      .map(
        (code) => `
[program:code-${code}]
command={children}/exits-with.sh ${code}
startsecs=0
autorestart=false
exitcodes=0,2,255
`,
      )
      .join(''),
    steps: [
      ...[0, 1, 2, 127, 255].map((code) => ({ waitFor: `code-${code}`, state: 'EXITED' })),
      { rpc: 'supervisor.getAllProcessInfo', pick: [...told, 'stop'] },
      { ctl: 'status' },
      { messages: /exited/, unordered: true },
    ],
  },
  {
    name: 'tells by which signal a process was ended',
    shows: ['program.exitcodes'],
    config: [
      'HUP',
      'INT',
      'KILL',
      'ALRM',
      'TERM',
      'USR1',
      'USR2',
      'PROF',
      'VTALRM',
      '29',
      '16',
      'PWR',
      '34',
      '35',
      '64',
    ]
      .map(
        (name) => `
[program:by-${name}]
command=/bin/sh -c "kill -${name} $$"
startsecs=0
autorestart=false
`,
      )
      .join(''),
    steps: [
      { waitForMessage: /exited/, count: 15 },
      { rpc: 'supervisor.getProcessInfo', params: ['by-TERM'], pick: told },
      { ctl: 'status', unordered: true },
      { messages: /exited/, unordered: true },
    ],
  },
  {
    name: 'replaces a process that somebody killed, and tries again one that was still STARTING',
    shows: ['program.autorestart'],
    config: `
[program:running]
command={children}/stays.sh
startsecs=0
[program:starting]
command={children}/stays.sh
startsecs=1000
startretries=0
[program:left]
command={children}/stays.sh
startsecs=0
autorestart=false
`,
    steps: [
      { waitFor: 'running', state: 'RUNNING' },
      { waitFor: 'left', state: 'RUNNING' },
      { signal: 'KILL', to: 'running' },
      { signal: 'KILL', to: 'starting' },
      { signal: 'KILL', to: 'left' },
      { waitForMessage: /success: running/, count: 2 },
      { waitFor: 'starting', state: 'FATAL' },
      { waitFor: 'left', state: 'EXITED' },
      { rpc: 'supervisor.getAllProcessInfo', pick: told },
      { messages: /: running\b|'running'/ },
      { messages: /: starting\b|'starting'/ },
      { messages: /: left\b|'left'/ },
    ],
  },
  {
    name: 'answers start, stop and signal in each state that lasts',
    shows: ['fault ALREADY_STARTED', 'fault NOT_RUNNING'],
    config: `
[program:running]
command={children}/stays.sh
startsecs=0
[program:starting]
command={children}/stays.sh
startsecs=1000
[program:backoff]
command={children}/stays.sh
stdout_logfile={dir}/folder
startretries=1000
[program:fatal]
command={children}/stays.sh
stdout_logfile={dir}/folder
startretries=0
[program:exited]
command={children}/exits-with.sh 0
startsecs=0
[program:stopped]
command={children}/stays.sh
autostart=false
startsecs=0
`,
    files: { 'folder/a': '' },
    steps: [
      { waitFor: 'running', state: 'RUNNING' },
      { waitFor: 'backoff', state: 'BACKOFF' },
      { waitFor: 'fatal', state: 'FATAL' },
      { waitFor: 'exited', state: 'EXITED' },
      { waitFor: 'starting', state: 'STARTING' },
      { ctl: 'status' },
      ...['running', 'starting', 'backoff'].flatMap((name) => [
        { rpc: 'supervisor.startProcess', params: [name] },
        { rpc: 'supervisor.signalProcess', params: [name, 'CONT'] },
      ]),
      ...['fatal', 'exited', 'stopped'].flatMap((name) => [
        { rpc: 'supervisor.stopProcess', params: [name] },
        { rpc: 'supervisor.signalProcess', params: [name, 'CONT'] },
      ]),
      { ctl: 'signal HUP running starting backoff fatal exited stopped nobody' },
      { waitForMessage: /exited: running/ },
      { waitFor: 'running', state: 'RUNNING' },
      { ctl: 'stop starting backoff fatal exited stopped' },
      { ctl: 'start running fatal stopped' },
      { ctl: 'status' },
    ],
  },
  {
    name: 'stops a process that waits for its next try, without a signal',
    config: `
[program:x]
command={children}/stays.sh
stdout_logfile={dir}/folder
startretries=1000
`,
    files: { 'folder/a': '' },
    flags: ['-n', '-e', 'debug'],
    steps: [
      { waitFor: 'x', state: 'BACKOFF' },
      { ctl: 'stop x' },
      { rpc: 'supervisor.getProcessInfo', params: ['x'], pick: [...told, 'stop'] },
      { shell: 'rm -r folder' },
      { ctl: 'start x' },
      { messages: /kill|stopped|success/ },
    ],
  },
  {
    name: 'stops a process that is still STARTING',
    config: `
[program:x]
command={children}/stays.sh
startsecs=1000
`,
    steps: [
      { waitFor: 'x', state: 'STARTING' },
      { ctl: 'stop x' },
      { rpc: 'supervisor.getProcessInfo', params: ['x'], pick: told },
      { ctl: 'stop x' },
      { messages: life },
    ],
  },
  {
    name: 'answers start, stop and signal while a process is STOPPING',
    shows: ['fault ABNORMAL_TERMINATION', 'fault NOT_RUNNING'],
    config: `
[program:x]
command={children}/stops-when-told.sh {dir}/go
stopwaitsecs=1000
`,
    steps: [
      { waitFor: 'x', state: 'RUNNING' },
      { waitForFile: 'go.ready' },
      { rpc: 'supervisor.stopProcess', params: ['x', false] },
      { rpc: 'supervisor.getProcessInfo', params: ['x'], pick: told },
      { rpc: 'supervisor.stopProcess', params: ['x'] },
      { rpc: 'supervisor.startProcess', params: ['x'] },
      { rpc: 'supervisor.startProcess', params: ['x', false] },
      { rpc: 'supervisor.signalProcess', params: ['x', 'CONT'] },
      { rpc: 'supervisor.sendProcessStdin', params: ['x', 'text'] },
      { ctl: 'status x' },
      { ctl: 'stop x' },
      { ctl: 'start x' },
      { write: 'go', text: '' },
      { waitFor: 'x', state: 'STOPPED' },
      { rpc: 'supervisor.getProcessInfo', params: ['x'], pick: told },
      { messages: /stopped|already/ },
    ],
  },
  {
    name: 'starts a process again from each state in which it has ended',
    config: `
[program:exited]
command={children}/exits-until-try.sh 0 2 {dir}/exited
startsecs=0
[program:fatal]
command={children}/exits-until-try.sh 1 2 {dir}/fatal
startsecs=2
startretries=0
[program:asked]
command={children}/stays.sh
startsecs=0
`,
    steps: [
      { waitFor: 'exited', state: 'EXITED' },
      { waitFor: 'fatal', state: 'FATAL' },
      { waitFor: 'asked', state: 'RUNNING' },
      { ctl: 'stop asked' },
      { ctl: 'start exited fatal asked' },
      { rpc: 'supervisor.getAllProcessInfo', pick: told },
      { ctl: 'restart exited fatal' },
      { messages: /spawned|gave up|stopped/, unordered: true },
    ],
  },
];
