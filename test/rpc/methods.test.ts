import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { ConfigError, Fault } from '../../src/base/errors.ts';
import type { ConfigDiff } from '../../src/config/diff.ts';
import type { XmlRpcValue } from '../../src/rpc/xmlrpc.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { makeConfig } from '../support/make-config.ts';
import { groupConfig, makeSupervisor, processConfig } from '../support/make-process.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { fakeGroup, fakeProcess, fakeSupervisor, makeCaller } from './fakes.ts';

/** A daemon on a fake host: group `web` of two, and `job`, which comes first. */
function makeDaemon(job: Parameters<typeof processConfig>[1] = {}) {
  const made = makeSupervisor([
    groupConfig('web', 20, [processConfig('b', { priority: 2 }), processConfig('a', { priority: 1 })]),
    groupConfig('job', 10, [processConfig('job', { autostart: false, startretries: 0, ...job })]),
  ]);
  made.supervisor.addConfiguredGroups();
  const log: string[] = [];
  const call = makeCaller({
    supervisor: made.supervisor,
    clock: made.clock,
    logger: { info: (text) => void (text.startsWith('command ') || log.push(text)) },
    remoteCommunication: (kind, data) => void log.push(`${kind}=${data}`),
  });
  return { ...made, log, call };
}

const ok = (group: string, name: string) => ({ name, group, status: 80, description: 'OK' });

/** Lets promises that are settled run on. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

/** A daemon of `web`, which depends on `cache` and that on `db`; by name and priority they would start the other way. */
function makeOrdered() {
  const { groups } = makeConfig(
    '[program:db]\ncommand=/bin/x\n[program:cache]\ncommand=/bin/x\npriority=2\ndepends_on=db\n' +
      '[program:a]\ncommand=/bin/x\npriority=3\n[program:web]\ncommand=/bin/x\npriority=1\ndepends_on=cache\n',
  );
  const made = makeSupervisor(groups);
  made.supervisor.addConfiguredGroups();
  const log: string[] = [];
  const call = makeCaller({
    supervisor: made.supervisor,
    clock: made.clock,
    logger: { info: (text) => void log.push(text) },
  });
  const pass = async (): Promise<void> => {
    made.clock.advance(1000);
    await settled();
  };
  const end = async (name: string, code = 0): Promise<void> => {
    made.host.end(made.find(name).pid, { code });
    await settled();
  };
  const signalled = (): string[] => made.host.signals.map(({ pid }) => made.host.spawned[pid - 100]?.name ?? '');
  return { ...made, call, pass, end, signalled };
}

describe('the details of processes over RPC', () => {
  it('are answered for one and for all, also while the daemon shuts down', async () => {
    const { call, supervisor } = makeDaemon();
    supervisor.start();
    supervisor.shutdown();
    const all = await call('corevisor.getAllProcessDetails');
    expect(all).to.be.an('array').with.length(3);
    const one = await call('corevisor.getProcessDetails', 'web:a');
    expect(one).to.deep.equal(Array.isArray(all) ? all[1] : null);
    expect(one).to.include({ group: 'web', name: 'a', statename: 'STOPPING', ready: false, restarts: 0 });
    expect(one)
      .to.have.property('reason')
      .that.matches(/^was sent SIGTERM; SIGKILL in 10 s/);
    expect(await call('corevisor.getProcessDetails', 'web:*')).to.equal('BAD_NAME: web:*');
    expect(await call('corevisor.getProcessDetails', 'nope')).to.equal('BAD_NAME: nope');
    expect(await call('corevisor.getProcessDetails')).to.equal('INCORRECT_PARAMETERS');
  });
});

describe('starting over RPC', () => {
  it('answers true when the process is up', async () => {
    const { call, clock, find } = makeDaemon();
    const answer = call('startProcess', 'job');
    await settled();
    expect(find('job').wireState).to.equal('STARTING');
    clock.advance(1001);
    expect(await answer).to.equal(true);
    expect(find('job').wireState).to.equal('RUNNING');
  });

  it('answers at once without wait', async () => {
    const { call, find } = makeDaemon();
    expect(await call('startProcess', 'web:a', false)).to.equal(true);
    expect(find('a').wireState).to.equal('STARTING');
  });

  it('answers ALREADY_STARTED with the name as it was asked for', async () => {
    const { call } = makeDaemon();
    await call('startProcess', 'job:job', 0);
    expect(await call('startProcess', 'job:job')).to.equal('ALREADY_STARTED: job:job');
  });

  it('answers SPAWN_ERROR when the process ends too soon', async () => {
    const { call, host } = makeDaemon();
    const answer = call('startProcess', 'job');
    await settled();
    host.end(100, { code: 0 });
    expect(await answer).to.equal('SPAWN_ERROR: job');
  });

  it('succeeds with startsecs=0 however soon and badly the process ends', async () => {
    const { call, host } = makeDaemon({ startsecs: 0, autorestart: false });
    const answer = call('startProcess', 'job');
    await settled();
    host.end(100, { code: 3 });
    expect(await answer).to.equal(true);
  });

  it('answers SPAWN_ERROR at once when there is no child', async () => {
    const { call, host } = makeDaemon();
    host.spawnError = 'unknown error during fork';
    expect(await call('startProcess', 'job', false)).to.equal('SPAWN_ERROR: job');
  });

  it('answers ABNORMAL_TERMINATION when it is stopped meanwhile', async () => {
    const { call } = makeDaemon();
    const answer = call('startProcess', 'job');
    await settled();
    await call('stopProcess', 'job', false);
    expect(await answer).to.equal('ABNORMAL_TERMINATION: job');
  });

  it('looks for the command before anything else', async () => {
    const running = fakeProcess({
      wireState: 'RUNNING',
      findCommand: () => ({ error: "can't find command 'x'", fault: 'NO_FILE' }),
    });
    const call = makeCaller({ supervisor: fakeSupervisor([fakeGroup(running)]) });
    expect(await call('startProcess', 'p')).to.equal("NO_FILE: can't find command 'x'");
  });

  it('does not start what is in an unknown state', async () => {
    const call = makeCaller({ supervisor: fakeSupervisor([fakeGroup(fakeProcess({ wireState: 'UNKNOWN' }))]) });
    expect(await call('startProcess', 'p:p')).to.equal('FAILED: p:p is in an unknown process state');
  });

  for (const name of ['nope', 'web', 'web:nope', 'nope:*', '']) {
    it(`answers BAD_NAME for ${JSON.stringify(name)}`, async () => {
      expect(await makeDaemon().call('startProcess', name)).to.equal(`BAD_NAME: ${name}`);
    });
  }

  it('starts what does not run of a group, by priority, and answers each', async () => {
    const { call, clock, host } = makeDaemon();
    await call('startProcess', 'web:a', false);
    const answer = call('startProcessGroup', 'web');
    await settled();
    clock.advance(1001);
    expect(await answer).to.deep.equal([ok('web', 'b')]);
    expect(host.spawned.map((order) => order.name)).to.deep.equal(['a', 'b']);
    expect(await call('startProcess', 'web:*')).to.deep.equal([]);
  });

  it('starts everything, groups by priority, and answers failures first', async () => {
    const { call, clock, host } = makeDaemon();
    const answer = call('startAllProcesses');
    await settled();
    expect(host.spawned.map((order) => order.name)).to.deep.equal(['job', 'a', 'b']);
    host.end(100, { code: 1 });
    await settled();
    clock.advance(1001);
    expect(await answer).to.deep.equal([
      { name: 'job', group: 'job', status: 50, description: 'SPAWN_ERROR: job' },
      ok('web', 'a'),
      ok('web', 'b'),
    ]);
  });
});

describe('starting over RPC what depends on others', () => {
  it('waits with the answer until the process is up, or what it waited for has failed', async () => {
    const { call, pass, end, find } = makeOrdered();
    const answer = call('startProcess', 'cache');
    await pass();
    expect(find('cache').wireState).to.equal('STARTING');
    await pass();
    expect(await answer).to.equal(true);
    find('db').stop();
    await end('db');
    find('cache').stop();
    await end('cache');
    const second = call('startProcess', 'cache');
    for (let wait = 1; wait <= 4; wait += 1) {
      await end('db', 1);
      for (let second2 = 0; second2 < wait; second2 += 1) await pass();
    }
    expect(await second).to.equal('SPAWN_ERROR: cache');
    expect(await call('getProcessInfo', 'cache')).to.deep.include({
      statename: 'FATAL',
      description: 'dependency db failed: Exited too quickly (process log may have details)',
    });
  });

  it('answers at once without wait, and ALREADY_STARTED while the process waits', async () => {
    const { call } = makeOrdered();
    expect(await call('startProcess', 'web', false)).to.equal(true);
    for (const name of ['web', 'cache', 'db']) {
      expect(await call('startProcess', name)).to.equal(`ALREADY_STARTED: ${name}`);
    }
    expect(await call('getProcessInfo', 'web')).to.deep.include({
      statename: 'STARTING',
      pid: 0,
      description: 'waiting for cache to be ready',
    });
  });

  it('answers ABNORMAL_TERMINATION when a person stops what waits', async () => {
    const { call, pass } = makeOrdered();
    const answer = call('startProcess', 'web');
    await settled();
    expect(await call('stopProcess', 'web')).to.equal(true);
    await pass();
    expect(await answer).to.equal('ABNORMAL_TERMINATION: web');
  });

  it('starts everything in the order of the dependencies and answers OK for each', async () => {
    const { call, pass, host } = makeOrdered();
    const answer = call('startAllProcesses');
    for (let turn = 0; turn < 3; turn += 1) await pass();
    expect(host.spawned.map(({ name }) => name)).to.deep.equal(['db', 'a', 'cache', 'web']);
    const answered = await answer;
    expect(answered).to.have.deep.members(['db', 'a', 'cache', 'web'].map((name) => ok(name, name)));
  });

  it('sends no signal to what waits', async () => {
    const { call } = makeOrdered();
    await call('startProcess', 'web', false);
    expect(await call('signalProcess', 'web', 'HUP')).to.equal('NOT_RUNNING: web');
    expect(await call('signalAllProcesses', 'HUP')).to.deep.equal([
      { name: 'web', group: 'web', status: 70, description: 'NOT_RUNNING: web' },
      { name: 'cache', group: 'cache', status: 70, description: 'NOT_RUNNING: cache' },
      ok('db', 'db'),
    ]);
  });
});

async function makeRunning() {
  const made = makeOrdered();
  void made.call('startAllProcesses');
  for (let turn = 0; turn < 3; turn += 1) await made.pass();
  return made;
}

describe('stopping over RPC what others depend on', () => {
  it('stops everything in the reverse order', async () => {
    const { call, end, signalled } = await makeRunning();
    const answer = call('stopAllProcesses');
    await settled();
    expect(signalled()).to.deep.equal(['web', 'a']);
    await end('a');
    await end('web');
    expect(signalled()).to.deep.equal(['web', 'a', 'cache']);
    await end('cache');
    await end('db');
    const answered = await answer;
    expect(answered).to.have.deep.members(['db', 'a', 'cache', 'web'].map((name) => ok(name, name)));
  });

  it('does so also without wait, and when one ends by itself meanwhile', async () => {
    const { call, end, signalled, find } = await makeRunning();
    expect(await call('stopAllProcesses', false)).to.have.length(4);
    expect(signalled()).to.deep.equal(['web', 'a']);
    await end('cache', 0);
    await end('web');
    expect(signalled()).to.deep.equal(['web', 'a', 'db']);
    await end('db');
    await end('a');
    expect(find('db').wireState).to.equal('STOPPED');
  });

  it('stops what waits at once', async () => {
    const { call, find, end } = makeOrdered();
    await call('startProcess', 'web', false);
    const answer = call('stopAllProcesses');
    await settled();
    expect([find('web').wireState, find('cache').wireState]).to.deep.equal(['STOPPED', 'STOPPED']);
    await end('db');
    expect(await answer).to.have.length(3);
  });

  it('stops one alone without asking who depends on it', async () => {
    const { call, end, signalled, find } = await makeRunning();
    const answer = call('stopProcess', 'db');
    await settled();
    expect(signalled()).to.deep.equal(['db']);
    await end('db');
    expect(await answer).to.equal(true);
    expect(find('cache').wireState).to.equal('RUNNING');
  });

  it('waits for one that was already on its way down', async () => {
    const { call, end, signalled } = await makeRunning();
    await call('stopProcess', 'web', false);
    void call('stopAllProcesses');
    await settled();
    expect(signalled()).to.deep.equal(['web', 'a']);
    await end('web');
    expect(signalled()).to.deep.equal(['web', 'a', 'cache']);
  });
});

describe('stopping over RPC', () => {
  it('answers true when the process is gone, and says meanwhile that it waits', async () => {
    const { call, host, clock, log } = makeDaemon();
    await call('startProcess', 'job', false);
    const answer = call('stopProcess', 'job');
    await settled();
    clock.advance(2000);
    await settled();
    clock.advance(1999);
    await settled();
    host.end(100, { signal: 15, core: false });
    expect(await answer).to.equal(true);
    expect(log).to.deep.equal(['waiting for job to stop', 'waiting for job to stop']);
  });

  it('answers NOT_RUNNING for what is stopped or about to be', async () => {
    const { call } = makeDaemon();
    expect(await call('stopProcess', 'job')).to.equal('NOT_RUNNING: job');
    await call('startProcess', 'job', false);
    expect(await call('stopProcess', 'job', false)).to.equal(true);
    expect(await call('stopProcess', 'job', false)).to.equal('NOT_RUNNING: job');
  });

  it('stops what runs of all and answers in the order of the ends, those of one moment by priority', async () => {
    const { call, host, clock } = makeDaemon();
    await call('startAllProcesses', false);
    const answer = call('stopAllProcesses');
    await settled();
    host.end(102, { code: 0 });
    await settled();
    clock.advance(200);
    host.end(101, { code: 0 });
    await settled();
    host.end(100, { code: 0 });
    expect(await answer).to.deep.equal([ok('web', 'b'), ok('job', 'job'), ok('web', 'a')]);
  });

  it('answers FAILED when the signal cannot be sent', async () => {
    const { call, host } = makeDaemon();
    await call('startProcess', 'job', false);
    host.signalError = 'EPERM';
    expect(await call('stopProcess', 'job')).to.match(/^FAILED: unknown problem killing job \(100\)/);
  });
});

describe('signalling over RPC', () => {
  it('sends a signal by name or number', async () => {
    const { call, host } = makeDaemon();
    await call('startProcess', 'job', false);
    for (const signal of ['HUP', 'sigusr1', '15', 9]) expect(await call('signalProcess', 'job', signal)).to.equal(true);
    expect(host.signals.map(({ signal }) => signal)).to.deep.equal([1, 10, 15, 9]);
  });

  it('judges the signal before the state', async () => {
    const { call } = makeDaemon();
    expect(await call('signalProcess', 'job', 'NOPE')).to.equal('BAD_SIGNAL: NOPE');
    expect(await call('signalProcess', 'job', 77)).to.equal('BAD_SIGNAL: 77');
    expect(await call('signalProcess', 'job', 'HUP')).to.equal('NOT_RUNNING: job');
  });

  it('answers a bad signal for each process of a group that could take one', async () => {
    const { call } = makeDaemon();
    await call('startProcess', 'web:b', false);
    expect(await call('signalProcessGroup', 'web', 'X')).to.deep.equal([
      { name: 'b', group: 'web', status: 11, description: 'BAD_SIGNAL: X' },
    ]);
    expect(await call('signalAllProcesses', 'HUP')).to.deep.equal([ok('web', 'b')]);
  });
});

describe('asking over RPC', () => {
  it('answers versions, pid and state', async () => {
    const { call } = makeDaemon();
    expect(await call('getVersion')).to.equal('3.0');
    expect(await call('getSupervisorVersion')).to.equal('4.2.5');
    expect(await call('getPID')).to.equal(7);
    expect(await call('getState')).to.deep.equal({ statecode: 1, statename: 'RUNNING' });
    expect(await call('corevisor.getVersion')).to.match(/^\d+\.\d+\.\d+$/);
  });

  it("answers all processes sorted by name, with supervisord's fields in its order", async () => {
    const { call } = makeDaemon();
    const job = {
      name: 'job',
      group: 'job',
      start: 0,
      stop: 0,
      now: Date.UTC(2026, 0, 1) / 1000,
      state: 0,
      statename: 'STOPPED',
      spawnerr: '',
      exitstatus: 0,
      logfile: '',
      stdout_logfile: '',
      stderr_logfile: '',
      pid: 0,
      description: 'Not started',
    };
    const answer = await call('getAllProcessInfo');
    expect(answer).to.deep.equal([job, { ...job, name: 'a', group: 'web' }, { ...job, name: 'b', group: 'web' }]);
    expect(JSON.stringify(answer)).to.contain(JSON.stringify(job));
  });

  it('answers BAD_NAME for a whole group', async () => {
    expect(await makeDaemon().call('getProcessInfo', 'web:*')).to.equal('BAD_NAME: web:*');
  });

  it("answers the configuration with supervisord's fields and without the environment", async () => {
    const config = processConfig('p', {
      command: 'x',
      stdout_logfile: { kind: 'auto' },
      stderr_logfile: { kind: 'none' },
      serverurl: null,
      environment: { SECRET: 'x' },
    });
    const unused = groupConfig('g', 5, [config]);
    const process = fakeProcess({ config, stdoutLog: '/auto/p.log' });
    const group = { config: groupConfig('used', 6, [config]), processes: [process] };
    const configured = { groups: [unused, group.config], supervisord: { identifier: 'x' } };
    const answer = await makeCaller({ supervisor: fakeSupervisor([group], { config: configured }) })(
      'getAllConfigInfo',
    );
    const expected = { name: 'p', process_prio: 999, directory: 'none', uid: 'none', serverurl: 'none' };
    for (const [path, value] of Object.entries(expected)) expect(answer).to.have.nested.property(`[0].${path}`, value);
    expect(answer).to.have.nested.property('[0].group_prio', 5);
    expect(answer).to.have.deep.nested.property('[0].exitcodes', [0]);
    expect(answer).to.have.nested.property('[0].inuse', false);
    expect(answer).to.have.nested.property('[1].inuse', true);
    expect(answer).to.have.nested.property('[0].stdout_logfile', 'auto');
    expect(answer).to.have.nested.property('[1].stdout_logfile', '/auto/p.log');
    expect(answer).to.have.nested.property('[1].stderr_logfile', 'none');
    for (const absent of ['environment', 'umask', 'stopasgroup', 'autorestart']) {
      expect(answer).not.to.have.nested.property(`[0].${absent}`);
    }
  });
});

describe('the configuration over RPC', () => {
  it('answers what a reread found', async () => {
    const { call, file } = makeDaemon();
    file.groups = [groupConfig('job', 10, [processConfig('job', { command: 'other' })]), groupConfig('new', 1, [])];
    expect(await call('reloadConfig')).to.deep.equal([[['new'], ['job'], ['web']]]);
  });

  it('answers CANT_REREAD with the reason, and the place where it is known', async () => {
    const where = { file: 'web.conf', line: 3 };
    const errors = [
      { error: new ConfigError('bad value'), text: 'CANT_REREAD: bad value' },
      {
        error: new ConfigError('bad value', { where, section: 'program:web', option: 'priority', value: 'high' }),
        text: 'CANT_REREAD: bad value — web.conf:3: [program:web] priority=high',
      },
    ];
    for (const { error, text } of errors) {
      const reread = (): never => {
        throw error;
      };
      const call = makeCaller({ supervisor: fakeSupervisor([], { reread }) });
      expect(await call('reloadConfig')).to.equal(text);
    }
  });

  it('adds and removes groups', async () => {
    const { call } = makeDaemon();
    expect(await call('addProcessGroup', 'web')).to.equal('ALREADY_ADDED: web');
    expect(await call('addProcessGroup', 'nope')).to.equal('BAD_NAME: nope');
    await call('startProcess', 'job', false);
    expect(await call('removeProcessGroup', 'job')).to.equal('STILL_RUNNING: job');
    expect(await call('removeProcessGroup', 'web')).to.equal(true);
    expect(await call('removeProcessGroup', 'web')).to.equal('BAD_NAME: web');
  });
});

describe('shutting down over RPC', () => {
  it('answers SHUTDOWN_STATE from then on, but for system.* and remote events', async () => {
    const { call, log } = makeDaemon();
    await call('startProcess', 'job', false);
    expect(await call('shutdown')).to.equal(true);
    for (const name of ['getState', 'getVersion', 'shutdown', 'restart', 'getAllProcessInfo', 'stopAllProcesses']) {
      expect(await call(name), name).to.equal('SHUTDOWN_STATE');
    }
    expect(await call('startProcess'), 'arguments come first').to.equal('INCORRECT_PARAMETERS');
    expect(await call('system.listMethods')).to.include('supervisor.getState');
    expect(await call('sendRemoteCommEvent', 'kind', 'data')).to.equal(true);
    expect(log).to.include('kind=data');
  });
});

describe('writing to stdin over RPC', () => {
  it('refuses what is no text, and processes that cannot take it', async () => {
    const { call } = makeDaemon();
    expect(await call('sendProcessStdin', 'nope', 5)).to.equal('INCORRECT_PARAMETERS: 5');
    expect(await call('sendProcessStdin', 'nope', 'x')).to.equal('BAD_NAME: nope');
    expect(await call('sendProcessStdin', 'job', 'x')).to.equal('NOT_RUNNING: job');
    await call('startProcess', 'job', false);
    expect(await call('sendProcessStdin', 'job:job', 'x')).to.equal('NO_FILE: job:job');
  });
});

/** A daemon whose log, and whose only process's stdout log, is this file. */
function withLog(path: string | null): ReturnType<typeof makeCaller> {
  return makeCaller({
    mainLog: { path, clear: () => undefined },
    supervisor: fakeSupervisor([fakeGroup(fakeProcess({ stdoutLog: path }))]),
  });
}

describe('logs over RPC', () => {
  const path = useTempFolder();

  it('reads and tails', async () => {
    writeFileSync(path('log'), '0123456789');
    const call = withLog(path('log'));
    expect(await call('readProcessStdoutLog', 'p', 2, 3)).to.equal('234');
    expect(await call('readProcessLog', 'p', -3, 0)).to.equal('789');
    expect(await call('readLog', '8', '0'), 'numbers as text').to.equal('89');
    expect(await call('readMainLog', -3, 1)).to.equal('BAD_ARGUMENTS');
    expect(await call('tailProcessStdoutLog', 'p', 0, 4)).to.deep.equal(['6789', 10, true]);
    expect(await call('tailProcessLog', 'p', 5, 5)).to.deep.equal(['56789', 10, false]);
    expect(await call('readLog', 'x', 0)).to.equal('INCORRECT_PARAMETERS');
  });

  it('answers NO_FILE for what is not there, and nothing to tail', async () => {
    const call = withLog(path('none'));
    expect(await call('readLog', 0, 0)).to.equal(`NO_FILE: ${path('none')}`);
    expect(await call('readProcessStderrLog', 'p', 0, 0)).to.equal('NO_FILE');
    expect(await call('tailProcessStderrLog', 'p', 0, 9)).to.deep.equal(['', 0, false]);
    expect(await call('tailProcessStdoutLog', 'p', 0, 9)).to.deep.equal(['', 0, false]);
    expect(await call('tailProcessStdoutLog', 'nope', 0, 9)).to.equal('BAD_NAME: nope');
    expect(await withLog(null)('readLog', 0, 0)).to.equal('NO_FILE: syslog');
  });

  it('fails, as supervisord does, on a log that is not UTF-8', async () => {
    writeFileSync(path('log'), Buffer.from([0x61, 0xff]));
    const outcome = await withLog(path('log'))('readLog', 0, 0).catch((error: unknown) => error);
    expect(outcome).to.be.an('error').and.not.to.be.instanceOf(Fault);
  });

  it('clears the logs of all', async () => {
    expect(await makeDaemon().call('clearAllProcessLogs')).to.deep.equal([
      ok('job', 'job'),
      ok('web', 'a'),
      ok('web', 'b'),
    ]);
    expect(await makeDaemon().call('clearProcessLog', 'web:x')).to.equal('BAD_NAME: web:x');
  });
});

const supervisordMethods = `addProcessGroup clearAllProcessLogs clearLog clearProcessLog clearProcessLogs getAPIVersion
  getAllConfigInfo getAllProcessInfo getIdentification getPID getProcessInfo getState getSupervisorVersion getVersion
  readLog readMainLog readProcessLog readProcessStderrLog readProcessStdoutLog reloadConfig removeProcessGroup restart
  sendProcessStdin sendRemoteCommEvent shutdown signalAllProcesses signalProcess signalProcessGroup startAllProcesses
  startProcess startProcessGroup stopAllProcesses stopProcess stopProcessGroup tailProcessLog tailProcessStderrLog
  tailProcessStdoutLog`
  .split(/\s+/)
  .map((name) => `supervisor.${name}`)
  .concat(['listMethods', 'methodHelp', 'methodSignature', 'multicall'].map((name) => `system.${name}`));

describe('finding a method', () => {
  const unknown = ['a', 'supervisor.', '.getState', 'supervisor.getState.x', 'supervisor._update'];
  for (const name of [...unknown, 'supervisor.constructor', '__proto__.x', 'supervisor.__proto__', 'nope.getState']) {
    it(`does not find ${JSON.stringify(name)}`, async () => {
      expect(await makeDaemon().call(name.includes('.') ? name : `supervisor.${name}.`)).to.equal('UNKNOWN_METHOD');
    });
  }

  it('has no supervisor.* without its section, and has it under the name of the section', async () => {
    const call = makeCaller({}, { interfaces: ['other'] });
    expect(await call('supervisor.getState')).to.equal('UNKNOWN_METHOD');
    expect(await call('other.getVersion')).to.equal('3.0');
  });

  it('takes no command of ours where no section of [rpcinterface:x] offers one either, and tells all the same', async () => {
    const call = makeCaller({}, { interfaces: [] });
    expect(await call('corevisor.scale', 'web', 2)).to.equal('UNKNOWN_METHOD');
    expect(await call('corevisor.update')).to.equal('UNKNOWN_METHOD');
    expect(await call('corevisor.rollingRestart', 'web')).to.equal('UNKNOWN_METHOD');
    expect(await call('corevisor.getScales')).to.deep.equal([]);
    expect(await makeCaller({}, { interfaces: ['other'] })('corevisor.scale', 'web', 2)).to.equal(1);
  });

  it('counts arguments', async () => {
    const { call } = makeDaemon();
    for (const params of [[], ['a', true, 'too much']] satisfies XmlRpcValue[][]) {
      expect(await call('startProcess', ...params)).to.equal('INCORRECT_PARAMETERS');
    }
  });

  it("lists supervisord's 41 methods and ours, sorted", async () => {
    const answer = await makeDaemon().call('system.listMethods');
    const names = [
      'getAllProcessDetails',
      'getProcessDetails',
      'getRoll',
      'getScales',
      'getVersion',
      'rollingRestart',
      'scale',
      'update',
    ];
    const ours = names.map((name) => `corevisor.${name}`);
    expect(answer).to.deep.equal([...ours, ...supervisordMethods]);
  });

  const signatures: readonly (readonly [string, readonly string[]])[] = [
    ['supervisor.startProcess', ['boolean', 'string', 'boolean']],
    ['supervisor.readLog', ['string', 'int', 'int']],
    ['supervisor.tailProcessStderrLog', ['array', 'string', 'int', 'int']],
    ['supervisor.getProcessInfo', ['struct', 'string']],
    ['supervisor.getPID', ['int']],
    ['system.multicall', ['array', 'array']],
  ];
  for (const [name, signature] of signatures) {
    it(`tells the signature of ${name}`, async () => {
      expect(await makeDaemon().call('system.methodSignature', name)).to.deep.equal(signature);
    });
  }

  it('explains its methods and answers SIGNATURE_UNSUPPORTED for others', async () => {
    const { call } = makeDaemon();
    expect(await call('system.methodHelp', 'supervisor.startProcess')).to.match(
      /^@param boolean wait .+\n@return boolean /m,
    );
    expect(await call('system.methodHelp', 'nope')).to.equal('SIGNATURE_UNSUPPORTED');
    expect(await call('system.methodSignature', 'nope')).to.equal('SIGNATURE_UNSUPPORTED');
  });
});

describe('several calls in one', () => {
  const path = useTempFolder();

  it('answers each as it is, faults as structs', async () => {
    const { call } = makeDaemon();
    expect(
      await call('system.multicall', [
        { methodName: 'supervisor.getVersion' },
        { methodName: 'supervisor.getProcessInfo', params: ['nope'] },
        { methodName: 'system.multicall', params: [[]] },
        { params: [] },
        { methodName: 'nope.nope', params: [] },
        'no struct',
        { methodName: 'supervisor.getVersion', params: ['too much'] },
      ]),
    ).to.deep.equal([
      '3.0',
      { faultCode: 10, faultString: 'BAD_NAME: nope' },
      { faultCode: 2, faultString: 'INCORRECT_PARAMETERS: Recursive system.multicall forbidden' },
      { faultCode: 2, faultString: 'INCORRECT_PARAMETERS: No methodName' },
      { faultCode: 1, faultString: 'UNKNOWN_METHOD' },
      { faultCode: 2, faultString: 'INCORRECT_PARAMETERS' },
      { faultCode: 2, faultString: 'INCORRECT_PARAMETERS' },
    ]);
  });

  it('waits for one before it makes the next', async () => {
    const { call, host } = makeDaemon();
    await call('startProcess', 'job', false);
    const answer = call('system.multicall', [
      { methodName: 'supervisor.stopProcess', params: ['job'] },
      { methodName: 'supervisor.startProcess', params: ['job', false] },
    ]);
    await settled();
    expect(host.spawned).to.have.length(1);
    host.end(100, { code: 0 });
    expect(await answer).to.deep.equal([true, true]);
    expect(host.spawned).to.have.length(2);
  });

  it('are refused when their answers together are too long', async () => {
    const stdoutLog = path('log');
    writeFileSync(stdoutLog, 'x'.repeat(2 ** 20));
    const call = makeCaller({ supervisor: fakeSupervisor([fakeGroup(fakeProcess({ stdoutLog }))]) });
    const read = { methodName: 'supervisor.readProcessStdoutLog', params: ['p', 0, 0] };
    expect(
      await call(
        'system.multicall',
        Array.from({ length: 60 }, () => read),
      ),
    ).to.have.length(60);
    expect(
      await call(
        'system.multicall',
        Array.from({ length: 70 }, () => read),
      ),
    ).to.match(/^FAILED: /);
  });

  it('let others have their turn while they go on', async () => {
    const clock = new FakeClock();
    const reread = (): ConfigDiff => {
      clock.advance(20);
      return { added: [], changed: [], removed: [] };
    };
    const call = makeCaller({ clock, supervisor: fakeSupervisor([], { reread }) });
    let rounds = 0;
    const count = (): void => {
      rounds += 1;
      if (rounds < 100) setImmediate(count);
    };
    setImmediate(count);
    await call(
      'system.multicall',
      Array.from({ length: 20 }, () => ({ methodName: 'supervisor.reloadConfig' })),
    );
    expect(rounds).to.be.at.least(15);
  });
});

const said = async (method: string, ...params: XmlRpcValue[]): Promise<string[]> => {
  const lines: string[] = [];
  const call = makeCaller({
    supervisor: fakeSupervisor([fakeGroup(fakeProcess({ wireState: 'RUNNING', pid: 1 }))]),
    logger: { info: (text) => void lines.push(text) },
  });
  await call(method, ...params);
  return lines.filter((line) => line.startsWith('command '));
};

describe('who asked for a change', () => {
  for (const [method, params, line] of [
    ['startProcess', ['p', false], "supervisor.startProcess('p')"],
    ['stopProcessGroup', ['p', false], "supervisor.stopProcessGroup('p')"],
    ['signalProcess', ['p', 'HUP'], "supervisor.signalProcess('p', 'HUP')"],
    ['sendProcessStdin', ['p', 'pass-word'], "supervisor.sendProcessStdin('p')"],
    ['sendRemoteCommEvent', ['pass', 'word'], 'supervisor.sendRemoteCommEvent()'],
    ['clearProcessLog', ['p'], "supervisor.clearProcessLog('p')"],
    ['clearLog', [], 'supervisor.clearLog()'],
    ['reloadConfig', [], 'supervisor.reloadConfig()'],
    ['shutdown', [], 'supervisor.shutdown()'],
  ] as const) {
    it(`stands in the log: ${line}`, async () => {
      expect(await said(method, ...params)).to.deep.equal([`command ${line} by somebody`]);
    });
  }

  it('stands there for each call of a multicall', async () => {
    const calls = ['startAllProcesses', 'stopAllProcesses'].map((name) => ({
      methodName: `supervisor.${name}`,
      params: [false],
    }));
    expect(await said('system.multicall', calls)).to.deep.equal([
      'command supervisor.startAllProcesses() by somebody',
      'command supervisor.stopAllProcesses() by somebody',
    ]);
  });

  it('is not asked of those who only look', async () => {
    for (const method of ['getState', 'getAllProcessInfo', 'system.listMethods', 'readLog'])
      expect(await said(method)).to.deep.equal([]);
  });
});

describe('a multicall whose caller has left', () => {
  it('does to its end what is under way, and begins nothing further', async () => {
    const { supervisor, clock, find, log } = makeDaemon();
    const gone = { is: false };
    const call = makeCaller(
      { supervisor, clock, logger: { info: (text) => void log.push(text) } },
      { caller: { who: () => 'x', isGone: () => gone.is } },
    );
    const calls = [
      { methodName: 'supervisor.startProcess', params: ['job'] },
      { methodName: 'supervisor.startProcess', params: ['web:a'] },
    ];
    const answer = call('system.multicall', calls);
    await settled();
    gone.is = true;
    clock.advance(1001);
    expect(await answer).to.deep.equal([true]);
    expect([find('job').wireState, find('a').wireState]).to.deep.equal(['RUNNING', 'STOPPED']);
  });
});
