// The documented system as a container: nginx on port 80 in front of one worker per CPU, whatever the engine is told to
// take away from it.
import { expect } from 'chai';
import { buildImage } from '../support/container-image.ts';
import { type Container, withContainer } from '../support/container.ts';
import { docker } from '../support/engine.ts';
import { describeWith } from '../support/requirements.ts';
import { waitUntil } from '../support/wait-until.ts';

describeWith(['docker'], 'the documented system in a container', function () {
  this.timeout(120_000);

  before(async function () {
    this.timeout(900_000);
    await buildImage();
  });

  it('answers on port 80 and names the worker that did', async () => {
    await withContainer({}, async (container) => {
      await container.serving();
      const workers = await configuredWorkers(container);
      await waitUntil(async () => (await answeringWorkers(container)).length === workers.length, {
        what: 'an answer of each worker',
      });
      expect(await answeringWorkers(container)).to.deep.equal(workers);
    });
  });

  describe('starts as many workers as the container has CPUs', () => {
    const limits: readonly [flag: string, cpus: number][] = [
      ['--cpus=0.5', 1],
      ['--cpus=1', 1],
      ['--cpus=1.5', 2],
      ['--cpuset-cpus=0', 1],
    ];
    for (const [flag, cpus] of limits) {
      it(`${flag}: ${cpus}`, async () => {
        const online = Number(await docker('info', '--format', '{{.NCPU}}'));
        await withContainer({ flags: [flag] }, async (container) => {
          await container.serving();
          const workers = Array.from({ length: Math.min(cpus, online) }, (_, index) => String(8000 + index));
          expect(await configuredWorkers(container)).to.deep.equal(workers);
          expect(await nginxWorkers(container)).to.equal(workers.length);
        });
      });
    }

    it('COREVISOR_CPUS=5: 5, all of them behind nginx', async () => {
      await withContainer({ flags: ['--env', 'COREVISOR_CPUS=5'] }, async (container) => {
        await container.serving();
        const workers = ['8000', '8001', '8002', '8003', '8004'];
        expect(await configuredWorkers(container)).to.deep.equal(workers);
        await waitUntil(async () => (await answeringWorkers(container)).length === 5, {
          what: 'an answer of each worker',
        });
      });
    });
  });

  describe('serves, and stops in order with status 0,', () => {
    const hardenings: readonly (readonly string[])[] = [
      [],
      ['--init'],
      ['--read-only'],
      ['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
      ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
      ['--user', '12345:12345', '--tmpfs', '/run/corevisor:uid=12345'],
      ['--user', '0'],
    ];
    for (const flags of hardenings) {
      it(flags.join(' ') || 'without any flag', async () => {
        await withContainer({ flags }, async (container) => {
          await container.serving();
          const { exitCode, tookMs } = await container.stop();
          expect(exitCode).to.equal(0);
          expect(tookMs).to.be.below(5000);
          expect(await container.log()).to.match(/stopped: (?:.*\n)*.*stopped: /);
        });
      });
    }
  });

  it('becomes healthy', async () => {
    await withContainer({ flags: ['--health-interval=1s'] }, async (container) => {
      await waitUntil(async () => (await container.inspect('{{.State.Health.Status}}')) === 'healthy', {
        what: 'a healthy container',
        deadlineMs: 30_000,
        everyMs: 200,
      });
    });
  });

  it('replaces a worker that was killed, while the others answer', async () => {
    await withContainer({ flags: ['--env', 'COREVISOR_CPUS=2'] }, async (container) => {
      await container.serving();
      await waitUntil(async () => (await answeringWorkers(container)).length === 2, { what: 'both workers' });
      const pid = async (): Promise<string> => (await container.exec('corevisorctl', 'pid', 'web:web-8000')).stdout;
      // One that is killed before it was up for startsecs is only tried again a second later.
      const isUp = async (): Promise<boolean> =>
        (await container.exec('corevisorctl', 'status', 'web:web-8000')).stdout.includes('RUNNING');
      await waitUntil(isUp, { what: 'web-8000 to be RUNNING' });
      const before = await pid();
      await container.exec('sh', '-c', `kill -9 ${before}`);
      expect((await container.get('/')).status).to.equal(200);
      expect(await pid())
        .to.match(/^[1-9]\d*\n$/)
        .and.not.equal(before);
      await waitUntil(async () => (await answeringWorkers(container)).includes('8000'), { what: 'its answer' });
    });
  });

  it('passes nginx’s access log and the workers’ output on to the container’s log', async () => {
    await withContainer({}, async (container) => {
      await container.serving();
      await container.get('/?mark=this-very-request');
      await waitUntil(async () => /GET \/\?mark=this-very-request/.test(await container.log()), {
        what: 'the request in the log',
      });
      expect(await container.log()).to.match(/"message":"listening",.*"process":"web-8000"/);
    });
  });

  it('comes back after PID 1 was killed, although its socket and files are still there', async () => {
    await withContainer({}, async (container) => {
      await container.serving();
      await docker('kill', container.id);
      await docker('start', container.id);
      await container.serving();
      expect((await container.exec('supervisorctl', 'status')).status).to.equal(0);
    });
  });

  it('is restarted by HUP without a new container', async () => {
    await withContainer({}, async (container) => {
      await container.serving();
      await docker('kill', '--signal', 'HUP', container.id);
      await waitUntil(async () => (await container.log()).match(/spawned: 'nginx'/g)?.length === 2, {
        what: 'a second nginx',
      });
      await container.serving();
      expect(await container.inspect('{{.RestartCount}} {{.State.Status}}')).to.equal('0 running');
    });
  });
});

// The ports, as text and sorted, of the workers that answer a burst of requests.
async function answeringWorkers(container: Container): Promise<string[]> {
  const answers = await Promise.all(Array.from({ length: 40 }, () => container.get('/')));
  return [...new Set(answers.flatMap(({ body }) => /\b8\d\d\d\b/.exec(body)?.[0] ?? []))].toSorted();
}

// The ports that the processes of program "web" are named after.
async function configuredWorkers(container: Container): Promise<string[]> {
  const { stdout } = await container.exec('corevisorctl', 'status');
  return [...stdout.matchAll(/^web:\S*?(\d+)\s/gm)].map((match) => match[1] ?? '').toSorted();
}

async function nginxWorkers(container: Container): Promise<number> {
  const { stdout } = await container.exec('sh', '-c', 'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" "\\n"');
  return stdout.match(/nginx: worker process/g)?.length ?? 0;
}
