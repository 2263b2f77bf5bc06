// How a process comes to be: its command, the place, the user and the environment it runs with, and what is said when it
// cannot be made.
import type { Scenario } from '../scenario.ts';

/** Each as a whole configuration that the daemon is asked to start with. */
function refused(sections: readonly string[]): Pick<Scenario, 'files' | 'steps'> {
  const names = sections.map((_, index) => `refused-${index}.conf`);
  return {
    files: Object.fromEntries(sections.map((text, index) => [names[index] ?? '', `[supervisord]\n${text}\n`])),
    steps: names.map((name) => ({ daemon: ['-n', '-c', `{dir}/${name}`] })),
  };
}

const x = '[program:x]\ncommand=/bin/cat\n';

export const scenarios: readonly Scenario[] = [
  {
    name: 'splits a command into words as a shell does, and lets no shell look at them',
    shows: ['program.command'],
    config: String.raw`
[program:words]
command={children}/prints-arguments.sh plain 'single "quoted" \n' "double \"escaped\" \n \$HOME" a\ b $HOME ~ * a#b '' x''y "50%%" é
    "continued
    inside" %(program_name)s	tab
stdout_logfile={dir}/words
[program:zeroth]
command=head -c 100 /proc/self/cmdline
stdout_logfile={dir}/zeroth
startsecs=0
autorestart=false
`,
    steps: [
      { waitForText: 'end\n', in: 'words' },
      { read: 'words' },
      { waitFor: 'zeroth', state: 'EXITED' },
      { shell: String.raw`tr '\0' '|' <zeroth` },
      { ctl: 'avail' },
    ],
  },
  {
    name: 'gives up a command that cannot be executed, and says why',
    shows: ['program.command', 'program.startretries'],
    config: String.raw`
[program:cut]
command=/bin/echo "a ; b"
startretries=0
[program:escaped]
command=/bin/echo a\
startretries=0
[program:empty]
command=
startretries=0
[program:blank]
command=" "
startretries=0
[program:missing]
command=/nowhere/at/all --flag
startretries=0
[program:unknown]
command=no-such-command-anywhere
startretries=0
[program:directory]
command={dir}/folder
startretries=0
[program:plain]
command={dir}/plain
startretries=0
[program:log]
command={children}/stays.sh
stdout_logfile={dir}/folder
startretries=0
`,
    files: { plain: 'not executable', 'folder/a': '' },
    steps: [
      { waitFor: 'unknown', state: 'FATAL' },
      { waitFor: 'log', state: 'FATAL' },
      { ctl: 'status' },
      { messages: /spawnerr|gave up|spawned/, unordered: true },
      ...['cut', 'escaped', 'empty', 'blank', 'missing', 'unknown', 'directory', 'plain', 'log'].map((name) => ({
        rpc: 'supervisor.startProcess',
        params: [name],
      })),
      { ctl: 'start missing plain log' },
      { rpc: 'supervisor.getProcessInfo', params: ['plain'] },
    ],
  },
  {
    name: 'lets a child say on its stderr what keeps it from becoming the program, and end with 127',
    shows: ['program.directory', 'program.command'],
    config: `
[program:directory]
command={children}/stays.sh
directory={dir}/nowhere
stderr_logfile={dir}/stderr_directory
startretries=0
startsecs=10
[program:file]
command={children}/stays.sh
directory={dir}/garbage
stderr_logfile={dir}/stderr_file
startretries=0
startsecs=10
[program:garbage]
command={dir}/garbage
stderr_logfile={dir}/stderr_garbage
startretries=0
startsecs=10
autostart=false
[program:interpreter]
command={dir}/interpreter --flag
stderr_logfile={dir}/stderr_interpreter
startretries=0
startsecs=10
`,
    files: { garbage: 'no program\n', interpreter: '#!/nowhere/at/all\n' },
    steps: [
      { shell: 'chmod +x garbage' },
      { ctl: 'start garbage' },
      { waitFor: 'interpreter', state: 'FATAL' },
      { waitFor: 'directory', state: 'FATAL' },
      { waitFor: 'file', state: 'FATAL' },
      { read: 'stderr_directory' },
      { read: 'stderr_file' },
      { read: 'stderr_garbage' },
      { read: 'stderr_interpreter' },
      { ctl: 'status' },
      { messages: /exited|gave up/, unordered: true },
    ],
  },
  {
    name: 'looks for a command in the PATH of the program, where the first file of that name counts',
    shows: ['program.command', 'program.environment'],
    config: `
[program:second]
command=tool second
environment=PATH="{dir}/none:{dir}/two:{dir}/one"
stdout_logfile={dir}/second
[program:shadowed]
command=tool shadowed
environment=PATH="{dir}/one:{dir}/two"
startretries=0
[program:empty]
command=tool empty
environment=PATH=""
startretries=0
[program:daemon]
command=sleep 3600
environment=OTHER="x"
[program:relative]
command=two/tool relative
stdout_logfile={dir}/relative
`,
    files: { 'one/tool': 'no program', 'two/tool': '#!/bin/sh\necho "$0 $1"\nexec /bin/sleep 3600\n' },
    steps: [
      { waitFor: 'second', state: 'RUNNING' },
      { waitFor: 'relative', state: 'RUNNING' },
      { waitFor: 'daemon', state: 'RUNNING' },
      { waitFor: 'shadowed', state: 'FATAL' },
      { waitFor: 'empty', state: 'FATAL' },
      { waitForText: 'second', in: 'second' },
      { waitForText: 'relative', in: 'relative' },
      { read: 'second' },
      { read: 'relative' },
      { ctl: 'status' },
      { messages: /spawnerr/, unordered: true },
    ],
  },
  {
    name: 'runs a program in its directory with its umask',
    shows: ['program.directory', 'program.umask'],
    config: `
[program:placed]
command={children}/prints-place.sh {dir}/placed
directory={dir}/folder
umask=027
[program:home]
command={children}/prints-place.sh {dir}/home
directory=%(here)s/folder-%(process_num)d
umask=0
`,
    files: { 'folder/a': '', 'folder-0/a': '' },
    environment: { HOME: '/home/of/the/daemon' },
    steps: [
      { waitForFile: 'placed' },
      { waitForFile: 'home' },
      { read: 'placed', only: /^(directory|umask|home)/ },
      { read: 'home', only: /^(directory|umask|home)/ },
      { list: 'placed home', modes: true },
    ],
  },
  {
    name: 'runs a program as its user and its groups, and leaves HOME alone',
    shows: ['program.user'],
    needs: ['root'],
    config: `
[program:name]
command={children}/prints-place.sh {dir}/open/name
autostart=false
user={user}
[program:number]
command={children}/prints-place.sh {dir}/open/number
autostart=false
user=1
[program:root]
command={children}/prints-place.sh {dir}/open/root
autostart=false
user=root
`,
    files: { 'open/a': '' },
    environment: { HOME: '/home/of/the/daemon' },
    steps: [
      { shell: 'chmod 777 open' },
      { ctl: 'start all', unordered: true },
      { waitForFile: 'open/name' },
      { waitForFile: 'open/number' },
      { waitForFile: 'open/root' },
      { read: 'open/name', only: /^(uid|gid|groups|home)/ },
      { read: 'open/number', only: /^(uid|gid|groups|home)/ },
      { read: 'open/root', only: /^(uid|gid|home)/ },
      { rpc: 'supervisor.getAllConfigInfo', pick: ['name', 'uid'] },
    ],
  },
  {
    name: 'refuses a user that the machine does not have',
    shows: ['program.user'],
    config: '',
    ...refused([`${x}user=nobody-at-all`, `${x}user=4000000000`, `${x}user=`]),
  },
  {
    name: 'tells a process about itself and the daemon in its environment',
    shows: ['program.environment', 'program.serverurl', 'supervisord.environment', 'program.numprocs'],
    config: `
[supervisord]
environment=SHARED="from the daemon",BOTH="of the daemon"
[program:web]
command={children}/prints-environment.sh {dir}/%(program_name)s_%(process_num)d
process_name=%(program_name)s_%(process_num)d
numprocs=2
environment=BOTH="of the program",NUMBER="%(process_num)d",INHERITED="<%(ENV_GIVEN)s>",OWN="%(ENV_SHARED)s"
[program:overrides]
command={children}/prints-environment.sh {dir}/%(program_name)s
environment=SUPERVISOR_ENABLED="no",SUPERVISOR_GROUP_NAME="mine",SUPERVISOR_SERVER_URL="there",GIVEN=""
[program:url]
command={children}/prints-environment.sh {dir}/%(program_name)s
serverurl=http://somewhere:1234
[program:auto]
command={children}/prints-environment.sh {dir}/%(program_name)s
serverurl= Auto
[group:members]
programs=auto
`,
    environment: { GIVEN: 'from outside 100%' },
    steps: ['web_0', 'web_1', 'overrides', 'url', 'auto'].flatMap((file) => [
      { waitForFile: file },
      { read: file, only: /^(SUPERVISOR_|SHARED|BOTH|NUMBER|INHERITED|OWN|GIVEN)/, unordered: true },
    ]),
  },
  {
    name: 'reads the quotes, commas and lines of environment as supervisord does',
    shows: ['program.environment'],
    config: String.raw`
[program:x]
command={children}/prints-environment.sh {dir}/environment
environment=V_PLAIN=a/b_c.d+e-(f):g,V_DOUBLE="a,b c=d",V_SINGLE='x "y" z',V_MIXED="he said 'hi'",V_EMPTY="",
    V_LINES="one
    two",V_HASH="a#b",V_BACK="a\b\n",
    V_PERCENT="100%%", V_SPACED = "x" , V_COLON=a:b,V_LAST=1,
`,
    steps: [{ waitForFile: 'environment' }, { read: 'environment', only: /^(V_|two)/, unordered: true }],
  },
  {
    name: 'refuses an environment that it cannot read',
    shows: ['program.environment'],
    config: '',
    ...refused([
      `${x}environment=LONE`,
      `${x}environment=A=1,B`,
      `${x}environment=A`,
      `${x}environment=A="1"B="2"`,
      `${x}environment=A=1 B=2`,
      `${x}environment=A="1`,
    ]),
    verdict: {
      is: 'better',
      what: 'the values of environment are not shown',
      why: 'they are often secrets, and errors are often sent around',
    },
  },
  {
    name: 'numbers the processes of a program from numprocs_start and names them',
    shows: ['program.numprocs', 'program.numprocs_start', 'program.process_name'],
    config: `
[program:web]
command={children}/stays.sh %(program_name)s %(process_num)03d of %(numprocs)d
process_name=%(group_name)s-%(process_num)02d
numprocs=3
numprocs_start=9
[program:none]
command={children}/stays.sh
numprocs=0
[program:named]
command={children}/stays.sh
process_name=other
autostart=false
[group:both]
programs=named,web
`,
    steps: [
      { waitFor: 'both:both-11', state: 'RUNNING' },
      { ctl: 'status' },
      { ctl: 'avail' },
      { rpc: 'supervisor.getAllConfigInfo', pick: ['name', 'group', 'command'] },
      { rpc: 'supervisor.startProcessGroup', params: ['none'] },
      { ctl: 'start none:* named both:other' },
    ],
  },
  {
    name: 'refuses programs without a command, and names that cannot be',
    shows: ['program.command', 'program.process_name', 'program.numprocs'],
    config: '',
    ...refused([
      '[program:x]\nautostart=false',
      `${x}numprocs=2`,
      `${x}numprocs=2\nprocess_name=%(program_name)s`,
      `${x}numprocs=many`,
      `${x}process_name=a b`,
      `${x}process_name=a:b`,
      '[program:a b]\ncommand=/bin/cat',
      '[program:a/b]\ncommand=/bin/cat',
      `${x}process_name=%(process_num)`,
    ]),
  },
  {
    name: 'makes each process the leader of a group of its own, in the session of the daemon, without other descriptors',
    config: `
[program:x]
command={children}/prints-group.sh
stdout_logfile={dir}/group
`,
    steps: [{ waitForText: 'end', in: 'group' }, { read: 'group' }],
  },
  {
    name: 'keeps the standard input of a process open, and joins stderr to stdout where it is told to',
    shows: ['program.redirect_stderr'],
    config: `
[program:reads]
command=/bin/cat
stdout_logfile={dir}/reads
[program:joined]
command={children}/joined.sh
redirect_stderr=true
stdout_logfile={dir}/joined
[program:apart]
command={children}/joined.sh
stdout_logfile={dir}/apart
stderr_logfile={dir}/apart-errors
`.replaceAll('{children}/joined.sh', '{dir}/joined.sh'),
    files: { 'joined.sh': '#!/bin/sh\necho out\necho err >&2\necho out again\nexec sleep 3600\n' },
    steps: [
      { waitFor: 'reads', state: 'RUNNING' },
      { rpc: 'supervisor.sendProcessStdin', params: ['reads', 'a line\n'] },
      { waitForText: 'a line', in: 'reads' },
      { waitForText: 'again', in: 'joined' },
      { waitForText: 'again', in: 'apart' },
      { waitForText: 'err', in: 'apart-errors' },
      { read: 'joined' },
      { read: 'apart' },
      { read: 'apart-errors' },
      { rpc: 'supervisor.getProcessInfo', params: ['joined'] },
      { ctl: 'status reads' },
    ],
  },
  {
    name: 'gives shell pipelines the signals that they count on',
    shows: ['program.command'],
    config: `
[program:pipeline]
command=/bin/sh -c "yes | head -n 1"
startsecs=0
autorestart=false
stdout_logfile={dir}/pipeline
stderr_logfile={dir}/pipeline-errors
[program:ignored]
command=/bin/grep SigIgn /proc/self/status
startsecs=0
autorestart=false
stdout_logfile={dir}/ignored
`,
    steps: [
      { waitFor: 'pipeline', state: 'EXITED' },
      { waitFor: 'ignored', state: 'EXITED' },
      { read: 'pipeline' },
      { read: 'pipeline-errors' },
      { read: 'ignored' },
    ],
    verdict: {
      is: 'better',
      what: 'every signal has its default action in a child',
      why: 'Python ignores SIGPIPE and SIGXFSZ and hands that on, so that commands complain where a shell would end them',
    },
  },
];
