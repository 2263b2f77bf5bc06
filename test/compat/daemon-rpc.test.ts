// The same bytes on the wire: XML-RPC calls, log streams and refusals, answered by the real supervisord and by corevisord.
import { expect } from 'chai';
import { writeCall, type XmlRpcValue } from '../../src/rpc/xmlrpc.ts';
import { modesUnderTest, type Mode } from '../support/modes.ts';
import { describeWith } from '../support/requirements.ts';
import { ask, type HttpAnswer } from '../support/rpc.ts';
import { child, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

const config = `
[program:talks]
command=${child('writes-lines.sh')} 100 word
stdout_logfile=%(here)s/talks.out
stderr_logfile=%(here)s/talks.err
stopsignal=INT
priority=7
exitcodes=0,2
environment=SECRET="value"
umask=022
directory=/usr
[program:member]
command=${child('stays.sh')} <&>
process_name=%(program_name)s_%(process_num)d
numprocs=2
autostart=false
stdout_logfile=NONE
[group:group-of-two]
programs=member
priority=20
[program:echo]
command=${child('echoes-stdin.sh')}
stdout_logfile=%(here)s/echo.out
redirect_stderr=true
[program:lost]
command=/nowhere/at/all
startretries=0
`;

const calls: readonly (readonly [method: string, ...params: XmlRpcValue[]])[] = [
  ['supervisor.getAPIVersion'],
  ['supervisor.getVersion'],
  ['supervisor.getSupervisorVersion'],
  ['supervisor.getIdentification'],
  ['supervisor.getState'],
  ['supervisor.getProcessInfo', 'talks'],
  ['supervisor.getProcessInfo', 'lost'],
  ['supervisor.getProcessInfo', 'group-of-two:member_1'],
  ['supervisor.getProcessInfo', 'group-of-two:*'],
  ['supervisor.getProcessInfo', 'nobody'],
  ['supervisor.getProcessInfo'],
  ['supervisor.getAllProcessInfo'],
  ['supervisor.getAllConfigInfo'],
  ['supervisor.readProcessStdoutLog', 'talks', 0, 20],
  ['supervisor.readProcessLog', 'talks', -20, 0],
  ['supervisor.readProcessStderrLog', 'talks', 0, -1],
  ['supervisor.readProcessStdoutLog', 'talks', -5, 5],
  ['supervisor.readProcessStdoutLog', 'group-of-two:member_0', 0, 0],
  ['supervisor.readProcessStdoutLog', 'talks', 100_000, 10],
  ['supervisor.tailProcessStdoutLog', 'talks', 0, 20],
  ['supervisor.tailProcessStdoutLog', 'talks', 100_000, 20],
  ['supervisor.tailProcessLog', 'talks', -5, 3],
  ['supervisor.tailProcessStderrLog', 'group-of-two:member_0', 0, 10],
  ['supervisor.startProcess', 'talks'],
  ['supervisor.startProcess', 'lost'],
  ['supervisor.startProcess', 'nobody'],
  ['supervisor.startProcess', 'talks', true, 'too many'],
  ['supervisor.startProcessGroup', 'nogroup'],
  // Before anything stops: how long it is STOPPING, which can be signalled, is no promise.
  ['supervisor.signalProcess', 'talks', 'NOPE'],
  ['supervisor.signalProcess', 'talks', 0],
  ['supervisor.signalProcessGroup', 'talks', '0'],
  ['supervisor.signalProcessGroup', 'talks', 'bad'],
  ['supervisor.signalAllProcesses', 0],
  // Without waiting, for otherwise the order of the results is the order in which things happened to end.
  ['supervisor.startProcessGroup', 'group-of-two', false],
  ['supervisor.startProcessGroup', 'group-of-two', false],
  ['supervisor.stopProcess', 'group-of-two:*', false],
  ['supervisor.stopProcess', 'group-of-two:member_0'],
  ['supervisor.stopProcessGroup', 'group-of-two'],
  ['supervisor.stopProcessGroup', 'nogroup'],
  ['supervisor.sendProcessStdin', 'echo', 'grüße <&>\n'],
  ['supervisor.sendProcessStdin', 'echo', 5],
  ['supervisor.sendProcessStdin', 'lost', 'x'],
  ['supervisor.sendRemoteCommEvent', 'type', 'data'],
  ['supervisor.readProcessStdoutLog', 'echo', 0, 0],
  ['supervisor.clearProcessLogs', 'talks'],
  ['supervisor.clearProcessLog', 'nobody'],
  ['supervisor.clearAllProcessLogs'],
  ['supervisor.reloadConfig'],
  ['supervisor.addProcessGroup', 'talks'],
  ['supervisor.addProcessGroup', 'nogroup'],
  ['supervisor.removeProcessGroup', 'talks'],
  ['supervisor.removeProcessGroup', 'nogroup'],
  ['supervisor.stopAllProcesses', false],
  ['supervisor.noSuchMethod'],
  ['noSuchNamespace.x'],
  ['nodots'],
  ['too.many.dots'],
  ['supervisor._private'],
  ['system.methodSignature', 'supervisor.startProcess'],
  ['system.methodSignature', 'nope'],
  ['system.methodHelp', 'nope'],
  [
    'system.multicall',
    [
      { methodName: 'supervisor.getState', params: [] },
      { methodName: 'supervisor.getProcessInfo', params: ['nobody'] },
      { methodName: 'system.multicall', params: [[]] },
      { params: [] },
    ],
  ],
];

const requests: readonly {
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly body?: string;
}[] = [
  { what: 'a body that is no XML', method: 'POST', path: '/RPC2', body: 'hello' },
  {
    what: 'a call without a method name',
    method: 'POST',
    path: '/RPC2',
    body: '<?xml version="1.0"?><methodCall></methodCall>',
  },
  { what: 'the log of nobody', method: 'GET', path: '/logtail/nobody' },
  { what: 'a channel that does not exist', method: 'GET', path: '/logtail/talks/stdwhat' },
  { what: 'a log that is not kept', method: 'GET', path: '/logtail/group-of-two:member_0' },
];

describeWith(['supervisord', 'koffi'], 'the same bytes on the wire', () => {
  const answers = new Map<string, Map<Mode, HttpAnswer>>();
  const [ours] = modesUnderTest();
  const both = ['reference' as const, ours];

  before(async function () {
    this.timeout(120_000);
    const daemons = await Promise.all(both.map((mode) => startDaemon(mode, { config })));
    await Promise.all(daemons.map((daemon) => askEverything(daemon)));
    await Promise.all(daemons.map((daemon) => daemon.stop()));
  });

  async function askEverything(daemon: Daemon): Promise<void> {
    const keep = (what: string, answer: HttpAnswer): void => {
      const known = answers.get(what) ?? new Map<Mode, HttpAnswer>();
      answers.set(
        what,
        known.set(daemon.mode, { ...answer, body: Buffer.from(normalise(answer.body.toString(), daemon)) }),
      );
    };
    await waitUntil(() => daemon.read('talks.err').endsWith('error 100\n'), { what: 'its output' });
    await daemon.waitForState('talks', 'RUNNING');
    await daemon.waitForState('echo', 'RUNNING');
    await daemon.waitForState('lost', 'FATAL');
    for (const [index, [method, ...params]] of calls.entries()) {
      const body = Buffer.from(writeCall(method, params));
      keep(titleOf(index), await ask(daemon.address, { method: 'POST', path: '/RPC2', body }));
      if (method === 'supervisor.sendProcessStdin' && params[1] !== 5 && params[0] === 'echo') {
        await waitUntil(() => daemon.read('echo.out') !== '', { what: 'the echo' });
      }
    }
    for (const { what, method, path, body } of requests) {
      const content = body === undefined ? {} : { body: Buffer.from(body) };
      keep(what, await ask(daemon.address, { method, path, ...content }));
    }
  }

  for (const what of [...calls.keys()].map(titleOf)) {
    it(`answers ${what} as supervisord does`, () => {
      const [golden, answer] = both.map((mode) => answers.get(what)?.get(mode));
      expect(golden?.body.toString()).to.contain('<methodResponse>');
      expect(answer?.body.toString()).to.equal(golden?.body.toString());
      expect([answer?.status, answer?.headers['content-type']]).to.deep.equal([200, 'text/xml']);
    });
  }

  for (const { what } of requests) {
    it(`refuses ${what} as supervisord does`, () => {
      const [golden, answer] = both.map((mode) => answers.get(what)?.get(mode));
      expect(golden?.status).to.be.oneOf([400, 404]);
      expect(answer?.status).to.equal(golden?.status);
      expect(answer?.headers['content-type']).to.equal(golden?.headers['content-type']);
      expect(answer?.body.toString()).to.equal(golden?.body.toString());
    });
  }
});

function titleOf(index: number): string {
  const [method = '', ...params] = calls[index] ?? [];
  return `${index + 1}: ${method}(${params.map((param) => JSON.stringify(param)).join(', ')})`;
}

/** Takes out what differs from run to run: directories, pids, times, the random part of automatic log names. */
function normalise(text: string, daemon: Daemon): string {
  return text
    .replaceAll(daemon.directory, 'HERE')
    .replaceAll(/\bpid [1-9]\d*, uptime \d+:\d\d:\d\d/g, 'pid PID, uptime TIME')
    .replaceAll(/(<name>(?:pid|start|stop|now)<\/name>\s*<value><int>)[1-9]\d*/g, '$1N')
    .replaceAll(/[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M/g, 'DATE')
    .replaceAll(/---supervisor-[a-z0-9_]{8}/g, '---supervisor-RANDOM');
}
