// Event listeners: every type of event as a listener gets it, the protocol with all that can go wrong in it, the buffer, the
// section of the file. The listener of most scenarios notes each event in the file `events`: its header, then its payload.
import type { Scenario, Step } from '../scenario.ts';

interface Listener {
  readonly events: string;
  readonly name?: string;
  /** Words for the listener itself (test/fixtures/children/listener.cjs). */
  readonly words?: string;
  /** Further options of the section. */
  readonly options?: string;
}

/** A pool of one listener that is RUNNING at once. */
function listener({ events, name = 'lst', words = '', options = '' }: Listener): string {
  return `
[eventlistener:${name}]
command={node} {children}/listener.cjs {dir}/events ${words}
events=${events}
startsecs=0
stdout_logfile={dir}/${name}.out
stderr_logfile={dir}/${name}.err
${options}
`;
}

/** A program that runs until it is stopped, and not before it is started. */
function program(name: string, options = ''): string {
  return `
[program:${name}]
command=/bin/sleep 1000
autostart=false
startsecs=0
${options}
`;
}

function remote(type: string, data: string): Step {
  return { rpc: 'supervisor.sendRemoteCommEvent', params: [type, data] };
}

/** A listener of remote events that has said READY. */
const isReady: readonly Step[] = [
  { waitFor: 'lst', state: 'RUNNING' },
  { waitForText: 'READY\n', in: 'lst.out' },
];

/** Waits until the listener got so many events. */
function gotEvents(count: number): Step {
  return { waitForText: '\n', in: 'events', count };
}

const readEvents: Step = { read: 'events' };
const warnings: Step = { messages: /^(?:WARN|ERRO)/ };

/** Long enough on both sides of the tokens not to be held back. */
const said =
  'what comes before it is more than a token\n' +
  '<!--XSUPERVISOR:BEGIN-->the message<!--XSUPERVISOR:END-->' +
  'and after it, more than a token\n';

const types: readonly Scenario[] = [
  {
    name: 'tells a listener first that its own group was added, then of the other groups and that the daemon runs',
    shows: ['eventlistener.events', 'eventlistener.priority'],
    config: `${listener({ events: 'process_group_added, SUPERVISOR_STATE_CHANGE_RUNNING' })}${program('a')}${program('b')}`,
    steps: [gotEvents(4), readEvents],
  },
  {
    name: 'tells nothing of the groups that come before the listener',
    config: `${listener({ events: 'PROCESS_GROUP', options: 'priority=5' })}${program('early', 'priority=1')}${program('late')}`,
    steps: [gotEvents(2), readEvents],
  },
  {
    name: 'tells of a process that starts, runs and is stopped',
    shows: ['eventlistener.events'],
    config: `${listener({ events: 'PROCESS_STATE' })}${program('p')}`,
    steps: [
      gotEvents(2),
      { rpc: 'supervisor.startProcess', params: ['p'] },
      { rpc: 'supervisor.stopProcess', params: ['p'] },
      gotEvents(6),
      readEvents,
    ],
  },
  {
    name: 'tells of exits, and whether they were expected',
    config: `${listener({ events: 'PROCESS_STATE_EXITED' })}
[program:good]
command=/bin/true
autostart=false
startsecs=0
[program:bad]
command=/bin/sh -c "exit 3"
autostart=false
autorestart=false
startsecs=0
[group:pair]
programs=good,bad
`,
    steps: [
      ...isReady,
      { rpc: 'supervisor.startProcess', params: ['pair:good', false] },
      gotEvents(1),
      { rpc: 'supervisor.startProcess', params: ['pair:bad', false] },
      gotEvents(2),
      readEvents,
    ],
  },
  {
    name: 'counts the tries of a process that does not stay up, until it gives up',
    config: `${listener({ events: 'PROCESS_STATE_BACKOFF,PROCESS_STATE_FATAL' })}
[program:p]
command=/bin/false
autostart=false
startsecs=10
startretries=1
`,
    steps: [...isReady, { rpc: 'supervisor.startProcess', params: ['p', false] }, gotEvents(3), readEvents],
  },
  {
    name: 'counts tries in STARTING and BACKOFF, and tells no pid of a stop in BACKOFF',
    config: `${listener({ events: 'PROCESS_STATE_STARTING,PROCESS_STATE_BACKOFF,PROCESS_STATE_STOPPED' })}
[program:p]
command=/bin/false
autostart=false
startsecs=10
`,
    steps: [
      gotEvents(1),
      { rpc: 'supervisor.startProcess', params: ['p', false] },
      { waitForText: 'from_state:STARTING tries:2', in: 'events' },
      { rpc: 'supervisor.stopProcess', params: ['p'] },
      gotEvents(6),
      readEvents,
    ],
  },
  {
    name: 'tells of a process that cannot be signalled',
    needs: ['root'],
    wrapper: ['setpriv', '--bounding-set=-kill'],
    config: `${listener({ events: 'PROCESS_STATE_STOPPING,PROCESS_STATE_UNKNOWN' })}${program('p', 'autostart=true\nuser={user}')}`,
    steps: [
      ...isReady,
      { waitFor: 'p', state: 'RUNNING' },
      { rpc: 'supervisor.stopProcess', params: ['p', false] },
      gotEvents(2),
      readEvents,
      { rpc: 'supervisor.getProcessInfo', params: ['p'], pick: ['statename'] },
    ],
  },
  {
    name: 'tells of groups that come and go, but not a listener of its own end',
    config: `${listener({ events: 'PROCESS_GROUP' })}${program('old')}`,
    steps: [
      gotEvents(2),
      { write: 'supervisord.conf', text: `${listener({ events: 'PROCESS_GROUP' })}${program('new')}` },
      { rpc: 'supervisor.reloadConfig' },
      { rpc: 'supervisor.removeProcessGroup', params: ['old'] },
      { rpc: 'supervisor.addProcessGroup', params: ['new'] },
      gotEvents(4),
      { rpc: 'supervisor.stopProcess', params: ['lst'] },
      { rpc: 'supervisor.removeProcessGroup', params: ['lst'] },
      { rpc: 'supervisor.addProcessGroup', params: ['lst'] },
      gotEvents(5),
      readEvents,
    ],
  },
  {
    name: 'passes on what clients send, and counts its length in characters',
    config: listener({ events: 'REMOTE_COMMUNICATION' }),
    steps: [
      ...isReady,
      remote('plain', 'one\ntwo\n'),
      remote('u', 'héllo €'),
      remote('astral', '😀'),
      remote('', ''),
      remote('type with spaces', '%s %(here)s'),
      gotEvents(5),
      readEvents,
    ],
  },
  {
    name: 'ticks every five seconds, at a whole multiple of five',
    config: listener({ events: 'TICK_5' }),
    steps: [gotEvents(1), readEvents, { shell: `grep -c '"when:[0-9]*[05]"' events` }],
  },
  {
    name: 'ticks every minute and every hour too, whoever subscribed to all ticks',
    config: `${listener({ events: 'TICK' })}
${listener({ name: 'slow', events: 'TICK_60,TICK_3600' })}`,
    steps: [{ waitFor: 'slow', state: 'RUNNING' }, gotEvents(1), { read: 'events', only: /TICK_5/ }],
  },
  {
    name: 'tells that the daemon stops before anything is stopped',
    config: `${listener({ events: 'SUPERVISOR_STATE_CHANGE,PROCESS_STATE_STOPPING' })}
[program:slow]
command={children}/stops-when-told.sh {dir}/told
startsecs=0
`,
    steps: [
      ...isReady,
      { waitFor: 'slow', state: 'RUNNING' },
      gotEvents(1),
      { signal: 'TERM' },
      gotEvents(3),
      { write: 'told', text: '' },
      { waitForEnd: true },
      { read: 'events', only: /RUNNING|STATE_CHANGE_STOPPING|processname:slow/ },
    ],
  },
  {
    name: 'gives a listener of EVENT all that programs do and say, also what they put between the capture tokens',
    config: `${listener({ events: 'EVENT', options: 'buffer_size=100' })}
[program:out]
command=/bin/cat
autostart=false
startsecs=0
stdout_events_enabled=true
stdout_capture_maxbytes=1KB
[program:err]
command=/bin/sh -c "exec cat >&2"
autostart=false
startsecs=0
stderr_events_enabled=true
stderr_capture_maxbytes=1KB
`,
    steps: [
      ...isReady,
      { rpc: 'supervisor.startProcess', params: ['out'] },
      { rpc: 'supervisor.sendProcessStdin', params: ['out', said] },
      { waitForText: 'and after it, more than a token', in: 'events' },
      { rpc: 'supervisor.stopProcess', params: ['out'] },
      { rpc: 'supervisor.startProcess', params: ['err'] },
      { rpc: 'supervisor.sendProcessStdin', params: ['err', said] },
      { waitForText: 'and after it, more than a token', in: 'events', count: 2 },
      // Ticks come when they come, and take serials.
      { shell: "sed 's/ serial:.* eventname:/ eventname:/' events | grep -v eventname:TICK" },
    ],
  },
  {
    name: 'calls itself by its identifier',
    shows: ['supervisord.identifier'],
    config: `[supervisord]\nidentifier=somebody${listener({ events: 'PROCESS_GROUP' })}`,
    steps: [gotEvents(1), readEvents],
  },
];

const protocol: readonly Scenario[] = [
  {
    name: 'sends an event to a listener when it is READY, and the next when it said OK and READY again',
    config: `[supervisord]\nloglevel=debug${listener({ events: 'REMOTE_COMMUNICATION', words: String.raw`'stderr=hello\n'` })}`,
    steps: [
      ...isReady,
      remote('t', 'a'),
      { waitForMessage: /lst: ACKNOWLEDGED -> READY/, count: 2 },
      remote('t', 'b'),
      { waitForMessage: /lst: ACKNOWLEDGED -> READY/, count: 3 },
      readEvents,
      { read: 'lst.out' },
      { read: 'lst.err' },
      { rpc: 'supervisor.readProcessStdoutLog', params: ['lst', 0, 0] },
      { messages: /^DEBG (?:lst:|event |'lst' stdout)|^b'/ },
    ],
  },
  {
    name: 'sends a rejected event again, with the same serials, before the others',
    config: `[supervisord]\nloglevel=debug${listener({ events: 'REMOTE_COMMUNICATION', words: 'reject=1' })}`,
    steps: [
      ...isReady,
      remote('t', 'a'),
      gotEvents(2),
      remote('t', 'b'),
      { waitForMessage: /lst: event was processed/, count: 2 },
      readEvents,
      { messages: /^\w+ (?:lst: event|event|rebuffering)/ },
    ],
  },
  {
    name: 'takes no other result than OK, of whatever length',
    config: listener({
      events: 'REMOTE_COMMUNICATION',
      words: String.raw`'answer1=RESULT 2\nokREADY\n' 'answer2=RESULT 3\nOK!READY\n' 'answer3=RESULT 1\nOREADY\n' 'answer4=RESULT 0\nREADY\n'`,
    }),
    steps: [
      ...isReady,
      remote('t', 'a'),
      { waitForText: 'OKREADY\n', in: 'lst.out' },
      readEvents,
      { read: 'lst.out' },
      warnings,
    ],
  },
  {
    name: 'takes any seven bytes for the beginning of a result line, and a length as Python writes it',
    config: listener({
      events: 'REMOTE_COMMUNICATION',
      words: String.raw`'answer1=ANSWER 2\nOKREADY\n' 'answer2=1234567 +0_2 \nOKREADY\n'`,
    }),
    steps: [...isReady, remote('t', 'a'), remote('t', 'b'), remote('t', 'c'), gotEvents(3), readEvents, warnings],
  },
  {
    name: 'hears what comes in pieces',
    config: `[supervisord]\nloglevel=debug${listener({ events: 'REMOTE_COMMUNICATION', words: 'pieces reject=2' })}`,
    steps: [
      ...isReady,
      remote('t', 'a'),
      remote('t', 'b'),
      { waitForMessage: /lst: event was processed/, count: 2 },
      readEvents,
      { messages: /^\w+ lst: event/ },
    ],
  },
  {
    name: 'gives up a listener that says something else than READY first, until it is started anew',
    config: listener({ events: 'REMOTE_COMMUNICATION', words: String.raw`'first=hello there\n'` }),
    steps: [
      { waitFor: 'lst', state: 'RUNNING' },
      { waitForMessage: /UNKNOWN state/ },
      remote('t', 'a'),
      { rpc: 'supervisor.getProcessInfo', params: ['lst'], pick: ['statename'] },
      { rpc: 'supervisor.stopProcess', params: ['lst'] },
      { rpc: 'supervisor.startProcess', params: ['lst'] },
      { waitForMessage: /UNKNOWN state/, count: 2 },
      readEvents,
      warnings,
    ],
  },
  {
    name: 'waits for six bytes before it judges what a listener says first',
    config: `[supervisord]\nloglevel=debug${listener({ events: 'REMOTE_COMMUNICATION', words: String.raw`'first=READ\n'` })}`,
    steps: [
      { waitFor: 'lst', state: 'RUNNING' },
      { waitForText: 'READ\n', in: 'lst.out' },
      { rpc: 'supervisor.sendProcessStdin', params: ['lst', 'not a header\n'] },
      { waitForMessage: /ACKNOWLEDGED -> UNKNOWN/ },
      { messages: /^\w+ lst: / },
    ],
  },
  {
    name: 'gives up a listener that says anything while it is READY',
    config: `[supervisord]\nloglevel=debug${listener({ events: 'REMOTE_COMMUNICATION', words: String.raw`'first=READY\nREADY\n'` })}`,
    steps: [
      { waitFor: 'lst', state: 'RUNNING' },
      { waitForMessage: /READY -> UNKNOWN/ },
      remote('t', 'a'),
      { messages: /^\w+ lst: / },
      readEvents,
    ],
  },
  {
    name: 'gives up a listener whose result line has no length, and keeps its event for the next life',
    config: listener({
      events: 'REMOTE_COMMUNICATION',
      words: String.raw`'answer1=RESULT two\nOKREADY\n' 'answer2=OK\nREADY\n'`,
    }),
    steps: [
      ...isReady,
      remote('t', 'a'),
      { waitForMessage: /UNKNOWN state/ },
      { rpc: 'supervisor.stopProcess', params: ['lst'] },
      { rpc: 'supervisor.startProcess', params: ['lst'] },
      { waitForMessage: /UNKNOWN state/, count: 2 },
      { rpc: 'supervisor.stopProcess', params: ['lst'] },
      { rpc: 'supervisor.startProcess', params: ['lst'] },
      gotEvents(3),
      readEvents,
      { messages: /^WARN lst:/ },
    ],
  },
  {
    name: 'takes a length below nothing for a bad result line',
    config: listener({ events: 'REMOTE_COMMUNICATION', words: String.raw`'answer1=RESULT -1\nOKREADY\n'` }),
    steps: [
      ...isReady,
      remote('t', 'a'),
      { waitForMessage: /UNKNOWN state|RecursionError/ },
      { messages: /^WARN lst:/ },
      { rpc: 'supervisor.stopProcess', params: ['lst'] },
      { rpc: 'supervisor.startProcess', params: ['lst'] },
      gotEvents(2),
      readEvents,
    ],
    verdict: {
      is: 'better',
      what: 'a result of negative length is a bad result line',
      why: 'supervisord calls itself until Python stops it, and never reads from the listener again',
      about: ['eventlistener.events'],
    },
  },
  {
    name: 'says of a result line that is no text what bytes it had',
    config: `
[eventlistener:lst]
command=/bin/sh -c 'printf "READY\\n" && head -n 1 >/dev/null && printf "RESULT \\210\\n" && exec sleep 1000'
events=PROCESS_GROUP
startsecs=0
`,
    steps: [{ waitForMessage: /UNKNOWN state/ }, { messages: /^WARN lst:/ }],
  },
  {
    name: 'sends the event that a listener had when it died to the one that takes its place',
    config: listener({ events: 'REMOTE_COMMUNICATION', words: 'die=2', options: 'autorestart=true' }),
    steps: [
      ...isReady,
      remote('t', 'a'),
      gotEvents(1),
      remote('t', 'b'),
      gotEvents(3),
      readEvents,
      { messages: /^(?:WARN|ERRO|INFO exited)/ },
    ],
  },
  {
    name: 'passes over a listener that has closed its stdin',
    config: `[supervisord]
loglevel=debug
[eventlistener:lst]
command=/bin/sh -c 'test %(process_num)d = 1 || deaf=deaf; exec "{node}" {children}/listener.cjs {dir}/events $deaf'
process_name=lst%(process_num)d
numprocs=2
events=REMOTE_COMMUNICATION
startsecs=0
`,
    steps: [
      { waitForMessage: /lst0: ACKNOWLEDGED -> READY/ },
      { waitForMessage: /lst1: ACKNOWLEDGED -> READY/ },
      { waitFor: 'lst:lst1', state: 'RUNNING' },
      remote('t', 'a'),
      { waitForMessage: /lst1: event was processed/ },
      readEvents,
      { messages: /^DEBG (?:epipe|event|lst1: event)/ },
      { rpc: 'supervisor.getProcessInfo', params: ['lst:lst0'], pick: ['statename'] },
    ],
  },
];

/** Two listeners in one pool, each with a file of its own; the first keeps its first event for itself. */
const two = `
[eventlistener:lst]
command={node} {children}/listener.cjs {dir}/events%(process_num)d mute=%(process_num)d
process_name=lst%(process_num)d
numprocs=2
numprocs_start=1
events=REMOTE_COMMUNICATION
startsecs=0
autorestart=false
stdout_logfile={dir}/lst%(process_num)d.out
`;
const bothReady: readonly Step[] = [
  { waitFor: 'lst:lst1', state: 'RUNNING' },
  { waitFor: 'lst:lst2', state: 'RUNNING' },
  { waitForText: 'READY\n', in: 'lst1.out' },
  { waitForText: 'READY\n', in: 'lst2.out' },
];

const pools: readonly Scenario[] = [
  {
    name: 'gives events to the first listener of a pool that is READY, and those of a dead one to another',
    shows: ['program.numprocs', 'program.process_name'],
    config: two,
    steps: [
      ...bothReady,
      remote('t', 'first'),
      { waitForText: '\n', in: 'events1' },
      remote('t', 'second'),
      { waitForText: '\n', in: 'events2' },
      { signal: 'KILL', to: 'lst:lst1' },
      { waitForText: '\n', in: 'events2', count: 2 },
      { read: 'events1' },
      { read: 'events2' },
    ],
  },
  {
    name: 'keeps what happens while its listener is down, and drops the oldest when there is no room',
    shows: ['eventlistener.buffer_size'],
    config: listener({ events: 'REMOTE_COMMUNICATION', options: 'buffer_size=2\nautostart=false' }),
    steps: [
      ...['a', 'b', 'c', 'd'].map((data) => remote('t', data)),
      { rpc: 'supervisor.startProcess', params: ['lst'] },
      gotEvents(2),
      readEvents,
      warnings,
    ],
  },
  {
    name: 'drops what waits for an event that comes back when there is no room',
    shows: ['eventlistener.buffer_size'],
    config: listener({ events: 'REMOTE_COMMUNICATION', words: 'mute=1', options: 'buffer_size=1\nautorestart=true' }),
    steps: [
      ...isReady,
      remote('t', 'a'),
      gotEvents(1),
      remote('t', 'b'),
      { signal: 'KILL', to: 'lst' },
      gotEvents(2),
      readEvents,
      { messages: /^ERRO/ },
    ],
  },
  {
    name: 'sends an event once for each subscription that has it',
    config: `[supervisord]\nloglevel=debug${listener({ events: 'PROCESS_GROUP,PROCESS_GROUP_ADDED,PROCESS_GROUP_REMOVED' })}`,
    steps: [
      gotEvents(2),
      { waitForMessage: /event was processed/, count: 2 },
      readEvents,
      { messages: /buf size=[01]/ },
    ],
  },
  {
    name: 'gives an event one serial for all pools, and one of its own to each',
    config: `${listener({ name: 'one', events: 'REMOTE_COMMUNICATION,PROCESS_GROUP' })}
[eventlistener:two]
command={node} {children}/listener.cjs {dir}/events2
events=REMOTE_COMMUNICATION
startsecs=0
${program('p')}`,
    steps: [
      gotEvents(3),
      { waitFor: 'two', state: 'RUNNING' },
      remote('t', 'a'),
      remote('t', 'b'),
      gotEvents(5),
      { waitForText: '\n', in: 'events2', count: 2 },
      readEvents,
      { read: 'events2' },
    ],
  },
  {
    name: 'gives no serial to what nobody subscribed to, and none twice after a HUP',
    config: `${listener({ events: 'PROCESS_GROUP_ADDED' })}${program('p')}`,
    steps: [
      gotEvents(2),
      remote('t', 'a'),
      { signal: 'HUP' },
      { waitForMessage: /supervisord started with pid/, count: 2 },
      gotEvents(4),
      readEvents,
    ],
  },
  {
    name: 'begins a pool anew when it is removed and added',
    config: `${listener({ events: 'REMOTE_COMMUNICATION' })}${program('p')}`,
    steps: [
      ...isReady,
      remote('t', 'a'),
      gotEvents(1),
      { rpc: 'supervisor.stopProcess', params: ['lst'] },
      remote('t', 'lost with the pool'),
      { rpc: 'supervisor.removeProcessGroup', params: ['lst'] },
      remote('t', 'for nobody'),
      { rpc: 'supervisor.addProcessGroup', params: ['lst'] },
      remote('t', 'c'),
      gotEvents(2),
      readEvents,
    ],
  },
];

function broken(...lines: readonly string[]): string {
  return ['[supervisord]', 'logfile={dir}/broken.log', '[eventlistener:lst]', ...lines, ''].join('\n');
}

const mistakes: Readonly<Record<string, string>> = {
  'no-events': broken('command=/bin/cat'),
  'empty-events': broken('command=/bin/cat', 'events='),
  'unknown-event': broken('command=/bin/cat', 'events=process_state_runing'),
  'no-name': broken('command=/bin/cat', 'events=TICK_5,'),
  'no-buffer': broken('command=/bin/cat', 'events=TICK_5', 'buffer_size=0'),
  'bad-buffer': broken('command=/bin/cat', 'events=TICK_5', 'buffer_size=many'),
  'bad-priority': broken('command=/bin/cat', 'events=TICK_5', 'priority=high'),
  'bad-handler': broken('command=/bin/cat', 'events=TICK_5', 'result_handler=nosuchmodule:handler'),
  'joined-stderr': broken('command=/bin/cat', 'events=TICK_5', 'redirect_stderr=true'),
  'no-command': broken('events=TICK_5'),
  'bad-option': broken('command=/bin/cat', 'events=TICK_5', 'startsecs=x'),
  'in-group': `${broken('command=/bin/cat', 'events=TICK_5')}[group:g]\nprograms=lst\n`,
  'bad-name': broken('command=/bin/cat', 'events=TICK_5').replace(':lst]', ':a b]'),
};

const sections: readonly Scenario[] = [
  {
    name: 'refuses what is wrong in the section of a listener',
    shows: [
      'eventlistener.events',
      'eventlistener.buffer_size',
      'eventlistener.result_handler',
      'eventlistener.priority',
    ],
    config: '',
    files: Object.fromEntries(Object.entries(mistakes).map(([name, text]) => [`${name}.conf`, text])),
    steps: Object.keys(mistakes).map((name) => ({ daemon: ['-n', '-c', `{dir}/${name}.conf`] })),
  },
  {
    name: 'takes no handler of results but the default',
    shows: ['eventlistener.result_handler'],
    config: '',
    files: {
      'handler.conf': broken(
        'command=/bin/cat',
        'events=TICK_5',
        'result_handler=supervisor.dispatchers:PDispatcher',
        'redirect_stderr=true',
      ),
    },
    steps: [{ daemon: ['-n', '-c', '{dir}/handler.conf'] }],
    verdict: {
      is: 'not offered',
      what: 'a handler of results of one’s own is refused, as one that cannot be found',
      why: 'handlers are Python',
    },
  },
  {
    name: 'gives a pool the priority -1 and its processes 999, or both the one that is written',
    shows: ['eventlistener.priority', 'eventlistener.result_handler'],
    config: `
${listener({ events: 'TICK_60', options: 'autostart=false\nresult_handler=supervisor.dispatchers:default_handler' })}
${listener({ name: 'other', events: 'TICK_60', options: 'autostart=false\npriority=7' })}`,
    steps: [
      { rpc: 'supervisor.getAllConfigInfo', pick: ['group', 'name', 'group_prio', 'process_prio'] },
      { ctl: 'avail' },
    ],
  },
  {
    name: 'ignores capture, events and syslog on the stdout of a listener',
    config: listener({
      events: 'REMOTE_COMMUNICATION,PROCESS_LOG,PROCESS_COMMUNICATION',
      words: String.raw`'stderr=hello\n'`,
      options: 'stdout_events_enabled=true\nstdout_capture_maxbytes=1KB\nstderr_events_enabled=true',
    }),
    steps: [
      ...isReady,
      gotEvents(1),
      remote('t', 'a'),
      { waitForText: 'OKREADY\n', in: 'lst.out', count: 2 },
      readEvents,
      { read: 'lst.out' },
      { read: 'lst.err' },
    ],
  },
  {
    name: 'rereads what a pool subscribed to and how much it keeps',
    shows: ['eventlistener.events', 'eventlistener.buffer_size'],
    config: `${listener({ name: 'a', events: 'PROCESS_COMMUNICATION_STDOUT' })}${listener({ name: 'b', events: 'PROCESS_COMMUNICATION_STDOUT' })}${listener({ name: 'c', events: 'PROCESS_COMMUNICATION_STDOUT' })}`,
    steps: [
      { waitFor: 'a', state: 'RUNNING' },
      { waitFor: 'b', state: 'RUNNING' },
      { waitFor: 'c', state: 'RUNNING' },
      { ctl: 'reread' },
      {
        write: 'supervisord.conf',
        text: `${listener({ name: 'a', events: 'PROCESS_COMMUNICATION_STDOUT,PROCESS_COMMUNICATION_STDOUT' })}${listener({ name: 'b', events: 'PROCESS_COMMUNICATION_STDOUT', options: 'buffer_size=9' })}${listener({ name: 'c', events: 'PROCESS_GROUP' })}`,
      },
      { ctl: 'reread' },
      { ctl: 'update' },
      gotEvents(1),
      readEvents,
    ],
  },
];

export const scenarios: readonly Scenario[] = [...types, ...protocol, ...pools, ...sections];
