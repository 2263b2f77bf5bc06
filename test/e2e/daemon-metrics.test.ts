// /metrics of a real daemon: who is let in, what the numbers are of processes that really run, and what a scrape costs others.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { asking } from '../support/asking.ts';
import { freePorts } from '../support/free-port.ts';
import { describeStory } from '../support/modes.ts';
import { openFilesOf } from '../support/proc.ts';
import { parsePrometheus, valueOf } from '../support/prometheus-text.ts';
import { ask, type Address } from '../support/rpc.ts';
import { child, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

describeStory('telling metrics', (mode) => {
  let daemon: Daemon;

  afterEach(async function () {
    this.timeout(60_000);
    await daemon.stop();
  });

  it('asks for the password of its server, and for GET or HEAD', async () => {
    const [port = 0] = await freePorts(1);
    daemon = await startDaemon(mode, {
      config: `[inet_http_server]\nport=127.0.0.1:${port}\nusername=user\npassword=pass\n`,
    });
    const inet: Address = { host: '127.0.0.1', port };
    const knowing: Address = { ...inet, auth: 'user:pass' };
    expect((await ask(inet, { path: '/metrics' })).status).to.equal(401);
    expect((await ask({ ...inet, auth: 'user:wrong' }, { path: '/metrics' })).status).to.equal(401);
    const answer = await ask(knowing, { path: '/metrics?x=1' });
    expect(answer.status).to.equal(200);
    expect(answer.headers['content-type']).to.equal('text/plain; version=0.0.4; charset=utf-8');
    const head = await ask(knowing, { path: '/metrics', method: 'HEAD' });
    expect([head.status, head.body.length]).to.deep.equal([200, 0]);
    expect((await ask(knowing, { path: '/metrics', method: 'POST', body: Buffer.from('x') })).status).to.equal(400);
    expect((await ask(knowing, { path: '/metrics/x' })).status).to.equal(404);
  });

  it('tells what processes use, how they ended and what the daemon did', async () => {
    const [port = 0] = await freePorts(1);
    daemon = await startDaemon(mode, {
      config: `
[inet_http_server]
port=127.0.0.1:${port}
[program:busy]
command=node -e "while (process.cpuUsage().user < 300000); setInterval(() => 0, 1000)"
[program:crashes]
command=/bin/sh -c 'exit 3'
startsecs=0
autorestart=false
[program:nowhere]
command=/nope/nothing
startretries=0
[eventlistener:never-ready]
command=${child('stays.sh')}
events=PROCESS_STATE
buffer_size=1
[upstream:busy]
server=127.0.0.1:1%(process_num)d
`,
    });
    await daemon.waitForState('busy', 'RUNNING');
    await daemon.waitForState('crashes', 'EXITED');
    await daemon.waitForState('nowhere', 'FATAL');
    await daemon.fault('getProcessInfo', 'nobody');
    const told = await waitUntil(
      async () => {
        const families = await scrape(daemon);
        return valueOf(families, 'corevisor_process_cpu_seconds_total', of('busy')) >= 0.2 ? families : null;
      },
      { what: 'CPU time' },
    );
    const { pid } = await daemon.info('busy');
    const rss = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
    expect(valueOf(told, 'corevisor_process_resident_memory_bytes', of('busy'))).to.be.within(rss * 0.7, rss * 1.3);
    expect(valueOf(told, 'corevisor_process_exits_total', of('crashes', { kind: 'unexpected' }))).to.equal(1);
    expect(valueOf(told, 'corevisor_process_spawn_failures_total', of('nowhere'))).to.equal(1);
    expect(valueOf(told, 'corevisor_process_state', of('nowhere', { state: 'FATAL' }))).to.equal(1);
    expect(valueOf(told, 'corevisor_event_pool_waiting_events', { pool: 'never-ready' })).to.equal(1);
    expect(valueOf(told, 'corevisor_event_pool_discarded_events_total', { pool: 'never-ready' })).to.be.greaterThan(2);
    expect(valueOf(told, 'corevisor_upstream_ready_members', { upstream: 'busy' })).to.equal(1);
    expect(valueOf(told, 'corevisor_rpc_requests_total', { result: 'fault' })).to.equal(1);
    expect(valueOf(told, 'corevisor_daemon_open_fds')).to.be.within(
      openFilesOf(daemon.pid) - 5,
      openFilesOf(daemon.pid) + 5,
    );
    expect(Math.abs(valueOf(told, 'corevisor_daemon_start_time_seconds') - Date.now() / 1000)).to.be.lessThan(60);
    expect(told.get('corevisor_orphans_buried_total')?.samples).to.have.length(mode === 'native' ? 1 : 0);
  });

  it('answers while a thousand programs are killed and started again, and costs the others little', async function () {
    this.timeout(150_000);
    // The portable path makes its pipes with a program, so a start takes many times as long there.
    const programs = mode === 'native' ? 1000 : 100;
    daemon = await startDaemon(mode, {
      config: `
[program:many]
command=/bin/sleep 3600
process_name=%(process_num)d
numprocs=${programs}
startsecs=0
stdout_logfile=NONE
stderr_logfile=NONE
`,
    });
    await waitUntil(async () => up(await scrape(daemon)) === programs, {
      what: `${programs} programs`,
      deadlineMs: 100_000,
      everyMs: 200,
    });
    const files = openFilesOf(daemon.pid);
    const killed = (await daemon.infos()).map(({ pid }) => pid);
    let scrapes = 0;
    const asked = await asking(daemon, async () => {
      for (const pid of killed) process.kill(pid, 'SIGKILL');
      await waitUntil(
        async () => {
          const told = await scrape(daemon);
          scrapes += 1;
          const ends = told
            .get('corevisor_process_exits_total')
            ?.samples.filter(({ labels }) => labels['kind'] === 'signal')
            .reduce((sum, { value }) => sum + value, 0);
          return ends === programs && up(told) === programs;
        },
        { what: () => `${programs} back, after ${scrapes} scrapes`, deadlineMs: 100_000 },
      );
    });
    console.log(
      `        ${scrapes} scrapes of ${programs} programs: ${asked.answers} other answers, median ${asked.medianMs} ms, worst ${asked.worstMs} ms`,
    );
    expect(asked.worstMs).to.be.lessThan(10_000);
    expect(openFilesOf(daemon.pid), 'descriptors that scrapes keep').to.be.lessThan(files + 50);
  });
});

describeStory('sleeping while nobody asks', (mode) => {
  let daemon: Daemon;

  afterEach(() => daemon.stop());

  it('sleeps, with a server and a program, until the first scrape', async function () {
    this.timeout(90_000);
    const [port = 0] = await freePorts(1);
    daemon = await startDaemon(mode, {
      config: `
[inet_http_server]
port=127.0.0.1:${port}
[program:p]
command=/bin/sleep 3600
stdout_logfile=NONE
stderr_logfile=NONE
`,
    });
    await daemon.waitForState('p', 'RUNNING');
    // What is left of earlier timers rings once; what comes again and again would be in every stretch of two seconds.
    await waitUntil(async () => (await callsOf(daemon.pid, 2000)).length === 0, {
      what: 'two seconds of sleep',
      deadlineMs: 50_000,
    });
    await scrape(daemon);
    expect((await callsOf(daemon.pid, 1000)).length, 'measures how late it is from now on').to.be.greaterThan(10);
  });
});

/** What the main thread does within that time, as strace tells it. */
async function callsOf(pid: number, ms: number): Promise<string[]> {
  const strace = spawn('strace', ['-qq', '-p', String(pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  strace.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const ended = once(strace, 'exit');
  setTimeout(() => strace.kill('SIGINT'), ms);
  await ended;
  // The call that it sleeps in, seen when strace comes and when it goes.
  return said
    .split('\n')
    .filter(
      (line) =>
        line !== '' &&
        !/^(?:restart_syscall|epoll_pwait2?|epoll_wait)\(.*<(?:unfinished|detached) \.\.\.>/.test(line) &&
        !line.startsWith('strace: '),
    );
}

async function scrape(daemon: Daemon) {
  const answer = await ask(daemon.address, { path: '/metrics' });
  if (answer.status !== 200) throw new Error(`/metrics answers ${answer.status}`);
  return parsePrometheus(answer.body.toString());
}

function of(name: string, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return { group: name, process: name, ...more };
}

function up(families: Awaited<ReturnType<typeof scrape>>): number {
  return (families.get('corevisor_process_up')?.samples ?? []).filter(({ value }) => value === 1).length;
}
