// Real children of both spawners, made by the bundled driver as the daemon makes them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ExitStatus, SpawnOrder, SpawnResult } from '../../src/base/child.ts';
import { bundleDriver, type Driver, type Path } from '../fixtures/os/bundle.ts';
import type { Ran } from '../fixtures/os/driver.ts';
import { describeWith } from '../support/requirements.ts';

/** `daemon` is user 1 in every Debian; the driver's /etc/group puts it into 4 and 29. */
const user = { uid: 1, gid: 1, name: 'daemon' };
const isRoot = process.getuid?.() === 0;

describe('spawning', () => {
  let driver: Driver;
  let place: string;

  before(async () => {
    driver = await bundleDriver();
    place = mkdtempSync(join(tmpdir(), 'os-spawn-'));
  });

  after(() => {
    driver.remove();
    rmSync(place, { recursive: true });
  });

  async function ran(path: Path, order: Partial<SpawnOrder>): Promise<Ran & { native: boolean; daemon: string }> {
    const { native, answer, stdout, stderr } = await driver.play<Ran>('run', { path, parameter: { order } });
    return { ...answer, native, daemon: stdout + stderr };
  }

  /** The promises that both spawners keep. */
  function keepsThePromises(path: Path): void {
    it('is the spawner that was asked for', async () => {
      expect(await ran(path, shell('exit 0'))).to.include({ native: path === 'native' });
    });

    it('hands over argv[0] as written, the arguments and nothing but the given environment', async () => {
      const order = {
        argv: ['a shell', '-c', 'echo "$0|$1|$2|$GREETING|$HOME"', 'zero', 'ä b', ''],
        environment: { GREETING: 'hé llo=x' },
      };
      expect((await ran(path, order)).stdout).to.equal('zero|ä b||hé llo=x|\n');
      expect(
        (await ran(path, { ...shell('cat /proc/$$/cmdline'), environment: { PATH: '/bin:/usr/bin' } })).stdout,
      ).to.equal('sh\0-c\0cat /proc/$$/cmdline\0');
    });

    it('gives stdin as an open pipe, and tells stdout from stderr', async () => {
      const { stdout, stderr } = await ran(path, shell('test -p /dev/stdin && echo pipe; echo oops >&2'));
      expect({ stdout, stderr }).to.deep.equal({ stdout: 'pipe\n', stderr: 'oops\n' });
    });

    it('gives streams that can be reopened by name and that block', async () => {
      const script =
        'echo one > /dev/stdout; echo two > /dev/stderr; for fd in 0 1 2; do grep flags /proc/self/fdinfo/$fd; done';
      const { stdout, stderr } = await ran(path, shell(script));
      expect(stderr).to.equal('two\n');
      const [first, ...flags] = stdout.trim().split('\n');
      expect(first).to.equal('one');
      expect(flags.map((line) => Number.parseInt(line.split(/\s+/)[1] ?? '', 8) & 0o4000)).to.deep.equal([0, 0, 0]);
    });

    it('joins stderr to stdout in the order written', async () => {
      const order = { ...shell('echo a; echo b >&2; echo c'), stderr: 'same-as-stdout' } as const;
      expect(await ran(path, order)).to.deep.include({ stdout: 'a\nb\nc\n', stderr: '' });
    });

    it("passes the daemon's own stdout and stderr through, each where it was asked for", async () => {
      const crossed = { ...shell('echo out; echo err >&2'), stdout: 'daemon-stderr', stderr: 'daemon-stdout' } as const;
      const { answer, stdout, stderr } = await driver.play<Ran>('run', { path, parameter: { order: crossed } });
      expect(answer).to.deep.include({ stdout: '', stderr: '' });
      expect({ stdout, stderr }).to.deep.equal({ stdout: 'err\n', stderr: 'out\n' });
    });

    it('throws away what nobody wants', async () => {
      const { stdout, stderr, daemon, exit } = await ran(path, {
        ...shell('echo a && echo b >&2'),
        stdout: 'null',
        stderr: 'null',
      });
      expect({ stdout, stderr, daemon, exit }).to.deep.equal({ stdout: '', stderr: '', daemon: '', exit: { code: 0 } });
    });

    it('makes the child the leader of a process group', async () => {
      const { pid, stdout } = await ran(path, shell('cut -d" " -f5 /proc/$$/stat'));
      expect(stdout).to.equal(`${pid}\n`);
    });

    it('starts with no signal blocked or ignored', async () => {
      const { stdout } = await ran(path, {
        file: '/usr/bin/env',
        argv: ['env', 'grep', 'Sig[BI]', '/proc/self/status'],
      });
      expect(stdout).to.equal('SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n');
    });

    it('sets the umask and the directory', async () => {
      const { stdout } = await ran(path, { ...shell('umask; pwd'), umask: 0o27, directory: '/usr' });
      expect(stdout).to.equal('0027\n/usr\n');
    });

    const failures: readonly [string, Partial<SpawnOrder>, string][] = [
      ['a missing directory', { directory: '/nowhere' }, "couldn't chdir to /nowhere: ENOENT"],
      ['a file as directory', { directory: '/etc/passwd' }, "couldn't chdir to /etc/passwd: ENOTDIR"],
      ['a missing file', { file: '/nowhere', argv: ['it', 'x'] }, "couldn't exec it: ENOENT"],
      ['a file that cannot be executed', { file: '/etc/passwd', argv: ['it'] }, "couldn't exec it: EACCES"],
      [
        'both: the directory comes first',
        { file: '/nowhere', directory: '/nowhere' },
        "couldn't chdir to /nowhere: ENOENT",
      ],
    ];
    for (const [what, order, text] of failures) {
      it(`lets a child say that it was not spawned: ${what}`, async () => {
        const { pid, exit, stdout, stderr, error } = await ran(path, order);
        expect(error).to.equal(undefined);
        expect(pid).to.be.greaterThan(1);
        expect({ exit, stdout, stderr }).to.deep.equal({
          exit: { code: 127 },
          stdout: '',
          stderr: `supervisor: ${text}\nsupervisor: child process was not spawned\n`,
        });
      });
    }

    it('lets a child say that the interpreter of its script is missing', async () => {
      const script = join(place, `${path}-script`);
      writeFileSync(script, '#!/nowhere/interpreter\n', { mode: 0o755 });
      expect((await ran(path, { file: script, argv: ['script'] })).stderr).to.match(
        /^supervisor: couldn't exec script: ENOENT\n/,
      );
    });

    it('answers that there are no descriptors left, leaks none, and recovers', async () => {
      const { answer } = await driver.play<{ starved: SpawnResult; after: ExitStatus; leaked: number }>('starved', {
        path,
      });
      expect(answer).to.deep.equal({
        starved: { error: "too many open files to spawn 'it'" },
        after: { code: 4 },
        leaked: 0,
      });
    });

    it('reports every exit code and signal', async () => {
      const { answer } = await driver.play<{ codes: ExitStatus[]; signals: ExitStatus[] }>('statuses', { path });
      expect(answer.codes).to.deep.equal(Array.from({ length: 256 }, (_, code) => ({ code })));
      expect(answer.signals).to.deep.equal([9, 15, 10].map((signal) => ({ signal, core: false })));
    });

    it('keeps the loop turning while programs die as fast as they start', async () => {
      const { answer } = await driver.play<{ spawned: number; ticks: number; most: number }>('crashLoop', { path });
      expect(answer.spawned).to.be.greaterThan(20); // those that were made before the first died
      expect(answer.ticks).to.be.at.least(40);
      expect(answer.most, 'spawned between two ticks of a timer').to.be.lessThan(200);
    });

    it('signals the process, its group, or the whole tree', async () => {
      const exit = { signal: 9, core: false };
      for (const [to, left] of [
        ['process', 2],
        ['group', 2],
        ['tree', 0],
      ] as const) {
        const { answer } = await driver.play('tree', { path, parameter: { to } });
        expect(answer, to).to.deep.equal({ answer: null, exit, descendants: 2, left });
      }
    });
  }

  describeWith(['koffi'], 'by posix_spawn', () => {
    keepsThePromises('native');

    it('kills a tree of 1,000 processes, half of them left alone by their parents, in pieces', async () => {
      const { answer } = await driver.play<{ left: number }>('forest', { path: 'native', parameter: { count: 1000 } });
      expect(answer.left).to.equal(0);
    });

    it('gives children the limit on open files that they are meant to have', async () => {
      expect((await ran('native', shell('ulimit -Sn'))).stdout).to.equal('500\n');
    });

    it('gives them that limit and all their groups and streams where the daemon has more open', async () => {
      const order = { ...shell('ulimit -Sn; grep Groups /proc/self/status; echo oops >&2'), ...(isRoot && { user }) };
      const { answer } = await driver.play<Ran>('run', { path: 'native', parameter: { order, hold: 600 } });
      expect(answer.stderr).to.equal('oops\n');
      expect(answer.stdout).to.match(isRoot ? /^500\nGroups:\t1 4 29 \n$/ : /^500\n/);
    });

    it("keeps the daemon's descriptors from the child, and those that the daemon was started with", async () => {
      const around = ['bash', '-c', 'exec 7</dev/null 99</dev/null; "$@"', 'sh'];
      const order = { file: '/bin/ls', argv: ['ls', '/proc/self/fd'] };
      const { answer } = await driver.play<Ran>('run', { path: 'native', parameter: { order }, around });
      expect(answer.stdout).to.equal('0\n1\n2\n3\n'); // 3 is the directory that ls reads
    });

    it('says that a script without an interpreter is nothing to execute', async () => {
      const script = join(place, 'bare-script');
      writeFileSync(script, 'echo hello\n', { mode: 0o755 });
      expect((await ran('native', { file: script, argv: ['script'] })).stderr).to.match(
        /couldn't exec script: ENOEXEC\n/,
      );
    });
  });

  describe('by node:child_process', () => keepsThePromises('portable'));

  const whoAmI =
    'grep -E "^(Uid|Gid|Groups|CapPrm|CapEff)" /proc/self/status; echo again > /dev/stdout; cat /proc/1/environ';

  describeWith(['root', 'koffi'], 'another user by posix_spawn', () => {
    it('gives all ids, all groups and no capability, and streams that can be reopened', async () => {
      const { stdout, stderr } = await ran('native', { ...shell(whoAmI), user });
      expect(stdout.replaceAll(/[\t ]+/g, ' ')).to.equal(
        'Uid: 1 1 1 1\nGid: 1 1 1 1\nGroups: 1 4 29 \nCapPrm: 0000000000000000\nCapEff: 0000000000000000\nagain\n',
      );
      expect(stderr).to.contain('Permission denied');
    });

    it('enters a directory and executes a file with the rights of that user', async () => {
      expect((await ran('native', { user, directory: '/root' })).stderr).to.match(/couldn't chdir to \/root: EACCES\n/);
      const script = join(place, 'for-root-only');
      writeFileSync(script, '#!/bin/sh\n', { mode: 0o700 });
      expect((await ran('native', { user, file: script, argv: ['x'] })).stderr).to.match(/couldn't exec x: EACCES\n/);
    });

    it("opens the daemon's own stdout to that user", async () => {
      const order = { ...shell('echo hello > /dev/stdout'), user, stdout: 'daemon-stdout' } as const;
      const around = ['sh', '-c', '"$@" | cat', 'sh']; // so that it is a pipe
      expect((await driver.play<Ran>('run', { path: 'native', parameter: { order }, around })).stdout).to.equal(
        'hello\n',
      );
    });
  });

  describeWith(['root'], 'another user by setpriv', () => {
    it('gives all ids and that user’s groups, and streams that can be reopened', async () => {
      const { stdout } = await ran('portable', { ...shell(whoAmI), user });
      const groups = readFileSync('/etc/group', 'utf8')
        .split('\n')
        .filter((line) => line.split(':')[3]?.split(',').includes('daemon'));
      const ids = [1, ...groups.map((line) => Number(line.split(':')[2]))].toSorted((a, b) => a - b);
      expect(stdout.replaceAll(/[\t ]+/g, ' ')).to.contain(
        `Uid: 1 1 1 1\nGid: 1 1 1 1\nGroups: ${ids.join(' ')} \nCapPrm: 0000000000000000`,
      );
      expect(stdout).to.contain('again\n');
    });
  });

  describeWith(['root', 'koffi'], 'another user without being root', () => {
    for (const path of ['native', 'portable'] as const) {
      it(`lets a child say that privileges cannot be dropped (${path})`, async () => {
        const around = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'];
        const { answer } = await driver.play<Ran>('run', { path, parameter: { order: { user } }, around });
        expect(answer.stderr).to.equal(
          "supervisor: couldn't setuid to 1: Can't drop privilege as nonroot user\nsupervisor: child process was not spawned\n",
        );
      });
    }
  });
});

function shell(script: string): Partial<SpawnOrder> {
  return { argv: ['sh', '-c', script] };
}
