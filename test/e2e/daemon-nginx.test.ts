// The image's system without an image: conf/supervisord.conf and conf/nginx.conf on ports and in a folder of this test,
// with real clients on it while workers are killed and restarted. What must not happen is one failed request.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { runCtl } from '../support/ctl.ts';
import { freePortRange, freePorts } from '../support/free-port.ts';
import { describeStory, type Mode } from '../support/modes.ts';
import { startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { type Load, paths, refuses, startLoad } from '../support/serving.ts';
import { waitUntil } from '../support/wait-until.ts';

const workers = 2;

describeStory('serving through nginx', (mode) => {
  let system: System;
  let loads: Load[];

  beforeEach(() => {
    loads = [];
  });
  afterEach(async () => {
    await stopped(loads);
    await system.daemon.stop();
  });

  it('loses no GET of 32 connections while workers are killed, and replaces each at once', async () => {
    system = await startSystem(mode, { worker: `node ${paths.service}` });
    loads = [startLoad({ port: system.port, connections: 32 })];
    await served(loads, 300);
    for (let kill = 0; kill < 2 * workers; kill += 1) {
      const name = `web:web-${system.firstWorker + (kill % workers)}`;
      const { pid } = await system.daemon.info(name);
      process.kill(pid, 'SIGKILL');
      await system.daemon.waitForProcess(name, (info) => info.pid !== 0 && info.pid !== pid, { what: 'a new process' });
      await system.allListen();
      await served(loads, 300);
    }
    await stopped(loads);
    expect(loads.flatMap(({ failures }) => failures)).to.deep.equal([]);
  });

  it('loses no GET and no POST of 64 connections while the workers are restarted one after the other', async () => {
    system = await startSystem(mode, { worker: `node ${paths.server}\nnode_preload=true` });
    const { daemon, port } = system;
    const post = { method: 'POST', path: '/echo', body: 'x'.repeat(2000) };
    loads = [startLoad({ port, connections: 32 }), startLoad({ port, connections: 32, ...post })];
    await served(loads, 300);
    for (let restart = 0; restart < workers; restart += 1) {
      const name = `web:web-${system.firstWorker + restart}`;
      const outcome = await runCtl('corevisorctl', { config: daemon.configFile, arguments: ['restart', name] });
      expect(outcome.stdout).to.equal(`${name}: stopped\n${name}: started\n`);
      await system.allListen();
      await served(loads, 300);
    }
    await stopped(loads);
    expect(loads.flatMap(({ failures }) => failures)).to.deep.equal([]);
  });
});

interface System {
  readonly daemon: Daemon;
  /** nginx's. */
  readonly port: number;
  readonly firstWorker: number;
  /** Waits until every worker takes connections. */
  allListen(): Promise<void>;
}

async function startSystem(mode: Mode, { worker }: { worker: string }): Promise<System> {
  const firstWorker = await freePortRange(workers);
  const [port = 0] = await freePorts(1);
  const daemon = await startDaemon(mode, {
    config: moved('supervisord.conf', [
      ['/run/corevisor', '%(here)s'],
      ['/etc/nginx/nginx.conf', '%(here)s/nginx.conf'],
      // As root nginx would give its own processes another user, who may not enter the test's folder.
      ['-g "', process.getuid?.() === 0 ? '-p %(here)s -g "user root; ' : '-p %(here)s -g "'],
      ['/app/service', '%(here)s'],
      ['command=node server.js', `command=${worker}`],
      ['numprocs_start=8000', `numprocs_start=${firstWorker}`],
    ]),
    head: false,
    environment: { COREVISOR_CPUS: String(workers) },
    files: {
      'nginx.conf': moved('nginx.conf', [
        ['include /run/corevisor/', 'include '],
        ['/run/corevisor/', ''],
        ['/run/corevisor', '.'],
        ['listen 80 ', `listen 127.0.0.1:${port} `],
      ]),
    },
  });
  const allListen = async (): Promise<void> => {
    for (let index = 0; index < workers; index += 1) {
      await waitUntil(async () => !(await refuses(firstWorker + index)), { what: `worker ${index}: ${daemon.output}` });
    }
  };
  await allListen();
  await waitUntil(async () => !(await refuses(port)), { what: () => `nginx: ${daemon.output}${daemon.errors}` });
  return { daemon, port, firstWorker, allListen };
}

/** The image's file with these texts replaced, each of which must be in it. */
function moved(name: string, replacements: readonly (readonly [string, string])[]): string {
  let text = readFileSync(resolve(paths.root, 'conf', name), 'utf8');
  for (const [from, to] of replacements) {
    expect(text, name).to.include(from);
    text = text.replaceAll(from, to);
  }
  return text;
}

/** Waits for that many more answers of each load. */
async function served(loads: readonly Load[], more: number): Promise<void> {
  const goals = loads.map((load) => load.answered() + more);
  const reached = (): boolean =>
    loads.every((load, index) => load.failures.length > 0 || load.answered() >= (goals[index] ?? 0));
  await waitUntil(reached, { what: `${more} more answers` });
}

async function stopped(loads: readonly Load[]): Promise<void> {
  for (const load of loads) load.stop();
  await Promise.all(loads.map((load) => load.over));
}
