// The watchdog with real workers: what hangs, answers badly, stops listening or grows is restarted, and everybody is told why.
import { existsSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { runCtl } from '../support/ctl.ts';
import { freePorts } from '../support/free-port.ts';
import { describeStory } from '../support/modes.ts';
import { child, type Daemon, startDaemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Seconds: an interval that a busy machine can keep, and no longer. */
const quick = 'health_interval=1\nhealth_timeout=1\nhealth_retries=3\nhealth_stopwaitsecs=0.5';

interface Worker {
  readonly port: number;
  readonly environment?: string;
  readonly options?: string;
}

const worker = (name: string, { port, environment = '', options = '' }: Worker): string => `
[program:${name}]
command=${process.execPath} ${child('has-health.cjs')}
environment=PORT="${port}",STATUS="%(here)s/${name}.status",ASKED="%(here)s/${name}.asked"${environment}
stdout_logfile=NONE
stderr_logfile=NONE
${options}
`;

/** A listener that notes its events in the file of its name. */
const listener = (name: string, events: string): string =>
  `[eventlistener:${name}]\ncommand=${process.execPath} ${child('listener.cjs')} %(here)s/${name}\nevents=${events}\n`;

const overHttp = (port: number): string => `health=http://me:secret@127.0.0.1:${port}/healthz?deep=1`;

describeStory('looking after the health of processes', (mode) => {
  let daemon: Daemon;
  const start = async (config: string): Promise<void> => {
    daemon = await startDaemon(mode, { config });
  };
  const details = async (name: string): Promise<Record<string, unknown>> =>
    Object(await daemon.call('corevisor.getProcessDetails', name));
  const waitForReady = async (name: string): Promise<Record<string, unknown>> =>
    await waitUntil(
      async () => {
        const its = await details(name);
        return its['ready'] === true ? its : null;
      },
      { what: () => `${name} to be ready in:\n${daemon.output}`, deadlineMs: 20_000 },
    );
  const signal = (name: string, its: string): Promise<unknown> => daemon.call('signalProcess', name, its);
  /** Waits until the process is ready in another run than the one with this pid. */
  const waitForNext = async (name: string, pid: unknown, deadlineMs = 20_000): Promise<void> => {
    await daemon.waitForProcess(name, (info) => info.pid !== 0 && info.pid !== pid, {
      what: 'another run',
      deadlineMs,
    });
    await waitForReady(name);
  };

  afterEach(() => daemon.stop());

  it('restarts a worker whose event loop hangs, in time, and tells everybody why; others go on', async () => {
    const [one = 0, two = 0] = await freePorts(2);
    await start(
      worker('hangs', { port: one, options: `${quick}\nstopwaitsecs=60\n${overHttp(one)}` }) +
        worker('other', { port: two, options: `${quick}\nhealth_retries=30\n${overHttp(two)}` }) +
        listener('named', 'PROCESS_HEALTH') +
        listener('all', 'EVENT'),
    );
    const { pid } = await waitForReady('hangs');
    const other = await waitForReady('other');
    const begun = Date.now();
    await signal('hangs', 'USR2');
    await waitForNext('hangs', pid);
    // interval × retries + timeout + health_stopwaitsecs, and its start, which is asked once a second; the rest is the machine's.
    expect(Date.now() - begun).to.be.lessThan(3000 + 1000 + 500 + 2000 + 15_000);
    const text = `3 probes in a row failed, the last: no answer within 1 s (http://***@127.0.0.1:${one}/healthz?deep=1)`;
    await daemon.waitForMessage(/^WARN unhealthy: hangs \(\d+\) is restarted, 3 probes in a row failed/);
    const its = await details('hangs');
    expect(its['watchdog_restarts']).to.deep.equal({ health: 1, memory: 0 });
    expect(its['health']).to.include({ outcome: 'healthy', text: 'answered 200', failures: 0 });
    const [end] = Array.isArray(its['ends']) ? its['ends'] : [];
    expect(end).to.include({ by: 'watchdog', because: text, signal: 'SIGKILL', state: 'STOPPING' });
    const why = await runCtl('corevisorctl', { config: daemon.configFile, arguments: ['why', 'hangs'] });
    expect(why.stdout).to.contain(`(restarted by its watchdog: ${text})`);
    const status = await runCtl('corevisorctl', {
      config: daemon.configFile,
      arguments: ['status', '--json', 'hangs'],
    });
    expect(JSON.parse(status.stdout).processes[0]).to.deep.include({ watchdog_restarts: { health: 1, memory: 0 } });
    await waitUntil(() => daemon.lines('named').length > 0, { what: 'the event' });
    expect(daemon.lines('named').join('\n')).to.contain('eventname:PROCESS_HEALTH').and.to.contain(text);
    expect(daemon.read('all')).to.contain('PROCESS_STATE_STOPPING').and.not.to.contain('PROCESS_HEALTH');
    expect(await details('other')).to.include({ pid: other['pid'], restarts: 0 });
    const [asked] = daemon.lines('hangs.asked');
    expect(asked).to.equal(`GET /healthz?deep=1 127.0.0.1:${one} Basic bWU6c2VjcmV0`);
    expect(daemon.output).not.to.contain('secret');
  });

  it('restarts one that is stopped (SIGSTOP), answers 500, or listens no more', async () => {
    const [one = 0, two = 0, three = 0] = await freePorts(3);
    await start(
      worker('stopped', { port: one, options: `${quick}\n${overHttp(one)}` }) +
        worker('broken', { port: two, options: `${quick}\n${overHttp(two)}` }) +
        worker('deaf', { port: three, options: `${quick}\nhealth=tcp://127.0.0.1:${three}` }),
    );
    const [stopped, broken, deaf] = [
      await waitForReady('stopped'),
      await waitForReady('broken'),
      await waitForReady('deaf'),
    ];
    await signal('stopped', 'STOP');
    daemon.write('broken.status', '500');
    await signal('deaf', 'WINCH');
    await daemon.waitForMessage(/^WARN unhealthy: broken .*the last: answered 500 /);
    daemon.write('broken.status', '302');
    await waitForNext('broken', broken['pid']);
    await waitForNext('stopped', stopped['pid']);
    await waitForNext('deaf', deaf['pid']);
    expect(daemon.messages.find((line) => line.startsWith('WARN unhealthy: deaf'))).to.contain(
      'refused the connection',
    );
  });

  it('asks by a command, as the program itself is run, and leaves nothing of it behind', async () => {
    const command = daemonScript('test "$WHO" = me && test -e healthy && cd / && exec sleep $(cat %(here)s/sleep)');
    await start(`
[program:job]
command=${child('stays.sh')} job
directory=%(here)s
environment=WHO="me"
startsecs=0
${quick}
health=exec:${command}
`);
    await waitUntil(
      async () => (await details('job'))['reason']?.toString().includes('not healthy yet: exit status 1'),
      {
        what: 'a failed probe',
      },
    );
    daemon.write('sleep', '0');
    daemon.write('healthy', '');
    const { pid } = await waitForReady('job');
    daemon.write('sleep', '1000');
    await daemon.waitForMessage(/^WARN unhealthy: job .*no answer within 1 s/);
    daemon.write('sleep', '0');
    await waitForNext('job', pid);
    await waitUntil(() => daemon.descendants().length === 1, {
      what: () => `one process, not ${daemon.descendants().join()}`,
    });
  });

  it('ends a probe that is under way when the process stops, and when the daemon ends', async () => {
    await start(`
[program:job]
command=${child('stays.sh')} job
startsecs=0
health_interval=60
health_timeout=60
health=exec:/bin/sh -c "touch %(here)s/asked; sleep 1000 & wait"
`);
    await waitUntil(() => existsSync(daemon.path('asked')), { what: 'a probe' });
    await daemon.call('stopProcess', 'job');
    await waitUntil(() => daemon.descendants().length === 0, { what: 'the end of the probe' });
    await daemon.call('startProcess', 'job');
    await waitUntil(() => daemon.descendants().length >= 2, { what: 'another probe' });
    daemon.signal('SIGTERM');
    expect(await daemon.waitForEnd()).to.deep.equal({ status: 0, signal: null });
  });

  it('does not take a standstill of the daemon for one of a process', async () => {
    await start(`
[program:job]
command=${child('stays.sh')} job
startsecs=0
health_interval=4
health_timeout=4
health_retries=1
health=exec:/bin/sh -c "touch %(here)s/asked; sleep 1"
`);
    await waitForReady('job');
    const { pid } = await daemon.info('job');
    rmSync(daemon.path('asked'));
    await waitUntil(() => existsSync(daemon.path('asked')), { what: 'a probe', everyMs: 2 });
    daemon.signal('SIGSTOP');
    // What is tested is that time passes.
    await delay(6000);
    daemon.signal('SIGCONT');
    await daemon.waitForMessage(/^WARN job: its health is not known, the daemon stood still meanwhile/);
    await daemon.waitForMessage(/^INFO job: healthy/);
    expect(await daemon.info('job')).to.include({ pid, statename: 'RUNNING' });
  });

  it('gives a slow start its start period, and lets those that depend on it wait until it is healthy', async () => {
    const [port = 0] = await freePorts(1);
    await start(
      worker('slow', {
        port,
        environment: ',DELAY="4000"',
        options: `${quick}\nhealth_start_period=60\nstartsecs=0\nhealth=http://127.0.0.1:${port}/`,
      }) + `[program:front]\ncommand=${child('stays.sh')} front\nstartsecs=0\ndepends_on=slow\n`,
    );
    await daemon.waitForState('slow', 'RUNNING');
    expect(await daemon.info('front')).to.include({
      statename: 'STARTING',
      description: 'waiting for slow to be ready',
    });
    await daemon.waitForState('front', 'RUNNING');
    expect(await details('slow')).to.include({ ready: true, restarts: 0 });
    const messages = daemon.messages.join('\n');
    expect(messages.indexOf('slow: healthy, answered 200')).to.be.greaterThan(0);
    expect(messages.indexOf("spawned: 'front'")).to.be.greaterThan(messages.indexOf('slow: healthy, answered 200'));
  });

  it('restarts one that grows beyond memory_limit, with the full stopwaitsecs', async function () {
    this.timeout(90_000);
    const [port = 0] = await freePorts(1);
    await start(worker('grows', { port, options: `memory_limit=180MB\n${overHttp(port)}` }));
    const { pid } = await waitForReady('grows');
    await signal('grows', 'HUP');
    await daemon.waitForProcess('grows', (info) => info.statename === 'RUNNING' && info.pid !== pid, {
      what: 'another run',
      deadlineMs: 60_000,
    });
    expect(await details('grows')).to.deep.include({ watchdog_restarts: { health: 0, memory: 1 } });
    const line = daemon.messages.find((message) => message.startsWith('WARN unhealthy: grows'));
    expect(line).to.match(/resident memory \d+(\.\d)? MB at the second check in a row above memory_limit \(180 MB\)/);
  });

  it('takes changed health options with an update, and calls them changed at reread', async () => {
    const [port = 0] = await freePorts(1);
    await start(worker('web', { port, options: 'startsecs=0' }));
    await daemon.waitForState('web', 'RUNNING');
    expect(await details('web')).not.to.have.property('health');
    daemon.writeConfig(worker('web', { port, options: `startsecs=0\n${quick}\n${overHttp(port)}` }));
    const update = await runCtl('corevisorctl', { config: daemon.configFile, arguments: ['update'] });
    expect(update.stdout).to.equal('web: stopped\nweb: updated process group\n');
    expect(await waitForReady('web')).to.have.property('health');
    await daemon.waitForMessage(/^INFO web: changed \(.*health none -> http:\/\/\*\*\*@/);
  });
});

/** A shell command as the value of an option. */
function daemonScript(text: string): string {
  return `/bin/sh -c '${text}'`;
}
