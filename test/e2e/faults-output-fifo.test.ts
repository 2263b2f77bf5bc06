// Logs that are no files: FIFOs without a reader, or whose reader goes, a device that takes nothing, a socket. The daemon
// never waits for any of them; a child waits as if it wrote there itself.
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, renameSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { expect } from 'chai';
import { readPipe } from '../support/real-pipe.ts';
import { describeWith } from '../support/requirements.ts';
import { child, makeDirectory, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

const says = `command=${process.execPath} ${child('says.cjs')}\nstartsecs=0\nautorestart=false\nstdout_logfile_maxbytes=0\n`;

describeWith(['koffi'], 'a log that is no file', () => {
  let daemon: Daemon;
  let directory: string;

  beforeEach(() => {
    directory = makeDirectory();
  });

  afterEach(() => daemon.discard());

  const say = (text: string): Promise<unknown> => daemon.call('sendProcessStdin', 'says', `out ${text}\\n\n`);

  function makeFifo(name: string): string {
    execFileSync('mkfifo', [`${directory}/${name}`]);
    return `${directory}/${name}`;
  }

  it('may be a FIFO that nobody reads: runs share what waits, and a late reader gets all of it in order', async () => {
    const path = makeFifo('fifo');
    const command = `sh -c 'head -c 100000 /dev/zero | tr "\\\\0" x; echo; echo "end of run"'`;
    daemon = await startDaemon('native', {
      directory,
      config: `
[program:runs]
command=${command}
startsecs=0
autorestart=false
stdout_logfile=${path}
stdout_logfile_maxbytes=0
`,
    });
    // The FIFO takes 64 KiB, the rest waits in the daemon, beyond the end of the run.
    await daemon.waitForState('runs', 'EXITED');
    // The next run waits from its first 64 KiB on.
    await daemon.call('startProcess', 'runs', false);
    await daemon.waitForState('runs', 'RUNNING');
    expect(await daemon.fault('readProcessStdoutLog', 'runs', 0, 0)).to.match(/^FAILED/);
    const reader = openReader(path);
    const text = await readUntil(reader, (all) => all.split('end of run\n').length === 3);
    expect(text).to.equal(`${'x'.repeat(100_000)}\nend of run\n`.repeat(2));
    closeSync(reader);
    await daemon.waitForState('runs', 'EXITED');
    expect(daemon.messages.filter((line) => /cannot write|lost/.test(line))).to.deep.equal([]);
  });

  it('never holds up the loop or the end of the daemon, however many full FIFOs there are', async () => {
    const count = 60;
    for (let number = 0; number < count; number += 1) makeFifo(`fifo${number}`);
    daemon = await startDaemon('native', {
      directory,
      config: `
[program:full]
command=sh -c 'head -c 200000 /dev/zero; exec sleep 3600'
process_name=%(process_num)d
numprocs=${count}
startsecs=0
stopsignal=KILL
stopasgroup=true
killasgroup=true
stdout_logfile=%(here)s/fifo%(process_num)d
stdout_logfile_maxbytes=0
`,
    });
    await waitUntil(async () => (await daemon.infos()).every(({ statename }) => statename === 'RUNNING'), {
      what: 'all of them to run',
    });
    const readers = Array.from({ length: count }, (_, number) => openReader(`${directory}/fifo${number}`));
    const began = performance.now();
    await daemon.call('stopProcessGroup', 'full');
    // 200 ms for each of them would be twelve seconds.
    expect(performance.now() - began).to.be.below(8000);
    const ending = performance.now();
    daemon.signal('SIGTERM');
    expect(await daemon.waitForEnd()).to.deep.equal({ status: 0, signal: null });
    expect(performance.now() - ending).to.be.below(8000);
    for (const reader of readers) closeSync(reader);
  });

  it('may be a FIFO whose reader goes: what is written meanwhile is lost, counted and said, and the next one reads on', async () => {
    const path = makeFifo('fifo');
    const first = openReader(path);
    daemon = await startDaemon('native', { directory, config: `[program:says]\n${says}stdout_logfile=${path}\n` });
    await say('one');
    expect(await readUntil(first, (all) => all.endsWith('\n'))).to.equal('one\n');
    closeSync(first);
    await say('lost');
    await daemon.waitForMessage(
      /^WARN says stdout: cannot write to \S+fifo: EPIPE, what is written meanwhile is lost$/,
    );
    await say('lost');
    const second = openReader(path);
    const over = /^WARN says stdout: \S+fifo can be written again, (\d+) bytes were lost$/;
    await waitUntil(async () => (await say('two')) && daemon.messages.some((line) => over.test(line)), {
      what: 'the end of the trouble',
      everyMs: 300,
    });
    expect(await readUntil(second, (all) => all.endsWith('two\n'))).to.match(/^(lost\n)?(two\n)+$/);
    closeSync(second);
    expect(daemon.messages.filter((line) => /cannot write to/.test(line))).to.have.length(1);
  });

  it("may be the daemon's own: a full FIFO holds up neither supervision nor the end, and says what it lost", async () => {
    const path = makeFifo('fifo');
    daemon = await startDaemon('native', {
      directory,
      config: `
[supervisord]
logfile=${path}
logfile_maxbytes=0
loglevel=debug
[program:flood]
command=${process.execPath} ${child('floods-stdout.cjs')} 4
startsecs=0
autorestart=false
[program:worker]
command=cat
startsecs=0
`,
    });
    await daemon.waitForState('flood', 'EXITED');
    await daemon.waitForMessage(/^WARN cannot write to \S+fifo: EAGAIN, what is written meanwhile is lost$/);
    const { pid } = await daemon.waitForState('worker', 'RUNNING');
    process.kill(pid, 'SIGKILL');
    await daemon.waitForProcess('worker', (info) => info.statename === 'RUNNING' && info.pid !== pid);
    daemon.signal('SIGTERM');
    expect(await daemon.waitForEnd()).to.deep.equal({ status: 0, signal: null });
    expect(daemon.messages.at(-2)).to.match(/^WARN \S+fifo is closed, \d+ bytes were lost$/);
  });

  it('may be a device that takes nothing, which is said once and once more at the end', async () => {
    daemon = await startDaemon('native', { directory, config: `[program:says]\n${says}stdout_logfile=/dev/full\n` });
    for (let line = 0; line < 20; line += 1) await say('lost');
    await daemon.waitForMessage(
      /^WARN says stdout: cannot write to \/dev\/full: ENOSPC, what is written meanwhile is lost$/,
    );
    await daemon.call('sendProcessStdin', 'says', 'exit 0\n');
    await daemon.waitForMessage(/^WARN says stdout: \/dev\/full is closed, 100 bytes were lost$/);
    expect(daemon.messages.filter((line) => /\/dev\/full/.test(line))).to.have.length(2);
  });

  it('may not be a socket: a spawn error says so, and it comes up by itself when there is a file', async () => {
    const server = createServer().listen(`${directory}/log`);
    await once(server, 'listening');
    daemon = await startDaemon('native', { directory, config: `[program:says]\n${says}stdout_logfile=%(here)s/log\n` });
    await daemon.waitForProcess(
      'says',
      ({ spawnerr }) => spawnerr === "unknown error making dispatchers for 'says': ENXIO",
    );
    renameSync(`${directory}/log`, `${directory}/socket`);
    await daemon.waitForState('says', 'RUNNING');
    await say('kept');
    await waitUntil(() => daemon.read('log') === 'kept\n', { what: 'its output' });
    server.close();
  });
});

function openReader(path: string): number {
  return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
}

async function readUntil(fd: number, isAll: (text: string) => boolean): Promise<string> {
  let text = '';
  const what = (): string => `more than ${text.length} bytes, which end with ${text.slice(-200)}`;
  await waitUntil(() => isAll((text += readPipe(fd)?.toString('latin1') ?? '')), { what });
  return text;
}
