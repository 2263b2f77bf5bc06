// Another number of processes at run time, by real clients; and update as stock clients know it.
import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { runCtl, type Outcome } from '../support/ctl.ts';
import { describeStory } from '../support/modes.ts';
import { child, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

const web = (numprocs: number, more = ''): string => `
[program:web]
command=sleep 1000
process_name=%(program_name)s-%(process_num)d
numprocs=${numprocs}
numprocs_start=1
${more}
`;
const upstream = `
[upstream:web]
server=127.0.0.1:%(process_num)d
`;

describeStory('scaling and updating', (mode) => {
  let daemon: Daemon;
  const start = async (config: string): Promise<void> => {
    daemon = await startDaemon(mode, { config });
    for (const name of ['web:web-1', 'web:web-2']) await daemon.waitForState(name, 'RUNNING');
  };
  afterEach(() => daemon.stop());

  const ctl = (...words: string[]): Promise<Outcome> =>
    runCtl('corevisorctl', { config: daemon.configFile, arguments: words });
  const names = async (): Promise<string[]> => (await daemon.infos()).map(({ name }) => name);

  it('runs more and fewer, shows it in status, and goes back to the file', async () => {
    await start(web(2));
    const { pid } = await daemon.info('web:web-1');
    const more = await ctl('scale', 'web', '4');
    expect(more.stdout).to.match(/web:web-4: ready \(.*\nweb: scaled to 4 \(the file says 2\)\n$/);
    expect(more.status).to.equal(0);
    expect(await names()).to.deep.equal(['web-1', 'web-2', 'web-3', 'web-4']);
    expect((await ctl('status')).stdout).to.match(/\nweb: scaled to 4 \(the file says 2\)\n$/);
    const status = JSON.parse((await ctl('status', '--json')).stdout);
    expect(status.scaled).to.deep.equal([{ name: 'web', count: 4, file: 2 }]);
    expect((await ctl('reread')).stdout).to.equal('No config updates to processes\n');
    const fewer = JSON.parse((await ctl('scale', '--json', 'web', '1')).stdout);
    expect(fewer).to.deep.include({ state: 'done', errors: [] });
    expect(await names()).to.deep.equal(['web-1']);
    await ctl('scale', 'web', 'file');
    expect(await names()).to.deep.equal(['web-1', 'web-2']);
    expect((await ctl('status')).stdout).to.not.contain('scaled');
    expect((await daemon.info('web:web-1')).pid).to.equal(pid);
  });

  it('is forgotten at reload, and when the file says another number', async () => {
    await start(web(2) + upstream);
    await ctl('scale', 'web', '3');
    daemon.writeConfig(web(1) + upstream);
    expect((await ctl('update')).stdout).to.match(/web: updated process group\n$/);
    expect(await names()).to.deep.equal(['web-1']);
    await ctl('scale', 'web', '2');
    daemon.signal('SIGHUP');
    await daemon.waitForMessage(/supervisord started with pid/, { count: 2 });
    await daemon.waitUntilAnswering();
    expect(await names()).to.deep.equal(['web-1']);
    expect(await daemon.call('corevisor.getScales')).to.deep.equal([]);
  });

  it('refuses what makes no sense, and nothing changes', async () => {
    await start(`${web(2)}[program:one]\ncommand=sleep 1000\n`);
    const before = await daemon.infos();
    const cases: readonly [readonly string[], number, RegExp][] = [
      [['scale'], 2, /^Error: scale requires a name and a number, auto or file\nscale <name> <n>/],
      [['scale', 'web', '0'], 2, /^Error: scale takes a whole number from 1, auto or file, not '0'\n/],
      [['scale', 'web', '-3'], 2, /not '-3'/],
      [['scale', 'web', '5000'], 1, /^ERROR \(web cannot be scaled to 5000; accepted: 1 to 1000, auto or file\)\n$/],
      [['scale', 'nope', '2'], 1, /^nope: ERROR \(no such process\)\n$/],
      [['scale', 'one', '2'], 1, /^ERROR \(%\(process_num\) must be present within process_name/],
    ];
    for (const [words, status, text] of cases) {
      const outcome = await ctl(...words);
      expect(outcome.stdout).to.match(text);
      expect(outcome.status).to.equal(status);
    }
    expect((await daemon.infos()).map(({ pid }) => pid)).to.deep.equal(before.map(({ pid }) => pid));
  });

  it('halts an update whose new version does not come back; it stays changed and the rest serves on', async () => {
    await start(web(2) + upstream);
    const { pid } = await daemon.info('web:web-2');
    daemon.writeConfig(web(2, 'command=/bin/false\nstartretries=0') + upstream);
    const halted = await ctl('update');
    expect(halted.stdout).to.match(/web:web-1: failed\nERROR \(web:web-1 is FATAL and was never ready\)\n$/);
    expect(halted.status).to.equal(1);
    expect((await daemon.info('web:web-2')).pid).to.equal(pid);
    expect((await ctl('reread')).stdout).to.equal('web: changed\n');
    daemon.writeConfig(web(2) + upstream);
    const mended = JSON.parse((await ctl('update', '--json')).stdout);
    expect(mended).to.deep.include({ state: 'done', lines: [{ group: 'web', text: 'updated process group' }] });
    expect((await daemon.info('web:web-2')).pid).to.equal(pid);
    await daemon.waitForState('web:web-1', 'RUNNING');
  });

  it('tells workers a drain_timeout that is not 30, unless their environment does', async () => {
    const print = child('prints-environment.sh');
    await start(
      `${web(2)}[program:told]\ncommand=${print} %(here)s/told\n[program:own]\ncommand=${print} %(here)s/own\n` +
        'environment=COREVISOR_DRAIN_TIMEOUT="7"\n' +
        ['told', 'own'].map((name) => `[upstream:${name}]\nserver=127.0.0.1:9\ndrain_timeout=2.5\n`).join(''),
    );
    for (const [name, seconds] of [
      ['told', '2.5'],
      ['own', '7'],
    ] as const) {
      await waitUntil(() => existsSync(daemon.path(name)), { what: name });
      expect(daemon.lines(name)).to.include(`COREVISOR_DRAIN_TIMEOUT=${seconds}`);
    }
  });

  it('refuses an update over a file that is wrong, and everything runs on', async () => {
    await start(web(2) + upstream);
    const before = await daemon.infos();
    daemon.writeConfig(web(2, 'startsecs=soon') + upstream);
    const { stdout, status } = await ctl('update');
    expect(stdout).to.match(/^error: <class 'xmlrpc.client.Fault'>, <Fault 92: .CANT_REREAD: /);
    expect(status).to.equal(1);
    expect((await daemon.infos()).map(({ pid }) => pid)).to.deep.equal(before.map(({ pid }) => pid));
  });

  it('stops, removes and adds what stands in no upstream, in supervisorctl’s words', async () => {
    await start(web(2));
    daemon.writeConfig(`${web(2, 'stopwaitsecs=3')}[program:fresh]\ncommand=sleep 1000\n`);
    expect(await ctl('update')).to.deep.equal({
      stdout: 'web: stopped\nweb: updated process group\nfresh: added process group\n',
      stderr: '',
      status: 0,
    });
    daemon.writeConfig('');
    expect((await ctl('update', 'fresh', 'nope')).stdout).to.equal(
      'ERROR: no such group: nope\nfresh: stopped\nfresh: removed process group\n',
    );
  });
});

describeStory('scaling and updating by supervisorctl', (mode) => {
  it('is a stop and a start of the whole group, as ever', async () => {
    const daemon = await startDaemon(mode, { config: web(2) + upstream });
    try {
      await daemon.waitForState('web:web-2', 'RUNNING');
      daemon.writeConfig(web(3) + upstream);
      const { stdout } = await runCtl('supervisorctl', { config: daemon.configFile, arguments: ['update'] });
      expect(stdout).to.equal('web: stopped\nweb: updated process group\n');
      expect((await daemon.infos()).map(({ name }) => name)).to.deep.equal(['web-1', 'web-2', 'web-3']);
    } finally {
      await daemon.stop();
    }
  });
});
