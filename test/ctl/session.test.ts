import { expect } from 'chai';
import { ConnectionError, NamedError, StatusError } from '../../src/ctl/client-errors.ts';
import { OutputClosed } from '../../src/ctl/screen.ts';
import { parseLine, Session } from '../../src/ctl/session.ts';
import { MalformedXml, XmlRpcFault } from '../../src/rpc/xmlrpc.ts';
import { fakeSession, row, runLine } from './fake-session.ts';

const refused = new ConnectionError('ECONNREFUSED', new Error('connect ECONNREFUSED'));
const missing = new ConnectionError('ENOENT', new Error('connect ENOENT'));

describe('a command line', () => {
  const cases = [
    ['start a b', 'start', 'a b'],
    ['  start   a  ', 'start', 'a'],
    ['?', 'help', ''],
    ['?start', 'help', 'start'],
    ['status-x', 'status', '-x'],
    ['status\ta', 'status', 'a'],
    ['-x', '', '-x'],
    ['', '', ''],
  ] as const;
  for (const [line, name, argument] of cases) {
    it(`${JSON.stringify(line)} names ${JSON.stringify(name)} with ${JSON.stringify(argument)}`, () => {
      const parsed = parseLine(line);
      expect([parsed.name, parsed.argument]).to.deep.equal([name, argument]);
    });
  }

  it('with an exclamation mark is never a command', async () => {
    expect(await runLine('!status')).to.equal('*** Unknown syntax: !status\n=> 1');
  });
});

describe('a session', () => {
  it('does nothing for a blank line', async () => {
    expect(await runLine('   ')).to.equal('=> 0');
  });

  it('says that it does not know a command', async () => {
    expect(await runLine(' nonsense here ')).to.equal('*** Unknown syntax: nonsense here\n=> 1');
  });

  it('says where a command of a plugin would be', async () => {
    const { session, record } = fakeSession({ plugins: ['ctlplugin:cache', 'ctlplugin:more'] });
    expect(await session.runLine('cache_clear')).to.equal(1);
    expect(record.stdout).to.equal('*** Unknown syntax: cache_clear\n');
    expect(record.stderr).to.equal(
      'the commands of [ctlplugin:cache], [ctlplugin:more] are Python, which is not run here\n',
    );
  });

  it('asks for the processes to complete once between two lines', async () => {
    const { session, record } = fakeSession({ answers: { getAllProcessInfo: [row('cat')] } });
    await session.processes();
    expect((await session.processes()).map(({ name }) => name)).to.deep.equal(['cat']);
    expect(record.calls).to.deep.equal(['supervisor.getAllProcessInfo()']);
    await session.runLine('nonsense');
    await session.processes();
    expect(record.calls.length).to.equal(2);
  });

  it('asks for the processes again after it could not', async () => {
    const { session, record } = fakeSession({ answers: { getAllProcessInfo: { turns: [refused, [row('cat')]] } } });
    expect(await session.processes().catch((error: unknown) => error)).to.equal(refused);
    expect(await session.processes()).to.have.length(1);
    expect([record.addresses.length, record.closed]).to.deep.equal([2, 2]);
  });

  it('is left by exit, quit and the end of the input, with a newline', async () => {
    for (const line of ['exit', 'quit', 'EOF', 'exit now']) {
      const { session, record } = fakeSession();
      expect(await session.runLine(line)).to.equal(0);
      expect([session.left, record.stdout]).to.deep.equal([true, '\n']);
    }
  });

  it('hangs up after every line', async () => {
    const { session, record } = fakeSession({ answers: { getAllProcessInfo: [] } });
    await session.runLine('status');
    await session.runLine('status');
    expect([record.addresses.length, record.closed]).to.deep.equal([2, 2]);
  });

  it('goes to another server, whose troubles do not change the exit status', async () => {
    const { session, record } = fakeSession({ answers: { getVersion: missing } });
    expect(await session.runLine('open unix:///other.sock')).to.equal(0);
    expect(record.stdout).to.equal('unix:///other.sock no such file\n');
    expect(record.addresses.at(-1)?.serverurl).to.equal('unix:///other.sock');
  });

  it('goes nowhere for an address of another kind', async () => {
    for (const url of ['', 'nope', 'https://x', 'ftp://x']) {
      expect(await runLine(`open ${url}`)).to.equal('ERROR: url must be http:// or unix://\n=> 1');
    }
  });

  it('tries a one-shot command again without credentials and shows the refusal', async () => {
    const refusal = `error: <class 'xmlrpc.client.ProtocolError'>, <ProtocolError for 127.0.0.1/RPC2: 401 Unauthorized>`;
    const { session, record } = fakeSession({ answers: { getVersion: new StatusError(401, 'Unauthorized') } });
    expect(await session.runLine('status')).to.equal(1);
    expect(record.stdout).to.match(/^Server requires authentication\n/);
    expect(record.stdout).to.contain(`\n${refusal}: file: `);
    expect(record.calls.length).to.equal(2);
  });

  it('asks for credentials in the shell and goes on with them', async () => {
    const getVersion = { turns: [new StatusError(401, 'Unauthorized'), '3.0'] };
    const answers = { getVersion, getAllProcessInfo: [row('cat')] };
    const { session, record } = fakeSession({ answers, interactive: true, input: ['peter', 'se:cret'] });
    expect(await session.runLine('status')).to.equal(0);
    expect(record.stdout).to.match(/^Server requires authentication\nUsername:Password:\ncat +RUNNING/);
    expect(record.addresses.at(-1)).to.include({ username: 'peter', password: 'se:cret' });
  });

  it('ends with an error when the input ends at a question', async () => {
    const answers = { getVersion: new StatusError(401, 'Unauthorized') };
    const said = await runLine('status', { answers, interactive: true });
    expect(said).to.match(/Username:error: <class 'EOFError'>, EOF when reading a line: file: .*\n=> 1$/);
  });

  it('lets a closed output through, for there is nobody to tell', async () => {
    const { terminal } = fakeSession();
    const session = new Session({
      address: { serverurl: 'http://localhost', username: null, password: null },
      interactive: false,
      terminal: {
        ...terminal,
        write() {
          throw new OutputClosed(null);
        },
      },
    });
    const error: unknown = await session.runLine('help').catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(OutputClosed);
  });
});

describe('a daemon that cannot be talked to', () => {
  const checked = [
    'start x',
    'stop x',
    'restart x',
    'signal HUP x',
    'pid',
    'tail x',
    'maintail',
    'clear x',
    'version',
    'fg x',
  ];

  it('is one line and an exit status for the commands that check', async () => {
    for (const line of checked) {
      expect(await runLine(line, { answers: { getVersion: refused } })).to.equal(
        'unix:///run/supervisor.sock refused connection\n=> 4',
      );
      expect(await runLine(line, { answers: { getVersion: missing } })).to.equal(
        'unix:///run/supervisor.sock no such file\n=> 7',
      );
    }
  });

  it('is exit status 4 for status, whatever the reason', async () => {
    const noInterface = new XmlRpcFault(1, 'UNKNOWN_METHOD');
    for (const getVersion of [refused, missing, noInterface, '4.0']) {
      expect(await runLine('status', { answers: { getVersion } })).to.match(/\n=> 4$/);
    }
  });

  it('is named when it has no supervisor namespace or another version', async () => {
    const noInterface = await runLine('pid', { answers: { getVersion: new XmlRpcFault(1, 'UNKNOWN_METHOD') } });
    expect(noInterface).to.match(
      /^Sorry, supervisord responded but did not recognize .* \(see sample\.conf\)\.\n=> 3$/,
    );
    expect(await runLine('pid', { answers: { getVersion: '4.0' } })).to.equal(
      'Sorry, this version of supervisorctl expects to talk to a server with API version 3.0, but the remote version is 4.0.\n=> 5',
    );
  });

  it('is a raw error for the commands that do not check', async () => {
    for (const [line, method] of [
      ['avail', 'getAllConfigInfo'],
      ['reread', 'reloadConfig'],
      ['update', 'reloadConfig'],
      ['add x', 'addProcessGroup'],
      ['remove x', 'removeProcessGroup'],
      ['reload', 'restart'],
    ] as const) {
      expect(await runLine(line, { answers: { [method]: missing } })).to.match(
        /^error: <class 'FileNotFoundError'>, \[Errno 2\] No such file or directory: file: \S+ line: \d+\n=> 1$/,
      );
    }
  });
});

describe('an unexpected error', () => {
  const cases: readonly [string, Error, string][] = [
    ['a fault', new XmlRpcFault(6, 'SHUTDOWN_STATE'), "<class 'xmlrpc.client.Fault'>, <Fault 6: 'SHUTDOWN_STATE'>"],
    ['a fault with a quote', new XmlRpcFault(92, "it's"), `<class 'xmlrpc.client.Fault'>, <Fault 92: "it's">`],
    [
      'a lost connection',
      new NamedError('http.client.RemoteDisconnected', 'gone'),
      "<class 'http.client.RemoteDisconnected'>, gone",
    ],
    [
      'a refusal',
      new ConnectionError('EACCES', new Error()),
      "<class 'PermissionError'>, [Errno 13] Permission denied",
    ],
    ['an errno without a name', new ConnectionError('EWHAT', new Error('what')), "<class 'OSError'>, what"],
    ['an answer that is no XML', new MalformedXml('bad'), "<class 'xml.parsers.expat.ExpatError'>, bad"],
    ['a bug', new RangeError('off by one'), "<class 'RangeError'>, off by one"],
  ];
  for (const [what, error, text] of cases) {
    it(`is supervisorctl's line for ${what}`, async () => {
      const said = await runLine('version', { answers: { getSupervisorVersion: error } });
      expect(said).to.equal(`error: ${text}: file: corevisorctl line: 0\n=> 1`);
    });
  }

  it('names an answer of the wrong kind', async () => {
    const said = await runLine('version', { answers: { getSupervisorVersion: 4 } });
    expect(said).to.contain("<class 'TypeError'>, cannot read the server's answer: a string expected, got number");
  });
});
