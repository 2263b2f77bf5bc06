import { expect } from 'chai';
import { XmlRpcFault } from '../../src/rpc/xmlrpc.ts';
import { fakeSession, outcome, row, runLine } from './fake-session.ts';

const faultNames = {
  6: 'SHUTDOWN_STATE',
  10: 'BAD_NAME',
  11: 'BAD_SIGNAL',
  20: 'NO_FILE',
  21: 'NOT_EXECUTABLE',
  30: 'FAILED',
  40: 'ABNORMAL_TERMINATION',
  50: 'SPAWN_ERROR',
  60: 'ALREADY_STARTED',
  70: 'NOT_RUNNING',
} as const;

function fault(code: keyof typeof faultNames): XmlRpcFault {
  return new XmlRpcFault(code, `${faultNames[code]}: x`);
}

describe('status', () => {
  const answers = { getAllProcessInfo: [row('cat'), row('web:a', 'STOPPED'), row('web:b', 'STARTING')] };

  it('shows all processes in columns', async () => {
    expect(await runLine('status', { answers })).to.equal(
      'cat                              RUNNING   pid 42, uptime 0:00:10\n' +
        'web:a                            STOPPED   \n' +
        'web:b                            STARTING  \n=> 3',
    );
  });

  it('widens the first column for a long name, counted in characters', async () => {
    const names = ['x'.repeat(31), '\u{1f40e}'.repeat(2)];
    const said = await runLine('status', { answers: { getAllProcessInfo: names.map((name) => row(name)) } });
    expect(said.split('\n').map((line) => Array.from(line).indexOf('R'))).to.deep.equal([34, 34, -1]);
  });

  const cases = [
    ['status web:*', 'web:a web:b', 3],
    ['status web:', 'web:a web:b', 3],
    ['status web:b', 'web:b', 0],
    ['status cat', 'cat', 0],
    ['status web:b cat', 'web:b cat', 0],
    ['status cat all', 'cat web:a web:b', 3],
    ['status nope', 'nope:', 4],
    ['status nope:*', 'nope:', 4],
    ['status nope cat', 'nope: cat', 4],
    ['status nope web:a', 'nope: web:a', 3],
    ['status web', 'web:', 4],
  ] as const;
  for (const [line, names, exit] of cases) {
    it(`${line} shows ${names} and ends with ${exit}`, async () => {
      const said = await runLine(line, { answers });
      const lines = said.split('\n');
      expect(lines.slice(0, -1).map((text) => text.split(' ')[0])).to.deep.equal(names.split(' '));
      expect(lines.at(-1)).to.equal(`=> ${exit}`);
    });
  }

  it('says what there is not', async () => {
    const said = await runLine('status x g:* g:x', { answers });
    expect(said).to.equal('x: ERROR (no such process)\ng: ERROR (no such group)\ng:x: ERROR (no such process)\n=> 4');
  });
});

describe('start, stop, signal and clear', () => {
  const cases: readonly [string, string, Error | true, string][] = [
    ['start x', 'startProcess', true, 'x: started\n=> 0'],
    ['start x:x', 'startProcess', true, 'x: started\n=> 0'],
    ['start g:x', 'startProcess', true, 'g:x: started\n=> 0'],
    ['start x', 'startProcess', fault(10), 'x: ERROR (no such process)\n=> 1'],
    ['start x', 'startProcess', fault(20), 'x: ERROR (no such file)\n=> 1'],
    ['start x', 'startProcess', fault(21), 'x: ERROR (file is not executable)\n=> 1'],
    ['start x', 'startProcess', fault(40), 'x: ERROR (abnormal termination)\n=> 7'],
    ['start x', 'startProcess', fault(50), 'x: ERROR (spawn error)\n=> 7'],
    ['start x', 'startProcess', fault(60), 'x: ERROR (already started)\n=> 0'],
    ['start g:*', 'startProcessGroup', fault(10), 'g: ERROR (no such group)\n=> 2'],
    ['stop x', 'stopProcess', true, 'x: stopped\n=> 0'],
    ['stop x', 'stopProcess', fault(10), 'x: ERROR (no such process)\n=> 1'],
    ['stop x', 'stopProcess', fault(70), 'x: ERROR (not running)\n=> 0'],
    ['stop x', 'stopProcess', fault(30), 'FAILED: x\n=> 1'],
    ['stop g:*', 'stopProcessGroup', fault(10), 'g: ERROR (no such group)\n=> 1'],
    ['signal HUP x', 'signalProcess', true, 'x: signalled\n=> 0'],
    ['signal HUP x', 'signalProcess', fault(11), 'x: ERROR (bad signal name)\n=> 1'],
    ['signal HUP x', 'signalProcess', fault(70), 'x: ERROR (not running)\n=> 7'],
    ['signal HUP g:', 'signalProcessGroup', fault(10), 'g: ERROR (no such group)\n=> 1'],
    ['clear x', 'clearProcessLogs', true, 'x: cleared\n=> 0'],
    ['clear x', 'clearProcessLogs', fault(10), 'x: ERROR (no such process)\n=> 1'],
    ['clear x', 'clearProcessLogs', fault(30), 'x: ERROR (failed)\n=> 1'],
    ['clear g:*', 'clearProcessLogs', fault(10), 'g:None: ERROR (no such process)\n=> 1'],
  ];
  for (const [line, method, answer, said] of cases) {
    it(`${line} says ${said.split('\n').join(' ')}`, async () => {
      expect(await runLine(line, { answers: { [method]: answer } })).to.equal(said);
    });
  }

  it('show each process of a group or of all', async () => {
    const list = [outcome('g:a'), outcome('g:b', 50), outcome('c')];
    const said = 'g:a: started\ng:b: ERROR (spawn error)\nc: started\n=> 7';
    expect(await runLine('start g:*', { answers: { startProcessGroup: list } })).to.equal(said);
    expect(await runLine('start x all', { answers: { startAllProcesses: list } })).to.equal(said);
    const stopped = [outcome('g:a'), outcome('g:b', 30)];
    expect(await runLine('stop all', { answers: { stopAllProcesses: stopped } })).to.equal(
      'g:a: stopped\nthe fault text\n=> 1',
    );
    expect(await runLine('clear all', { answers: { clearAllProcessLogs: [outcome('a')] } })).to.equal(
      'a: cleared\n=> 0',
    );
  });

  it('pass the signal on, before or behind the name', async () => {
    const { session, record } = fakeSession({
      answers: { signalProcess: true, signalProcessGroup: [], signalAllProcesses: [] },
    });
    await session.runLine('signal USR1 x g:*');
    await session.runLine('signal USR1 all');
    expect(record.calls.filter((call) => call.includes('signal'))).to.deep.equal([
      'supervisor.signalProcess("x", "USR1")',
      'supervisor.signalProcessGroup("g", "USR1")',
      'supervisor.signalAllProcesses("USR1")',
    ]);
  });

  it('let a fault that has no words through', async () => {
    expect(await runLine('start x', { answers: { startProcess: fault(6) } })).to.match(
      /^error: <class 'ValueError'>, Unknown result code 6 for x: file: /,
    );
    expect(await runLine('stop g:*', { answers: { stopProcessGroup: fault(6) } })).to.match(
      /^error: <class 'xmlrpc\.client\.Fault'>, <Fault 6: 'SHUTDOWN_STATE: x'>: file: /,
    );
  });

  it('want a name, and say so with the help', async () => {
    for (const [line, exit] of [
      ['start', 2],
      ['stop', 1],
      ['restart', 1],
      ['clear', 1],
    ] as const) {
      const said = await runLine(line);
      expect(said).to.match(new RegExp(`^Error: ${line} requires a process name\\n${line} <name>\\t`));
      expect(said).to.match(new RegExp(`=> ${exit}$`));
    }
    for (const line of ['signal', 'signal HUP']) {
      expect(await runLine(line)).to.match(/^Error: signal requires a signal name and a process name\nsignal </);
    }
  });
});

describe('restart', () => {
  it('stops, then starts', async () => {
    const { session, record } = fakeSession({ answers: { stopProcess: true, startProcess: true } });
    expect(await session.runLine('restart x')).to.equal(0);
    expect(record.stdout).to.equal('x: stopped\nx: started\n');
  });

  it('ends with what went wrong last', async () => {
    const exits: [Error | true, Error | true, number][] = [
      [fault(70), true, 0],
      [fault(10), fault(10), 1],
      [fault(30), true, 1],
      [fault(30), fault(50), 7],
      [true, fault(60), 0],
    ];
    for (const [stopProcess, startProcess, exit] of exits) {
      const { session } = fakeSession({ answers: { stopProcess, startProcess } });
      expect(await session.runLine('restart x')).to.equal(exit);
    }
  });
});

describe('pid', () => {
  const answers = { getPID: 1, getProcessInfo: row('a'), getAllProcessInfo: [row('a'), row('b', 'STOPPED')] };

  it('is the daemon’s own, one process’s, or everybody’s', async () => {
    expect(await runLine('pid', { answers })).to.equal('1\n=> 0');
    expect(await runLine('pid a a', { answers })).to.equal('42\n42\n=> 0');
    expect(await runLine('pid a all', { answers })).to.equal('42\n0\n=> 0');
  });

  it('ends with 7 for what does not run and with 1 for what there is not', async () => {
    const stopped = row('b', 'STOPPED');
    expect(await runLine('pid b', { answers: { getProcessInfo: stopped } })).to.equal('0\n=> 7');
    expect(await runLine('pid x', { answers: { getProcessInfo: fault(10) } })).to.equal('No such process x\n=> 1');
    const turns = { getProcessInfo: { turns: [fault(10), stopped] } };
    expect(await runLine('pid x b', { answers: turns })).to.equal('No such process x\n0\n=> 7');
  });
});
