// Every signal that an engine can send to PID 1: what it does, and that nothing else ends the container or its programs.
import { expect } from 'chai';
import { buildImage } from '../support/container-image.ts';
import {
  configWith,
  identities,
  identity,
  logged,
  procFile,
  runningProcesses,
} from '../support/container-processes.ts';
import { type Container, withContainer } from '../support/container.ts';
import { docker } from '../support/engine.ts';
import { describeWith } from '../support/requirements.ts';
import { waitUntil } from '../support/wait-until.ts';

describeWith(['docker'], 'signals to the first process of a container', function () {
  this.timeout(120_000);

  before(async function () {
    this.timeout(900_000);
    await buildImage();
  });

  it('no signal ends it but those that ask it to and KILL, and none reaches its programs', async () => {
    await withContainer({ config: debug }, async (container) => {
      const before = await runningProcesses(container, 1);
      for (const signal of harmless) await send(container, signal);
      await logged(container, /received SIGCHLD indicating a child quit/);
      await logged(container, /received SIGUSR2 indicating log reopen request/);
      expect(await container.log()).to.not.match(/indicating (exit|restart) request|exited|unexpected/);
      expect(await identities(container)).to.deep.equal(before.map(identity));

      await send(container, sigstop);
      await waitUntil(async () => (await stateOf(container)) === 'T', { what: 'a stopped PID 1' });
      await send(container, sigcont);
      expect(await identities(container)).to.deep.equal(before.map(identity));

      await docker('pause', container.id);
      expect(await container.inspect('{{.State.Status}}')).to.equal('paused');
      await docker('unpause', container.id);
      expect(await identities(container)).to.deep.equal(before.map(identity));
      expect(await container.log()).to.not.match(/exited|stopped|killing|unexpected/);
    });
  });

  it('HUP restarts all in the same container, TERM, INT and QUIT end it in order with status 0, KILL with 137', async () => {
    await withContainer({ config: debug }, async (container) => {
      await runningProcesses(container, 1);
      await docker('kill', '--signal', 'HUP', container.id);
      await logged(container, /spawned: 'child'/, 2);
      expect(await container.inspect('{{.RestartCount}} {{.State.Status}}')).to.equal('0 running');
      let ends = 0;
      for (const signal of ['TERM', 'INT', 'QUIT']) {
        await runningProcesses(container, 1);
        await docker('kill', '--signal', signal, container.id);
        expect(await exitCode(container)).to.equal(0);
        await logged(container, new RegExp(`received SIG${signal} indicating exit request`));
        await logged(container, /stopped: child \(terminated by SIGTERM\)/, (ends += 1) + 1);
        await docker('start', container.id);
      }
      await runningProcesses(container, 1);
      await docker('restart', '--time', '20', container.id);
      await runningProcesses(container, 1);
      await docker('kill', container.id);
      expect(await exitCode(container)).to.equal(137);
    });
  });

  it('is killed by the engine when its grace period is shorter than a program needs', async () => {
    const config = configWith(`[program:deaf]
command=/bin/sh -c 'trap "" TERM; while :; do sleep 1; done'
stopwaitsecs=60`);
    await withContainer({ config }, async (container) => {
      await runningProcesses(container, 1);
      await docker('stop', '--time', '1', container.id);
      expect(await exitCode(container)).to.equal(137);
      expect(await container.log()).to.match(/waiting for deaf to die/);
    });
  });
});

const debug = configWith('[program:child]\ncommand=sleep 1000').replace(
  'nodaemon=true',
  'nodaemon=true\nloglevel=debug',
);

// All but HUP, INT, QUIT, KILL, TERM and STOP, which have a meaning, and the two that the C library keeps for itself.
const sigcont = 18;
const sigstop = 19;
const harmless = Array.from({ length: 64 }, (_, index) => index + 1).filter(
  (signal) => ![1, 2, 3, 9, 15, sigstop, 32, 33].includes(signal),
);

async function send(container: Container, signal: number): Promise<void> {
  await docker('kill', '--signal', String(signal), container.id);
}

async function stateOf(container: Container): Promise<string | undefined> {
  return /^State:\s+(\w)/m.exec(await procFile(container, '1/status'))?.[1];
}

async function exitCode(container: Container): Promise<number> {
  return Number(await docker('wait', container.id));
}
