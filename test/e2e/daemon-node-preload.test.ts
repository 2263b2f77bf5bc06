// node_preload on a real daemon: what a program finds in NODE_OPTIONS, and what is said when the module is not there.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { preload } from '../../src/process/node-preload.ts';
import { describeStory } from '../support/modes.ts';
import { child, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { fetchOnce, keepAliveAgent, paths, refuses } from '../support/serving.ts';
import { waitUntil } from '../support/wait-until.ts';

const showsOptions = '/bin/sh -c \'echo "$NODE_OPTIONS" >>%(here)s/%(program_name)s; exec sleep 1000\'';

describeStory('preloading the worker module', (mode) => {
  let daemon: Daemon;
  let folder: string;

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'corevisor elsewhere "'))));
  afterEach(async () => {
    await daemon.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('adds to what environment=, env_file or the daemon itself sets, and to nothing where it is off', async () => {
    daemon = await startDaemon(mode, {
      config: `
[program:off]
command=${showsOptions}
[program:inherited]
command=${showsOptions}
node_preload=true
[program:filed]
command=${showsOptions}
node_preload=true
env_file=%(here)s/app.env
[program:own]
command=${showsOptions}
node_preload=true
env_file=%(here)s/app.env
environment=NODE_OPTIONS="--max-old-space-size=200"
[program:twice]
command=${showsOptions}
node_preload=true
environment=NODE_OPTIONS="--require=${paths.worker}"
`,
      files: { 'app.env': 'NODE_OPTIONS=--trace-warnings\n' },
      environment: { NODE_OPTIONS: '--no-deprecation' },
    });
    for (const name of ['off', 'inherited', 'filed', 'own', 'twice']) await daemon.waitForState(name, 'RUNNING');
    const seen = ['off', 'inherited', 'filed', 'own', 'twice'].map((name) => daemon.lines(name)[0]);
    expect(seen).to.deep.equal([
      '--no-deprecation',
      `--no-deprecation --require ${paths.worker}`,
      `--trace-warnings --require ${paths.worker}`,
      `--max-old-space-size=200 --require ${paths.worker}`,
      `--require=${paths.worker}`,
    ]);
  });

  it('drains a server that knows nothing of it, from a place with spaces and quotes in its name', async () => {
    const server = `${child('serves-http.cjs')} busy`;
    daemon = await startDaemon(mode, {
      config: `
[program:web]
command=node ${server}
node_preload=true
stdout_logfile=%(here)s/web.log
`,
      bundles: copyBundles(folder),
    });
    const port = await waitUntil(() => Number(/listening (\d+)/.exec(daemon.read('web.log'))?.[1] ?? 0), {
      what: () => `a port in ${daemon.read('web.log')}${daemon.output}`,
    });
    const agent = keepAliveAgent();
    await fetchOnce({ port, agent });
    await daemon.waitForState('web', 'RUNNING');
    const stopped = daemon.call('stopProcess', 'web');
    await waitUntil(() => refuses(port), { what: 'a server that takes no new connection' });
    const late = await fetchOnce({ port, method: 'POST', body: 'late', agent });
    expect(late.body).to.match(/ 4$/);
    expect(late.headers.connection).to.equal('close');
    await stopped;
  });

  it('takes a module that is missing for a failed start that says so, and recovers', async () => {
    const bundles = copyBundles(folder);
    const module = join(bundles, 'worker.cjs');
    renameSync(module, `${module}.away`);
    daemon = await startDaemon(mode, {
      config: `
[program:web]
command=${child('stays.sh')}
node_preload=true
startretries=1000
[program:other]
command=${child('stays.sh')}
`,
      bundles,
    });
    const info = await daemon.waitForState('web', 'BACKOFF');
    expect(info.description).to.equal(`node_preload can't read '${module}': ENOENT`);
    await daemon.waitForState('other', 'RUNNING');
    renameSync(`${module}.away`, module);
    await daemon.waitForState('web', 'RUNNING');
  });

  it('refuses to add to NODE_OPTIONS that Node would refuse, without showing them', async () => {
    daemon = await startDaemon(mode, {
      config: `
[program:web]
command=${child('stays.sh')}
node_preload=true
autostart=false
startretries=0
env_file=app.env
`,
      files: { 'app.env': `NODE_OPTIONS='--title="hunter2'\n` },
    });
    expect(await daemon.fault('startProcess', 'web')).to.equal('SPAWN_ERROR: web');
    const { spawnerr } = await daemon.info('web');
    expect(spawnerr).to.equal(
      "node_preload can't add to NODE_OPTIONS: a quote in it is not closed, and Node would refuse it",
    );
  });
});

describeStory('preloading the worker module as another user', (mode) => {
  let daemon: Daemon;
  let folder: string;

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'corevisor-closed-'))));
  afterEach(async () => {
    await daemon.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes a module that the user may not read for a failed start that says so', async () => {
    const bundles = copyBundles(folder);
    daemon = await startDaemon(mode, {
      config: `
[program:web]
command=/bin/sleep 1000
user=nobody
node_preload=true
startretries=1000
stdout_logfile=NONE
stderr_logfile=NONE
`,
      bundles,
    });
    const info = await daemon.waitForState('web', 'BACKOFF');
    expect(info.description).to.equal(
      `node_preload can't read '${join(bundles, 'worker.cjs')}' as user nobody: EACCES`,
    );
    chmodSync(folder, 0o755);
    await daemon.waitForState('web', 'RUNNING');
  });
});

describe('what Node reads in NODE_OPTIONS', () => {
  it('is the path that was meant, whatever is in it', () => {
    const strange = mkdtempSync(join(tmpdir(), String.raw`a "b\c d-`));
    try {
      cpSync(paths.worker, join(strange, 'worker.cjs'));
      const made = preload({ NODE_OPTIONS: '--title="a \\" b"' }, join(strange, 'worker.cjs'));
      const shows = `console.log(Symbol.for('corevisor.worker') in process, process.title)`;
      const { stdout, stderr } = spawnSync(process.execPath, ['-e', shows], {
        env: 'variables' in made ? made.variables : {},
        encoding: 'utf8',
      });
      expect(stdout, stderr).to.equal('true a " b\n');
    } finally {
      rmSync(strange, { recursive: true, force: true });
    }
  });
});

/** The daemon's bundles in a folder of the test's, where its module can be taken away. */
function copyBundles(folder: string): string {
  const bundles = join(folder, 'dist');
  cpSync(resolve(paths.root, 'dist'), bundles, { recursive: true });
  symlinkSync(resolve(paths.root, 'node_modules'), join(folder, 'node_modules'));
  return bundles;
}
