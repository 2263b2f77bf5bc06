import { expect } from 'chai';
import { ConnectionError } from '../../src/ctl/client-errors.ts';
import { XmlRpcFault } from '../../src/rpc/xmlrpc.ts';
import { fakeSession, runLine } from './fake-session.ts';

const shuttingDown = new XmlRpcFault(6, 'SHUTDOWN_STATE');

describe('shutdown and reload', () => {
  const cases: readonly [string, string, Error | true, string][] = [
    ['shutdown', 'shutdown', true, 'Shut down\n=> 0'],
    ['shutdown', 'shutdown', shuttingDown, 'ERROR: already shutting down\n=> 0'],
    [
      'shutdown',
      'shutdown',
      new ConnectionError('ECONNREFUSED', new Error()),
      'ERROR: unix:///run/supervisor.sock refused connection (already shut down?)\n=> 1',
    ],
    [
      'shutdown',
      'shutdown',
      new ConnectionError('ENOENT', new Error()),
      'ERROR: unix:///run/supervisor.sock no such file (already shut down?)\n=> 1',
    ],
    ['reload', 'restart', true, 'Restarted supervisord\n=> 0'],
    ['reload', 'restart', shuttingDown, 'ERROR: already shutting down\n=> 1'],
  ];
  for (const [line, method, answer, said] of cases) {
    it(`${line} says ${said.split('\n').join(' ')}`, async () => {
      expect(await runLine(line, { answers: { [method]: answer } })).to.equal(said);
    });
  }

  it('ask first in the shell, and take only a yes', async () => {
    for (const [line, question, done] of [
      ['shutdown', 'Really shut the remote supervisord process down y/N? ', 'Shut down\n'],
      ['reload', 'Really restart the remote supervisord process y/N? ', 'Restarted supervisord\n'],
    ] as const) {
      const answers = { shutdown: true, restart: true };
      for (const [typed, said] of [
        ['y', done],
        ['Yes', done],
        ['n', ''],
        ['', ''],
        ['no, yes', ''],
      ] as const) {
        const { session, record } = fakeSession({ answers, interactive: true, input: [typed] });
        expect(await session.runLine(line)).to.equal(0);
        expect(record.stdout).to.equal(question + said);
      }
    }
  });

  it('do nothing when the input ends at the question', async () => {
    const { session, record } = fakeSession({ answers: { shutdown: true }, interactive: true });
    expect(await session.runLine('shutdown')).to.equal(1);
    expect(record.stdout).to.contain("error: <class 'EOFError'>, EOF when reading a line");
    expect(record.calls).to.deep.equal([]);
  });
});

describe('commands that take no argument', () => {
  for (const name of ['avail', 'reread', 'reload', 'shutdown', 'version']) {
    it(`${name} says so and asks the daemon nothing`, async () => {
      const { session, record } = fakeSession();
      expect(await session.runLine(`${name} x`)).to.equal(1);
      expect(record.stdout).to.match(new RegExp(`^Error: ${name} accepts no arguments\\n${name} ?\\t`));
      expect(record.calls).to.deep.equal([]);
    });
  }
});

describe('healthcheck', () => {
  it('asks whether the daemon is ready, or alive', async () => {
    for (const [line, path] of [
      ['healthcheck', '/readyz'],
      ['healthcheck --live', '/livez'],
    ] as const) {
      const { session, record } = fakeSession();
      expect(await session.runLine(line)).to.equal(0);
      expect([record.stdout, record.calls]).to.deep.equal(['ok\n', [`GET ${path}`]]);
    }
  });

  it('takes 2xx and 3xx for healthy', async () => {
    for (const [status, exit] of [
      [204, 0],
      [302, 0],
      [404, 1],
      [503, 1],
      [100, 1],
    ] as const) {
      const said = await runLine('healthcheck', { get: { status, body: '' } });
      expect(said).to.equal(`${status}\n=> ${exit}`);
    }
  });

  it('takes silence for unhealthy', async () => {
    const get = new ConnectionError('ECONNREFUSED', new Error('connect ECONNREFUSED /run/supervisor.sock'));
    expect(await runLine('healthcheck', { get })).to.equal(
      'unhealthy: connect ECONNREFUSED /run/supervisor.sock\n=> 1',
    );
  });

  it('says what is not ready in one line that is not endless', async () => {
    const body = `not ready\nweb:web-8000 is STARTING\n`;
    expect(await runLine('healthcheck', { get: { status: 503, body } })).to.equal(
      'not ready; web:web-8000 is STARTING\n=> 1',
    );
    const long = await runLine('healthcheck', { get: { status: 503, body: 'x'.repeat(100_000) } });
    expect(long.length).to.be.lessThan(1100);
  });

  it('refuses what it does not know', async () => {
    for (const argument of ['--dead', 'ftp://localhost', 'http://', 'http://x:y', 'a b', '--live --live']) {
      expect(await runLine(`healthcheck ${argument}`)).to.match(/^Error: healthcheck accepts --live or .*\n=> 2$/);
    }
  });
});
