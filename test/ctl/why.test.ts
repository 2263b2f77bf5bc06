import { expect } from 'chai';
import { XmlRpcFault, type XmlRpcValue } from '../../src/rpc/xmlrpc.ts';
import { ConnectionError, StatusError } from '../../src/ctl/client-errors.ts';
import { completionsOf } from '../../src/ctl/completion.ts';
import { row, runLine } from './fake-session.ts';

const ask = 'corevisor.getAllProcessDetails';

function details(namespec: string, statename = 'RUNNING', more: Record<string, XmlRpcValue> = {}): XmlRpcValue {
  return {
    ...Object(row(namespec, statename)),
    reason: `reason of ${namespec}`,
    ready: statename === 'RUNNING',
    waiting_for: '',
    essential: false,
    restarts: 0,
    ends: [],
    start: 1,
    stop: 2,
    now: 3,
    spawnerr: '',
    exitstatus: 0,
    stdout_logfile: '/o',
    stderr_logfile: '',
    ...more,
  };
}

const answers = { [ask]: [details('cat'), details('web:a', 'STOPPED'), details('web:b', 'STARTING')] };

/** No processes. */
const none = async (): Promise<readonly never[]> => [];

/** What a line printed, as JSON, and its exit status. */
async function json(line: string, options: Parameters<typeof runLine>[1]) {
  const [text = '', exit] = (await runLine(line, options)).split('\n=> ');
  expect(text).not.to.contain('\n');
  return { ...JSON.parse(text), exit: Number(exit) };
}

describe('why', () => {
  it('says a line of each process that is named', async () => {
    expect(await runLine('why cat', { answers })).to.equal('cat: RUNNING, reason of cat\n=> 0');
    const web = 'web:a: STOPPED, reason of web:a\nweb:b: STARTING, reason of web:b\n';
    expect(await runLine('why web:*', { answers })).to.equal(`${web}=> 0`);
    for (const line of ['why', 'why all', 'why cat all']) {
      expect(await runLine(line, { answers })).to.equal(`cat: RUNNING, reason of cat\n${web}=> 0`);
    }
  });

  it('ends with 1 for names that there are not', async () => {
    expect(await runLine('why cat nope g:* web', { answers })).to.equal(
      'cat: RUNNING, reason of cat\nnope: ERROR (no such process)\ng: ERROR (no such group)\nweb: ERROR (no such process)\n=> 1',
    );
  });

  it('takes names in every script and with every character', async () => {
    const names = ['%(x)s', "it's", 'прога', '\u{1f40e}', '--json:x', '<&>', '*'];
    const odd = { [ask]: names.map((name) => details(name)) };
    for (const name of names) expect(await runLine(`why ${name}`, { answers: odd })).to.match(/=> 0$/);
  });

  it('needs corevisord', async () => {
    expect(await runLine('why cat', { answers: { getAllProcessInfo: [row('cat')] } })).to.equal(
      'needs corevisord\n=> 1',
    );
  });

  it('says as supervisorctl does that there is no daemon', async () => {
    const refused = new ConnectionError('ECONNREFUSED', new Error('x'));
    const gone = new ConnectionError('ENOENT', new Error('x'));
    const at = 'unix:///run/supervisor.sock';
    expect(await runLine('why cat', { answers: { [ask]: refused } })).to.equal(`${at} refused connection\n=> 4`);
    expect(await runLine('why cat', { answers: { [ask]: gone } })).to.equal(`${at} no such file\n=> 7`);
  });
});

describe('--json', () => {
  it('prints one document of one line with the same fields in every state', async () => {
    const end = { time: 7, ran: 0.5, state: 'RUNNING', by: 'itself', exit_code: 3 };
    const health = { check: 'tcp://h:1', outcome: 'unhealthy', text: 'refused', time: 6, failures: 1 };
    const its = { health, watchdog_restarts: { health: 2, memory: 0 } };
    const failed = { time: 8, ran: 0, state: 'STARTING', by: 'itself', error: 'no' };
    const some = {
      [ask]: [details('cat', 'FATAL', { ends: [end, failed], restarts: 2, waiting_for: 'waiting for db', ...its })],
    };
    const full = { signal: null, error: null, because: null };
    const expected = {
      name: 'cat',
      group: 'cat',
      statename: 'FATAL',
      state: 200,
      pid: 0,
      description: '',
      reason: 'reason of cat',
      ready: false,
      waiting_for: 'waiting for db',
      essential: false,
      restarts: 2,
      health,
      watchdog_restarts: { health: 2, memory: 0 },
      last_exit: {
        ...end,
        ...full,
      },
      ends: [
        {
          ...end,
          ...full,
        },
        {
          ...failed,
          exit_code: null,
          signal: null,
          because: null,
        },
      ],
      start: 1,
      stop: 2,
      now: 3,
      spawnerr: '',
      exitstatus: 0,
      stdout_logfile: '/o',
      stderr_logfile: '',
    };
    expect(await json('why --json cat', { answers: some })).to.deep.equal({
      processes: [expected],
      errors: [],
      exit: 0,
    });
    expect(await json('status cat --json', { answers: some })).to.deep.include({ processes: [expected], exit: 3 });
    const [running] = (await json('status --json cat', { answers })).processes;
    expect(Object.keys(running)).to.deep.equal(Object.keys(expected));
    expect(running).to.include({ waiting_for: null, last_exit: null, ready: true });
  });

  it('on status ends as status does', async () => {
    expect((await json('status --json', { answers })).exit).to.equal(3);
    expect((await json('status --json cat web:b', { answers })).exit).to.equal(0);
    const missing = await json('status --json cat nope', { answers });
    expect(missing.exit).to.equal(4);
    expect(missing.errors).to.deep.equal([{ name: 'nope', error: 'no such process' }]);
    expect((await json('why --json nope:*', { answers })).errors).to.deep.equal([
      { name: 'nope', error: 'no such group' },
    ]);
  });

  it('is a document too when there is no answer', async () => {
    const cases: readonly [XmlRpcValue | Error | undefined, string, number, number][] = [
      [undefined, 'needs corevisord', 1, 1],
      [new ConnectionError('ENOENT', new Error('x')), 'unix:///run/supervisor.sock no such file', 4, 7],
      [new StatusError(401, 'Unauthorized'), 'ProtocolError', 1, 1],
      [new XmlRpcFault(6, 'SHUTDOWN_STATE'), 'SHUTDOWN_STATE', 1, 1],
      ['nonsense', 'an array expected', 1, 1],
    ];
    for (const [answer, text, status, why] of cases) {
      const options = { answers: answer === undefined ? {} : { [ask]: answer } };
      const said = await json('status --json', options);
      expect(said.processes).to.deep.equal([]);
      expect(said.errors).to.have.length(1);
      expect(said.errors[0].error).to.contain(text);
      expect([said.exit, (await json('why --json', options)).exit]).to.deep.equal([status, why]);
    }
  });

  it('asks for credentials in the shell', async () => {
    const said = await runLine('status --json', {
      answers: { [ask]: { turns: [new StatusError(401, 'Unauthorized'), [details('cat')]] } },
      interactive: true,
      input: ['me', 'secret'],
    });
    expect(said).to.match(/^Server requires authentication\n[^]*\{"processes":\[\{"name":"cat"/);
  });

  it('is offered by Tab where it is understood', async () => {
    expect(await completionsOf('status --j', none)).to.deep.equal([['--json '], '--j']);
    expect(await completionsOf('why -', none)).to.deep.equal([['--json '], '-']);
    expect(await completionsOf('stop -', none)).to.deep.equal([[], '-']);
  });
});
