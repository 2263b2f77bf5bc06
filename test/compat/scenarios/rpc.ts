// XML-RPC: every method with its values, its faults and their texts. Programs that only lend their logs never run, so that
// a scenario writes those itself.
import { contract } from '../contract.ts';
import type { RpcParam, Scenario, Step } from '../scenario.ts';

const methods = contract.find(({ title }) => title === 'Methods')?.rows.map(({ id }) => id) ?? [];

/** One call of system.multicall. */
function call(methodName: string, ...params: readonly RpcParam[]): RpcParam {
  return { methodName, params };
}

function multicall(...calls: readonly RpcParam[]): Step {
  return { rpc: 'system.multicall', params: [calls] };
}

const identity: readonly Scenario[] = [
  {
    name: 'tells its versions, its name, its state and its pid',
    shows: ['supervisord.identifier'],
    config: '[supervisord]\nidentifier=the one',
    steps: [
      { rpc: 'supervisor.getAPIVersion' },
      { rpc: 'supervisor.getVersion' },
      { rpc: 'supervisor.getSupervisorVersion' },
      { rpc: 'supervisor.getIdentification' },
      { rpc: 'supervisor.getState' },
      { rpc: 'supervisor.getPID' },
      { messages: 'all' },
    ],
  },
  {
    name: 'lists its methods by name',
    config: '',
    steps: [{ rpc: 'system.listMethods' }],
    verdict: {
      is: 'better',
      what: 'our own methods are in the list, under `corevisor.`',
      why: 'a client can see that it talks to Corevisor',
      about: ['system.listMethods'],
    },
  },
  {
    name: 'tells the types that each method answers and takes',
    config: '',
    steps: [
      multicall(...methods.map((name) => call('system.methodSignature', name))),
      { rpc: 'system.methodSignature', params: ['supervisor.nothing'] },
      { rpc: 'system.methodSignature', params: ['nothing'] },
      { rpc: 'system.methodSignature' },
    ],
  },
  {
    name: 'explains its methods',
    config: '',
    steps: [
      { rpc: 'system.methodHelp', params: ['supervisor.getState'] },
      { rpc: 'system.methodHelp', params: ['supervisor.stopProcess'] },
      { rpc: 'system.methodHelp', params: ['system.methodHelp'] },
      { rpc: 'system.methodHelp', params: ['supervisor.nothing'] },
    ],
    verdict: {
      is: 'better',
      what: 'the sentences are our own; the lines of parameters and of the answer have the same form',
      why: 'they say what happens here, in fewer words',
      about: ['system.methodHelp'],
    },
  },
  {
    name: 'has its methods under every name of an rpcinterface section, and under no other',
    shows: ['rpcinterface.supervisor.rpcinterface_factory'],
    head: false,
    config: `
[supervisord]
logfile={dir}/supervisord.log
pidfile={dir}/supervisord.pid
[unix_http_server]
file={dir}/supervisor.sock
[rpcinterface:other]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
`,
    steps: [
      { rpc: 'other.getState' },
      { rpc: 'other.getAllProcessInfo' },
      { rpc: 'supervisor.getState' },
      { rpc: 'system.methodSignature', params: ['other.startProcess'] },
      { messages: /RPC interface/ },
    ],
  },
];

const calling: readonly Scenario[] = [
  {
    name: 'knows no method but those that it lists',
    config: '',
    steps: [
      'supervisor.noSuchMethod',
      'supervisor.getstate',
      'noSuchNamespace.getState',
      'getState',
      'supervisor.getState.more',
      'supervisor._update',
      'supervisor.__init__',
      'supervisor.supervisord',
      'supervisor.supervisord.options.make_logger',
      'supervisor.',
      '.getState',
      'system.noSuchMethod',
      'system.namespaces',
      'system.multicall.__call__',
    ].map((rpc) => ({ rpc })),
  },
  {
    name: 'takes neither more nor fewer arguments than a method has',
    config: '[program:p]\ncommand=/bin/cat\nautostart=false',
    steps: [
      { rpc: 'supervisor.getState', params: [1] },
      { rpc: 'supervisor.getAllProcessInfo', params: ['p'] },
      { rpc: 'supervisor.getProcessInfo' },
      { rpc: 'supervisor.getProcessInfo', params: ['p', 'p'] },
      { rpc: 'supervisor.startProcess' },
      { rpc: 'supervisor.startProcess', params: ['p', true, true] },
      { rpc: 'supervisor.startProcessGroup' },
      { rpc: 'supervisor.startAllProcesses', params: [true, true] },
      { rpc: 'supervisor.stopProcess', params: [] },
      { rpc: 'supervisor.signalProcess', params: ['p'] },
      { rpc: 'supervisor.signalAllProcesses' },
      { rpc: 'supervisor.readLog', params: [0] },
      { rpc: 'supervisor.readProcessStdoutLog', params: ['p', 0] },
      { rpc: 'supervisor.tailProcessStderrLog', params: ['p'] },
      { rpc: 'supervisor.sendProcessStdin', params: ['p'] },
      { rpc: 'supervisor.sendRemoteCommEvent', params: ['type'] },
      { rpc: 'supervisor.addProcessGroup' },
      { rpc: 'supervisor.reloadConfig', params: ['p'] },
      { rpc: 'supervisor.clearLog', params: ['p'] },
      { rpc: 'supervisor.shutdown', params: ['now'] },
      { rpc: 'system.multicall' },
      { rpc: 'system.methodHelp' },
      { rpc: 'supervisor.getState' },
    ],
  },
  {
    name: 'takes a number or a truth where it is written as a text',
    config: '[program:p]\ncommand=/bin/cat\nautostart=false\nstdout_logfile={dir}/p.log',
    files: { 'p.log': '0123456789' },
    steps: [
      { rpc: 'supervisor.readProcessStdoutLog', params: ['p', '2', '3'] },
      { rpc: 'supervisor.readProcessStdoutLog', params: ['p', true, false] },
      { rpc: 'supervisor.tailProcessStdoutLog', params: ['p', '0', ' 4 '] },
      { rpc: 'supervisor.startProcess', params: ['p', 0] },
      { rpc: 'supervisor.startProcess', params: ['p', 'false'] },
      { waitFor: 'p', state: 'RUNNING' },
      { rpc: 'supervisor.signalProcess', params: ['p', 0] },
      { rpc: 'supervisor.signalProcess', params: ['p', ' sigcont '] },
      { rpc: 'supervisor.stopProcess', params: ['p', 'no'] },
      { rpc: 'supervisor.getProcessInfo', params: ['p'], pick: ['statename'] },
    ],
  },
  {
    name: 'tells an argument of the wrong type',
    shows: ['fault INCORRECT_PARAMETERS'],
    config: '[program:p]\ncommand=/bin/cat\nautostart=false\nstdout_logfile={dir}/p.log',
    files: { 'p.log': '0123456789' },
    steps: [
      { rpc: 'supervisor.getProcessInfo', params: [['p']] },
      { rpc: 'supervisor.getProcessInfo', params: [{ name: 'p' }] },
      { rpc: 'supervisor.startProcess', params: [true] },
      { rpc: 'supervisor.stopProcessGroup', params: [[1]] },
      { rpc: 'supervisor.readProcessStdoutLog', params: ['p', 'begin', 0] },
      { rpc: 'supervisor.readLog', params: [[], 0] },
      { rpc: 'supervisor.tailProcessStdoutLog', params: ['p', 0, {}] },
      { rpc: 'supervisor.getState' },
    ],
    verdict: {
      is: 'better',
      what: 'an argument of a type that the method cannot use is always the fault INCORRECT_PARAMETERS',
      why: 'supervisord answers some with HTTP 500 and a traceback in its log',
    },
  },
  {
    name: 'makes several calls in one, in order, and answers each with its value or its fault',
    config: '[program:p]\ncommand=/bin/cat\nautostart=false\n[program:q]\ncommand=/bin/cat\nautostart=false',
    steps: [
      multicall(),
      multicall(
        call('supervisor.getState'),
        { methodName: 'supervisor.getIdentification' },
        call('supervisor.startProcess', 'p', false),
        call('supervisor.startProcess', 'p'),
        call('supervisor.getProcessInfo', 'nobody'),
        call('supervisor.getProcessInfo'),
        call('supervisor.noSuchMethod'),
        call('no.such.thing'),
        call('system.methodHelp', 'supervisor.noSuchMethod'),
        call('supervisor.readLog', 0, -1),
      ),
      multicall({ params: [] }, call('system.multicall', []), call('supervisor.getVersion')),
      multicall(
        call('supervisor.startProcess', 'q'),
        call('supervisor.stopProcess', 'q'),
        call('supervisor.getPID', 1),
      ),
      { rpc: 'supervisor.getProcessInfo', params: ['q'], pick: ['statename'] },
    ],
  },
  {
    name: 'goes on with the calls of a multicall after one that nobody thought of',
    shows: ['system.multicall'],
    config: '',
    steps: [
      multicall(call('supervisor.getProcessInfo', ['p']), call('supervisor.getState')),
      multicall(call('supervisor.readLog', 'begin', 0), call('supervisor.getState')),
      { rpc: 'system.multicall', params: [5] },
    ],
    verdict: {
      is: 'better',
      what: 'such a call is the fault INCORRECT_PARAMETERS',
      why: 'supervisord answers the name and the text of a Python exception, or HTTP 500 for the whole',
    },
  },
  {
    name: 'reads what is written in any type and writes every type as Python does',
    config: '[program:p&<>]\ncommand=/bin/cat\nautostart=false\nexitcodes=0,2\nstdout_logfile=NONE',
    steps: [
      xml('<methodName>supervisor.getState</methodName>'),
      xml('<methodName>supervisor.getAPIVersion</methodName><params></params>'),
      xml(
        '<methodName>supervisor.getProcessInfo</methodName><params><param><value>p&amp;&lt;&gt;</value></param></params>',
      ),
      xml('<methodName>supervisor.readLog</methodName>' + paramsOf('<i4>0</i4>', '<double>0.9</double>')),
      xml('<methodName>supervisor.sendRemoteCommEvent</methodName>' + paramsOf('<string/>', '<boolean>1</boolean>')),
      xml(
        '<methodName>supervisor.tailProcessLog</methodName>' +
          paramsOf('p&amp;&lt;&gt;', '<int>0</int>', '<int>1</int>'),
      ),
      xml('<methodName>supervisor.stopProcess</methodName>' + paramsOf('<string>p&#38;</string>')),
      xml('<methodName>system.methodSignature</methodName>' + paramsOf('<string>supervisor.stopProcess</string>')),
      xml('<methodName>supervisor.startAllProcesses</methodName>' + paramsOf('<boolean>0</boolean>')),
      xml('<methodName>system.multicall</methodName>' + paramsOf('<array><data></data></array>')),
    ],
  },
  {
    name: 'refuses a request that is no call',
    config: '',
    steps: [
      { http: 'POST /RPC2', body: 'hello', shows: ['Content-Type'] },
      { http: 'POST /RPC2', body: '<?xml version="1.0"?><methodCall></methodCall>' },
      { http: 'POST /RPC2', body: '<?xml version="1.0"?><methodCall><methodName>supervisor.getState</methodName>' },
      { http: 'GET /RPC2' },
      { messages: /^ERRO/ },
      { rpc: 'supervisor.getState' },
    ],
  },
];

function xml(inside: string): Step {
  return {
    http: 'POST /RPC2',
    body: `<?xml version="1.0"?>\n<methodCall>${inside}</methodCall>`,
    shows: ['Content-Type'],
  };
}

function paramsOf(...values: readonly string[]): string {
  return `<params>${values.map((value) => `<param><value>${value}</value></param>`).join('')}</params>`;
}

const information: readonly Scenario[] = [
  {
    name: 'describes a process in each of its states',
    config: `
[program:runs]
command={children}/stays.sh
[program:fails]
command=/nowhere/at/all
startretries=0
[program:ends]
command=/bin/sh -c "exit 3"
startsecs=0
autorestart=false
[program:ends-well]
command=/bin/true
startsecs=0
[program:dies]
command=/bin/sh -c "kill -9 $$"
startsecs=0
autorestart=false
stdout_logfile=NONE
stderr_logfile=NONE
[program:waits]
command={children}/stays.sh
autostart=false
[program:starts]
command={children}/stays.sh
startsecs=600
stopsignal=KILL
redirect_stderr=true
stdout_logfile={dir}/starts.log
[program:stops]
command={children}/ignores-term.sh
stdout_logfile={dir}/stops.log
startsecs=0
stopwaitsecs=600
[program:backs-off]
command=/bin/sh -c "exit 0"
startsecs=600
startretries=60
`,
    steps: [
      { waitForText: 'ready', in: 'stops.log' },
      { rpc: 'supervisor.stopProcess', params: ['stops', false] },
      { waitFor: 'runs', state: 'RUNNING' },
      { waitFor: 'fails', state: 'FATAL' },
      { waitFor: 'ends', state: 'EXITED' },
      { waitFor: 'ends-well', state: 'EXITED' },
      { waitFor: 'dies', state: 'EXITED' },
      { waitFor: 'starts', state: 'STARTING' },
      // Then it is to wait for three seconds.
      { waitForMessage: /exited: backs-off/, count: 3 },
      { rpc: 'supervisor.getAllProcessInfo' },
      { rpc: 'supervisor.getProcessInfo', params: ['runs'] },
      { rpc: 'supervisor.getProcessInfo', params: ['ends:ends'] },
      { rpc: 'supervisor.getProcessInfo', params: ['ends:*'] },
      { rpc: 'supervisor.getProcessInfo', params: ['ends:other'] },
      { rpc: 'supervisor.getProcessInfo', params: ['nobody'] },
      { rpc: 'supervisor.getProcessInfo', params: [''] },
      { rpc: 'supervisor.getProcessInfo', params: ['a:b:c'] },
    ],
  },
  {
    name: 'sorts processes as texts, by group and then by name',
    config: `
[program:b]
command=/bin/cat
process_name=p_%(process_num)d
numprocs=11
numprocs_start=1
autostart=false
priority=1
[program:Z]
command=/bin/cat
autostart=false
[program:a]
command=/bin/cat
autostart=false
priority=5
[program:c]
command=/bin/cat
autostart=false
[group:group]
programs=c,a
`,
    steps: [
      { rpc: 'supervisor.getAllProcessInfo', pick: ['group', 'name'] },
      { rpc: 'supervisor.getAllConfigInfo', pick: ['group', 'name', 'group_prio', 'process_prio'] },
    ],
  },
  {
    name: 'tells the configuration of a process in every field',
    needs: ['root'],
    config: `
[program:plain]
command=/bin/cat
autostart=false
[program:rich]
command={children}/stays.sh %(program_name)s "two words"
process_name=%(program_name)s_%(process_num)02d
numprocs=2
autostart=no
autorestart=true
priority=7
startsecs=3
startretries=9
exitcodes=0,2, 14
stopsignal=USR1
stopwaitsecs=11
stopasgroup=true
user={user}
stdout_logfile={dir}/%(program_name)s-%(process_num)d.log
stdout_logfile_maxbytes=1KB
stdout_logfile_backups=2
stdout_capture_maxbytes=2MB
stdout_events_enabled=true
stderr_logfile=NONE
stderr_logfile_maxbytes=0
stderr_logfile_backups=0
stderr_capture_maxbytes=3
stderr_events_enabled=true
environment=SECRET="value"
directory=/usr
umask=027
serverurl=http://example.org:8000
[program:joined]
command=/bin/cat
autostart=false
autorestart=false
redirect_stderr=true
stdout_logfile=/dev/null
stdout_logfile_maxbytes=0
killasgroup=true
serverurl=AUTO
[group:group]
programs=joined
priority=3
`,
    steps: [{ rpc: 'supervisor.getAllConfigInfo' }],
  },
  {
    name: 'tells the configuration that was read last, and which of it is in use',
    config: '[program:stays]\ncommand=/bin/cat\nautostart=false\n[program:goes]\ncommand=/bin/cat\nautostart=false',
    steps: [
      {
        write: 'supervisord.conf',
        text: '[program:stays]\ncommand=/bin/cat -u\nautostart=false\n[program:comes]\ncommand=/bin/cat\nautostart=false',
      },
      { rpc: 'supervisor.getAllConfigInfo', pick: ['name', 'command', 'inuse', 'stdout_logfile'] },
      { rpc: 'supervisor.reloadConfig' },
      { rpc: 'supervisor.getAllConfigInfo', pick: ['name', 'command', 'inuse', 'stdout_logfile'] },
      { rpc: 'supervisor.addProcessGroup', params: ['comes'] },
      { rpc: 'supervisor.getAllConfigInfo', pick: ['name', 'command', 'inuse', 'stdout_logfile'] },
      { rpc: 'supervisor.getAllProcessInfo', pick: ['name', 'stdout_logfile'] },
    ],
  },
];

const acting: readonly Scenario[] = [
  {
    name: 'starts a process and answers when it is up, or why it is not',
    shows: ['fault SPAWN_ERROR', 'fault NO_FILE', 'fault NOT_EXECUTABLE'],
    config: `
[program:good]
command={children}/stays.sh
autostart=false
[program:quick]
command=/bin/sh -c "exit 0"
autostart=false
startsecs=600
startretries=0
[program:lost]
command=/nowhere/at/all
autostart=false
[program:unfound]
command=no-such-command-anywhere
autostart=false
[program:plain-text]
command={dir}/plain
autostart=false
[program:directory]
command={dir}
autostart=false
[program:unquoted]
command=/bin/sh -c "exit
autostart=false
[program:badlog]
command=/bin/cat
autostart=false
startretries=0
stdout_logfile={dir}/folder
`,
    files: { plain: 'text', 'folder/file': '' },
    steps: [
      { rpc: 'supervisor.startProcess', params: ['good'] },
      { rpc: 'supervisor.startProcess', params: ['good'] },
      { rpc: 'supervisor.startProcess', params: ['good:good'] },
      { rpc: 'supervisor.startProcess', params: ['quick'] },
      { rpc: 'supervisor.startProcess', params: ['lost'] },
      { rpc: 'supervisor.startProcess', params: ['unfound'] },
      { rpc: 'supervisor.startProcess', params: ['plain-text'] },
      { rpc: 'supervisor.startProcess', params: ['directory'] },
      { rpc: 'supervisor.startProcess', params: ['unquoted'] },
      { rpc: 'supervisor.startProcess', params: ['badlog'] },
      { rpc: 'supervisor.startProcess', params: ['nobody'] },
      { rpc: 'supervisor.startProcess', params: ['good:nobody'] },
      { rpc: 'supervisor.startProcess', params: ['nobody:*'] },
      { waitFor: 'quick', state: 'FATAL' },
      { waitFor: 'badlog', state: 'FATAL' },
      { rpc: 'supervisor.getAllProcessInfo', pick: ['name', 'statename', 'spawnerr'] },
    ],
  },
  {
    name: 'starts without waiting, and tells what becomes of it only when it is asked',
    config: `
[program:good]
command={children}/stays.sh
autostart=false
[program:quick]
command={children}/exits-with.sh 4 1
autostart=false
startsecs=600
startretries=0
[program:slow]
command={children}/stays.sh
autostart=false
startsecs=600
stopsignal=KILL
`,
    steps: [
      { rpc: 'supervisor.startProcess', params: ['slow', false] },
      { rpc: 'supervisor.startProcess', params: ['slow', false] },
      { rpc: 'supervisor.getProcessInfo', params: ['slow'], pick: ['statename', 'description'] },
      { rpc: 'supervisor.startProcess', params: ['quick', false] },
      { rpc: 'supervisor.startProcess', params: ['good', false] },
      { waitFor: 'quick', state: 'FATAL' },
      { rpc: 'supervisor.getProcessInfo', params: ['quick'], pick: ['statename', 'description', 'exitstatus'] },
      { waitFor: 'good', state: 'RUNNING' },
      { rpc: 'supervisor.stopProcess', params: ['slow'] },
      { rpc: 'supervisor.getProcessInfo', params: ['slow'], pick: ['statename'] },
    ],
  },
  {
    name: 'stops a process and answers when it is gone, or that it did not run',
    shows: ['fault NOT_RUNNING'],
    config: `
[program:runs]
command={children}/stays.sh
startsecs=0
stopsignal=KILL
[program:fails]
command=/nowhere/at/all
startretries=0
[program:tries]
command=/nowhere/at/all
startretries=60
[program:ends]
command=/bin/true
startsecs=0
[program:stubborn]
command={children}/ignores-term.sh
stdout_logfile={dir}/stubborn.log
startsecs=0
stopwaitsecs=600
`,
    steps: [
      { waitFor: 'runs', state: 'RUNNING' },
      { waitFor: 'fails', state: 'FATAL' },
      { waitFor: 'ends', state: 'EXITED' },
      { waitForText: 'ready', in: 'stubborn.log' },
      { rpc: 'supervisor.stopProcess', params: ['runs'] },
      { rpc: 'supervisor.stopProcess', params: ['runs'] },
      { rpc: 'supervisor.stopProcess', params: ['runs:runs', false] },
      { rpc: 'supervisor.stopProcess', params: ['fails'] },
      { rpc: 'supervisor.stopProcess', params: ['ends'] },
      { waitForMessage: /gave up: fails/ },
      { waitForMessage: /spawnerr.*\/nowhere/, count: 4 },
      { rpc: 'supervisor.stopProcess', params: ['tries'] },
      { rpc: 'supervisor.getProcessInfo', params: ['tries'], pick: ['statename', 'spawnerr', 'exitstatus'] },
      { rpc: 'supervisor.stopProcess', params: ['stubborn', false] },
      { rpc: 'supervisor.stopProcess', params: ['stubborn', false] },
      { rpc: 'supervisor.getProcessInfo', params: ['stubborn'], pick: ['statename', 'description'] },
      { rpc: 'supervisor.startProcess', params: ['stubborn', false] },
      { rpc: 'supervisor.stopProcess', params: ['nobody'] },
      { rpc: 'supervisor.stopProcess', params: ['runs:nobody'] },
      { messages: /^(INFO|WARN) (stopped|process)/ },
    ],
  },
  {
    name: 'starts and stops a group: those who can be, each with a status of its own',
    shows: ['fault SUCCESS'],
    config: `
[program:one]
command={children}/stays.sh
autostart=false
startsecs=0
stopsignal=KILL
[program:two]
command={children}/stays.sh
autostart=false
startsecs=0
stopsignal=KILL
priority=1
[program:lost]
command=/nowhere/at/all
autostart=false
priority=2
[group:all-of-them]
programs=one,two,lost
`,
    steps: [
      { rpc: 'supervisor.startProcess', params: ['all-of-them:two'] },
      { rpc: 'supervisor.startProcessGroup', params: ['all-of-them', false] },
      { waitFor: 'all-of-them:one', state: 'RUNNING' },
      { rpc: 'supervisor.startProcess', params: ['all-of-them:*', false] },
      { rpc: 'supervisor.startProcess', params: ['all-of-them:', false] },
      { rpc: 'supervisor.startProcess', params: ['all-of-them'] },
      { rpc: 'supervisor.stopProcessGroup', params: ['all-of-them'], unordered: true },
      { rpc: 'supervisor.stopProcessGroup', params: ['all-of-them'] },
      { rpc: 'supervisor.startProcessGroup', params: ['all-of-them', true], unordered: true },
      { rpc: 'supervisor.stopProcess', params: ['all-of-them:*', false] },
      { rpc: 'supervisor.startProcessGroup', params: ['nobody'] },
      { rpc: 'supervisor.stopProcessGroup', params: ['nobody'] },
      { rpc: 'supervisor.startProcessGroup', params: ['all-of-them:one'] },
    ],
  },
  {
    name: 'starts and stops everything in the order of priorities',
    shows: ['program.priority', 'group.priority'],
    config: `
[program:last]
command={children}/stays.sh
autostart=false
startsecs=0
stopsignal=KILL
priority=900
[program:first]
command={children}/stays.sh
autostart=false
startsecs=0
stopsignal=KILL
priority=100
[program:member-b]
command={children}/stays.sh
autostart=false
startsecs=0
stopsignal=KILL
priority=2
[program:member-a]
command={children}/stays.sh
autostart=false
startsecs=0
stopsignal=KILL
priority=1
[program:lost]
command=/nowhere/at/all
autostart=false
priority=300
[group:middle]
programs=member-b,member-a
priority=200
`,
    steps: [
      { rpc: 'supervisor.startAllProcesses', params: [false] },
      { waitFor: 'last', state: 'RUNNING' },
      { waitFor: 'middle:member-b', state: 'RUNNING' },
      { messages: /^INFO spawned/ },
      { rpc: 'supervisor.startAllProcesses', params: [false] },
      { rpc: 'supervisor.stopAllProcesses', params: [false] },
      { waitFor: 'last', state: 'STOPPED' },
      { waitFor: 'first', state: 'STOPPED' },
      { waitFor: 'middle:member-a', state: 'STOPPED' },
      { waitFor: 'middle:member-b', state: 'STOPPED' },
      { rpc: 'supervisor.stopAllProcesses' },
      { rpc: 'supervisor.startAllProcesses', unordered: true },
      { rpc: 'supervisor.stopAllProcesses', unordered: true },
    ],
  },
  {
    name: 'answers that a start ended otherwise when it is stopped meanwhile',
    shows: ['fault ABNORMAL_TERMINATION'],
    config: `
[program:slow]
command={children}/stays.sh
autostart=false
startsecs=600
stopsignal=KILL
[program:helper]
command={node} {dir}/stop.js
autostart=false
startsecs=0
`,
    files: {
      'stop.js': `
const body = '<methodCall><methodName>supervisor.stopProcess</methodName><params><param><value>slow</value></param></params></methodCall>';
const options = { socketPath: '{dir}/supervisor.sock', path: '/RPC2', method: 'POST', headers: { 'Content-Length': body.length } };
const stop = () => require('node:http').request(options, (answer) => {
  let text = '';
  answer.on('data', (chunk) => (text += chunk)).on('end', () => text.includes('NOT_RUNNING') && setTimeout(stop, 20));
}).end(body);
stop();
`,
    },
    steps: [
      { rpc: 'supervisor.startProcess', params: ['helper'] },
      { rpc: 'supervisor.startProcess', params: ['slow'] },
      { waitFor: 'slow', state: 'STOPPED' },
    ],
  },
  {
    name: 'sends signals by name or number to one process, a group or all',
    shows: ['fault BAD_SIGNAL'],
    config: `
[program:listens]
command={children}/notes-signals.sh {dir}/signals
startsecs=0
[program:member]
command={children}/stays.sh
process_name=%(program_name)s_%(process_num)d
numprocs=2
startsecs=0
[program:idle]
command=/bin/cat
autostart=false
`,
    steps: [
      { waitForText: 'ready', in: 'signals' },
      { waitFor: 'member:member_1', state: 'RUNNING' },
      { waitFor: 'listens', state: 'RUNNING' },
      { rpc: 'supervisor.signalProcess', params: ['listens', 'HUP'] },
      { waitForText: 'HUP', in: 'signals' },
      { rpc: 'supervisor.signalProcess', params: ['listens', 'sigusr1'] },
      { waitForText: 'USR1', in: 'signals' },
      { rpc: 'supervisor.signalProcess', params: ['listens:listens', 12] },
      { waitForText: 'USR2', in: 'signals' },
      { rpc: 'supervisor.signalProcess', params: ['listens', '1'] },
      { waitForText: 'HUP', in: 'signals', count: 2 },
      { rpc: 'supervisor.signalProcess', params: ['listens', 'NOPE'] },
      { rpc: 'supervisor.signalProcess', params: ['listens', 99] },
      { rpc: 'supervisor.signalProcess', params: ['listens', ''] },
      { rpc: 'supervisor.signalProcess', params: ['listens', -1] },
      { rpc: 'supervisor.signalProcess', params: ['idle', 'HUP'] },
      { rpc: 'supervisor.signalProcess', params: ['idle', 'NOPE'] },
      { rpc: 'supervisor.signalProcess', params: ['nobody', 'NOPE'] },
      { rpc: 'supervisor.signalProcessGroup', params: ['member', '0'] },
      { rpc: 'supervisor.signalProcessGroup', params: ['member', 'NOPE'] },
      { rpc: 'supervisor.signalProcess', params: ['member:*', 'CONT'] },
      { rpc: 'supervisor.signalProcessGroup', params: ['idle', 'HUP'] },
      { rpc: 'supervisor.signalProcessGroup', params: ['nobody', 'HUP'] },
      { rpc: 'supervisor.signalAllProcesses', params: ['CONT'] },
      { rpc: 'supervisor.signalAllProcesses', params: ['NOPE'] },
      { read: 'signals' },
    ],
  },
  {
    name: 'writes to the stdin of a process',
    config: `
[program:echo]
command={children}/echoes-stdin.sh
stdout_logfile={dir}/echo.log
startsecs=0
[program:deaf]
command=/bin/sh -c "exec <&-; echo closed; exec sleep 3600"
stdout_logfile={dir}/deaf.log
startsecs=0
[program:idle]
command=/bin/cat
autostart=false
`,
    steps: [
      { waitFor: 'echo', state: 'RUNNING' },
      { waitForText: 'closed', in: 'deaf.log' },
      { rpc: 'supervisor.sendProcessStdin', params: ['echo', 'grüße <&> €\n'] },
      { rpc: 'supervisor.sendProcessStdin', params: ['echo:echo', 'second\n'] },
      { rpc: 'supervisor.sendProcessStdin', params: ['echo', ''] },
      { waitForText: 'second', in: 'echo.log' },
      { read: 'echo.log' },
      { rpc: 'supervisor.sendProcessStdin', params: ['echo', 5] },
      { rpc: 'supervisor.sendProcessStdin', params: ['echo', true] },
      { rpc: 'supervisor.sendProcessStdin', params: ['nobody', 'x'] },
      { rpc: 'supervisor.sendProcessStdin', params: ['echo:*', 'x'] },
      { rpc: 'supervisor.sendProcessStdin', params: ['idle', 'x'] },
      { rpc: 'supervisor.sendProcessStdin', params: ['idle', 5] },
      { rpc: 'supervisor.stopProcess', params: ['echo'] },
      { rpc: 'supervisor.sendProcessStdin', params: ['echo', 'x'] },
    ],
  },
  {
    name: 'takes groups into service and out of it as the new configuration has them',
    shows: ['fault ALREADY_ADDED', 'fault STILL_RUNNING'],
    config: `
[program:same]
command={children}/stays.sh
startsecs=0
stopsignal=KILL
[program:changes]
command={children}/stays.sh
startsecs=0
stopsignal=KILL
[program:goes]
command={children}/stays.sh
startsecs=0
stopsignal=KILL
`,
    steps: [
      { waitFor: 'same', state: 'RUNNING' },
      { waitFor: 'goes', state: 'RUNNING' },
      { waitFor: 'changes', state: 'RUNNING' },
      { rpc: 'supervisor.reloadConfig' },
      {
        write: 'supervisord.conf',
        text: `
[program:same]
command={children}/stays.sh
startsecs=0
stopsignal=KILL
[program:changes]
command={children}/stays.sh anew
startsecs=0
[program:z-comes]
command={children}/stays.sh
startsecs=0
stopsignal=KILL
[program:comes]
command={children}/stays.sh
startsecs=0
stopsignal=KILL
`,
      },
      { rpc: 'supervisor.addProcessGroup', params: ['comes'] },
      { rpc: 'supervisor.reloadConfig' },
      { rpc: 'supervisor.reloadConfig' },
      { rpc: 'supervisor.addProcessGroup', params: ['comes'] },
      { rpc: 'supervisor.addProcessGroup', params: ['comes'] },
      { rpc: 'supervisor.addProcessGroup', params: ['nobody'] },
      { waitFor: 'comes', state: 'RUNNING' },
      { rpc: 'supervisor.removeProcessGroup', params: ['goes'] },
      { rpc: 'supervisor.removeProcessGroup', params: ['nobody'] },
      { rpc: 'supervisor.stopProcessGroup', params: ['goes'] },
      { rpc: 'supervisor.removeProcessGroup', params: ['goes'] },
      { rpc: 'supervisor.removeProcessGroup', params: ['goes'] },
      { rpc: 'supervisor.addProcessGroup', params: ['goes'] },
      { rpc: 'supervisor.reloadConfig' },
      { rpc: 'supervisor.getAllProcessInfo', pick: ['name', 'statename'] },
    ],
  },
  {
    name: 'keeps running on the old configuration when the new one is wrong',
    shows: ['fault CANT_REREAD'],
    config: '[program:p]\ncommand=/bin/cat\nautostart=false',
    steps: [
      { write: 'supervisord.conf', text: '[program:p]\ncommand=/bin/cat\nstartsecs=soon' },
      { rpc: 'supervisor.reloadConfig' },
      { write: 'supervisord.conf', text: '[program:p]\nautostart=false' },
      { rpc: 'supervisor.reloadConfig' },
      { write: 'supervisord.conf', text: '[program:p]\ncommand=/bin/cat\n[group:g]\nprograms=q' },
      { rpc: 'supervisor.reloadConfig' },
      { write: 'supervisord.conf', text: '[program:p]\ncommand=/bin/echo %(nothing)s' },
      { rpc: 'supervisor.reloadConfig' },
      { rpc: 'supervisor.getAllConfigInfo', pick: ['name', 'command'] },
      { rpc: 'supervisor.getState' },
    ],
  },
];

/** Offsets and lengths, of ten bytes. */
const ranges: readonly (readonly [number, number])[] = [-11, -10, -5, -1, 0, 1, 5, 9, 10, 11, 100].flatMap((offset) =>
  [-1, 0, 1, 3, 5, 10, 11, 100].map((length): readonly [number, number] => [offset, length]),
);

const reading: readonly Scenario[] = [
  {
    name: 'reads a log from an offset, by a length, from its end',
    config: `
[program:p]
command=/bin/cat
autostart=false
stdout_logfile={dir}/out.log
stderr_logfile={dir}/err.log
`,
    files: { 'out.log': '0123456789', 'err.log': 'error\n' },
    steps: [
      multicall(...ranges.map(([offset, length]) => call('supervisor.readProcessStdoutLog', 'p', offset, length))),
      { rpc: 'supervisor.readProcessLog', params: ['p:p', 2, 3] },
      { rpc: 'supervisor.readProcessStderrLog', params: ['p', 0, 0] },
      { rpc: 'supervisor.readProcessStderrLog', params: ['p', -3, 0] },
      { rpc: 'supervisor.readProcessStderrLog', params: ['p', 0, -1] },
    ],
  },
  {
    name: 'tails a log: what came since an offset, or its end',
    config: `
[program:p]
command=/bin/cat
autostart=false
stdout_logfile={dir}/out.log
stderr_logfile={dir}/err.log
`,
    files: { 'out.log': '0123456789', 'err.log': 'error\n' },
    steps: [
      multicall(...ranges.map(([offset, length]) => call('supervisor.tailProcessStdoutLog', 'p', offset, length))),
      { rpc: 'supervisor.tailProcessLog', params: ['p:p', 0, 4] },
      { rpc: 'supervisor.tailProcessStderrLog', params: ['p', 0, 1024] },
      { rpc: 'supervisor.tailProcessStderrLog', params: ['p', 6, 1024] },
    ],
  },
  {
    name: 'answers a log that is not there',
    shows: ['fault NO_FILE', 'fault FAILED', 'fault BAD_ARGUMENTS'],
    config: `
[program:none]
command=/bin/cat
autostart=false
stdout_logfile=NONE
stderr_logfile=NONE
[program:missing]
command=/bin/cat
autostart=false
stdout_logfile={dir}/missing.log
stderr_logfile={dir}/folder
`,
    files: { 'folder/file': '' },
    steps: ['none', 'missing', 'nobody', 'missing:*'].flatMap((name) => [
      { rpc: 'supervisor.readProcessStdoutLog', params: [name, 0, 0] },
      { rpc: 'supervisor.readProcessStderrLog', params: [name, 0, 0] },
      { rpc: 'supervisor.readProcessLog', params: [name, -5, 5] },
      { rpc: 'supervisor.tailProcessStdoutLog', params: [name, 0, 10] },
      { rpc: 'supervisor.tailProcessStderrLog', params: [name, 0, 10] },
    ]),
  },
  {
    name: 'fails over a log that is not UTF-8, or is cut within a character',
    config: `
[program:p]
command=/bin/cat
autostart=false
stdout_logfile={dir}/out.log
stderr_logfile={dir}/err.log
`,
    files: { 'out.log': 'grüße €' },
    steps: [
      { shell: "printf 'good \\210 bad\\n' >err.log" },
      { rpc: 'supervisor.readProcessStdoutLog', params: ['p', 0, 0] },
      { rpc: 'supervisor.readProcessStdoutLog', params: ['p', 0, 3] },
      { rpc: 'supervisor.readProcessStdoutLog', params: ['p', -3, 0] },
      { rpc: 'supervisor.readProcessStdoutLog', params: ['p', -2, 0] },
      { rpc: 'supervisor.tailProcessStdoutLog', params: ['p', 0, 100] },
      { rpc: 'supervisor.tailProcessStdoutLog', params: ['p', 0, 1] },
      { rpc: 'supervisor.readProcessStderrLog', params: ['p', 0, 0] },
      { rpc: 'supervisor.readProcessStderrLog', params: ['p', 0, 5] },
      { rpc: 'supervisor.tailProcessStderrLog', params: ['p', 0, 100] },
      { rpc: 'supervisor.getState' },
    ],
  },
  {
    name: 'reads and clears the log of the daemon',
    config: '',
    steps: [
      { shell: 'printf 0123456789 >supervisord.log' },
      multicall(...ranges.map(([offset, length]) => call('supervisor.readLog', offset, length))),
      { rpc: 'supervisor.readMainLog', params: [-3, 0] },
      { rpc: 'supervisor.readMainLog', params: [3, 2] },
      { rpc: 'supervisor.clearLog' },
      { rpc: 'supervisor.readLog', params: [0, 0] },
      { shell: 'rm supervisord.log' },
      { rpc: 'supervisor.readLog', params: [0, 0] },
      { rpc: 'supervisor.clearLog' },
    ],
  },
  {
    name: 'clears the logs of those who run',
    config: `
[program:runs]
command={children}/writes-lines.sh 3
stdout_logfile={dir}/runs.out
stderr_logfile={dir}/runs.err
startsecs=0
[program:idle]
command=/bin/cat
autostart=false
stdout_logfile={dir}/idle.out
stderr_logfile={dir}/idle.err
[program:none]
command={children}/stays.sh
stdout_logfile=NONE
stderr_logfile=NONE
startsecs=0
`,
    files: { 'idle.out': 'kept\n' },
    steps: [
      { waitForText: 'error 3', in: 'runs.err' },
      { waitForText: 'line 3', in: 'runs.out' },
      { waitFor: 'none', state: 'RUNNING' },
      { rpc: 'supervisor.clearProcessLogs', params: ['runs'] },
      { read: 'runs.out' },
      { read: 'runs.err' },
      { rpc: 'supervisor.clearProcessLog', params: ['idle:idle'] },
      { read: 'idle.out' },
      { rpc: 'supervisor.clearProcessLogs', params: ['none'] },
      { rpc: 'supervisor.clearProcessLogs', params: ['nobody'] },
      { rpc: 'supervisor.clearProcessLogs', params: ['runs:*'] },
      { rpc: 'supervisor.clearAllProcessLogs' },
      { rpc: 'supervisor.tailProcessStdoutLog', params: ['runs', 0, 10] },
    ],
  },
];

const ending: readonly Scenario[] = [
  {
    name: 'answers nothing but that it is shutting down while it does',
    shows: ['fault SHUTDOWN_STATE'],
    config: `
[program:stubborn]
command={children}/ignores-term.sh
stdout_logfile={dir}/stubborn.log
startsecs=0
stopwaitsecs=600
`,
    steps: [
      { waitForText: 'ready', in: 'stubborn.log' },
      { waitFor: 'stubborn', state: 'RUNNING' },
      { rpc: 'supervisor.shutdown' },
      multicall(...methods.filter((name) => name.startsWith('supervisor.')).map((name) => call(name, ...some(name)))),
      { rpc: 'supervisor.getState' },
      { rpc: 'supervisor.sendRemoteCommEvent', params: ['type', 'data'] },
      { rpc: 'system.methodSignature', params: ['supervisor.getState'] },
      { rpc: 'supervisor.noSuchMethod' },
      { rpc: 'supervisor.getProcessInfo' },
    ],
  },
  {
    name: 'ends when it is told to shut down',
    config: '[program:p]\ncommand={children}/stays.sh\nstartsecs=0\nstopsignal=KILL',
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      { rpc: 'supervisor.shutdown' },
      { waitForEnd: true },
      { list: '*.sock *.pid *.log' },
      { messages: /^WARN|stopped|waiting/ },
    ],
  },
  {
    name: 'begins anew with the new configuration when it is told to restart',
    config: '[program:p]\ncommand={children}/stays.sh\nstartsecs=0\nstopsignal=KILL',
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      {
        write: 'supervisord.conf',
        text: '[supervisord]\nidentifier=another\n[program:q]\ncommand={children}/stays.sh\nstartsecs=0\nstopsignal=KILL',
      },
      { rpc: 'supervisor.restart' },
      { waitForMessage: /supervisord started/, count: 2 },
      { waitForMessage: /entered RUNNING/, count: 2 },
      { rpc: 'supervisor.getIdentification' },
      { rpc: 'supervisor.getAllProcessInfo', pick: ['name', 'statename'] },
      { messages: /spawned|stopped|started/ },
    ],
  },
  {
    name: 'says that it restarts while it waits for its programs',
    config: `
[program:stubborn]
command={children}/ignores-term.sh
stdout_logfile={dir}/stubborn.log
startsecs=0
stopwaitsecs=600
`,
    steps: [
      { waitForText: 'ready', in: 'stubborn.log' },
      { waitFor: 'stubborn', state: 'RUNNING' },
      { rpc: 'supervisor.restart' },
      { rpc: 'supervisor.getState' },
      { rpc: 'supervisor.restart' },
      { rpc: 'supervisor.stopAllProcesses' },
      {
        rpc: 'system.multicall',
        params: [[call('supervisor.shutdown'), call('system.methodSignature', 'supervisor.restart')]],
      },
    ],
  },
];

/** Arguments that the method would take. */
function some(name: string): RpcParam[] {
  if (name.endsWith('Log') && !/clear/.test(name)) return /Process/.test(name) ? ['stubborn', 0, 0] : [0, 0];
  if (/\.(clearProcess|getProcessInfo|startProcess|stopProcess|addProcess|removeProcess)/.test(name))
    return ['stubborn'];
  if (/signalAll/.test(name)) return ['HUP'];
  if (/signalProcess|sendProcess|sendRemote/.test(name)) return ['stubborn', 'HUP'];
  return [];
}

export const scenarios: readonly Scenario[] = [
  ...identity,
  ...calling,
  ...information,
  ...acting,
  ...reading,
  ...ending,
];
