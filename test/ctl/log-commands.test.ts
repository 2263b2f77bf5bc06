import { expect } from 'chai';
import { NamedError } from '../../src/ctl/client-errors.ts';
import { OutputClosed } from '../../src/ctl/screen.ts';
import { XmlRpcFault } from '../../src/rpc/xmlrpc.ts';
import { fakeSession, row, runLine } from './fake-session.ts';

describe('tail', () => {
  const answers = { readProcessStdoutLog: 'out', readProcessStderrLog: 'err' };
  const calls: readonly [string, string][] = [
    ['tail x', 'supervisor.readProcessStdoutLog("x", -1600, 0)'],
    ['tail x stderr', 'supervisor.readProcessStderrLog("x", -1600, 0)'],
    ['tail x STDOUT', 'supervisor.readProcessStdoutLog("x", -1600, 0)'],
    ['tail -5 g:x', 'supervisor.readProcessStdoutLog("g:x", -5, 0)'],
    ['tail -0 x', 'supervisor.readProcessStdoutLog("x", 0, 0)'],
    ['tail --5 x', 'supervisor.readProcessStdoutLog("x", 5, 0)'],
    ['tail -1_0 x stderr', 'supervisor.readProcessStderrLog("x", -10, 0)'],
  ];
  for (const [line, call] of calls) {
    it(`${line} asks ${call}`, async () => {
      const { session, record } = fakeSession({ answers });
      expect(await session.runLine(line)).to.equal(0);
      expect(record.calls.at(-1)).to.equal(call);
      expect(record.stdout).to.match(/^(out|err)\n$/);
    });
  }

  const refusals: readonly [string, string][] = [
    ['tail', 'Error: too few arguments'],
    ['tail a b c d', 'Error: too many arguments'],
    ['tail -5', 'Error: tail requires process name'],
    ['tail -f', 'Error: tail requires process name'],
    ['tail x stdin', "Error: bad channel 'stdin'"],
    ['tail x', 'x: ERROR (no log file)'],
    ['tail -x a', 'Error: bad argument -x'],
    ['tail - a', 'Error: bad argument -'],
    ['tail -9999999999 a', "error: <class 'OverflowError'>, int exceeds XML-RPC limits"],
  ];
  for (const [line, text] of refusals) {
    it(`${line} says ${text}`, async () => {
      const said = await runLine(line, { answers: { readProcessStdoutLog: new XmlRpcFault(20, 'NO_FILE') } });
      expect(said.startsWith(text), said).to.equal(true);
      expect(said).to.match(/=> 1$/);
    });
  }

  it('shows its help with the wrong number of words', async () => {
    expect(await runLine('tail')).to.match(/^Error: too few arguments\ntail \[-f\] <name>.*\nEx:\n/);
  });

  it('names the reason that a log cannot be read', async () => {
    for (const [code, reason] of [
      [20, 'no log file'],
      [30, 'unknown error reading log'],
      [10, 'no such process name'],
    ] as const) {
      const said = await runLine('tail x', { answers: { readProcessStdoutLog: new XmlRpcFault(code, 'X') } });
      expect(said).to.equal(`x: ERROR (${reason})\n=> 1`);
    }
  });
});

describe('following a log', () => {
  const head = '==> Press Ctrl-C to exit <==\n';

  it('writes what comes until the server ends it', async () => {
    const streams = { '/logtail/x/stderr': { bytes: 'line\n', end: { is: 'closed' } as const } };
    expect(await runLine('tail -f x stderr', { streams })).to.equal(`${head}line\n=> 0`);
  });

  it('ends with a newline at Ctrl-C', async () => {
    for (const line of ['tail -f x', 'maintail -f']) {
      const streams = { '/logtail/x/stdout': { bytes: 'line\n' }, '/mainlogtail': { bytes: 'line\n' } };
      const { session, record, interrupt } = fakeSession({ streams });
      const running = session.runLine(line);
      while (!record.stdout.endsWith('line\n')) await Promise.resolve();
      interrupt();
      expect(await running).to.equal(0);
      expect(record.stdout).to.equal(`${head}line\n\n`);
    }
  });

  it('ends in silence when nobody reads the output any more', async () => {
    const end = { is: 'failed', error: new OutputClosed(null) } as const;
    const { session, record } = fakeSession({ streams: { '/mainlogtail': { end } } });
    const error: unknown = await session.runLine('maintail -f').catch((thrown: unknown) => thrown);
    expect([error, record.stdout, record.stderr]).to.deep.equal([end.error, head, '']);
  });

  it('says on standard error why it cannot, and still ends with 0', async () => {
    const refused = { '/logtail/x/stdout': { end: { is: 'refused', status: 404 } as const } };
    expect(await runLine('tail -f x', { streams: refused })).to.equal(
      `${head}unix:///run/supervisor.sock/logtail/x/stdout Cannot read, status code 404\n=> 0`,
    );
    const error = new NamedError('ConnectionRefusedError', '[Errno 111] Connection refused');
    const failed = { '/mainlogtail': { end: { is: 'failed', error } as const } };
    expect(await runLine('maintail -f', { streams: failed })).to.equal(
      `${head}unix:///run/supervisor.sock/mainlogtail Cannot connect, error: ` +
        "<class 'ConnectionRefusedError'> ([Errno 111] Connection refused)\n=> 0",
    );
  });
});

describe('maintail', () => {
  it('shows the end of the daemon’s log', async () => {
    const { session, record } = fakeSession({ answers: { readLog: 'text' } });
    expect(await session.runLine('maintail')).to.equal(0);
    expect(await session.runLine('maintail -7')).to.equal(0);
    expect(record.calls.filter((call) => call.includes('readLog'))).to.deep.equal([
      'supervisor.readLog(-1600, 0)',
      'supervisor.readLog(-7, 0)',
    ]);
    expect(record.stdout).to.equal('text\ntext\n');
  });

  it('refuses what it does not know', async () => {
    for (const argument of ['x', '-x', '-', 'f']) {
      expect(await runLine(`maintail ${argument}`)).to.equal(`Error: bad argument ${argument}\n=> 1`);
    }
    expect(await runLine('maintail a b')).to.match(/^Error: too many arguments\nmaintail -f \t[^]*\n\n=> 1$/);
    const readLog = new XmlRpcFault(20, 'NO_FILE');
    expect(await runLine('maintail', { answers: { readLog } })).to.equal('supervisord: ERROR (no log file)\n=> 1');
  });
});

describe('fg', () => {
  const head = '==> Press Ctrl-C to exit <==\n';
  const streams = { '/logtail/x/stdout': { bytes: 'out\n' }, '/logtail/x/stderr': { bytes: 'err\n' } };

  it('shows both outputs and sends lines until the input ends', async () => {
    const answers = { getProcessInfo: row('x'), sendProcessStdin: true };
    const { session, record } = fakeSession({ answers, streams, input: ['hello', 'again'] });
    expect(await session.runLine('fg x')).to.equal(0);
    expect(record.stdout).to.equal(`${head}out\nerr\nExiting foreground\n`);
    expect(record.calls.filter((call) => call.includes('Stdin'))).to.deep.equal([
      'supervisor.sendProcessStdin("x", "hello\\n")',
      'supervisor.sendProcessStdin("x", "again\\n")',
    ]);
  });

  it('says that the process got killed', async () => {
    const answers = { getProcessInfo: { turns: [row('x'), row('x', 'STOPPED')] }, sendProcessStdin: true };
    expect(await runLine('fg x', { answers, input: ['a', 'b'] })).to.equal(
      `${head}Process got killed\nExiting foreground\n=> 0`,
    );
    const gone = { getProcessInfo: row('x'), sendProcessStdin: new XmlRpcFault(70, 'NOT_RUNNING') };
    expect(await runLine('fg x', { answers: gone, input: ['a'] })).to.equal(
      `${head}Process got killed\nExiting foreground\n=> 0`,
    );
    const closed = { getProcessInfo: row('x'), sendProcessStdin: new XmlRpcFault(20, 'NO_FILE: x') };
    expect(await runLine('fg x', { answers: closed, input: ['a'] })).to.equal(
      `${head}ERROR: <Fault 20: 'NO_FILE: x'>\nExiting foreground\n=> 0`,
    );
  });

  it('wants one process that runs', async () => {
    expect(await runLine('fg')).to.match(/^ERROR: no process name supplied\nfg <process>\t[^]*=> 1$/);
    expect(await runLine('fg a b')).to.equal('ERROR: too many process names supplied\n=> 1');
    const getProcessInfo = new XmlRpcFault(10, 'BAD_NAME: x');
    expect(await runLine('fg x', { answers: { getProcessInfo } })).to.equal('ERROR: bad process name supplied\n=> 1');
    const stopped = { getProcessInfo: row('x', 'STOPPED') };
    expect(await runLine('fg x', { answers: stopped })).to.equal('ERROR: process not running\n=> 1');
  });
});
