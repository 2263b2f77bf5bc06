import { expect } from 'chai';
import { Fault, type FaultName } from '../../src/base/errors.ts';
import { act } from '../../src/http/web-actions.ts';
import { caller, fakeGroup, fakeProcess, fakeSupervisor } from '../rpc/fakes.ts';
import { FakeClock } from '../support/fake-clock.ts';

describe('an action of the web page', () => {
  let calls: string[];
  let faults: Partial<Record<string, FaultName>>;

  beforeEach(() => {
    calls = [];
    faults = {};
  });

  const supervisor = fakeSupervisor([fakeGroup(fakeProcess({ group: 'p' }))]);
  const doIt = (action: string, name?: string): Promise<string | null> =>
    act(
      { action, name },
      {
        clock: new FakeClock(),
        supervisor,
        caller,
        pageRpc: {
          interfaces: [],
          async call({ method, params }) {
            const short = method.replace('supervisor.', '');
            const named = params.map((param) => (typeof param === 'string' ? param : '')).join();
            calls.push(`${short}(${named})`);
            await Promise.resolve();
            const fault = faults[short];
            if (fault !== undefined) throw new Fault(fault, named);
            return true;
          },
        },
      },
    );

  const done: readonly (readonly [string, string, readonly string[]])[] = [
    ['start', 'Process p started', ['startProcess(p)']],
    ['stop', 'Process p stopped', ['stopProcess(p)']],
    ['restart', 'Process p restarted', ['stopProcess(p)', 'startProcess(p)']],
    ['clearlog', 'Log for p cleared', ['clearProcessLogs(p)']],
  ];
  for (const [action, message, wanted] of done) {
    it(`says ${message}`, async () => {
      expect(await doIt(action, 'p')).to.equal(message);
      expect(calls).to.deep.equal(wanted);
    });
  }

  it('for all says when it was done', async () => {
    const date = /at [A-Z][a-z]{2} (Jan|Dec) [ \d]\d \d\d:00:00 20\d\d$/;
    expect(await doIt('refresh'))
      .to.match(/^Page refreshed/)
      .and.match(date);
    expect(await doIt('stopall', 'p'))
      .to.match(/^All stopped/)
      .and.match(date);
    expect(await doIt('restartall'))
      .to.match(/^All restarted/)
      .and.match(date);
    expect(calls).to.deep.equal(['stopAllProcesses()', 'stopAllProcesses()', 'startAllProcesses()']);
  });

  const problems: readonly (readonly [FaultName, string])[] = [
    ['NO_FILE', 'no such file'],
    ['NOT_EXECUTABLE', 'file not executable'],
    ['ALREADY_STARTED', 'already started'],
    ['SPAWN_ERROR', 'spawn error'],
    ['ABNORMAL_TERMINATION', 'abnormal termination'],
    ['FAILED', 'unexpected rpc fault [30] FAILED: p'],
  ];
  for (const [fault, text] of problems) {
    it(`says of a start or restart that ends in ${fault}: ${text}`, async () => {
      faults = { startProcess: fault };
      expect(await doIt('start', 'p')).to.equal(`ERROR: Process p: ${text}`);
      expect(await doIt('restart', 'p')).to.equal(`ERROR: Process p: ${text}`);
    });
  }

  it('restarts what does not run', async () => {
    faults = { stopProcess: 'NOT_RUNNING' };
    expect(await doIt('restart', 'p')).to.equal('Process p restarted');
  });

  it('says which fault a stop, a clearing or a stop of all ended in', async () => {
    faults = { stopProcess: 'NOT_RUNNING', clearProcessLogs: 'FAILED', stopAllProcesses: 'SHUTDOWN_STATE' };
    expect(await doIt('stop', 'p')).to.equal('unexpected rpc fault [70] NOT_RUNNING: p');
    expect(await doIt('clearlog', 'p')).to.equal('unexpected rpc fault [30] FAILED: p');
    expect(await doIt('restartall')).to.match(/^unexpected rpc fault \[6\] SHUTDOWN_STATE/);
    expect(calls).not.to.include('startAllProcesses()');
  });

  it('knows no process by another name, nor a whole group', async () => {
    for (const name of ['zz', 'p:zz', 'p:*', 'zz:p']) {
      expect(await doIt('start', name)).to.equal(`No such process named ${name}`);
    }
    expect(calls).to.deep.equal([]);
  });

  it('knows no other action, nor one for nobody', async () => {
    for (const action of ['bogus', 'constructor', '__proto__']) expect(await doIt(action, 'p'), action).to.equal(null);
    expect(await doIt('start')).to.equal(null);
  });
});
