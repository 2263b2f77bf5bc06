import { expect } from 'chai';
import { XmlRpcFault } from '../../src/rpc/xmlrpc.ts';
import { fakeSession, outcome, row, runLine } from './fake-session.ts';

const shuttingDown = new XmlRpcFault(6, 'SHUTDOWN_STATE');

describe('avail', () => {
  it('shows every configured process in columns', async () => {
    const config = { inuse: true, autostart: true, group_prio: 999, process_prio: 5 };
    const getAllConfigInfo = [
      { ...config, group: 'cat', name: 'cat' },
      { ...config, group: 'web', name: 'a', inuse: false, autostart: false },
    ];
    expect(await runLine('avail', { answers: { getAllConfigInfo } })).to.equal(
      'cat                              in use    auto      999:5\n' +
        'web:a                            avail     manual    999:5\n=> 0',
    );
  });

  it('says that the daemon is shutting down', async () => {
    const said = await runLine('avail', { answers: { getAllConfigInfo: shuttingDown } });
    expect(said).to.equal('ERROR: supervisor shutting down\n=> 1');
  });
});

describe('reread', () => {
  it('lists what differs, by name', async () => {
    const reloadConfig = [[['d', 'a'], ['c'], ['b']]];
    expect(await runLine('reread', { answers: { reloadConfig } })).to.equal(
      'a: available\nb: disappeared\nc: changed\nd: available\n=> 0',
    );
  });

  it('says that nothing differs', async () => {
    const said = await runLine('reread', { answers: { reloadConfig: [[[], [], []]] } });
    expect(said).to.equal('No config updates to processes\n=> 0');
  });

  it('shows what is wrong with the file', async () => {
    const reloadConfig = new XmlRpcFault(92, 'CANT_REREAD: bad file');
    expect(await runLine('reread', { answers: { reloadConfig } })).to.equal('ERROR: CANT_REREAD: bad file\n=> 1');
    expect(await runLine('reread', { answers: { reloadConfig: shuttingDown } })).to.equal(
      'ERROR: supervisor shutting down\n=> 1',
    );
  });
});

describe('update', () => {
  const answers = {
    reloadConfig: [[['new'], ['changed'], ['old']]],
    stopProcessGroup: [outcome('old:x')],
    removeProcessGroup: true,
    addProcessGroup: true,
    getAllProcessInfo: [row('changed'), row('old')],
  };
  const all =
    'old: stopped\nold: removed process group\nchanged: stopped\nchanged: updated process group\n' +
    'new: added process group\n';

  it('removes, replaces and adds', async () => {
    const { session, record } = fakeSession({ answers });
    expect(await session.runLine('update')).to.equal(0);
    expect(record.stdout).to.equal(all);
    expect(record.calls).to.deep.equal([
      'corevisor.update([])',
      'supervisor.reloadConfig()',
      'supervisor.stopProcessGroup("old")',
      'supervisor.removeProcessGroup("old")',
      'supervisor.stopProcessGroup("changed")',
      'supervisor.removeProcessGroup("changed")',
      'supervisor.addProcessGroup("changed")',
      'supervisor.addProcessGroup("new")',
    ]);
    expect(await runLine('update old all', { answers })).to.equal(`${all}=> 0`);
  });

  it('keeps to the groups named', async () => {
    expect(await runLine('update new', { answers })).to.equal('new: added process group\n=> 0');
    expect(await runLine('update nope new', { answers })).to.equal(
      'ERROR: no such group: nope\nnew: added process group\n=> 1',
    );
  });

  it('keeps a group that would not stop', async () => {
    const stopProcessGroup = [outcome('old:x', 30)];
    const said = await runLine('update old', { answers: { ...answers, stopProcessGroup } });
    expect(said).to.equal('old: stopped\nold: has problems; not removing\n=> 1');
  });

  it('says nothing when nothing differs', async () => {
    expect(await runLine('update', { answers: { reloadConfig: [[[], [], []]] } })).to.equal('=> 0');
  });

  it('shows a broken file as a raw fault', async () => {
    const reloadConfig = new XmlRpcFault(92, 'CANT_REREAD: x');
    expect(await runLine('update', { answers: { reloadConfig } })).to.match(/^error: .*<Fault 92: 'CANT_REREAD: x'>/);
    expect(await runLine('update', { answers: { reloadConfig: shuttingDown } })).to.equal(
      'ERROR: already shutting down\n=> 1',
    );
  });
});

describe('add and remove', () => {
  const cases: readonly [string, string, Error | true, string][] = [
    ['add g', 'addProcessGroup', true, 'g: added process group\n=> 0'],
    ['add g', 'addProcessGroup', new XmlRpcFault(90, 'x'), 'ERROR: process group already active\n=> 0'],
    ['add g', 'addProcessGroup', new XmlRpcFault(10, 'x'), 'ERROR: no such process/group: g\n=> 1'],
    ['add g', 'addProcessGroup', shuttingDown, 'ERROR: shutting down\n=> 1'],
    ['add', 'addProcessGroup', true, '=> 0'],
    ['remove g', 'removeProcessGroup', true, 'g: removed process group\n=> 0'],
    ['remove g', 'removeProcessGroup', new XmlRpcFault(91, 'x'), 'ERROR: process/group still running: g\n=> 1'],
    ['remove g', 'removeProcessGroup', new XmlRpcFault(10, 'x'), 'ERROR: no such process/group: g\n=> 1'],
    ['remove', 'removeProcessGroup', true, '=> 0'],
  ];
  for (const [line, method, answer, said] of cases) {
    it(`${line} says ${said.split('\n').join(' ')}`, async () => {
      expect(await runLine(line, { answers: { [method]: answer } })).to.equal(said);
    });
  }

  it('go on after a group that could not be done', async () => {
    const addProcessGroup = { turns: [new XmlRpcFault(10, 'x'), true] };
    expect(await runLine('add a b', { answers: { addProcessGroup } })).to.equal(
      'ERROR: no such process/group: a\nb: added process group\n=> 1',
    );
  });
});
