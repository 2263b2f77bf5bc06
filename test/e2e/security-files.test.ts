// Files and sockets of the daemon in places where others may write: what a program makes of its log, what lies at the
// pidfile's path, and the unix socket from its first moment on.
import { spawn } from 'node:child_process';
import { chmodSync, chownSync, lchownSync, lstatSync, mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { listen } from '../../src/http/listen.ts';
import { modesUnderTest } from '../support/modes.ts';
import { describeWith } from '../support/requirements.ts';
import { ask } from '../support/rpc.ts';
import { child, makeDirectory, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const isReference = modesUnderTest().includes('reference');
const nobody = 65534;
const daemons: Daemon[] = [];
const stopAll = async (): Promise<void> => {
  await Promise.all(daemons.splice(0).map((daemon) => daemon.stop()));
};

/** A folder of root with a file that nobody else may read, and one that belongs to an unprivileged user. */
function makePlace(): string {
  const place = makeDirectory();
  for (const folder of ['private', 'log', 'tmp']) mkdirSync(join(place, folder));
  chmodSync(join(place, 'private'), 0o700);
  chownSync(join(place, 'log'), nobody, nobody);
  chmodSync(join(place, 'tmp'), 0o1777);
  return place;
}

const shadow = 'root:not-for-anybody:1\n';
const files = { 'private/shadow': shadow };

/** A daemon of root whose program of nobody runs these words, which turn its log into a link. */
const start = async (words: string, more = ''): Promise<Daemon> => {
  const daemon = await startDaemon('native', {
    directory: makePlace(),
    files,
    config: `[program:p]
command=/bin/sh -c '${words}'
user=nobody
startsecs=0
stdout_logfile=%(here)s/log/p.log
${more}`,
  });
  daemons.push(daemon);
  await waitUntil(() => lstatSync(daemon.path('log/p.log'), { throwIfNoEntry: false })?.isSymbolicLink() === true, {
    what: 'the link',
  });
  return daemon;
};

if (!isReference) {
  describeWith(['koffi', 'root'], 'a program that turns its log into a link', () => {
    afterEach(stopAll);

    const swaps = 'cd log && rm -f p.log && ln -s ../private/shadow p.log';

    it('gets nobody to read out what root alone can read', async () => {
      const daemon = await start(`${swaps}; exec sleep 1000`);
      const call = async (method: string): Promise<string> =>
        await daemon.call(method, 'p', 0, 1000).then(JSON.stringify, (error: unknown) => String(error));
      expect(await call('readProcessStdoutLog')).to.contain('FAILED');
      expect(await call('tailProcessStdoutLog')).to.equal('["",0,false]');
      expect((await ask(daemon.address, { path: '/logtail/p' })).status).to.equal(404);
      const page = await ask(daemon.address, { path: '/tail.html?processname=p' });
      expect(page.body.toString()).not.to.contain('not-for-anybody');
    });

    it('gets nothing written there, whether the log is opened anew, emptied or rotated', async () => {
      const daemon = await start(
        `${swaps}; read go; yes a-long-line | head -c 100000; exec sleep 1000`,
        'stdout_logfile_maxbytes=10KB\nstdout_logfile_backups=0\n',
      );
      daemon.signal('SIGUSR2');
      await daemon.waitForMessage(/cannot reopen \S+p\.log: EACCES/);
      await daemon.call('sendProcessStdin', 'p', 'go\n');
      await daemon.waitForMessage(/cannot rotate \S+p\.log: EACCES/);
      expect(daemon.read('private/shadow')).to.equal(shadow);
      await daemon.call('clearProcessLog', 'p');
      expect(daemon.read('private/shadow')).to.equal(shadow);
      expect(lstatSync(daemon.path('log/p.log')).isFile()).to.equal(true);
    });

    it('gets nothing made in a folder of root', async () => {
      const daemon = await start('cd log && rm -f p.log && ln -s ../private/cron p.log; exec sleep 1000');
      daemon.signal('SIGUSR2');
      await daemon.waitForMessage(/cannot reopen \S+p\.log: EACCES/);
      expect(lstatSync(daemon.path('private/cron'), { throwIfNoEntry: false })).to.equal(undefined);
    });
  });

  describeWith(['koffi', 'root'], 'a link of somebody else at the path of', () => {
    afterEach(stopAll);

    it('the pidfile is not written through', async () => {
      const directory = makePlace();
      symlinkSync('../private/shadow', join(directory, 'tmp/pid'));
      lchownSync(join(directory, 'tmp/pid'), nobody, nobody);
      const config = '[supervisord]\npidfile=%(here)s/tmp/pid\n';
      const daemon = await startDaemon('native', { directory, files, config });
      daemons.push(daemon);
      await daemon.waitForMessage(/^CRIT could not write pidfile \S+pid$/);
      expect(daemon.read('private/shadow')).to.equal(shadow);
    });

    it("the daemon's own log keeps it from starting", async () => {
      const directory = makePlace();
      symlinkSync('../private/shadow', join(directory, 'tmp/log'));
      lchownSync(join(directory, 'tmp/log'), nobody, nobody);
      const config = '[supervisord]\nlogfile=%(here)s/tmp/log\n';
      const daemon = await startDaemon('native', { directory, files, config, comesUp: false });
      daemons.push(daemon);
      expect((await daemon.waitForEnd()).status).to.equal(2);
      expect(daemon.errors).to.match(/could not open log file \S+log: EACCES/);
      expect(daemon.read('private/shadow')).to.equal(shadow);
    });
  });

  describe('the unix socket', () => {
    const path = useTempFolder();
    afterEach(stopAll);

    it('never has a wider mode than it is to have, at any name, whatever the umask', async () => {
      const watcher = spawn(
        process.execPath,
        [resolve(import.meta.dirname, '../fixtures/watches-modes.cjs'), path('.')],
        {
          stdio: ['pipe', 'pipe', 'inherit'],
        },
      );
      let seen = '';
      watcher.stdout.on('data', (bytes: Buffer) => (seen += bytes.toString()));
      await waitUntil(() => seen.includes('looking\n'), { what: 'a first look' });
      const umask = process.umask(0);
      try {
        for (let time = 0; time < 300; time += 1) {
          const common = { section: 'unix_http_server', username: null, password: null, getActions: false };
          const listening = await listen(
            { kind: 'unix', file: path('s'), chmod: 0o700, chown: null, ...common },
            { pid: 42, stderr: () => undefined },
          );
          listening.server.close();
          listening.remove();
        }
      } finally {
        process.umask(umask);
        watcher.stdin.end();
      }
      await waitUntil(() => seen.includes('modes'), { what: 'what was seen' });
      // At least one socket was seen, and none with another mode.
      expect(seen).to.equal('looking\nmodes: 700\n');
    });

    it('is that of one of several daemons that start at once and find a stale one', async () => {
      const directory = makeDirectory();
      const gone = createServer();
      await new Promise<void>((done) => gone.listen(join(directory, 'gone'), done));
      renameSync(join(directory, 'gone'), join(directory, 'supervisor.sock'));
      await new Promise((done) => gone.close(done));
      const config = `[program:p]\ncommand=${child('stays.sh')}\n`;
      const all = await Promise.all(
        Array.from({ length: 4 }, () => startDaemon('native', { directory, config, comesUp: false })),
      );
      daemons.push(...all);
      const alive = (): Daemon[] => all.filter((daemon) => daemon.alive);
      await waitUntil(() => alive().length === 1, { what: () => `one daemon alone, not ${alive().length}` });
      const [winner] = alive();
      await winner?.waitUntilAnswering();
      expect(await winner?.call('getPID')).to.equal(winner?.pid);
      const losers = all.filter((daemon) => daemon !== winner);
      for (const loser of losers) expect((await loser.waitForEnd()).status).to.equal(2);
      expect(readFileSync(join(directory, 'daemon.stderr'), 'utf8')).to.contain(
        'Another program is already listening on a port that one of our HTTP servers is configured to use.',
      );
    });
  });
}
