// Clients that do not behave: that say nothing, say it slowly, never read what they asked for, come in hundreds or die in
// the middle. Others are answered meanwhile, memory stays bounded, and the daemon's children do not notice.
import { expect } from 'chai';
import { runCtl } from '../support/ctl.ts';
import { describeWith } from '../support/requirements.ts';
import { callRpc } from '../support/rpc.ts';
import { child } from '../support/run-supervisord.ts';
import { Abused, type Raw } from '../support/under-abuse.ts';
import { writeCall, XmlRpcFault, type XmlRpcValue } from '../../src/rpc/xmlrpc.ts';

const request = (method: string, ...params: XmlRpcValue[]): string => {
  const body = writeCall(method, params);
  return `POST /RPC2 HTTP/1.1\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
};

/** What a server holds at most, less than any of the crowds here. */
const config = `
[program:chatty]
command=${child('floods-stdout.cjs')} 4
startsecs=0
autostart=false
autorestart=false
stdout_logfile=%(here)s/chatty.out
stdout_logfile_maxbytes=0
[program:long]
command=${child('stays.sh')}
autostart=false
stdout_logfile=%(here)s/long.out
stdout_logfile_maxbytes=0
[program:slow]
command=${child('stays.sh')}
startsecs=3600
autostart=false
[program:stubborn]
command=${child('ignores-term.sh')}
startsecs=0
stopwaitsecs=3600
autostart=false
stdout_logfile=%(here)s/stubborn.out
[program:toggled]
command=${child('stays.sh')}
startsecs=0
autostart=false
`;

describeWith(['koffi'], 'clients that do not behave', function () {
  this.timeout(60_000);
  let abused: Abused;

  before(async () => {
    abused = await Abused.start({
      config,
      files: { 'long.out': '0123456789abcde\n'.repeat(64 * 50 * 1024) },
    });
  });

  after(() => abused.stop());

  afterEach(async () => {
    abused.closeAll();
    await abused.expectUnharmed();
  });

  const crowd = (count: number, bytes: string): Raw[] => Array.from({ length: count }, () => abused.open(bytes));
  const pid = async (): Promise<void> => {
    const said = await runCtl('corevisorctl', { arguments: ['-c', abused.daemon.configFile, 'pid'] });
    expect(said).to.deep.equal({ stdout: `${abused.daemon.pid}\n`, stderr: '', status: 0 });
  };

  const crowds: readonly { readonly what: string; readonly bytes: string }[] = [
    { what: 'say nothing', bytes: '' },
    { what: 'stop in the middle of a line', bytes: 'POST /RP' },
    { what: 'stop in the middle of a head', bytes: 'POST /RPC2 HTTP/1.1\r\nContent-Length: 1000\r\nA' },
    { what: 'stop in the middle of a body', bytes: 'POST /RPC2 HTTP/1.1\r\nContent-Length: 1000\r\n\r\n<methodCall>' },
    { what: 'follow a log', bytes: 'GET /logtail/worker HTTP/1.1\r\n\r\n' },
    { what: 'wait for an answer', bytes: request('supervisor.startProcess', 'slow') },
  ];
  for (const { what, bytes } of crowds) {
    it(`leaves room for others beside 600 that ${what}`, async () => {
      const effects = await abused.during(async () => {
        crowd(600, bytes);
        await pid();
      });
      expect(effects.failures).to.deep.equal([]);
      expect(effects.grownMegabytes).to.be.below(100);
    });
  }

  it('hears a client that says one byte at a time', async () => {
    const raw = abused.open('');
    const effects = await abused.during(async () => {
      for (const byte of request('supervisor.getState')) {
        raw.socket.write(byte);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(await raw.status()).to.equal(200);
    });
    expect(effects.failures).to.deep.equal([]);
  });

  it('holds a bounded part of what 16 clients ask for and never read: a log of 50 MB each', async () => {
    const effects = await abused.during(async () => {
      const greedy = crowd(16, '');
      for (const { socket } of greedy) {
        socket.pause();
        socket.write(request('supervisor.readProcessStdoutLog', 'long', 0, 0));
      }
      const polite = abused.open(request('supervisor.readProcessStdoutLog', 'long', 0, 16));
      await polite.until(() => polite.received.includes('0123456789abcde'));
      // By then all others have had their turn: turns come in the order of asking.
    });
    expect(effects.failures).to.deep.equal([]);
    expect(effects.answers).to.be.at.least(1);
    expect(effects.grownMegabytes).to.be.below(600);
  });

  it('holds little for 200 clients that follow a chatty log and never read', async () => {
    const effects = await abused.during(async () => {
      for (const { socket } of crowd(200, 'GET /logtail/chatty HTTP/1.1\r\n\r\n')) socket.pause();
      await callRpc(abused.daemon.address, { method: 'supervisor.startProcess', params: ['chatty'] }).catch(noSuch);
      await abused.daemon.waitForState('chatty', 'EXITED');
      await pid();
    });
    expect(effects.failures).to.deep.equal([]);
    expect(effects.grownMegabytes).to.be.below(150);
  });

  it('finishes what a client asked for that died while it waited', async () => {
    await abused.daemon.call('startProcess', 'stubborn', false);
    await abused.daemon.waitForProcess('stubborn', () => abused.daemon.read('stubborn.out').includes('ready'));
    const dying = crowd(20, request('supervisor.stopProcess', 'stubborn'));
    await abused.daemon.waitForState('stubborn', 'STOPPING');
    for (const { socket } of dying) socket.destroy();
    await abused.daemon.call('signalProcess', 'stubborn', 'KILL');
    await abused.daemon.waitForState('stubborn', 'STOPPED');
  });

  it('answers a client that has closed its half', async () => {
    const raw = abused.open('');
    raw.socket.end(request('supervisor.getState'));
    expect(await raw.status()).to.equal(200);
    await raw.over();
  });

  it('lets go of a client that closed its half in the middle', async () => {
    const raw = abused.open('');
    raw.socket.end('POST /RPC2 HTTP/1.1\r\nContent-Length: 1000\r\n\r\n<methodCall>');
    await raw.over();
  });

  it('has one process at most, whatever 50 clients do to it at once', async () => {
    const faults = new Set<string>();
    const toggle = async (client: number): Promise<void> => {
      for (let round = 0; round < 10; round += 1) {
        const method = (client + round) % 2 === 0 ? 'startProcess' : 'stopProcess';
        await abused.daemon.call(method, 'toggled', round % 3 === 0).catch((error: unknown) => {
          if (!(error instanceof XmlRpcFault)) throw error;
          faults.add(error.message);
        });
      }
    };
    const toggling = Promise.all(Array.from({ length: 50 }, (_, client) => toggle(client)));
    const watch = { on: true };
    void toggling.finally(() => (watch.on = false)); // it is awaited below
    while (watch.on) {
      // The worker and the two that may be left over from other tests are there too.
      expect(abused.daemon.descendants().length).to.be.at.most(4);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await toggling;
    const expected = ['ALREADY_STARTED: toggled', 'NOT_RUNNING: toggled', 'ABNORMAL_TERMINATION: toggled'];
    expect([...faults].filter((fault) => !expected.includes(fault))).to.deep.equal([]);
    await abused.daemon.call('stopProcess', 'toggled').catch((error: unknown) => {
      if (!(error instanceof XmlRpcFault)) throw error;
    });
    expect((await abused.daemon.waitForState('toggled', 'STOPPED')).pid).to.equal(0);
  });
});

/** The log is not there before its program was started: what is to be followed then is nothing. */
function noSuch(error: unknown): void {
  if (!(error instanceof XmlRpcFault)) throw error;
}
