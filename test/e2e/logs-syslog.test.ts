// Output and activity log in the system's log, received from a real datagram socket.
import { expect } from 'chai';
import { describeStory } from '../support/modes.ts';
import { child, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { SyslogReceiver } from '../support/syslog-receiver.ts';
import { waitUntil } from '../support/wait-until.ts';

const head = String.raw`<14>(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d supervisord: `;
const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}`;

const echo = `[program:echo]
command=${child('echoes-stdin.sh')}
startsecs=0
stdout_syslog=true
`;

describeStory("writing to the system's log", (mode) => {
  let receiver: SyslogReceiver;
  let daemon: Daemon;

  async function start(config: string, { isThere = true } = {}): Promise<void> {
    receiver = new SyslogReceiver();
    if (isThere) receiver.start();
    daemon = await startDaemon(mode, { config, wrapper: receiver.wrapper });
  }

  afterEach(async () => {
    await daemon.stop();
    receiver.remove();
  });

  it("sends a program's lines with its name, and keeps them in its file too", async () => {
    await start(`${echo}stdout_logfile=%(here)s/echo.out\n`);
    await daemon.waitForState('echo', 'RUNNING');
    await daemon.call('sendProcessStdin', 'echo', 'one\n\nthree é\n\n');
    await receiver.waitFor(/three/);
    const messages = receiver.receive();
    for (const message of messages) expect(message).to.match(new RegExp(`^${head}echo .*$`));
    expect(messages.map((message) => message.slice(message.indexOf('echo')))).to.deep.equal([
      'echo one',
      'echo ',
      'echo three é',
    ]);
    await waitUntil(() => daemon.read('echo.out') === 'one\n\nthree é\n\n', { what: 'the file' });
  });

  it('takes syslog for the name of a log, as it once was written', async () => {
    await start(
      `[program:both]\ncommand=${child('writes-lines.sh')} 2 out\nstdout_logfile=syslog\nstderr_logfile=syslog\n`,
    );
    await receiver.waitFor(/both error 2$/);
    await receiver.waitFor(/both out 2$/);
    const info = await daemon.info('both');
    expect([info.stdout_logfile, info.stderr_logfile]).to.deep.equal(['', '']);
    const warnings = daemon.messages.filter((line) => line.includes('deprecated'));
    expect(warnings).to.deep.equal(
      ['stdout', 'stderr'].map(
        (channel) =>
          `WARN For [program:both], ${channel}_logfile=syslog but this is deprecated and will be removed.  ` +
          `Use ${channel}_syslog=true to enable syslog instead.`,
      ),
    );
  });

  it('sends the activity log with its own times and levels, each line of a message by itself', async () => {
    await start(`[supervisord]\nlogfile=syslog\nloglevel=debug\n${echo}stdout_logfile=NONE\n`);
    await daemon.waitForState('echo', 'RUNNING');
    await daemon.call('sendProcessStdin', 'echo', 'one\ntwo\n');
    await receiver.waitFor(/DEBG two/);
    const messages = receiver.receive();
    const [spawned] = messages.filter((message) => message.includes('spawned'));
    expect(spawned).to.match(new RegExp(`^${head}${time} INFO spawned: 'echo' with pid \\d+\n$`));
    const own = messages.filter((message) => new RegExp(`^${head}${time} DEBG (?!fd|received)`).test(message));
    expect(own.map((message) => message.slice(message.indexOf('DEBG')))).to.deep.equal([
      "DEBG 'echo' stdout output:\n",
      'DEBG one\n',
      'DEBG two\n',
    ]);
    expect(await daemon.fault('readLog', 0, 0)).to.equal('NO_FILE: syslog');
    expect(await daemon.fault('clearLog')).to.equal('NO_FILE');
    expect(daemon.messages).to.include('INFO supervisord started with pid ' + daemon.pid);
  });

  it('goes on when the receiver was restarted', async () => {
    await start(`${echo}stdout_logfile=NONE\n`);
    await daemon.waitForState('echo', 'RUNNING');
    await daemon.call('sendProcessStdin', 'echo', 'before\n');
    await receiver.waitFor(/echo before$/);
    receiver.stop();
    receiver.start();
    await daemon.call('sendProcessStdin', 'echo', 'after\n');
    await receiver.waitFor(/echo after$/);
  });

  it('lives without a receiver, and finds the one that comes later', async () => {
    await start(`${echo}stdout_logfile=%(here)s/echo.out\n`, { isThere: false });
    await daemon.waitForState('echo', 'RUNNING');
    await daemon.call('sendProcessStdin', 'echo', 'before\n');
    await waitUntil(() => daemon.read('echo.out') === 'before\n', { what: 'the file' });
    receiver.start();
    await waitUntil(
      async () => {
        await daemon.call('sendProcessStdin', 'echo', 'again\n');
        return receiver.receive().some((message) => message.endsWith('echo again'));
      },
      { what: 'a message' },
    );
  });
});

describeStory("surviving the system's log", (mode) => {
  let receiver: SyslogReceiver;
  let daemon: Daemon;

  beforeEach(async () => {
    receiver = new SyslogReceiver();
  });

  afterEach(async () => {
    await daemon.stop();
    receiver.remove();
  });

  it('sends everything, in order, to a receiver that is slower than its programs', async () => {
    receiver.start();
    const lines = 3000;
    daemon = await startDaemon(mode, {
      config: `[program:many]\ncommand=${child('writes-lines.sh')} ${lines} out\nstdout_syslog=true\nstdout_logfile=NONE\nstderr_logfile=NONE\n`,
      wrapper: receiver.wrapper,
    });
    await receiver.waitFor(/many out/, lines);
    const numbers = receiver.messages.map((message) => Number(/out (\d+)$/.exec(message)?.[1]));
    expect(numbers).to.deep.equal(Array.from({ length: lines }, (_, index) => index + 1));
  });

  it('gives up on a receiver that takes nothing, says so once, and supervises on', async () => {
    receiver.start();
    daemon = await startDaemon(mode, {
      config: `[program:many]\ncommand=${child('writes-lines.sh')} 20000 out\nstdout_syslog=true\nstdout_logfile=%(here)s/many.out\nstderr_logfile=NONE\n${echo}`,
      wrapper: receiver.wrapper,
    });
    await daemon.waitForMessage(/^WARN cannot write to \/dev\/log: EAGAIN, what is written meanwhile is lost$/);
    await waitUntil(() => daemon.lines('many.out').length === 20_000, { what: 'the file' });
    expect(daemon.messages.filter((line) => line.includes('/dev/log'))).to.have.length(1);
    receiver.receive();
    await waitUntil(
      async () => {
        await daemon.call('sendProcessStdin', 'echo', 'again\n');
        return receiver.receive().some((message) => message.endsWith('echo again'));
      },
      { what: 'a message' },
    );
    await waitUntil(
      async () => {
        await daemon.call('sendProcessStdin', 'echo', 'again\n');
        receiver.receive();
        return daemon.messages.some((line) => /^WARN \/dev\/log can be written again, \d+ bytes were lost$/.test(line));
      },
      { what: 'the count of what was lost' },
    );
  });

  it('says once that there is no receiver, with what was lost at its end', async () => {
    daemon = await startDaemon(mode, { config: `${echo}stdout_logfile=NONE\n`, wrapper: receiver.wrapper });
    await daemon.waitForState('echo', 'RUNNING');
    for (const text of ['one\n', 'two\n']) await daemon.call('sendProcessStdin', 'echo', text);
    await daemon.waitForMessage(/^WARN cannot write to \/dev\/log: ENOENT/);
    daemon.signal('SIGTERM');
    await daemon.waitForEnd();
    const said = daemon.messages.filter((line) => line.includes('/dev/log'));
    expect(said).to.have.length(2);
    expect(said[1]).to.match(/^WARN \/dev\/log is closed, \d+ bytes were lost$/);
  });
});
