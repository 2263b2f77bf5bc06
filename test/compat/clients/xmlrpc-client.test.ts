// Python's own xmlrpc.client, unmodified, over TCP with a password and over the unix socket with the transport of
// Debian's supervisor package. The same checks are made against the real supervisord: they state its behaviour.
import { expect } from 'chai';
import { freePorts } from '../../support/free-port.ts';
import { modesUnderTest, type Mode } from '../../support/modes.ts';
import { checksIn, runChecks } from '../../support/python.ts';
import { describeWith } from '../../support/requirements.ts';
import { child, startDaemon } from '../../support/run-supervisord.ts';

const config = (port: number): string => `
[supervisord]
identifier=wörk & <play>
[inet_http_server]
port=127.0.0.1:${port}
username=üser
password=s3cret:@/ü
[program:talks]
command=${child('writes-lines.sh')} 100 word
stdout_logfile=%(here)s/talks.out
stderr_logfile=%(here)s/talks.err
stopsignal=INT
exitcodes=0,2
[program:echo]
command=${child('echoes-stdin.sh')}
stdout_logfile=%(here)s/echo.out
[program:slow]
command=${child('stays.sh')}
autostart=false
stdout_logfile=%(here)s/slow.out
stderr_logfile=NONE
[program:wörker]
command=${child('stays.sh')}
autostart=false
[program:quick]
command=${child('stays.sh')}
startsecs=0
autostart=false
[program:stubborn]
command=${child('ignores-term.sh')}
startsecs=600
stopwaitsecs=600
autostart=false
stdout_logfile=%(here)s/stubborn.out
[program:fails]
command=${child('exits-with.sh')} 1
startretries=0
autostart=false
[program:lost]
command=/nowhere/at/all
autostart=false
[program:plain]
command=%(here)s/plain.txt
autostart=false
[program:left]
command=${child('stays.sh')}
autostart=false
[program:right]
command=${child('stays.sh')}
autostart=false
[group:pair]
programs=left,right
`;

const script = 'xmlrpc_client.py';
const [ours] = modesUnderTest();
interface Way {
  readonly title: string;
  readonly mode: Mode;
  readonly over: 'unix' | 'tcp';
}
const ways: readonly Way[] = [
  { title: 'over the unix socket', mode: ours, over: 'unix' },
  { title: 'over TCP with a password', mode: ours, over: 'tcp' },
  { title: 'against supervisord itself', mode: 'reference', over: 'tcp' },
];

describeWith(['supervisord', 'koffi'], 'a client on xmlrpc.client', () => {
  let checked: readonly Awaited<ReturnType<typeof runChecks>>[];

  before(async function () {
    this.timeout(180_000);
    checked = await Promise.all(ways.map(runAgainst));
  });

  for (const [index, { title }] of ways.entries()) {
    describe(title, () => {
      for (const sentence of checksIn(script)) {
        it(sentence, () => {
          const { results, output } = checked[index] ?? expect.fail('not checked');
          expect(results.get(sentence) ?? output).to.equal('');
        });
      }
    });
  }
});

async function runAgainst({ mode, over }: Way): ReturnType<typeof runChecks> {
  const [port = 0] = await freePorts(1);
  const daemon = await startDaemon(mode, { config: config(port), files: { 'plain.txt': 'no program\n' } });
  try {
    await daemon.waitForState('talks', 'RUNNING');
    await daemon.waitForState('echo', 'RUNNING');
    const login = ['üser', 's3cret:@/ü'].map(encodeURIComponent).join(':');
    const url = over === 'unix' ? `unix://${daemon.path('supervisor.sock')}` : `http://${login}@127.0.0.1:${port}/RPC2`;
    return await runChecks(script, url);
  } finally {
    // The last check has shut it down.
    await daemon.waitForEnd().catch(() => undefined);
    await daemon.stop();
  }
}
