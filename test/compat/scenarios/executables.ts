// The smaller executables of supervisord's package: echo_supervisord_conf and pidproxy.
import type { Scenario } from '../scenario.ts';

export const scenarios: readonly Scenario[] = [
  {
    name: 'prints a sample configuration that daemon and control command take',
    shows: ['echo_supervisord_conf'],
    config: '',
    steps: [
      { shell: '{bin}/echo_supervisord_conf >sample && head -n 1 sample' },
      { shell: "sed 's/ *;.*//; s/ = /=/' sample | grep '^file=\\|^serverurl=\\|^supervisor\\.' | sort" },
      { shell: '{bin}/echo_supervisord_conf anything --at all | head -n 1' },
      { shell: "sed 's,/tmp/,{dir}/,' sample >sample.conf; echo '[group:g]\nprograms=nobody' >>sample.conf" },
      // The last section of the file is the one that is wrong.
      { daemon: ['-n', '-c', '{dir}/sample.conf'] },
      { ctl: ['-c', '{dir}/sample.conf', 'version'] },
    ],
  },
  {
    name: 'passes signals on to the process of a pidfile',
    shows: ['pidproxy'],
    config: `
[program:guarded]
command={bin}/pidproxy %(here)s/guarded.pid {children}/guards.sh %(here)s/guarded.pid {children}/notes-signals.sh %(here)s/signals
startsecs=0
`,
    steps: [
      { waitForText: 'ready', in: 'signals' },
      { waitFor: 'guarded', state: 'RUNNING' },
      { ctl: 'signal HUP guarded' },
      { waitForText: 'HUP', in: 'signals' },
      { ctl: 'signal USR1 guarded' },
      { waitForText: 'USR1', in: 'signals' },
      { ctl: 'signal USR2 guarded' },
      { waitForText: 'USR2', in: 'signals' },
      { ctl: 'stop guarded' },
      { waitForText: 'TERM', in: 'signals' },
      { ctl: 'start guarded' },
      { waitForText: 'ready', in: 'signals', count: 2 },
      { ctl: 'signal INT guarded' },
      { waitFor: 'guarded', state: 'EXITED' },
      { ctl: 'start guarded' },
      { waitForText: 'ready', in: 'signals', count: 3 },
      { ctl: 'signal QUIT guarded' },
      { waitFor: 'guarded', state: 'EXITED' },
      // A shell's background is deaf to INT and QUIT.
      { read: 'signals' },
      { messages: /guarded \(/ },
    ],
  },
  {
    name: 'ends with the command of pidproxy, whatever its exit status',
    shows: ['pidproxy'],
    config: `
[program:brief]
command={bin}/pidproxy %(here)s/nothing {children}/exits-with.sh 3
autorestart=false
startsecs=0
`,
    steps: [{ waitFor: 'brief', state: 'EXITED' }, { messages: /exited: brief/ }],
  },
  {
    name: 'says that the pidfile cannot be read, and goes on',
    shows: ['pidproxy'],
    config: `
[program:lost]
command={bin}/pidproxy %(here)s/lost.pid {children}/stays.sh
startsecs=0
stopwaitsecs=1
stdout_logfile=%(here)s/lost.out
[program:words]
command={bin}/pidproxy %(here)s/words.pid {children}/guards.sh %(here)s/ready sleep 3600
startsecs=0
stopwaitsecs=1
stdout_logfile=%(here)s/words.out
`,
    files: { 'words.pid': 'twelve\n' },
    // Python would keep it back until the end.
    environment: { PYTHONUNBUFFERED: '1' },
    steps: [
      { waitForFile: 'ready' },
      { waitFor: 'lost', state: 'RUNNING' },
      { ctl: 'signal HUP words' },
      { waitForText: 'pidfile', in: 'words.out' },
      { ctl: 'stop words' },
      { read: 'words.out' },
      { messages: /killing|stopped/ },
    ],
  },
  {
    name: 'prints the usage of pidproxy',
    shows: ['pidproxy'],
    config: '',
    steps: [
      { shell: '{bin}/pidproxy >usage; echo $?; grep ^Usage usage' },
      { shell: '{bin}/pidproxy x.pid >usage; echo $?; grep ^Usage usage' },
    ],
  },
];
