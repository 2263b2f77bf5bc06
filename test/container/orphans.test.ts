// Processes that nobody waits for: what docker exec leaves behind, what a program's own children do when it ends, and who
// buries them where the daemon is not the first process.
import { expect } from 'chai';
import { buildImage } from '../support/container-image.ts';
import {
  callInside,
  configWith,
  identities,
  identity,
  logged,
  passThrough,
  processesIn,
  procFile,
  runningProcesses,
} from '../support/container-processes.ts';
import { type Container, withContainer } from '../support/container.ts';
import { describeWith } from '../support/requirements.ts';
import { waitUntil } from '../support/wait-until.ts';

describeWith(['docker'], 'orphans in a container', function () {
  this.timeout(120_000);

  before(async function () {
    this.timeout(900_000);
    await buildImage();
  });

  it('what docker exec leaves behind is buried and logged, is none of the programs’, and holds up no stop', async () => {
    await withContainer({ config: configWith('[program:own]\ncommand=sleep 1000') }, async (container) => {
      const before = await runningProcesses(container, 1);
      const { stdout } = await container.exec('sh', '-c', '(sleep 1; exit 5) >/dev/null 2>&1 & echo $!');
      expect(await parentOf(container, Number(stdout))).to.equal(1);
      await logged(container, new RegExp(`reaped unknown pid ${Number(stdout)} \\(exit status 5\\)`));
      // A leftover that is killed, and one with our program's very command line.
      await container.exec('sh', '-c', 'sleep 1000 >/dev/null 2>&1 & kill -9 $!');
      await logged(container, /reaped unknown pid \d+ \(terminated by SIGKILL\)/);
      await container.exec(
        'sh',
        '-c',
        'setsid sleep 1000 >/dev/null 2>&1 & setsid sh -c "trap : TERM; sleep 999" >/dev/null 2>&1 &',
      );
      expect(await identities(container)).to.deep.equal(before.map(identity));
      expect(await container.processStates()).to.not.include('Z');
      const { exitCode, tookMs } = await container.stop();
      expect(exitCode).to.equal(0);
      expect(tookMs).to.be.below(3000);
    });
  });

  it('a whole process group ends with stopasgroup; without it the children that remain become PID 1’s', async () => {
    const family = '/bin/sh -c "sleep 1001 & setsid sleep 1002 & wait"';
    const config = configWith(`[program:group]
command=${family}
stopasgroup=true
[program:alone]
command=${family.replaceAll('100', '200')}
${passThrough}`);
    await withContainer({ config }, async (container) => {
      await runningProcesses(container, 2);
      await waitUntil(async () => (await sleepers(container)).size === 4, { what: 'all children' });
      await callInside(container, 'stopProcess', 'group');
      await callInside(container, 'stopProcess', 'alone');
      await waitUntil(async () => !(await sleepers(container)).has('1001'), { what: 'the end of the group' });
      const left = await sleepers(container);
      // One that left its group is out of reach of a signal to it.
      expect([...left.keys()].toSorted()).to.deep.equal(['1002', '2001', '2002']);
      for (const pid of left.values()) expect(await parentOf(container, pid)).to.equal(1);
      await container.exec('sh', '-c', `kill ${[...left.values()].join(' ')}`);
      for (const pid of left.values())
        await logged(container, new RegExp(`reaped unknown pid ${pid} \\(terminated by SIGTERM\\)`));
      expect((await processesIn(container)).map(({ statename }) => statename)).to.deep.equal(['STOPPED', 'STOPPED']);
    });
  });

  it('under --init the daemon, a subreaper, buries its programs’ orphans', () =>
    buriesOrphans(['--init'], 'the daemon'));

  it('under --init without native calls the init does', () =>
    buriesOrphans(['--init', '--env', 'NODE_OPTIONS=--no-addons'], 'the init'));

  it('in another container’s processes (--pid) the daemon does, though that one’s first process never would', () =>
    withContainer({ flags: ['--entrypoint', 'sleep'], words: ['1000'] }, (other) =>
      buriesOrphans(['--pid', `container:${other.id}`], 'the daemon'),
    ));
});

async function buriesOrphans(flags: readonly string[], who: 'the daemon' | 'the init'): Promise<void> {
  const config = configWith(`[program:maker]
command=/bin/sh -c 'sh -c "sleep 1; exit 6" & echo orphan $!; exec true'
startsecs=0
autorestart=false
${passThrough}`);
  await withContainer({ flags, config }, async (container) => {
    await logged(container, /orphan \d+/);
    const pid = Number(/orphan (\d+)/.exec(await container.log())?.[1]);
    await waitUntil(async () => (await procFile(container, `${pid}/stat`)) === '', { what: 'the burial' });
    if (who === 'the daemon') await logged(container, new RegExp(`reaped unknown pid ${pid} \\(exit status 6\\)`));
    else expect(await container.log()).to.match(/no native calls .* orphans are not buried/);
    expect((await container.stop()).exitCode).to.equal(0);
  });
}

// The pids of all sleep commands by their argument.
async function sleepers(container: Container): Promise<Map<string, number>> {
  const script = 'for d in /proc/[0-9]*; do echo "${d#/proc/} $(tr "\\0" " " <$d/cmdline)"; done 2>/dev/null';
  const { stdout } = await container.exec('sh', '-c', script);
  return new Map(
    [...stdout.matchAll(/^(\d+) sleep (\d+) $/gm)].map(([, pid, argument = '']) => [argument, Number(pid)]),
  );
}

async function parentOf(container: Container, pid: number): Promise<number> {
  return Number(/^\d+ \(.*\) \w (\d+)/.exec(await procFile(container, `${pid}/stat`))?.[1]);
}
