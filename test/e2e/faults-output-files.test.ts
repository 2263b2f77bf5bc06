// Log files that somebody else moves, empties, deletes, closes off or replaces while they are written, and rotation that
// fails in the middle or happens in a flood.
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, statSync, symlinkSync } from 'node:fs';
import { truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { describeWith } from '../support/requirements.ts';
import { child, makeDirectory, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

const says = `command=${process.execPath} ${child('says.cjs')}\nstartsecs=0\n`;

describeWith(['koffi'], 'a log file that somebody else changes', () => {
  let daemon: Daemon;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    daemon = await startDaemon('native', { config: `[program:says]\n${says}stdout_logfile=%(here)s/log\n` });
    await daemon.waitForState('says', 'RUNNING');
    await say('one');
    await waitFor('log', 'one\n');
  });

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    daemon.discard();
  });

  const say = (text: string): Promise<unknown> => daemon.call('sendProcessStdin', 'says', `out ${text}\\n\n`);

  const waitFor = (name: string, text: string): Promise<boolean> =>
    waitUntil(() => daemon.read(name) === text, {
      what: () => `${JSON.stringify(text)} in ${name}, where ${JSON.stringify(daemon.read(name))} is`,
    });

  /** Follows the log over HTTP. */
  function follow(): () => string {
    const socket = connect(daemon.path('supervisor.sock'));
    sockets.push(socket);
    let received = '';
    socket.on('data', (bytes) => (received += bytes.toString('latin1')));
    socket.write('GET /logtail/says HTTP/1.1\r\n\r\n');
    return () => received;
  }

  it('is written on in its old place when it was moved, and by its name after USR2', async () => {
    renameSync(daemon.path('log'), daemon.path('moved'));
    writeFileSync(daemon.path('log'), 'new\n');
    await say('two');
    await waitFor('moved', 'one\ntwo\n');
    daemon.signal('SIGUSR2');
    await daemon.waitForMessage(/^INFO received SIGUSR2/);
    await say('three');
    await waitFor('log', 'new\nthree\n');
    expect(daemon.read('moved')).to.equal('one\ntwo\n');
  });

  it('goes on at its beginning, without a hole, when it was emptied, and followers go on too', async () => {
    const followed = follow();
    await waitUntil(() => followed().includes('one\n'), { what: 'what was there' });
    truncateSync(daemon.path('log'));
    await say('2');
    await waitFor('log', '2\n');
    await waitUntil(() => /==> File truncated <==\r?\n(?:[^]*\n)?2\r?\n/.test(followed()), {
      what: 'the new beginning',
    });
    await say('three');
    await waitFor('log', '2\nthree\n');
    await waitUntil(() => /three\r?\n/.test(followed()), { what: 'what came then' });
  });

  it('is made again when it was deleted, and followers go on in the new one', async () => {
    const followed = follow();
    await waitUntil(() => followed().includes('one\n'), { what: 'what was there' });
    unlinkSync(daemon.path('log'));
    await waitUntil(async () => (await say('again')) && daemon.read('log') !== '', { what: 'a log', everyMs: 200 });
    await daemon.waitForMessage(/^WARN says stdout: cannot write to \S+log: ENOENT/);
    await waitUntil(() => followed().includes('again'), { what: 'its growth' });
  });

  it('may lose its permissions, and may become a link: what is open stays open, the rest follows at USR2', async () => {
    chmodSync(daemon.path('log'), 0);
    await say('two');
    await waitFor('log', 'one\ntwo\n');
    renameSync(daemon.path('log'), daemon.path('moved'));
    mkdirSync(daemon.path('elsewhere'));
    writeFileSync(daemon.path('elsewhere/log'), '');
    symlinkSync(daemon.path('elsewhere/log'), daemon.path('log'));
    await say('three');
    await waitFor('moved', 'one\ntwo\nthree\n');
    daemon.signal('SIGUSR2');
    await daemon.waitForMessage(/^INFO received SIGUSR2/);
    await say('four');
    await waitFor('elsewhere/log', 'four\n');
  });
});

describeWith(['koffi'], 'rotation', () => {
  let daemon: Daemon;

  afterEach(() => daemon.discard());

  it('that fails over a backup that cannot be moved loses nothing, is said once, and goes on when it can', async () => {
    const directory = makeDirectory();
    // What should become .2 cannot: a folder that is not empty stands there.
    mkdirSync(`${directory}/log.2`);
    writeFileSync(`${directory}/log.2/in the way`, '');
    writeFileSync(`${directory}/log.1`, 'old\n');
    daemon = await startDaemon('native', {
      directory,
      config: `
[program:says]
${says}stdout_logfile=%(here)s/log
stdout_logfile_maxbytes=10
stdout_logfile_backups=2
`,
    });
    await daemon.waitForState('says', 'RUNNING');
    const lines = Array.from({ length: 8 }, (_, index) => `line ${index}`);
    for (const line of lines) {
      await daemon.call('sendProcessStdin', 'says', `out ${line}\\n\n`);
      await waitUntil(() => daemon.read('log').includes(line), { what: line });
    }
    expect(daemon.lines('log')).to.deep.equal(lines);
    expect(daemon.messages.filter((line) => /cannot rotate/.test(line))).to.have.length(1);
    expect(await daemon.call('readProcessStdoutLog', 'says', -7, 0)).to.equal('line 7\n');
    expect(await daemon.call('tailProcessStdoutLog', 'says', 0, 7)).to.deep.equal(['line 7\n', 56, true]);
    unlinkSync(daemon.path('log.2/in the way'));
    rmdirSync(daemon.path('log.2'));
    await daemon.call('sendProcessStdin', 'says', 'out 0123456789\\n\n');
    await daemon.waitForMessage(/^WARN says stdout: \S+log is rotated again$/);
    expect(daemon.lines('log.1').slice(0, 8)).to.deep.equal(lines);
    expect(daemon.read('log.2')).to.equal('old\n');
  });

  it('by several programs of one name keeps as many files as it is told, and with enough of them every line', async () => {
    const lines = 2 ** 14 * 4;
    daemon = await startDaemon('native', {
      config: `
[program:flood]
command=${process.execPath} ${child('floods-stdout.cjs')} 4
process_name=%(process_num)d
numprocs=4
startsecs=0
autorestart=false
stdout_logfile=%(here)s/log
stdout_logfile_maxbytes=1MB
stdout_logfile_backups=50
`,
    });
    await waitUntil(async () => (await daemon.infos()).every(({ statename }) => statename === 'EXITED'), {
      what: 'the end of the flood',
      deadlineMs: 25_000,
    });
    const names = readdirSync(daemon.directory).filter((name) => name.startsWith('log'));
    expect(names.length).to.be.within(4, 51);
    const counts = new Uint8Array(lines);
    for (const name of names)
      for (const line of daemon.lines(name)) counts[Number(line)] = (counts[Number(line)] ?? 0) + 1;
    expect(counts.every((count) => count === 4)).to.equal(true);
  });

  it('in a flood of several processes keeps as many files as it is told, each as long as it should be', async () => {
    const flood = `${process.execPath} ${child('floods-stdout.cjs')} 10`;
    daemon = await startDaemon('native', {
      config: `
[program:flood]
command=sh -c '${flood} & ${flood} & ${flood} & ${flood} & wait'
startsecs=0
autorestart=false
stdout_logfile=%(here)s/log
stdout_logfile_maxbytes=1MB
stdout_logfile_backups=3
`,
    });
    const files = (): string[] => readdirSync(daemon.directory).filter((name) => name.startsWith('log'));
    let most = 0;
    await waitUntil(
      async () => {
        most = Math.max(most, files().length);
        return (await daemon.info('flood')).statename === 'EXITED';
      },
      { what: 'the end of the flood', deadlineMs: 25_000 },
    );
    expect(most).to.be.at.most(4);
    expect(files().toSorted()).to.deep.equal(['log', 'log.1', 'log.2', 'log.3']);
    for (const name of ['log.1', 'log.2', 'log.3']) {
      // One read of the pipe beyond the limit.
      expect(statSync(daemon.path(name)).size).to.be.within(2 ** 20, 2 ** 20 + 65_535);
      expect(readFileSync(daemon.path(name), 'latin1')).to.match(/^[0-9\n]+$/);
    }
  });
});
