// The daemon's own stdout and stderr, full because nobody reads them for a while, whatever they are: supervision, RPC and
// restarts go on, memory stays bounded, what was dropped is said with its number, and TERM ends the daemon all the same.
import { chmodSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { describeWith } from '../support/requirements.ts';
import { child, makeDirectory, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { makeUnreadStream, type StreamKind, type UnreadStream } from '../support/unread-stream.ts';
import { waitUntil } from '../support/wait-until.ts';

const megabytes = 8;

/** A log that says more than fits: at debug it repeats all output. */
const flood = `
[supervisord]
loglevel=debug
logfile_maxbytes=0
[program:worker]
command=cat
startsecs=0
[program:flood]
command=${process.execPath} ${child('floods-stdout.cjs')} ${megabytes}
startsecs=0
autostart=false
autorestart=false
`;

describeWith(['koffi', 'python3', 'root'], 'a stdout and stderr that nobody reads', () => {
  const kinds: readonly StreamKind[] = ['pipe', 'FIFO', 'terminal', 'socket'];
  const opened: UnreadStream[] = [];
  const daemons: Daemon[] = [];

  afterEach(() => {
    for (const daemon of daemons.splice(0)) daemon.discard();
    for (const stream of opened.splice(0)) stream.close();
  });

  async function startOn(kind: StreamKind, config: string): Promise<{ daemon: Daemon; stream: UnreadStream }> {
    const stream = await makeUnreadStream(kind);
    opened.push(stream);
    const directory = makeDirectory();
    // Also for a daemon that is not root.
    chmodSync(directory, 0o777);
    const daemon = await startDaemon('native', { config, directory, streams: stream });
    daemons.push(daemon);
    return { daemon, stream };
  }

  for (const kind of kinds) {
    it(`does not hold up the daemon when it is a ${kind}, and the gap is said when it is read`, async () => {
      const { daemon, stream } = await startOn(kind, flood);
      const before = privateMegabytes(daemon.pid);
      await daemon.call('startProcess', 'flood');
      await daemon.waitForState('flood', 'EXITED');
      expect(daemon.read((await daemon.info('flood')).stdout_logfile.split('/').at(-1) ?? '')).to.have.length(
        megabytes * 2 ** 20,
      );
      expect(privateMegabytes(daemon.pid) - before).to.be.below(40);

      // Restarts go on while nothing can be said of them.
      for (let restart = 0; restart < 3; restart += 1) {
        const { pid } = await daemon.waitForState('worker', 'RUNNING');
        process.kill(pid, 'SIGKILL');
        await daemon.waitForProcess('worker', (info) => info.statename === 'RUNNING' && info.pid !== pid);
      }

      let received = '';
      const what = (): string => `the last words, after\n${received.slice(-500)}`;
      const hasLastWords = (): boolean => /spawned: 'worker'[^]*spawned: 'worker'/.test(received.slice(-20_000));
      await waitUntil(
        () => {
          received = kind === 'pipe' || kind === 'FIFO' ? received + stream.read() : stream.read();
          return hasLastWords() && countRecords(received) === countRecords(daemon.read('supervisord.log'));
        },
        { what, deadlineMs: 20_000 },
      );
      const dropped = [...received.matchAll(/^\S+ \S+ WARN (\d+) messages dropped$/gm)].map(([, count]) =>
        Number(count),
      );
      expect(dropped.length, `one note for a gap, there are ${dropped.join()}`).to.be.within(1, 10);
      expect(dropped.reduce((sum, count) => sum + count)).to.be.greaterThan(10);
    });

    it(`does not keep the daemon from ending when it is a ${kind}`, async () => {
      const { daemon } = await startOn(kind, flood);
      await daemon.call('startProcess', 'flood');
      await daemon.waitForState('flood', 'EXITED');
      const began = performance.now();
      daemon.signal('SIGTERM');
      expect(await daemon.waitForEnd()).to.deep.equal({ status: 0, signal: null });
      // Half a second; the rest is for a machine that has other things to do.
      expect(performance.now() - began).to.be.below(10_000);
    });
  }

  it('does not keep the daemon from ending when it is the pipe of another user', async () => {
    const { daemon } = await startOn('pipe', `${flood}[supervisord]\nuser=nobody\n`);
    await daemon.waitForState('worker', 'RUNNING');
    await daemon.call('startProcess', 'flood');
    await daemon.waitForState('flood', 'EXITED');
    const began = performance.now();
    daemon.signal('SIGTERM');
    expect(await daemon.waitForEnd()).to.deep.equal({ status: 0, signal: null });
    expect(performance.now() - began).to.be.below(10_000);
  });

  it('does not keep the daemon from ending when an essential program has ended, with its code', async () => {
    const main = `command=${child('exits-with.sh')} 3\nstartsecs=0\nautostart=false\nautorestart=false`;
    const { daemon } = await startOn('pipe', `${flood}[program:main]\n${main}\nessential=true\n`);
    await daemon.call('startProcess', 'flood');
    await daemon.waitForState('flood', 'EXITED');
    await daemon.call('startProcess', 'main', false);
    const began = performance.now();
    expect(await daemon.waitForEnd()).to.deep.equal({ status: 3, signal: null });
    // A reader gets two seconds more to take the post-mortem, which the log has in any case.
    expect(performance.now() - began).to.be.below(12_000);
    expect(daemon.read('supervisord.log')).to.contain('CRIT post-mortem: main is EXITED (Bad exit code 3)');
  });

  it('makes a child wait that writes there itself, and nobody else', async () => {
    const { daemon, stream } = await startOn(
      'pipe',
      `
[program:through]
command=${process.execPath} ${child('floods-stdout.cjs')} 1
startsecs=0
autorestart=false
stdout_logfile=/dev/stdout
stdout_logfile_maxbytes=0
[program:worker]
command=cat
startsecs=0
`,
    );
    const { pid } = await daemon.waitForState('through', 'RUNNING');
    await waitUntil(() => /^State:\s+S/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')), { what: 'it to wait' });
    const { pid: worker } = await daemon.waitForState('worker', 'RUNNING');
    process.kill(worker, 'SIGKILL');
    await daemon.waitForProcess('worker', (info) => info.statename === 'RUNNING' && info.pid !== worker);
    expect((await daemon.info('through')).pid).to.equal(pid);

    let received = '';
    await waitUntil(
      async () => {
        received += stream.read();
        return (await daemon.info('through')).statename === 'EXITED';
      },
      { what: 'the child to go on' },
    );
    received += stream.read();
    const numbers = received.split('\n').filter((line) => /^\d{63}$/.test(line));
    expect(numbers.map(Number)).to.deep.equal(Array.from({ length: 2 ** 14 }, (_, index) => index));
  });
});

/** Messages, and those that are said to be missing. */
function countRecords(text: string): number {
  let count = 0;
  for (const [, level, dropped] of text.matchAll(/^\d{4}-\S+ \S+,\d{3} ([A-Z]{4}) (?:(\d+) messages dropped$)?/gm)) {
    count += level === 'WARN' && dropped !== undefined ? Number(dropped) : 1;
  }
  return count;
}

function privateMegabytes(pid: number): number {
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
