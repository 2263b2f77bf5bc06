import { expect } from 'chai';
import { XmlRpcFault, type XmlRpcValue } from '../../src/rpc/xmlrpc.ts';
import { ConnectionError } from '../../src/ctl/client-errors.ts';
import { fakeSession, row, runLine } from './fake-session.ts';

const begin = 'corevisor.rollingRestart';
const look = 'corevisor.getRoll';

function roll(version: number, states: readonly string[], change: Record<string, XmlRpcValue> = {}): XmlRpcValue {
  const processes = states.map((state, index) => ({
    name: `a${index}`,
    group: 'web',
    task: 'restart',
    state,
    reason: state === 'left alone' ? 'not running, left alone' : '',
    began: state === 'waiting' ? 0 : 100.25,
    ended: state === 'ready' ? 102.5 : 0,
  }));
  const usual = { id: 3, what: 'rolling restart of web', state: 'running', reason: '', warnings: [], began: 100 };
  return { ...usual, max_unavailable: 1, ended: 0, version, processes, lines: [], unknown: [], ...change };
}

const story = [
  roll(2, ['draining', 'waiting', 'left alone']),
  roll(3, ['stopping', 'waiting', 'left alone']),
  roll(5, ['starting', 'waiting', 'left alone']),
  roll(8, ['ready', 'draining', 'left alone']),
  roll(9, ['ready', 'ready', 'left alone'], { state: 'done', ended: 110 }),
];
const answers = { [begin]: 3, [look]: { turns: story } };
const failure = [
  roll(2, ['starting', 'waiting']),
  roll(3, ['failed', 'waiting'], { state: 'failed', reason: 'web:a0 is FATAL and was never ready' }),
];

/** The JSON that is printed, and the exit status. */
const documentOf = async (line: string, given: Parameters<typeof runLine>[1]): Promise<readonly unknown[]> => {
  const text = await runLine(line, given);
  const [document = '', exit] = text.split('\n');
  return [JSON.parse(document), exit];
};

describe('rolling-restart', () => {
  it('prints a line for each step', async () => {
    const { session, record } = fakeSession({ answers });
    expect(await session.runLine('rolling-restart web:*')).to.equal(0);
    expect(record.stdout.split('\n')).to.deep.equal([
      'web:a0: draining',
      'web:a2: left alone (not running, left alone)',
      'web:a0: stopping',
      'web:a0: starting',
      'web:a0: ready (2.3 s)',
      'web:a1: draining',
      'web:a1: ready (2.3 s)',
      '',
    ]);
    expect(record.calls.slice(1, 4)).to.deep.equal([
      'corevisor.rollingRestart(["web:*"], {"max_unavailable":1})',
      'corevisor.getRoll(3, 0)',
      'corevisor.getRoll(3, 2)',
    ]);
  });

  it('paints what is under way over itself on a terminal', async () => {
    const said = await runLine('rolling-restart web', { answers, isScreen: true });
    const clear = '\r\u001b[K';
    expect(said).to.equal(
      `web:a2: left alone (not running, left alone)\n${clear}web:a0: draining${clear}${clear}web:a0: stopping` +
        `${clear}${clear}web:a0: starting${clear}web:a0: ready (2.3 s)\n${clear}web:a1: draining` +
        `${clear}web:a1: ready (2.3 s)\n=> 0`,
    );
  });

  it('says which process did not come back', async () => {
    expect(await runLine('rolling-restart web', { answers: { [begin]: 3, [look]: { turns: failure } } })).to.equal(
      'web:a0: starting\nweb:a0: failed\nERROR (web:a0 is FATAL and was never ready)\n=> 1',
    );
  });

  it('passes on how many may be away, and what is warned about', async () => {
    const turns = [roll(2, ['ready'], { state: 'done', warnings: ['web has one process'] })];
    for (const flag of ['--max-unavailable 2', '--max-unavailable=2']) {
      const { session, record } = fakeSession({ answers: { [begin]: 3, [look]: { turns } } });
      await session.runLine(`rolling-restart ${flag} web api`);
      expect(record.calls[1]).to.equal('corevisor.rollingRestart(["web","api"], {"max_unavailable":2})');
      expect(record.stderr).to.equal('Warning: web has one process\n');
    }
  });

  it('is one JSON document with --json, whatever happens', async () => {
    const [done, exit] = await documentOf('rolling-restart --json web', { answers });
    expect(done).to.deep.include({ id: 3, state: 'done', reason: '', errors: [] });
    expect(exit).to.equal('=> 0');
    const failed = await documentOf('rolling-restart web --json', {
      answers: { [begin]: 3, [look]: { turns: failure } },
    });
    expect(failed[0]).to.deep.include({ state: 'failed', reason: 'web:a0 is FATAL and was never ready' });
    expect(failed[1]).to.equal('=> 1');
    expect(await documentOf('rolling-restart --json web', {})).to.deep.equal([
      { errors: [{ error: 'needs corevisord' }] },
      '=> 1',
    ]);
    const refused = new ConnectionError('ECONNREFUSED', new Error('x'));
    expect((await documentOf('rolling-restart --json web', { answers: { [begin]: refused } }))[1]).to.equal('=> 4');
    expect((await documentOf('rolling-restart --json', {}))[1]).to.equal('=> 2');
  });

  it('needs corevisord', async () => {
    expect(await runLine('rolling-restart web')).to.equal('needs corevisord\n=> 1');
  });

  it('says what the daemon refuses', async () => {
    const cases: readonly [Error, string][] = [
      [new XmlRpcFault(10, 'BAD_NAME: nope'), 'nope: ERROR (no such process)\n=> 1'],
      [new XmlRpcFault(30, 'FAILED: web is being rolled already (roll 1: x)'), 'ERROR (web is being rolled already (roll 1: x))\n=> 1'], // prettier-ignore
      [new XmlRpcFault(6, 'SHUTDOWN_STATE'), 'ERROR: shutting down\n=> 1'],
    ];
    for (const [fault, text] of cases) {
      expect(await runLine('rolling-restart nope', { answers: { [begin]: fault } })).to.equal(text);
    }
  });

  it('wants names and a number', async () => {
    const cases: readonly [string, string][] = [
      ['rolling-restart', 'Error: rolling-restart requires a process name\n'],
      ['rolling-restart --max-unavailable 0 web', "Error: --max-unavailable takes a whole number from 1, not '0'\n"],
      ['rolling-restart web --max-unavailable', "Error: --max-unavailable takes a whole number from 1, not ''\n"],
      ['rolling-restart --fast web', 'Error: rolling-restart knows no --fast\n'],
    ];
    for (const [line, text] of cases)
      expect(await runLine(line))
        .to.match(/=> 2$/)
        .and.include(text);
  });

  it('leaves the roll to the daemon at Ctrl-C, and says so', async () => {
    // The daemon has nothing new to tell.
    const silence = new Promise<never>(() => undefined);
    const { session, record, interrupt } = fakeSession({
      answers: { [begin]: 3, [look]: { turns: [roll(2, ['starting', 'waiting']), silence] } },
    });
    const ended = session.runLine('rolling-restart web');
    while (!record.stdout.includes('starting')) await new Promise((resolve) => setImmediate(resolve));
    interrupt();
    expect(await ended).to.equal(1);
    expect(record.stdout).to.match(/\nnot waited for any longer: the daemon goes on with it \(roll 3\)\n$/);
  });
});

describe('update by corevisord', () => {
  const lines = [{ group: 'web', text: 'updated process group' }];

  it('prints the steps of what is rolled and supervisorctl’s lines for each group', async () => {
    const turns = [roll(2, ['starting']), roll(4, ['ready'], { state: 'done', lines })];
    expect(await runLine('update', { answers: { 'corevisor.update': 3, [look]: { turns } } })).to.equal(
      'web:a0: starting\nweb:a0: ready (2.3 s)\nweb: updated process group\n=> 0',
    );
  });

  it('says which groups it does not know, and ends with 1', async () => {
    const turns = [roll(2, [], { state: 'done', lines, unknown: ['nope'] })];
    const given = { 'corevisor.update': 3, [look]: { turns } };
    expect(await runLine('update web nope', { answers: given })).to.equal(
      'ERROR: no such group: nope\nweb: updated process group\n=> 1',
    );
    const [document, exit] = await documentOf('update --json web nope', { answers: given });
    expect(document).to.deep.include({ lines, errors: [{ name: 'nope', error: 'no such group' }] });
    expect(exit).to.equal('=> 1');
  });

  it('is refused while one of the groups is rolled, or the daemon ends', async () => {
    const busy = new XmlRpcFault(30, 'FAILED: web is being rolled already (roll 1: x)');
    expect(await runLine('update', { answers: { 'corevisor.update': busy } })).to.equal(
      'ERROR (web is being rolled already (roll 1: x))\n=> 1',
    );
    const ending = new XmlRpcFault(6, 'SHUTDOWN_STATE');
    expect(await runLine('update', { answers: { 'corevisor.update': ending } })).to.equal(
      'ERROR: already shutting down\n=> 1',
    );
  });
});

describe('scale', () => {
  it('prints its steps and what counts now', async () => {
    const lines = [{ group: 'web', text: 'scaled to 2 (the file says 1)' }];
    const turns = [roll(3, ['ready'], { state: 'done', lines })];
    const { session, record } = fakeSession({ answers: { 'corevisor.scale': 3, [look]: { turns } } });
    expect(await session.runLine('scale web 2')).to.equal(0);
    expect(record.stdout).to.equal('web:a0: ready (2.3 s)\nweb: scaled to 2 (the file says 1)\n');
    expect(record.calls[1]).to.equal('corevisor.scale("web", "2")');
  });

  it('wants a name and a number, auto or file', async () => {
    for (const words of ['', 'web', 'web 2 3', 'web 0', 'web -1', 'web 2.5', 'web many']) {
      expect(await runLine(`scale ${words}`)).to.match(/^Error: scale (requires|takes) [^]*=> 2$/);
    }
    expect(await runLine('scale web 2')).to.equal('needs corevisord\n=> 1');
  });

  it('is a line of status, of the groups that are shown', async () => {
    const getAllProcessInfo = [row('web:a'), row('other')];
    const given = { getAllProcessInfo, 'corevisor.getScales': [{ name: 'web', group: 'web', count: 4, file: 2 }] };
    expect(await runLine('status', { answers: given })).to.match(/\nweb: scaled to 4 \(the file says 2\)\n=> 0$/);
    expect(await runLine('status other', { answers: given })).to.not.contain('scaled');
  });
});
