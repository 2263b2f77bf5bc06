// A roll of real processes, by real clients: its steps, and what ends it or does not.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'chai';
import { ctlCommand, runCtl, type Outcome } from '../support/ctl.ts';
import { freePortRange, freePorts } from '../support/free-port.ts';
import { describeStory } from '../support/modes.ts';
import { startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { type Load, paths, refuses, startLoad } from '../support/serving.ts';
import { waitUntil } from '../support/wait-until.ts';

const names = ['web:web-1', 'web:web-2', 'web:web-3'];
/** What the processes run is the test's to change. */
const good = '#!/bin/sh\nexec sleep 1000\n';
const bad = '#!/bin/sh\nexit 3\n';
const config = `
[program:web]
command=/bin/sh %(here)s/version.sh
process_name=%(program_name)s-%(process_num)d
numprocs=3
numprocs_start=1
startretries=1
`;

describeStory('rolling restarts', (mode) => {
  let daemon: Daemon;
  beforeEach(async () => {
    daemon = await startDaemon(mode, { config, files: { 'version.sh': good } });
    for (const name of names) await daemon.waitForState(name, 'RUNNING');
  });
  afterEach(() => daemon.stop());

  const ctl = (...words: string[]): Promise<Outcome> =>
    runCtl('corevisorctl', { config: daemon.configFile, arguments: words });
  const pids = async (): Promise<number[]> => (await daemon.infos()).map(({ pid }) => pid);
  const state = async (id: number): Promise<unknown> => Reflect.get(Object(await daemon.call('corevisor.getRoll', id)), 'state'); // prettier-ignore

  it('replaces one process after the other, with lines for its steps', async () => {
    const before = await pids();
    const { stdout, stderr, status } = await ctl('rolling-restart', 'web:*');
    expect([stderr, status]).to.deep.equal(['', 0]);
    // A step may be over before the client has asked for it.
    const ready = stdout.split('\n').filter((line) => line.includes(': ready'));
    expect(ready.map((line) => line.replace(/ \(\d+\.\d s\)$/, ''))).to.deep.equal(
      names.map((name) => `${name}: ready`),
    );
    expect(stdout).to.match(/^web:web-1: (draining|stopping|starting)\n/);
    const after = await pids();
    expect(after.filter((pid) => pid === 0 || before.includes(pid))).to.deep.equal([]);
    expect((await ctl('why', 'web:web-1')).stdout).to.match(
      /^web:web-1: RUNNING, up for .*before that terminated by SIGTERM/,
    );
  });

  it('stops at the first that does not come back; the others run on', async () => {
    const before = await pids();
    daemon.write('version.sh', bad);
    const { stdout, status } = await ctl('rolling-restart', 'web');
    expect(stdout).to.match(/web:web-1: failed\nERROR \(web:web-1 is FATAL and was never ready\)\n$/);
    expect(status).to.equal(1);
    expect((await pids()).slice(1)).to.deep.equal(before.slice(1));
    daemon.write('version.sh', good);
    const again = JSON.parse((await ctl('rolling-restart', '--json', 'web')).stdout);
    expect(again).to.include({ state: 'done', reason: '' });
    expect(await pids()).to.not.include.members([0]);
  });

  it('goes on when the client that asked for it is killed, and is refused a second time', async () => {
    const before = await pids();
    const client = startClient('rolling-restart', 'web');
    await daemon.waitForMessage(/rolling restart of web begins \(roll 1/);
    client.kill('SIGKILL');
    await once(client, 'exit');
    const second = await ctl('rolling-restart', 'web:web-3');
    expect(second).to.include({
      stdout: 'ERROR (web is being rolled already (roll 1: rolling restart of web))\n',
      status: 1,
    });
    await daemon.waitForMessage(/rolling restart of web is done \(roll 1\)/, { deadlineMs: 60_000 });
    expect((await pids()).filter((pid) => pid === 0 || before.includes(pid))).to.deep.equal([]);
  });

  it('ends when a person stops one of them, and leaves nobody down that it has taken down', async () => {
    const client = ctl('rolling-restart', 'web');
    await daemon.waitForMessage(/rolling restart of web begins/);
    expect((await ctl('stop', 'web:web-3')).stdout).to.equal('web:web-3: stopped\n');
    const { stdout, status } = await client;
    expect(stdout).to.match(/ERROR \(web:web-3 was stopped by a person\)\n$/);
    expect(status).to.equal(1);
    for (const name of ['web:web-1', 'web:web-2']) await daemon.waitForState(name, 'RUNNING');
    expect((await daemon.info('web:web-3')).statename).to.equal('STOPPED');
  });

  it('leaves alone what a person had stopped before', async () => {
    await ctl('stop', 'web:web-2');
    const { stdout, status } = await ctl('rolling-restart', 'web');
    expect(stdout).to.contain('web:web-2: left alone (not running, left alone)\n');
    expect(status).to.equal(0);
    expect((await daemon.info('web:web-2')).statename).to.equal('STOPPED');
  });

  it('ends with the daemon, at TERM', async () => {
    await daemon.call('corevisor.rollingRestart', ['web'], { max_unavailable: 2 });
    await daemon.waitForMessage(/rolling restart of web begins/);
    daemon.signal('SIGTERM');
    expect((await daemon.waitForEnd()).status).to.equal(0);
    expect(daemon.messages.join('\n')).to.contain('been cancelled (roll 1): the daemon shuts down');
  });

  it('ends with a life of the daemon, at HUP, and the next one runs everything', async () => {
    await daemon.call('corevisor.rollingRestart', ['web']);
    daemon.signal('SIGHUP');
    await daemon.waitForMessage(/been cancelled \(roll 1\): the daemon shuts down/);
    await daemon.waitUntilAnswering();
    for (const name of names) await daemon.waitForState(name, 'RUNNING');
    expect(await daemon.fault('corevisor.getRoll', 1)).to.contain('no roll 1');
  });

  it('refuses what it does not understand, and nothing changes', async () => {
    const before = await pids();
    for (const [params, text] of [
      [['web', { max_unavailable: 0 }], 'BAD_ARGUMENTS: max_unavailable 0; accepted: a whole number from 1'],
      [['web', { fast: true }], 'BAD_ARGUMENTS: fast; accepted: a struct with max_unavailable'],
      [['nope'], 'BAD_NAME: nope'],
      [[[]], 'INCORRECT_PARAMETERS: no name'],
    ] as const) {
      expect(await daemon.fault('corevisor.rollingRestart', ...params)).to.contain(text);
    }
    expect(await pids()).to.deep.equal(before);
    expect(await state(await rolled())).to.equal('running');
  });

  const rolled = async (): Promise<number> => Number(await daemon.call('corevisor.rollingRestart', 'web:web-1'));

  function startClient(...words: string[]): ChildProcess {
    const [file = '', ...rest] = ctlCommand.corevisorctl;
    return spawn(file, [...rest, '-c', daemon.configFile, ...words], { stdio: 'ignore' });
  }
});

describeStory('rolling restarts behind nginx', (mode) => {
  let daemon: Daemon;
  let loads: Load[] = [];
  let [port, firstWorker] = [0, 0];
  beforeEach(async () => {
    firstWorker = await freePortRange(4);
    [port = 0] = await freePorts(1);
    daemon = await startDaemon(mode, { config: system({ numprocs: 2 }), files: { 'nginx.conf': nginxConf(port) } });
    for (const name of ['nginx', `web:web-${firstWorker}`, `web:web-${firstWorker + 1}`])
      await daemon.waitForState(name, 'RUNNING');
    for (const place of [port, firstWorker, firstWorker + 1]) {
      await waitUntil(async () => !(await refuses(place)), { what: () => `port ${place}: ${daemon.errors}` });
    }
    const post = { method: 'POST', path: '/echo', body: 'x'.repeat(2000) };
    loads = [startLoad({ port, connections: 8 }), startLoad({ port, connections: 8, ...post })];
  });
  afterEach(async () => {
    await stopped();
    await daemon.stop();
  });

  it('lose no GET and no POST', async () => {
    for (let turn = 0; turn < 2; turn += 1) await ctl('rolling-restart', 'web:*');
    await stopped();
    expect(loads.flatMap(({ failures }) => failures)).to.deep.equal([]);
    expect(loads.every((load) => load.answered() > 100)).to.equal(true);
    // The roll needs no reload.
    expect(daemon.messages.join('\n')).to.not.contain('reloading nginx');
  });

  it('lose nothing either when they bring another environment', async () => {
    daemon.writeConfig(system({ numprocs: 2, more: 'OTHER="1"' }));
    const { stdout } = await ctl('update');
    expect(stdout)
      .to.match(/web: updated process group\n$/)
      .and.not.contain('stopped\n');
    await stopped();
    expect(loads.flatMap(({ failures }) => failures)).to.deep.equal([]);
    expect((await ctl('reread')).stdout).to.equal('No config updates to processes\n');
  });

  it('serve on with more and fewer workers', async () => {
    const worker = `web:web-${firstWorker}`;
    const { pid } = await daemon.info(worker);
    for (const numprocs of [4, 1]) {
      daemon.writeConfig(system({ numprocs }));
      expect((await ctl('update')).stdout).to.match(/web: updated process group\n$/);
      expect((await daemon.infos()).filter(({ group }) => group === 'web')).to.have.length(numprocs);
      await waitUntil(() => serversInFile() === numprocs, { what: () => `${numprocs} servers in the file` });
    }
    expect((await ctl('scale', 'web', '3')).stdout).to.match(/web: scaled to 3 \(the file says 1\)\n$/);
    await waitUntil(() => serversInFile() === 3, { what: () => '3 servers in the file' });
    expect((await daemon.info(worker)).pid).to.equal(pid);
    await stopped();
    // A reload of nginx may close a connection that its client is just about to use again.
    expect(loads.flatMap(({ failures }) => failures).filter((failure) => /^\d/.test(failure))).to.deep.equal([]);
  });

  async function ctl(...words: string[]): Promise<Outcome> {
    const outcome = await runCtl('corevisorctl', { config: daemon.configFile, arguments: words });
    expect(outcome.status, `${outcome.stdout}${outcome.stderr}`).to.equal(0);
    return outcome;
  }

  async function stopped(): Promise<void> {
    for (const load of loads) load.stop();
    await Promise.all(loads.map(({ over }) => over));
  }

  function serversInFile(): number {
    return daemon.read('upstream-web.conf').split('server ').length - 1;
  }

  function system({ numprocs, more = '' }: { numprocs: number; more?: string }): string {
    const user = process.getuid?.() === 0 ? 'user root;' : '';
    return `
[program:web]
command=node ${paths.server}
process_name=%(program_name)s-%(process_num)d
numprocs=${numprocs}
numprocs_start=${firstWorker}
health=http://127.0.0.1:%(process_num)d/
node_preload=true
environment=PORT="%(process_num)d",${more}

[program:nginx]
command=nginx -p %(here)s -c %(here)s/nginx.conf -g "daemon off; ${user}"
stopsignal=QUIT
environment=PATH="${process.env['PATH'] ?? ''}:/usr/sbin"

[upstream:web]
server=127.0.0.1:%(process_num)d
file=%(here)s/upstream-web.conf
reload=nginx
`;
  }
});

/** The image's, in the daemon's folder. */
function nginxConf(port: number): string {
  return readFileSync(resolve(paths.root, 'conf', 'nginx.conf'), 'utf8')
    .replaceAll('include /run/corevisor/', 'include ')
    .replaceAll('/run/corevisor/', '')
    .replaceAll('/run/corevisor', '.')
    .replaceAll('listen 80 ', `listen 127.0.0.1:${port} `);
}
