// Event listeners in Python on Debian's own supervisor.childutils, unmodified: what they see of corevisord is what they see
// of supervisord, and what they do over RPC from within an event happens.
import { expect } from 'chai';
import { modesUnderTest, type Mode } from '../../support/modes.ts';
import { pythonClient, pythonOf } from '../../support/python.ts';
import { describeWith } from '../../support/requirements.ts';
import { child, startDaemon, type Daemon } from '../../support/run-supervisord.ts';
import { waitUntil } from '../../support/wait-until.ts';

const python = (name: string): string => `${pythonOf('supervisorctl')} -u ${pythonClient(name)}`;

const recording = (): string => `
[eventlistener:recorder]
command=${python('event_listener.py')} %(here)s/events
events=PROCESS_STATE,PROCESS_COMMUNICATION,REMOTE_COMMUNICATION,PROCESS_GROUP
buffer_size=100
startsecs=0
stderr_logfile=%(here)s/recorder.err
[program:worker]
command=${child('stays.sh')}
startsecs=0
autostart=false
; Up for longer than supervisord takes to look: it answers SPAWN_ERROR to the start of what ended before.
[program:crash]
command=${child('exits-with.sh')} 3 2
startsecs=0
autorestart=false
autostart=false
[program:talker]
command=${python('pcomm_program.py')}
startsecs=0
autostart=false
autorestart=false
stdout_capture_maxbytes=1MB
stderr_capture_maxbytes=1MB
stdout_logfile=%(here)s/talker.out
stderr_logfile=%(here)s/talker.err
`;

/** What happens, each step only after the listener has seen what the one before led to. */
const steps: readonly { readonly does: (daemon: Daemon) => Promise<unknown>; readonly until: RegExp }[] = [
  { does: (daemon) => daemon.call('startProcess', 'worker'), until: /_RUNNING".*"worker"/ },
  { does: (daemon) => daemon.call('startProcess', 'crash'), until: /_EXITED".*"crash"/ },
  { does: (daemon) => daemon.call('startProcess', 'talker'), until: /"PROCESS_COMMUNICATION_STDOUT"/ },
  { does: (daemon) => daemon.call('sendProcessStdin', 'talker', 'go\n'), until: /"PROCESS_COMMUNICATION_STDERR"/ },
  { does: (daemon) => daemon.call('sendRemoteCommEvent', 'hello', 'héllo\n世界'), until: /"type": "hello"/ },
  {
    does: (daemon) => daemon.call('sendRemoteCommEvent', 'restart', 'worker'),
    until: /_STOPPED"[^]*_RUNNING".*"worker"/,
  },
  { does: (daemon) => daemon.call('sendRemoteCommEvent', 'fail', 'x'), until: /"fail"[^]*"fail"/ },
  {
    does: (daemon) => daemon.call('sendRemoteCommEvent', 'die', 'x'),
    until: /"die"[^]*"die"[^]*_RUNNING".*"recorder"/,
  },
  { does: (daemon) => daemon.call('stopProcess', 'worker'), until: /"die"[^]*_STOPPED".*"worker"/ },
  { does: (daemon) => daemon.call('removeProcessGroup', 'worker'), until: /"PROCESS_GROUP_REMOVED"/ },
];

async function record(mode: Mode): Promise<string> {
  const daemon = await startDaemon(mode, { config: recording() });
  try {
    const seen = (): string => daemon.read('events');
    await waitUntil(() => /"PROCESS_STATE_RUNNING".*"recorder"/.test(seen()), { what: () => `itself in ${seen()}` });
    for (const { does, until } of steps) {
      await does(daemon);
      const what = (): string => `${until} in\n${seen()}${daemon.read('recorder.err')}${daemon.output}`;
      await waitUntil(() => until.test(seen()), { what, deadlineMs: 20_000 });
    }
    const kept = [daemon.read('talker.out'), daemon.read('talker.err'), daemon.read('recorder.err')];
    return [seen(), ...kept].join('---\n');
  } finally {
    await daemon.stop();
  }
}

describeWith(['supervisord', 'koffi'], 'listeners on supervisor.childutils', function () {
  this.timeout(90_000);
  const [ours] = modesUnderTest();

  it('see the same of corevisord and of supervisord, event for event', async () => {
    const [wanted, got] = await Promise.all([record('reference'), record(ours)]);
    expect(got).to.equal(wanted);
    expect(wanted).to.contain('"data": "h\\u00e9llo\\n\\u4e16\\u754c"');
    expect(wanted).to.contain('an ordinary line on stderr');
  });

  for (const mode of ['reference', ours] as const) {
    it(`restart what grows too much and report what crashed, in ${mode} mode`, async () => {
      const daemon = await startDaemon(mode, {
        config: `
[eventlistener:memory]
command=${python('memory_watch.py')} 100
events=TICK_5
stderr_logfile=%(here)s/memory.err
[eventlistener:mail]
command=${python('crash_mail.py')} "cat >>%(here)s/mail"
events=PROCESS_STATE
buffer_size=50
[program:fat]
command=${pythonOf('supervisorctl')} -c "import time; x = bytearray(b'x' * 200_000_000); time.sleep(3600)"
startsecs=0
[program:crash]
command=${child('exits-with.sh')} 3 1
startsecs=0
autorestart=false
[program:fine]
command=${child('exits-with.sh')} 0 1
startsecs=0
autorestart=false
`,
      });
      const { pid } = await daemon.waitForState('fat', 'RUNNING');
      const what = (): string => `a restart in ${daemon.read('memory.err')}${daemon.output}`;
      await waitUntil(() => daemon.read('memory.err').includes('restarted fat:fat\n'), { what, deadlineMs: 40_000 });
      const { pid: next } = await daemon.waitForState('fat', 'RUNNING');
      expect(next).not.to.equal(pid);
      await waitUntil(() => daemon.read('mail') !== '', { what: 'mail' });
      expect(daemon.read('mail')).to.equal('crash:crash ended in state RUNNING\n');
      await daemon.stop();
    });
  }
});
