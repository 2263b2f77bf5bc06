// What an engine may take away from a container or put into it, and that PID 1 goes on doing its work: programs run and are
// restarted, their ends are told as they were, orphans are buried, corevisorctl is answered, the stop is in order.
import { expect } from 'chai';
import { buildImage } from '../support/container-image.ts';
import {
  callInside,
  configWith,
  logged,
  passThrough,
  processesIn,
  processesOnce,
  procFile,
  runningProcesses,
} from '../support/container-processes.ts';
import { type Container, type ContainerOptions, withContainer } from '../support/container.ts';
import { docker } from '../support/engine.ts';
import { describeWith } from '../support/requirements.ts';
import { waitUntil } from '../support/wait-until.ts';

describeWith(['docker'], 'the first process of a container and its surroundings', function () {
  this.timeout(120_000);

  before(async function () {
    this.timeout(900_000);
    await buildImage();
  });

  it('does its work as a uid that stands in no file, without capabilities or new privileges, on a read-only root', async () => {
    const flags = ['--read-only', '--user', '12345:0', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];
    const writable = ['--tmpfs', '/tmp', '--tmpfs', '/run/corevisor:uid=12345'];
    await doesItsWork({ flags: [...flags, ...writable] }, async (container) => {
      const status = await procFile(container, '1/status');
      expect(status).to.match(/^CapBnd:\t0+$/m);
      expect(status).to.match(/^NoNewPrivs:\t1$/m);
      expect(status).to.match(/^Seccomp:\t2$/m);
      expect(status).to.match(/^Uid:\t12345\t12345\t12345\t12345$/m);
      expect((await container.exec('sh', '-c', 'echo > /etc/written')).stderr).to.contain('Read-only file system');
    });
  });

  it('refuses to give its socket to whom such a uid may not, with a sentence and status 2', async () => {
    const config = configWith('').replace('[unix_http_server]', '[unix_http_server]\nchown=1:1');
    const flags = ['--user', '12345:0', '--cap-drop', 'ALL', '--tmpfs', '/run/corevisor:uid=12345'];
    await withContainer({ flags, config }, async (container) => {
      await waitUntil(async () => (await container.inspect('{{.State.Status}}')) === 'exited', { what: 'its end' });
      expect(await container.log()).to.match(/^Error: Not permitted to chown .*current user \(12345\)/m);
      expect(await container.inspect('{{.State.ExitCode}}')).to.equal('2');
    });
  });

  it('does its work where /proc shows nobody’s processes but one’s own (hidepid=2)', async () => {
    // The mount needs root and SYS_ADMIN; the daemon has neither any more.
    const hide = 'mount -o remount,hidepid=2 /proc && exec setpriv --reuid 10001 --regid 10001 --clear-groups';
    const start = `${hide} corevisord --nodaemon --configuration /etc/supervisord.conf`;
    const flags = ['--cap-add', 'SYS_ADMIN', '--user', '0', '--entrypoint', '/bin/sh'];
    await doesItsWork({ flags, words: ['-c', start] }, async (container) => {
      const seen = await docker('exec', '--user', '65534', container.id, 'sh', '-c', 'ls -d /proc/1 2>&1 || true');
      expect(seen).to.contain('No such file');
    });
  });

  it('does its work on a terminal (-t)', async () => {
    await doesItsWork({ flags: ['--tty'] }, async (container) => {
      expect((await container.exec('readlink', '/proc/1/fd/1')).stdout).to.equal('/dev/pts/0\n');
    });
  });

  it('does its work when its stdin, stdout and stderr are closed, and lets no file take their numbers', async () => {
    const start = 'exec corevisord --nodaemon --configuration /etc/supervisord.conf <&- >&- 2>&-';
    const log = '/run/corevisor/supervisord.log';
    const config = configWith(work).replace('logfile=/dev/stdout', `logfile=${log}`);
    await withContainer({ flags: ['--entrypoint', '/bin/sh'], words: ['-c', start], config }, async (container) => {
      await runningProcesses(container, 2);
      const readLog = async (): Promise<string> => (await container.exec('cat', log)).stdout;
      await waitUntil(async () => /reaped unknown pid \d+ \(exit status 9\)/.test(await readLog()), {
        what: 'a burial',
      });
      for (const fd of [0, 1, 2])
        expect((await container.exec('readlink', `/proc/1/fd/${fd}`)).stdout).to.equal('/dev/null\n');
      expect(await readLog()).to.not.contain('said by a program');
      expect((await container.stop()).exitCode).to.equal(0);
    });
  });

  it('survives --pids-limit: the programs that find no room say so and are started once there is some', async () => {
    const config = configWith(`[program:some]
command=sleep 1000
numprocs=60
process_name=%(process_num)d
startretries=1`);
    const flags = ['--pids-limit', '40'];
    await withContainer({ flags, config }, async (container) => {
      const settled = await processesOnce(
        container,
        (all) => all.length === 60 && all.every(({ statename }) => ['RUNNING', 'FATAL'].includes(statename)),
        'a full container',
      );
      const without = settled.filter(({ statename }) => statename === 'FATAL');
      expect(without.length).to.be.within(20, 55);
      for (const { name, spawnerr } of without)
        expect(spawnerr).to.equal(`Too many processes in process table to spawn '${name}'`);
      const { name = '' } = without[0] ?? {};
      const { name: running = '' } = settled.find(({ statename }) => statename === 'RUNNING') ?? {};
      await callInside(container, 'stopProcess', `some:${running}`);
      await callInside(container, 'startProcess', `some:${name}`);
      expect((await processesIn(container)).find((one) => one.name === name)?.statename).to.equal('RUNNING');
      expect((await container.stop()).exitCode).to.equal(0);
    });
  });

  it('survives --memory: a program that takes more is killed by the kernel, which is told, and started again', async () => {
    const config = configWith(`[program:eater]
command=/bin/sh -c 'echo 1000 > /proc/self/oom_score_adj; sleep 2; exec tail /dev/zero'
[program:frugal]
command=sleep 1000`);
    const flags = ['--memory', '150m', '--memory-swap', '150m'];
    await withContainer({ flags, config }, async (container) => {
      await logged(container, /WARN exited: eater \(terminated by SIGKILL; not expected\)/, 2);
      expect(await container.inspect('{{.State.Status}}')).to.equal('running');
      expect((await processesIn(container)).find(({ name }) => name === 'frugal')?.statename).to.equal('RUNNING');
      expect((await container.stop()).exitCode).to.equal(0);
    });
  });
});

// A program that lives, and one that leaves an orphan behind, dies and is started again.
const work = `[program:lives]
command=/bin/sh -c 'echo said by a program; exec sleep 1000'
${passThrough}
[program:dies]
command=/bin/sh -c 'if mkdir /run/corevisor/dead; then (sleep 2; exit 9) & sleep 1.2; exit 7; else exec sleep 1000; fi'
stdout_logfile=NONE
stderr_logfile=NONE`;

async function doesItsWork(options: ContainerOptions, look: (container: Container) => Promise<void>): Promise<void> {
  await withContainer({ ...options, config: configWith(work) }, async (container) => {
    await logged(container, /said by a program/);
    await logged(container, /exited: dies \(exit status 7; not expected\)/);
    await logged(container, /reaped unknown pid \d+ \(exit status 9\)/);
    await runningProcesses(container, 2);
    await look(container);
    expect((await container.exec('corevisorctl', 'status', 'lives')).stdout).to.match(/^lives +RUNNING +pid \d+/);
    expect(await container.processStates()).to.not.include('Z');
    const { exitCode, tookMs } = await container.stop();
    expect(exitCode).to.equal(0);
    expect(tookMs).to.be.below(5000);
    expect(await container.log()).to.match(/stopped: lives \(terminated by SIGTERM\)/);
  });
}
