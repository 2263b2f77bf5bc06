// The embedded proxy under a daemon: its clients while it is killed, restarted and changed, and at the end.
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { runCtl } from '../support/ctl.ts';
import { freePorts } from '../support/free-port.ts';
import { describeStory, type Mode } from '../support/modes.ts';
import { startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { fetchOnce, paths, refuses, startLoad } from '../support/serving.ts';
import { waitUntil } from '../support/wait-until.ts';

interface System {
  readonly daemon: Daemon;
  readonly port: number;
  readonly worker: number;
  readonly config: string;
}

describeStory('replacing the embedded proxy', (mode) => {
  let system: System;
  afterEach(() => system.daemon.stop());

  it('refuses nobody when it is killed, again and again', async () => {
    system = await startSystem(mode);
    const { daemon, port } = system;
    for (let kill = 0; kill < 3; kill += 1) {
      const { pid } = await daemon.waitForState('proxy:web', 'RUNNING');
      process.kill(pid, 'SIGKILL');
      const answers = await Promise.all(Array.from({ length: 8 }, () => fetchOnce({ port })));
      expect(answers.map(({ status }) => status)).to.deep.equal(answers.map(() => 200));
      expect((await daemon.info('proxy:web')).pid).not.to.equal(pid);
    }
  });

  it('loses no request of clients that connect while it is restarted, nor what is in flight', async () => {
    system = await startSystem(mode);
    const { daemon, port } = system;
    const outcomes: string[] = [];
    const wish = { stop: false };
    const clients = Array.from({ length: 4 }, async () => {
      while (!wish.stop) {
        const path = outcomes.length % 5 === 0 ? '/slow' : '/';
        const answer = await fetchOnce({ port, path }).catch((error: unknown) => error);
        outcomes.push(answer instanceof Error ? answer.message : 'status' in Object(answer) ? 'answered' : '?');
      }
    });
    const kept = startLoad({ port, connections: 4, follow: true });
    for (let restart = 0; restart < 2; restart += 1) {
      const answered = outcomes.length;
      await waitUntil(() => outcomes.length > answered + 20, { what: 'a busy proxy' });
      const outcome = await runCtl('corevisorctl', {
        config: daemon.configFile,
        arguments: ['restart', 'proxy:web'],
      });
      expect(outcome.stdout).to.equal('proxy:web: stopped\nproxy:web: started\n');
    }
    const answered = outcomes.length;
    await waitUntil(() => outcomes.length > answered + 20, { what: 'answers of the new one' });
    wish.stop = true;
    kept.stop();
    await Promise.all([...clients, kept.over]);
    expect(outcomes.filter((outcome) => outcome !== 'answered')).to.deep.equal([]);
    expect(kept.failures).to.deep.equal([]);
  });

  it('gives the socket on to a proxy that was changed', async () => {
    system = await startSystem(mode);
    const { daemon, port, config } = system;
    daemon.writeConfig(config.replace('drain_timeout=20', 'drain_timeout=21'));
    const update = runCtl('corevisorctl', { config: daemon.configFile, arguments: ['update'] });
    const wish = { stop: false };
    void update.then(() => (wish.stop = true));
    while (!wish.stop) {
      expect(await refuses(port)).to.equal(false);
      await delay(5);
    }
    expect((await update).stdout).to.include('proxy: updated process group');
    expect((await fetchOnce({ port })).status).to.equal(200);
  });

  it('says why it cannot listen, and comes up by itself once it can', async () => {
    const [port = 0] = await freePorts(1);
    const squatter = net.createServer().listen(port, '127.0.0.1');
    system = await startSystem(mode, { port, waits: false });
    const { daemon } = system;
    const { spawnerr } = await daemon.waitForState('proxy:web', 'BACKOFF');
    expect(spawnerr).to.equal(`cannot listen on 127.0.0.1:${port}: EADDRINUSE`);
    await new Promise((done) => squatter.close(done));
    await daemon.waitForState('proxy:web', 'RUNNING');
    expect((await fetchOnce({ port })).status).to.equal(200);
  });

  it('listens on IPv4 and IPv6 where no address is named', async () => {
    system = await startSystem(mode, { anywhere: true });
    const { port } = system;
    expect((await fetchOnce({ port })).status).to.equal(200);
    const six = net.connect({ host: '::1', port });
    const isIpv6 = await new Promise((done) => six.once('connect', () => done(true)).once('error', () => done(false)));
    six.destroy();
    // A machine without IPv6 has no ::1 to connect to.
    if (isIpv6 === false) expect(await refuses(port)).to.equal(false);
  });
});

describeStory('ending with the embedded proxy', (mode) => {
  it('refuses newcomers at once, finishes what is in flight, and stops the workers after it', async () => {
    const system = await startSystem(mode);
    const { daemon, port, worker } = system;
    const answer = fetchOnce({ port, path: '/slow' });
    await delay(100);
    daemon.signal('SIGTERM');
    await waitUntil(() => refuses(port), { what: 'a port that is closed' });
    expect((await answer).body).to.equal('slow');
    expect(await daemon.waitForEnd()).to.deep.equal({ status: 0, signal: null });
    expect(await refuses(worker)).to.equal(true);
    const ends = daemon.messages.filter((line) => line.includes(' stopped: '));
    expect(ends.map((line) => /stopped: (\S+)/.exec(line)?.[1])).to.deep.equal(['web', `web-${worker}`]);
    await daemon.stop();
  });
});

async function startSystem(
  mode: Mode,
  { port: wanted, waits = true, anywhere = false }: { port?: number; waits?: boolean; anywhere?: boolean } = {},
): Promise<System> {
  const [worker = 0, free = 0] = await freePorts(2);
  const port = wanted ?? free;
  const config = `[program:web]
command=node --require ${paths.worker} ${paths.server}
process_name=web-${worker}
environment=PORT="${worker}"
[upstream:web]
server=127.0.0.1:${worker}
drain_timeout=20
[proxy:web]
listen=${anywhere ? '*' : '127.0.0.1'}:${port}
upstream=web
`;
  const daemon = await startDaemon(mode, { config });
  if (waits) {
    await daemon.waitForState('proxy:web', 'RUNNING');
    await daemon.waitForState(`web:web-${worker}`, 'RUNNING');
    await waitUntil(async () => !(await refuses(worker)), { what: () => daemon.output });
  }
  return { daemon, port, worker, config };
}
