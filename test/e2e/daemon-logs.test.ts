// Where a program's output goes: files, rotated files, automatic files, nowhere, or straight through; and that none is lost.
import { expect } from 'chai';
import { closeSync, existsSync, openSync, readdirSync, readlinkSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { describeStory } from '../support/modes.ts';
import { child, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

const numbered = (word: string, count: number): string =>
  Array.from({ length: count }, (_, index) => `${word} ${index + 1}\n`).join('');

describeStory('keeping logs', (mode) => {
  let daemon: Daemon;

  before(async () => {
    daemon = await startDaemon(mode, {
      config: `
[supervisord]
identifier=unit

[program:both]
command=${child('writes-lines.sh')} 100 both
stdout_logfile=%(here)s/both.out
stderr_logfile=%(here)s/both.err

[program:merged]
command=${child('writes-lines.sh')} 100 merged
redirect_stderr=true
stdout_logfile=%(here)s/merged.out

[program:automatic]
command=${child('writes-lines.sh')} 10 automatic

[program:none]
command=${child('writes-lines.sh')} 10 none
stdout_logfile=NONE
stderr_logfile=NONE

[program:echo]
command=${child('echoes-stdin.sh')}
stdout_logfile=%(here)s/echo.out
stdout_logfile_maxbytes=100
stdout_logfile_backups=2

[program:streams]
command=${child('writes-dev-streams.sh')}
stdout_logfile=%(here)s/streams.out
stderr_logfile=%(here)s/streams.err

[program:no-rotation]
command=${child('echoes-stdin.sh')}
stdout_logfile=%(here)s/no-rotation.out
stdout_logfile_maxbytes=0

[program:goodbye]
command=${child('says-goodbye.sh')}
stdout_logfile=%(here)s/goodbye.out

[program:no-backups]
command=${child('echoes-stdin.sh')}
stdout_logfile=%(here)s/no-backups.out
stdout_logfile_maxbytes=100
stdout_logfile_backups=0
`,
    });
    await daemon.waitForState('none', 'RUNNING');
    await daemon.waitForState('streams', 'RUNNING');
  });

  after(() => daemon.stop());

  it('keeps stdout and stderr each in its file', async () => {
    await waitUntil(() => daemon.lines('both.err').length === 100, { what: 'all of stderr' });
    expect(daemon.read('both.out')).to.equal(numbered('both', 100));
    expect(daemon.read('both.err')).to.equal(numbered('error', 100));
  });

  it('keeps both in one file, in their order, with redirect_stderr', async () => {
    await waitUntil(() => daemon.lines('merged.out').length === 200, { what: 'all of both' });
    const expected = Array.from({ length: 100 }, (_, index) => `merged ${index + 1}\nerror ${index + 1}\n`).join('');
    expect(daemon.read('merged.out')).to.equal(expected);
    expect((await daemon.info('merged')).stderr_logfile).to.equal('');
  });

  it('chooses a file in childlogdir for AUTO, named after program, channel and identifier', async () => {
    const { stdout_logfile: out, stderr_logfile: error } = await daemon.info('automatic');
    expect(basename(out)).to.match(/^automatic-stdout---unit-[a-z0-9_]{8}\.log$/);
    expect(basename(error)).to.match(/^automatic-stderr---unit-[a-z0-9_]{8}\.log$/);
    expect(readdirSync(daemon.directory)).to.include(basename(out));
    expect(statSync(out).mode & 0o777).to.equal(0o600);
    await waitUntil(() => daemon.read(basename(out)) === numbered('automatic', 10), { what: 'its output' });
  });

  it('keeps nothing with NONE', async () => {
    const info = await daemon.info('none');
    expect([info.stdout_logfile, info.stderr_logfile, info.logfile]).to.deep.equal(['', '', '']);
    expect(await daemon.fault('readProcessStdoutLog', 'none', 0, 0)).to.match(/^NO_FILE/);
    expect(readdirSync(daemon.directory).filter((name) => name.startsWith('none'))).to.deep.equal([]);
  });

  it('lets a child open its own streams as /dev/stdout and /dev/stderr', async () => {
    await waitUntil(() => daemon.lines('streams.err').length === 2, { what: 'four lines' });
    expect(daemon.read('streams.out')).to.equal('through fd 1\nthrough /dev/stdout\n');
    expect(daemon.read('streams.err')).to.equal('through fd 2\nthrough /dev/stderr\n');
  });

  it('rotates a log that has grown to maxbytes, and keeps as many backups as it is told', async () => {
    for (let number = 1; number <= 4; number++) {
      await daemon.call('sendProcessStdin', 'echo', `${String(number).repeat(119)}\n`);
      await waitUntil(() => daemon.read('echo.out') === '' && daemon.read('echo.out.1').startsWith(String(number)), {
        what: `rotation ${number}`,
      });
    }
    await daemon.call('sendProcessStdin', 'echo', 'last\n');
    await waitUntil(() => daemon.read('echo.out') === 'last\n', { what: 'the last line' });
    expect(daemon.read('echo.out.1')).to.equal(`${'4'.repeat(119)}\n`);
    expect(daemon.read('echo.out.2')).to.equal(`${'3'.repeat(119)}\n`);
    expect(existsSync(daemon.path('echo.out.3'))).to.equal(false);
  });

  it('never rotates with maxbytes=0, and starts over with backups=0', async () => {
    const block = `${'x'.repeat(119)}\n`;
    for (let size = 1; size <= 3; size++) {
      await daemon.call('sendProcessStdin', 'no-rotation', block);
      await waitUntil(() => daemon.read('no-rotation.out') === block.repeat(size), { what: `${size} blocks` });
      await daemon.call('sendProcessStdin', 'no-backups', block);
      await daemon.call('sendProcessStdin', 'no-backups', `${size}\n`);
      await waitUntil(() => ['', `${size}\n`].includes(daemon.read('no-backups.out')), { what: 'starting over' });
    }
    expect(existsSync(daemon.path('no-rotation.out.1'))).to.equal(false);
    expect(existsSync(daemon.path('no-backups.out.1'))).to.equal(false);
  });

  it('reads, tails and clears a log over RPC', async () => {
    await waitUntil(() => daemon.lines('both.out').length === 100, { what: 'all of stdout' });
    const size = daemon.read('both.out').length;
    expect(await daemon.call('readProcessStdoutLog', 'both', 0, 7)).to.equal('both 1\n');
    expect(await daemon.call('readProcessStdoutLog', 'both', -9, 0)).to.equal('both 100\n');
    expect(await daemon.call('tailProcessStdoutLog', 'both', size - 9, 9)).to.deep.equal(['both 100\n', size, false]);
    expect(await daemon.call('tailProcessStderrLog', 'both', 0, 4)).to.deep.equal([
      '100\n',
      numbered('error', 100).length,
      true,
    ]);
    expect(await daemon.call('clearProcessLogs', 'both')).to.equal(true);
    expect(daemon.read('both.out')).to.equal('');
    expect(await daemon.call('readProcessStdoutLog', 'both', 0, 0)).to.equal('');
  });

  it('keeps the last words of a program that is stopped', async () => {
    await waitUntil(() => daemon.read('goodbye.out') === 'ready\n', { what: 'the program to be ready' });
    await daemon.call('stopProcess', 'goodbye');
    const words = ['ready', ...Array.from({ length: 5000 }, (_, index) => String(index + 1)), 'last words'];
    await waitUntil(() => daemon.lines('goodbye.out').includes('last words'), { what: 'the last words' });
    expect(daemon.lines('goodbye.out')).to.deep.equal(words);
  });
});

describeStory('passing output through', (mode) => {
  it("hands a child the daemon's own stdout when its log is /dev/stdout without a limit", async () => {
    const daemon = await startDaemon(mode, {
      config: `
[program:through]
command=${child('writes-dev-streams.sh')}
stdout_logfile=/dev/stdout
stdout_logfile_maxbytes=0
stderr_logfile=/dev/stderr
stderr_logfile_maxbytes=0
`,
      streams: 'pipe',
    });
    const { pid } = await daemon.waitForState('through', 'RUNNING');
    await waitUntil(() => daemon.errors.includes('through /dev/stderr'), { what: 'the output' });
    expect(daemon.output.split('\n')).to.include.members(['through fd 1', 'through /dev/stdout']);
    expect(daemon.errors).to.equal('through fd 2\nthrough /dev/stderr\n');
    expect(readlinkSync(`/proc/${pid}/fd/1`))
      .to.equal(readlinkSync(`/proc/${daemon.pid}/fd/1`))
      .and.match(/stdout\.pipe$/);
    await daemon.stop();
  });

  it('sees what it has to see before it passes it on', async () => {
    const daemon = await startDaemon(mode, {
      config: `
[supervisord]
strip_ansi=true
[program:seen]
command=${process.execPath} ${child('says.cjs')}
startsecs=0
stdout_logfile=/dev/stdout
stdout_logfile_maxbytes=0
`,
      streams: 'pipe',
    });
    const { pid } = await daemon.waitForState('seen', 'RUNNING');
    await daemon.call('sendProcessStdin', 'seen', 'out \\u001b[31mred\\u001b[0m\\n\n');
    await waitUntil(() => /^red$/m.test(daemon.output), { what: () => `the output in ${daemon.output}` });
    expect(readlinkSync(`/proc/${pid}/fd/1`)).not.to.equal(readlinkSync(`/proc/${daemon.pid}/fd/1`));
    await daemon.stop();
  });

  it('writes the activity log once when logfile is /dev/stdout', async () => {
    const daemon = await startDaemon(mode, {
      config: `
[supervisord]
logfile=/dev/stdout
logfile_maxbytes=0
[program:p]
command=${child('stays.sh')}
`,
      streams: 'pipe',
    });
    await daemon.waitForState('p', 'RUNNING');
    await waitUntil(() => daemon.output.includes('INFO success: p entered RUNNING state'), { what: 'the log line' });
    expect(daemon.messages.filter((line) => line.startsWith("INFO spawned: 'p' with pid"))).to.have.length(1);
    await daemon.stop();
  });
});

describeStory('losing no output', (mode) => {
  const megabytes = 200;
  let daemon: Daemon;

  before(async () => {
    const flood = `command=${process.execPath} ${child('floods-stdout.cjs')} ${megabytes}\nstartsecs=0\nautorestart=false`;
    daemon = await startDaemon(mode, {
      config: `
[program:whole]
${flood}
stdout_logfile=%(here)s/whole
stdout_logfile_maxbytes=0

[program:rotated]
${flood}
stdout_logfile=%(here)s/rotated
stdout_logfile_maxbytes=7MB
stdout_logfile_backups=100
`,
    });
  });

  after(() => daemon.stop());

  for (const name of ['whole', 'rotated'] as const) {
    it(`keeps ${megabytes} MB complete and in order ${name === 'whole' ? 'in one file' : 'over rotated files'}`, async function () {
      this.timeout(120_000);
      await daemon.waitForProcess(name, ({ statename }) => statename === 'EXITED', {
        deadlineMs: 100_000,
        what: 'the end',
      });
      expect((await daemon.info(name)).exitstatus).to.equal(0);
      const backups = readdirSync(daemon.directory).filter((file) => file.startsWith(`${name}.`)).length;
      const files = [...Array.from({ length: backups }, (_, index) => `${name}.${backups - index}`), name];
      if (name === 'rotated') expect(backups).to.be.within(20, 30);
      expect(
        firstFlaw(
          files.map((file) => daemon.path(file)),
          megabytes * 1024 * 1024,
        ),
      ).to.equal('none');
    });
  }
});

/** Where the bytes of `files`, read as one, differ from the numbered lines of floods-stdout.cjs; `none` if nowhere. */
function firstFlaw(files: readonly string[], size: number): string {
  const lineLength = 64;
  const buffer = Buffer.alloc(1024 * lineLength);
  let kept = 0;
  let line = 0;
  let total = 0;
  for (const file of files) {
    const fd = openSync(file, 'r');
    for (let count = readSync(fd, buffer, kept, buffer.length - kept, null); count > 0;) {
      total += count;
      const filled = kept + count;
      let at = 0;
      for (; at + lineLength <= filled; at += lineLength, line++) {
        const expected = `${String(line).padStart(lineLength - 1, '0')}\n`;
        if (buffer.toString('latin1', at, at + lineLength) !== expected) return `line ${line} in ${file}`;
      }
      buffer.copy(buffer, 0, at, filled);
      kept = filled - at;
      count = readSync(fd, buffer, kept, buffer.length - kept, null);
    }
    closeSync(fd);
  }
  return total === size ? 'none' : `${total} of ${size} bytes`;
}
