// Starts that fail, each for its own reason, with the reason's text, and what becomes of them once the reason is gone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { cpuMsOf, openDescriptorsOf } from '../support/proc.ts';
import { describeStory } from '../support/modes.ts';
import { describeWith } from '../support/requirements.ts';
import { child, makeDirectory, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

const quickly = 'Exited too quickly (process log may have details)';

/** What is wrong with each program, as clients and as the program's stderr log have it, and what puts it right. */
const broken: readonly {
  readonly name: string;
  readonly what: string;
  readonly options: string;
  readonly spawnError: (daemon: Daemon) => string;
  readonly stderr?: (daemon: Daemon) => string;
  readonly breakIt?: (daemon: Daemon) => void;
  readonly mend: (daemon: Daemon) => void;
  /** The C library's search for a program, which the portable path uses, hands what is no program to a shell. */
  readonly nativeOnly?: true;
}[] = [
  {
    name: 'enoent',
    what: 'a command that is not there',
    options: 'command=%(here)s/enoent',
    spawnError: (daemon) => `can't find command '${daemon.path('enoent')}'`,
    mend: (daemon) => daemon.write('enoent', stays),
  },
  {
    name: 'interpreter',
    what: 'a script whose interpreter is not there',
    options: 'command=%(here)s/interpreter',
    spawnError: () => quickly,
    stderr: (daemon) => `supervisor: couldn't exec ${daemon.path('interpreter')}: ENOENT`,
    breakIt: (daemon) => daemon.write('interpreter', '#!/no/such/shell\n'),
    mend: (daemon) => daemon.write('interpreter', stays),
  },
  {
    name: 'eacces',
    what: 'a command that may not be executed',
    options: 'command=%(here)s/eacces',
    spawnError: (daemon) => `command at '${daemon.path('eacces')}' is not executable`,
    breakIt: (daemon) => chmodSync(daemon.write('eacces', stays), 0o644),
    mend: (daemon) => chmodSync(daemon.path('eacces'), 0o755),
  },
  {
    name: 'enoexec',
    what: 'a file that is no program',
    options: 'command=%(here)s/enoexec',
    spawnError: () => quickly,
    stderr: (daemon) => `supervisor: couldn't exec ${daemon.path('enoexec')}: ENOEXEC`,
    breakIt: (daemon) => chmodSync(daemon.write('enoexec', 'neither an ELF file nor a script\n'), 0o755),
    mend: (daemon) => daemon.write('enoexec', stays),
    nativeOnly: true,
  },
  {
    name: 'eloop',
    what: 'a script that is its own interpreter',
    options: 'command=%(here)s/eloop',
    spawnError: () => quickly,
    stderr: (daemon) => `supervisor: couldn't exec ${daemon.path('eloop')}: ELOOP`,
    breakIt: (daemon) => daemon.write('eloop', `#!${daemon.path('eloop')}\n`),
    mend: (daemon) => daemon.write('eloop', stays),
  },
  {
    name: 'links',
    what: 'a link that leads to itself',
    options: 'command=%(here)s/links',
    spawnError: (daemon) => `can't find command '${daemon.path('links')}'`,
    breakIt: (daemon) => symlinkSync('links', daemon.path('links')),
    mend: (daemon) => {
      unlinkSync(daemon.path('links'));
      daemon.write('links', stays);
    },
  },
  {
    name: 'enotdir',
    what: 'a directory that is a file',
    options: 'command=/bin/sleep 3600\ndirectory=%(here)s/enotdir',
    spawnError: () => quickly,
    stderr: (daemon) => `supervisor: couldn't chdir to ${daemon.path('enotdir')}: ENOTDIR`,
    breakIt: (daemon) => daemon.write('enotdir', 'a file\n'),
    mend: (daemon) => {
      unlinkSync(daemon.path('enotdir'));
      symlinkSync('/tmp', daemon.path('enotdir'));
    },
  },
  {
    name: 'etxtbsy',
    what: 'a program that somebody is writing',
    options: 'command=%(here)s/etxtbsy 3600',
    spawnError: () => quickly,
    stderr: (daemon) => `supervisor: couldn't exec ${daemon.path('etxtbsy')}: ETXTBSY`,
    breakIt: (daemon) => {
      copyFileSync('/bin/sleep', daemon.path('etxtbsy'));
      writing.push(openSync(daemon.path('etxtbsy'), 'r+'));
    },
    mend: () => writing.splice(0).forEach((fd) => closeSync(fd)),
  },
  {
    name: 'e2big',
    what: 'an environment that is too large',
    // The kernel takes 128 KiB in one string.
    options: `command=/bin/sleep 3600\nenvironment=LARGE="${'x'.repeat(140_000)}"`,
    spawnError: () => quickly,
    stderr: () => `supervisor: couldn't exec /bin/sleep: E2BIG`,
    mend: (daemon) =>
      daemon.write('supervisord.conf', daemon.read('supervisord.conf').replace(/^environment=LARGE.*$/m, '')),
  },
];

/** Files that are open for writing. */
const writing: number[] = [];
const stays = readFileSync(child('stays.sh'), 'utf8');

describeStory('starts that fail', (mode) => {
  let daemon: Daemon;

  before(async () => {
    const directory = makeDirectory();
    const config = broken.map(
      ({ name, options }) =>
        `[program:${name}]\n${options}\nstartretries=1\nautostart=false\nstderr_logfile=%(here)s/${name}.err\n`,
    );
    daemon = await startDaemon(mode, { directory, config: config.join('\n') });
    for (const { breakIt } of broken) breakIt?.(daemon);
    for (const { name } of broken) await daemon.call('startProcess', name, false).catch(() => undefined);
    // Those that cannot even be found are refused.
    for (const { name } of broken) await daemon.waitForProcess(name, ({ statename }) => statename !== 'STARTING');
  });

  after(async () => {
    for (const fd of writing.splice(0)) closeSync(fd);
    await daemon.stop();
  });

  for (const { name, what, spawnError, stderr, nativeOnly } of broken) {
    if (nativeOnly && mode === 'portable') continue;
    it(`says what is wrong with ${what}, and gives it up`, async () => {
      const refused = (await daemon.info(name)).statename === 'STOPPED';
      if (refused) {
        // supervisord answers a start request before it tries.
        const fault = await daemon.fault('startProcess', name);
        expect(fault).to.equal(`${name === 'eacces' ? 'NOT_EXECUTABLE' : 'NO_FILE'}: ${spawnError(daemon)}`);
      } else {
        const { spawnerr } = await daemon.waitForState(name, 'FATAL');
        expect(spawnerr).to.equal(spawnError(daemon));
        if (stderr !== undefined) {
          expect(daemon.lines(`${name}.err`).slice(0, 2)).to.deep.equal([
            stderr(daemon),
            'supervisor: child process was not spawned',
          ]);
        }
        const tries = daemon.messages.filter((line) =>
          line.includes(`exited: ${name} (exit status 127; not expected)`),
        );
        expect(tries).to.have.length(2);
      }
    });
  }

  it('starts each of them once that is put right', async () => {
    for (const { mend } of broken) mend(daemon);
    await daemon.call('reloadConfig');
    await daemon.call('removeProcessGroup', 'e2big');
    await daemon.call('addProcessGroup', 'e2big');
    for (const { name } of broken) await daemon.call('startProcess', name, false);
    for (const { name } of broken) expect(await daemon.waitForState(name, 'RUNNING')).to.include({ spawnerr: '' });
  });
});

describeStory('starts that fail for want of room', (mode) => {
  let daemon: Daemon;

  describeWith(['root'], 'of processes', () => {
    before(async () => {
      const directory = makeDirectory();
      chownSync(directory, 9, 9);
      daemon = await startDaemon(mode, { directory, config: `[supervisord]\nuser=news\n${worker}` });
    });

    after(() => daemon.stop());

    it('says EAGAIN in words, tries again, and is back when there is room', async () => {
      const { pid } = await daemon.waitForState('worker', 'RUNNING');
      // The limit counts all processes and threads of that user, and the daemon has some already.
      const nprocBefore = `--nproc=${softLimit(daemon, 'Max processes')}:`;
      await setLimit(daemon, '--nproc=1:', asNews);
      const problem = "Too many processes in process table to spawn 'worker'";
      await expectBackoff(daemon, { pid, problem });
      expect(await daemon.fault('startProcess', 'given-up')).to.equal('SPAWN_ERROR: given-up');
      expect((await daemon.info('given-up')).statename).to.equal('FATAL');
      await setLimit(daemon, nprocBefore, asNews);
      await expectRecovery(daemon);
    });
  });

  describeWith(['strace'], 'of memory, and of open files in the whole system', () => {
    before(async () => {
      daemon = await startDaemon(mode, { config: worker });
    });

    after(() => daemon.stop());

    for (const { error, calls, problem } of [
      {
        error: 'ENOMEM',
        calls: 'clone,clone3,vfork,fork',
        problem: "unknown error during fork for 'worker': ENOMEM",
      },
      {
        error: 'ENFILE',
        calls: mode === 'native' ? 'pipe2' : 'pipe2,mknodat,openat',
        problem: "unknown error making dispatchers for 'worker': ENFILE",
      },
    ]) {
      it(`says ${error} in words, tries again, and is back when there is room`, async () => {
        const { pid } = await daemon.waitForState('worker', 'RUNNING');
        const giveBack = await refuseCalls(daemon, { calls, error });
        await expectBackoff(daemon, { pid, problem });
        await giveBack();
        await expectRecovery(daemon);
      });
    }
  });

  describe('of descriptors', () => {
    const idle: Socket[] = [];

    before(async () => {
      daemon = await startDaemon(mode, {
        config: `${worker}[program:steady]\ncommand=${child('beats.cjs')}\nstdout_logfile=%(here)s/beats\n`,
      });
    });

    after(async () => {
      for (const socket of idle) socket.destroy();
      await daemon.stop();
    });

    it('says EMFILE in words, turns clients away without wearing itself out, supervises on, and is back', async () => {
      const { pid } = await daemon.waitForState('worker', 'RUNNING');
      await daemon.waitForState('steady', 'RUNNING');
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      expect(await livez(daemon, agent)).to.equal(200);

      // All numbers below the limit are taken, the last of them by clients that say nothing.
      const taken = openDescriptorsOf(daemon.pid);
      const limit = (taken.at(-1) ?? 0) + 1;
      await setLimit(daemon, `--nofile=${limit}:`);
      await waitUntil(
        () => {
          if (openDescriptorsOf(daemon.pid).length >= limit) return true;
          idle.push(connect(daemon.path('supervisor.sock')).on('error', () => undefined));
          return false;
        },
        { what: 'no descriptor left', everyMs: 2 },
      );
      const problem = "too many open files to spawn 'worker'";
      const before = { at: performance.now(), cpuMs: cpuMsOf(daemon.pid), beats: daemon.lines('beats').length };
      process.kill(pid, 'SIGKILL');
      await daemon.waitForMessage(new RegExp(`^INFO spawnerr: ${problem}$`));

      // One that is connected already is served as ever; one that is not is turned away, not kept waiting.
      expect(await livez(daemon, agent)).to.equal(200);
      const turnedAway: Socket[] = [];
      for (let count = 0; count < 20; count += 1) turnedAway.push(connect(daemon.path('supervisor.sock')));
      let closed = 0;
      for (const socket of turnedAway)
        socket
          .on('error', () => undefined)
          .on('close', () => (closed += 1))
          .resume();
      await waitUntil(() => closed > 0, { what: 'a client that is turned away' });
      await waitUntil(() => performance.now() > before.at + 1000, { what: 'a second' });
      const share = (cpuMsOf(daemon.pid) - before.cpuMs) / (performance.now() - before.at);
      expect(share).to.be.lessThan(0.5);
      await waitUntil(() => daemon.lines('beats').length > before.beats, { what: 'a heartbeat of another program' });

      for (const socket of [...idle.splice(0), ...turnedAway]) socket.destroy();
      await setLimit(daemon, '--nofile=1024:');
      await expectRecovery(daemon);
      expect(await livez(daemon, agent)).to.be.oneOf([200, 503]);
      agent.destroy();
    });
  });
});

const worker = `
[program:worker]
command=/bin/sleep 3600
startsecs=0
autorestart=true
startretries=50

[program:given-up]
command=/bin/sleep 3600
autostart=false
startretries=0
`;

/** User and group 9 in every Debian; the limits of a user's processes are the user's to set, not every root's. */
const asNews = ['setpriv', '--reuid=9', '--regid=9', '--clear-groups'];

function softLimit(daemon: Daemon, name: string): string {
  const limits = readFileSync(`/proc/${daemon.pid}/limits`, 'utf8');
  return new RegExp(`^${name} +(\\w+)`, 'm').exec(limits)?.[1] ?? 'unlimited';
}

/** `--NAME=SOFT:` leaves the hard limit as it is, which not every root may raise again. */
async function setLimit(daemon: Daemon, limit: string, around: readonly string[] = []): Promise<void> {
  const [program, ...words] = [...around, 'prlimit', '--pid', String(daemon.pid), limit];
  const [status] = await once(spawn(program, words, { stdio: ['ignore', 'ignore', 'inherit'] }), 'exit');
  if (status !== 0) throw new Error(`prlimit ${limit} ended with ${status}`);
}

/** Makes these system calls of the daemon fail; answers how to end that. */
async function refuseCalls(daemon: Daemon, fault: { calls: string; error: string }): Promise<() => Promise<void>> {
  const { calls, error } = fault;
  const flags = ['-q', '-o', '/dev/null', '-e', `trace=${calls}`, '-e', `inject=${calls}:error=${error}`];
  const tracer = spawn('strace', [...flags, '-p', String(daemon.pid)], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(tracer, 'exit');
  const isTraced = (): boolean => !/^TracerPid:\s+0$/m.test(readFileSync(`/proc/${daemon.pid}/status`, 'utf8'));
  await waitUntil(isTraced, { what: 'strace on the daemon' });
  return async () => {
    tracer.kill('SIGTERM');
    await ended;
  };
}

async function expectBackoff(daemon: Daemon, { pid, problem }: { pid: number; problem: string }): Promise<void> {
  const failed = daemon.messages.filter((line) => line.startsWith('INFO spawnerr:')).length;
  process.kill(pid, 'SIGKILL');
  const { spawnerr } = await daemon.waitForState('worker', 'BACKOFF');
  expect(spawnerr).to.equal(problem);
  await daemon.waitForMessage(/^INFO spawnerr: /, { count: failed + 1 });
  expect(daemon.messages).to.include(`INFO spawnerr: ${problem}`);
}

/** By itself, from BACKOFF. */
async function expectRecovery(daemon: Daemon): Promise<void> {
  expect(await daemon.waitForState('worker', 'RUNNING')).to.include({ spawnerr: '' });
}

/** The status of one answer over the agent's one connection. */
function livez(daemon: Daemon, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: daemon.path('supervisor.sock'), path: '/livez', agent }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
    });
    asked.on('error', reject).end();
  });
}
