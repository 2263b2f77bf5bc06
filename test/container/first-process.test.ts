// The kernel's facts about PID 1 of a container: who buries orphans, how children are said to have ended, in what order and
// how fast everything ends.
import { expect } from 'chai';
import { signalName } from '../../src/base/signal-names.ts';
import { buildImage } from '../support/container-image.ts';
import {
  callInside,
  configWith,
  endedProcesses,
  passThrough,
  processesOnce,
  runningProcesses,
} from '../support/container-processes.ts';
import { withContainer } from '../support/container.ts';
import { describeWith } from '../support/requirements.ts';
import { waitUntil } from '../support/wait-until.ts';

describeWith(['docker'], 'the first process of a container', function () {
  this.timeout(120_000);

  before(async function () {
    this.timeout(900_000);
    await buildImage();
  });

  for (const flags of [[], ['--init']]) {
    it(`buries 1,000 orphans and leaves no zombie${flags.map((flag) => `, also under ${flag}`).join('')}`, async () => {
      const makeOrphans =
        'i=0; while [ $i -lt 1000 ]; do (sh -c "sleep 0.5; exit 3" &); i=$((i+1)); done; echo all made';
      const config = configWith(`[program:maker]
command=/bin/sh -c '${makeOrphans}'
startsecs=0
autorestart=false
${passThrough}`);
      await withContainer({ flags, config }, async (container) => {
        await waitUntil(async () => /all made/.test(await container.log()), {
          what: 'the orphans',
          deadlineMs: 60_000,
        });
        const buried = async (): Promise<number> => buriedIn(await container.log());
        let count = 0;
        await waitUntil(async () => (count = await buried()) >= 1000, {
          what: () => `1,000 burials, there were ${count}`,
          deadlineMs: 30_000,
          everyMs: 200,
        });
        expect(await buried()).to.equal(1000);
        expect(await container.processStates()).to.not.include('Z');
      });
    });
  }

  it('reports every exit code from 0 to 255 exactly', async () => {
    const config = configWith(`[program:code]
command=/bin/sh -c "exit %(process_num)d"
process_name=%(process_num)d
numprocs=256
startsecs=0
autorestart=false
stdout_logfile=NONE
stderr_logfile=NONE`);
    await withContainer({ config }, async (container) => {
      const all = await endedProcesses(container, 256);
      const ended = all.map(({ name, statename, exitstatus }) => `${name} ${statename} ${exitstatus}`);
      const expected = Array.from({ length: 256 }, (_, code) => `${code} EXITED ${code}`);
      expect(ended.toSorted(byNumber)).to.deep.equal(expected);
      const log = await container.log();
      for (let code = 1; code < 256; code += 1)
        expect(log).to.contain(`exited: ${code} (exit status ${code}; not expected)`);
    });
  });

  it('says by which signal a child ended, for every signal that ends one', async () => {
    const program = `[program:by]
command=/bin/sh -c "ulimit -c 0; kill -%(process_num)d $$"
process_name=%(process_num)d
numprocs=64
numprocs_start=1
startsecs=0
autorestart=false
autostart=false`;
    await withContainer({ config: configWith(program) }, async (container) => {
      await runningProcesses(container, 0);
      for (const signal of deadly) await callInside(container, 'startProcess', `by:${signal}`, false);
      const isDeadly = ({ name }: { name: string }): boolean => deadly.includes(Number(name));
      const ended = await processesOnce(
        container,
        (all) => all.filter(isDeadly).every(({ statename }) => statename === 'EXITED'),
        'the end of all',
      );
      expect(ended.filter(isDeadly).map(({ exitstatus }) => exitstatus)).to.deep.equal(deadly.map(() => -1));
      const log = await container.log();
      for (const signal of deadly)
        expect(log).to.contain(`exited: ${signal} (terminated by ${signalName(signal)}; not expected)`);
    });
  });

  it('stops in reverse order of priority, with status 0, in under a second', async () => {
    const names = ['first', 'second', 'third'];
    const programs = names.map((name, index) => `[program:${name}]\ncommand=sleep 1000\npriority=${index + 1}`);
    await withContainer({ config: configWith(programs.join('\n')) }, async (container) => {
      await runningProcesses(container, names.length);
      const { exitCode, tookMs } = await container.stop();
      expect(exitCode).to.equal(0);
      expect(tookMs).to.be.below(3000);
      const order = [...(await container.log()).matchAll(/ stopped: (\w+) /g)].map((match) => match[1]);
      expect(order).to.deep.equal(['third', 'second', 'first']);
    });
  });

  it('kills a child that ignores TERM once stopwaitsecs are over', async () => {
    const config = configWith(`[program:stubborn]
command=/bin/sh -c 'trap "" TERM; echo deaf; while :; do sleep 1; done'
stopwaitsecs=2
killasgroup=true
${passThrough}`);
    await withContainer({ config }, async (container) => {
      await waitUntil(async () => /deaf/.test(await container.log()), { what: 'the trap' });
      const { exitCode, tookMs } = await container.stop();
      expect(exitCode).to.equal(0);
      expect(tookMs).to.be.within(1900, 4000);
      expect(await container.log()).to.match(/killing 'stubborn' \(\d+\) with SIGKILL/);
    });
  });

  it('lets a child write to /dev/stdout and /dev/stderr, which end up in the container’s log', async () => {
    const config = configWith(`[program:writer]
command=/bin/sh -c 'echo by-out > /dev/stdout; echo by-err > /dev/stderr; exec sleep 1000'
${passThrough}`);
    await withContainer({ config }, async (container) => {
      await waitUntil(async () => /by-out[^]*by-err|by-err[^]*by-out/.test(await container.log()), {
        what: 'both lines in the log',
      });
    });
  });

  it('lets a child open /dev/stdout also where its output is read and kept', async () => {
    const config = configWith(`[program:writer]
command=/bin/sh -c 'echo by-out > /dev/stdout; echo by-err > /dev/stderr; exec sleep 1000'
stdout_logfile=/run/corevisor/out.log
stderr_logfile=/run/corevisor/err.log`);
    await withContainer({ config }, async (container) => {
      await waitUntil(
        async () => {
          const { stdout } = await container.exec('sh', '-c', 'cat /run/corevisor/out.log /run/corevisor/err.log');
          return stdout === 'by-out\nby-err\n';
        },
        { what: 'both lines in their files' },
      );
    });
  });
});

// What ends a process that does nothing about it: all but those that stop or continue it or do nothing, and the two that
// the C library keeps for itself.
const deadly = Array.from({ length: 64 }, (_, index) => index + 1).filter(
  (signal) => ![17, 18, 19, 20, 21, 22, 23, 28, 32, 33].includes(signal),
);

function byNumber(left: string, right: string): number {
  return Number.parseInt(left, 10) - Number.parseInt(right, 10);
}

/** Those that have a line of their own and those of a burst that are summed up. */
function buriedIn(log: string): number {
  const named = log.match(/reaped unknown pid \d+ \(exit status 3\)/g)?.length ?? 0;
  const counts = [...log.matchAll(/reaped (\d+) more unknown pids/g)].map(([, count]) => Number(count));
  return counts.reduce((sum, count) => sum + count, named);
}
