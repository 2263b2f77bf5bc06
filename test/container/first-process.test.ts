// The kernel's facts about PID 1 of a container: who buries orphans, how children are said to have ended, in what order and
// how fast everything ends.
import { expect } from 'chai';
import { buildImage } from '../support/container-image.ts';
import { type Container, withContainer } from '../support/container.ts';
import { describeWith } from '../support/requirements.ts';
import { callRpc } from '../support/rpc.ts';
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
        const buried = async (): Promise<number> =>
          (await container.log()).match(/reaped unknown pid \d+ \(exit status 3\)/g)?.length ?? 0;
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
      const ended = await endedProcesses(container, 256);
      const expected = Array.from({ length: 256 }, (_, code) => `${code} EXITED ${code}`);
      expect(ended.toSorted(byNumber)).to.deep.equal(expected);
    });
  });

  it('says by which signal a child ended', async () => {
    const signals = ['HUP', 'INT', 'QUIT', 'KILL', 'USR1', 'SEGV', 'PIPE', 'ALRM', 'TERM', 'XCPU'];
    const programs = signals.map(
      (name) => `[program:by${name}]
command=/bin/sh -c 'ulimit -c 0; kill -s ${name} $$'
startsecs=0
autorestart=false`,
    );
    await withContainer({ config: configWith(programs.join('\n')) }, async (container) => {
      const ended = await endedProcesses(container, signals.length);
      expect(ended.toSorted()).to.deep.equal(signals.map((name) => `by${name} EXITED -1`).toSorted());
      const log = await container.log();
      for (const name of signals) expect(log).to.contain(`exited: by${name} (terminated by SIG${name}; not expected)`);
    });
  });

  it('stops in reverse order of priority, with status 0, in under a second', async () => {
    const names = ['first', 'second', 'third'];
    const programs = names.map((name, index) => `[program:${name}]\ncommand=sleep 1000\npriority=${index + 1}`);
    await withContainer({ config: configWith(programs.join('\n')) }, async (container) => {
      await running(container, names.length);
      const { exitCode, tookMs } = await container.stop();
      expect(exitCode).to.equal(0);
      expect(tookMs).to.be.below(1000);
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

const passThrough = `stdout_logfile=/dev/stdout
stdout_logfile_maxbytes=0
stderr_logfile=/dev/stderr
stderr_logfile_maxbytes=0`;

function configWith(programs: string): string {
  return `[supervisord]
nodaemon=true
logfile=/dev/stdout
logfile_maxbytes=0
pidfile=/run/corevisor/supervisord.pid
childlogdir=/run/corevisor

[inet_http_server]
port=0.0.0.0:9001

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

${programs}
`;
}

interface Process {
  readonly name: unknown;
  readonly statename: unknown;
  readonly exitstatus: unknown;
}

async function processes(container: Container): Promise<Process[]> {
  const answer = await callRpc(await container.address(9001), { method: 'supervisor.getAllProcessInfo' });
  if (!Array.isArray(answer)) throw new Error('getAllProcessInfo answered no list');
  return answer.map((entry) => ({ name: '', statename: '', exitstatus: '', ...Object(entry) }));
}

// `name STATE exitstatus` of each, once all have ended.
async function endedProcesses(container: Container, count: number): Promise<string[]> {
  const ended = async (): Promise<Process[] | null> => {
    const all = await processes(container).catch(() => []);
    return all.length === count && all.every(({ statename }) => statename === 'EXITED') ? all : null;
  };
  const all = await waitUntil(ended, { what: `the end of ${count} processes`, deadlineMs: 60_000, everyMs: 100 });
  return all.map((one) => `${String(one.name)} ${String(one.statename)} ${String(one.exitstatus)}`);
}

async function running(container: Container, count: number): Promise<void> {
  const all = async (): Promise<boolean> => {
    const found = await processes(container).catch(() => []);
    return found.filter(({ statename }) => statename === 'RUNNING').length === count;
  };
  await waitUntil(all, { what: `${count} running processes`, everyMs: 100 });
}

function byNumber(left: string, right: string): number {
  return Number.parseInt(left, 10) - Number.parseInt(right, 10);
}
