// Logs on a disk that is full, broken, read-only or gone: the child runs on, the loss is counted and said once, and logging
// goes on by itself when the cause is gone.
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { ask } from '../support/rpc.ts';
import { describeWith } from '../support/requirements.ts';
import { child, makeDirectory, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { diskWrapper, SmallDisk } from '../support/small-disk.ts';
import { waitUntil } from '../support/wait-until.ts';

const says = `command=${process.execPath} ${child('says.cjs')}\nstartsecs=0\nautorestart=false\n`;

describeWith(['koffi', 'root', 'namespaces'], 'a disk that takes no more logs', () => {
  let daemon: Daemon;
  let disk: SmallDisk;

  async function start(config: string): Promise<void> {
    const directory = makeDirectory();
    daemon = await startDaemon('native', { config, directory, wrapper: diskWrapper(directory) });
    disk = new SmallDisk(daemon);
  }

  afterEach(() => daemon.discard());

  /** Lets the program write so many lines of 5000 bytes, which is more than a page. */
  async function write(name: string, lines: number): Promise<number> {
    const line = `out ${'x'.repeat(4999)}\\n\n`;
    for (let count = 0; count < lines; count += 1) await daemon.call('sendProcessStdin', name, line);
    return lines * 5000;
  }

  it('costs the bytes that did not fit, which are counted to the last one, and nothing else', async () => {
    await start(`
[program:file]
${says}stdout_logfile=%(here)s/disk/file.log
[program:auto]
${says}
[supervisord]
childlogdir=%(here)s/disk
`);
    const before = await daemon.infos();
    const auto =
      before
        .find(({ name }) => name === 'auto')
        ?.stdout_logfile.split('/')
        .at(-1) ?? '';
    const logs = { file: 'file.log', auto } as const;
    const written = { file: await write('file', 3), auto: await write('auto', 3) };
    await waitUntil(() => disk.size('file.log') === 15_000 && disk.size(auto) === 15_000, { what: 'what still fits' });
    disk.fill();
    for (const name of ['file', 'auto'] as const) {
      written[name] += await write(name, 20);
      await daemon.waitForMessage(new RegExp(`^WARN ${name} stdout: cannot write to \\S+: ENOSPC, what is written`));
      // All of it has come: the end of the line is what the program reads next.
      written[name] += await write(name, 1);
      const answered = await daemon.call('readProcessStdoutLog', name, 0, 0);
      expect(answered).to.have.length.within(15_000, 15_000 + 5000);
    }
    disk.empty();
    for (const name of ['file', 'auto'] as const) {
      const pattern = new RegExp(`^WARN ${name} stdout: \\S+ can be written again, (\\d+) bytes were lost$`);
      await waitUntil(
        async () => {
          written[name] += await write(name, 1);
          return daemon.messages.some((line) => pattern.test(line));
        },
        { what: 'the end of the trouble', everyMs: 300 },
      );
      const lost = daemon.messages
        .map((line) => Number(pattern.exec(line)?.[1] ?? 0))
        .reduce((sum, each) => sum + each);
      expect(lost).to.be.greaterThan(0);
      await waitUntil(() => disk.size(logs[name]) + lost === written[name], {
        what: () => `${written[name]} bytes, written or lost; there are ${disk.size(logs[name])} and ${lost}`,
      });
    }
    expect(daemon.messages.filter((line) => /cannot write to/.test(line))).to.have.length(2);
    const after = await daemon.infos();
    expect(after.map(({ pid }) => pid)).to.deep.equal(before.map(({ pid }) => pid));
  });

  it("costs the daemon's own log the lines that it has meanwhile, which it counts", async () => {
    await start(`
[supervisord]
logfile=%(here)s/disk/own.log
logfile_maxbytes=0
loglevel=debug
[program:says]
${says}stdout_logfile=NONE
`);
    disk.fill();
    // At debug the own log repeats what a program writes.
    await write('says', 20);
    await daemon.waitForMessage(/^WARN cannot write to \S+own\.log: ENOSPC, what is written meanwhile is lost$/);
    const [{ pid }, kept] = [await daemon.info('says'), disk.read('own.log')];
    disk.empty();
    await waitUntil(
      async () => {
        await write('says', 1);
        return /WARN \S+own\.log can be written again, \d+ bytes were lost\n/.test(disk.read('own.log'));
      },
      { what: 'the end of the trouble in the log itself', everyMs: 300 },
    );
    expect(disk.read('own.log').startsWith(kept)).to.equal(true);
    expect(daemon.messages.filter((line) => /cannot write to/.test(line))).to.have.length(1);
    expect((await daemon.info('says')).pid).to.equal(pid);
  });

  it('costs the pidfile when it is full at the start, which is said, and nothing else', async () => {
    const directory = makeDirectory();
    daemon = await startDaemon('native', {
      directory,
      wrapper: diskWrapper(directory, { isFull: true }),
      config: `
[supervisord]
logfile=%(here)s/disk/own.log
pidfile=%(here)s/disk/pid
[program:worker]
command=cat
startsecs=0
`,
    });
    disk = new SmallDisk(daemon);
    await daemon.waitForMessage(/^CRIT could not write pidfile \S+pid$/);
    await daemon.waitForMessage(/^WARN cannot write to \S+own\.log: ENOSPC/);
    await daemon.waitForState('worker', 'RUNNING');
    expect(disk.size('own.log')).to.equal(0);
    daemon.signal('SIGTERM');
    expect(await daemon.waitForEnd()).to.deep.equal({ status: 0, signal: null });
  });

  it('refuses a start while it is read-only, with the reason, and comes up by itself afterwards', async () => {
    await start(`
[program:says]
${says}autostart=false
stdout_logfile=%(here)s/disk/says.log
`);
    disk.remount('ro');
    expect(await daemon.fault('startProcess', 'says')).to.equal('SPAWN_ERROR: says');
    expect((await daemon.info('says')).spawnerr).to.equal("unknown error making dispatchers for 'says': EROFS");
    disk.remount('rw');
    await daemon.waitForState('says', 'RUNNING');
    await write('says', 1);
    await waitUntil(() => disk.size('says.log') === 5000, { what: 'its output' });
  });
});

describeWith(['koffi'], 'a log whose place has gone', () => {
  let daemon: Daemon;

  async function start(config: string): Promise<void> {
    const directory = makeDirectory();
    mkdirSync(`${directory}/logs`);
    daemon = await startDaemon('native', { config, directory });
  }

  afterEach(() => daemon.discard());

  const say = (text: string): Promise<unknown> => daemon.call('sendProcessStdin', 'says', `out ${text}\\n\n`);

  it('is made again when its directory is back, and the loss is said once', async () => {
    await start(`[program:says]\n${says}stdout_logfile=%(here)s/logs/says.log\n`);
    const { pid } = await daemon.info('says');
    await say('kept elsewhere');
    await waitUntil(() => daemon.read('logs/says.log') !== '', { what: 'its first line' });
    rmSync(daemon.path('logs'), { recursive: true });
    const lost = /^WARN says stdout: cannot write to \S+says\.log: ENOENT, what is written meanwhile is lost$/;
    await waitUntil(async () => (await say('lost')) && daemon.messages.some((line) => lost.test(line)), {
      what: 'the loss to be said',
      everyMs: 200,
    });
    expect(await daemon.fault('readProcessStdoutLog', 'says', 0, 0)).to.match(/^NO_FILE/);
    expect(await daemon.call('tailProcessStdoutLog', 'says', 0, 100)).to.deep.equal(['', 0, false]);
    mkdirSync(daemon.path('logs'));
    const over = /^WARN says stdout: \S+says\.log can be written again, \d+ bytes were lost$/;
    await waitUntil(async () => (await say('back')) && daemon.messages.some((line) => over.test(line)), {
      what: 'the end of the trouble',
      everyMs: 200,
    });
    expect(daemon.lines('logs/says.log')).to.include('back');
    expect(daemon.messages.filter((line) => /cannot write to/.test(line))).to.have.length(1);
    expect((await daemon.info('says')).pid).to.equal(pid);
  });

  const places: readonly Place[] = [
    {
      title: 'is gone',
      code: 'ENOENT',
      breaks: (path) => rmSync(path, { recursive: true }),
      mends: (path) => mkdirSync(path),
    },
    {
      title: 'is a file',
      code: 'ENOTDIR',
      breaks(path) {
        rmSync(path, { recursive: true });
        writeFileSync(path, '');
      },
      mends(path) {
        unlinkSync(path);
        mkdirSync(path);
      },
    },
  ];
  for (const { title, code, breaks, mends } of places) {
    it(`is no place for a new start while it ${title}: a spawn error says so, and it recovers`, async () => {
      await start(`[program:says]\n${says}autostart=false\nstdout_logfile=%(here)s/logs/says.log\n`);
      breaks(daemon.path('logs'));
      expect(await daemon.fault('startProcess', 'says')).to.equal('SPAWN_ERROR: says');
      const { spawnerr } = await daemon.info('says');
      expect(spawnerr).to.equal(`unknown error making dispatchers for 'says': ${code}`);
      mends(daemon.path('logs'));
      await daemon.waitForState('says', 'RUNNING');
      await say('here');
      await waitUntil(() => daemon.read('logs/says.log') === 'here\n', { what: 'its output' });
    });
  }

  it('is no place for the AUTO logs of a new program while childlogdir is gone, which is refused', async () => {
    const config = `[supervisord]\nchildlogdir=%(here)s/logs\n[program:says]\n${says}`;
    await start(config);
    const { pid } = await daemon.info('says');
    daemon.writeConfig(`${config}\n[program:late]\ncommand=cat\nstartsecs=0\n`);
    rmSync(daemon.path('logs'), { recursive: true });
    expect(await daemon.fault('reloadConfig')).to.match(/^CANT_REREAD: \S+logs is not an existing directory/);
    mkdirSync(daemon.path('logs'));
    await daemon.call('reloadConfig');
    rmSync(daemon.path('logs'), { recursive: true });
    expect(await daemon.fault('addProcessGroup', 'late')).to.match(/could not make an AUTO log in \S+logs: ENOENT/);
    expect((await daemon.info('says')).pid).to.equal(pid);
    mkdirSync(daemon.path('logs'));
    await daemon.call('addProcessGroup', 'late');
    await daemon.waitForState('late', 'RUNNING');
  });

  it('answers faults to who reads, clears and reopens logs meanwhile, and goes on with the logs when it is back', async () => {
    await start(`
[supervisord]
logfile=%(here)s/logs/own.log
[program:says]
${says}stdout_logfile=%(here)s/logs/says.log
`);
    const { pid } = await daemon.info('says');
    rmSync(daemon.path('logs'), { recursive: true });
    expect(await daemon.fault('readLog', 0, 0)).to.match(/^NO_FILE/);
    expect(await daemon.fault('clearLog')).to.match(/^NO_FILE/);
    expect(await daemon.fault('readProcessStdoutLog', 'says', 0, 0)).to.match(/^NO_FILE/);
    expect(await daemon.fault('clearProcessLogs', 'says')).to.equal('FAILED: says');
    for (const path of ['/logtail/says', '/mainlogtail']) {
      expect((await ask(daemon.address, { path })).status).to.equal(404);
    }
    daemon.signal('SIGUSR2');
    await daemon.waitForMessage(/^WARN says stdout: cannot reopen \S+says\.log: ENOENT$/);
    await daemon.waitForMessage(/^WARN cannot reopen \S+own\.log: ENOENT$/);
    mkdirSync(daemon.path('logs'));
    daemon.signal('SIGUSR2');
    await say('here');
    await waitUntil(() => daemon.read('logs/says.log') === 'here\n', { what: 'its output' });
    await daemon.call('clearProcessLogs', 'says');
    await daemon.call('clearLog');
    await daemon.call('stopProcess', 'says');
    expect(daemon.read('logs/own.log')).to.match(/ stopped: says /);
    expect(daemon.messages.filter((line) => line.includes(`with pid ${pid}`))).to.have.length(1);
  });

  it('answers EIO for a broken disk: said once, and the log goes on when it has another place', async () => {
    const directory = makeDirectory();
    // Address 0 of a process cannot be written: the kernel answers EIO, as for a disk that fails.
    symlinkSync('/proc/self/mem', `${directory}/broken.log`);
    daemon = await startDaemon('native', {
      directory,
      config: `[program:says]\n${says}stdout_logfile=%(here)s/broken.log\nstdout_logfile_maxbytes=0\n`,
    });
    for (let line = 0; line < 5; line += 1) await say('lost');
    await daemon.waitForMessage(/^WARN says stdout: cannot write to \S+broken\.log: EIO, what is written/);
    unlinkSync(daemon.path('broken.log'));
    daemon.signal('SIGUSR2');
    await waitUntil(
      async () => (await say('kept')) && daemon.messages.some((line) => /can be written again/.test(line)),
      {
        what: 'the end of the trouble',
        everyMs: 300,
      },
    );
    expect(readFileSync(daemon.path('broken.log'), 'utf8')).to.match(/^(lost\n)*(kept\n)+$/);
    expect(daemon.messages.filter((line) => /cannot write to/.test(line))).to.have.length(1);
  });
});

describeWith(['koffi', 'root'], 'a log directory that an unprivileged daemon may no longer write to', () => {
  it('refuses a start and a rotation with the reason, and both go on when it may', async () => {
    const directory = makeDirectory();
    chmodSync(directory, 0o777);
    mkdirSync(`${directory}/logs`);
    chmodSync(`${directory}/logs`, 0o777);
    const daemon = await startDaemon('native', {
      directory,
      config: `
[supervisord]
user=nobody
[program:runs]
${says}stdout_logfile=%(here)s/logs/runs.log
stdout_logfile_maxbytes=10
stdout_logfile_backups=1
[program:starts]
${says}autostart=false
stdout_logfile=%(here)s/logs/starts.log
`,
    });
    try {
      const { pid } = await daemon.info('runs');
      chmodSync(daemon.path('logs'), 0o755);
      for (const text of ['0123456789', 'abcdefghij', 'ABCDEFGHIJ']) {
        await daemon.call('sendProcessStdin', 'runs', `out ${text}\\n\n`);
        await waitUntil(() => daemon.read('logs/runs.log').includes(text), { what: text });
      }
      expect(daemon.lines('logs/runs.log')).to.deep.equal(['0123456789', 'abcdefghij', 'ABCDEFGHIJ']);
      expect(await daemon.fault('startProcess', 'starts')).to.equal('SPAWN_ERROR: starts');
      expect((await daemon.info('starts')).spawnerr).to.equal("unknown error making dispatchers for 'starts': EACCES");
      chmodSync(daemon.path('logs'), 0o777);
      await daemon.waitForState('starts', 'RUNNING');
      await daemon.call('sendProcessStdin', 'runs', 'out 0123456789\\n\n');
      await daemon.waitForMessage(/^WARN runs stdout: \S+ is rotated again$/);
      expect(daemon.messages.filter((line) => /cannot rotate/.test(line))).to.have.length(1);
      expect(daemon.lines('logs/runs.log.1')).to.have.length(4);
      expect((await daemon.info('runs')).pid).to.equal(pid);
    } finally {
      daemon.discard();
    }
  });
});

/** A place for logs that is none for a while. */
interface Place {
  readonly title: string;
  readonly code: string;
  readonly breaks: (path: string) => void;
  readonly mends: (path: string) => void;
}
