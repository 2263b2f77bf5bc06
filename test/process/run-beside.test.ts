import { expect } from 'chai';
import type { RunOutcome } from '../../src/base/child.ts';
import { runBeside } from '../../src/process/run-beside.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeHost } from '../support/fake-host.ts';
import { processConfig } from '../support/make-process.ts';

describe('a command that is run beside a program', () => {
  it('gets the program’s environment, directory, umask and user', async () => {
    const { run, host } = make();
    const outcome = run('nginx -t');
    expect(host.spawned).to.have.length(1);
    expect(host.spawned[0]).to.deep.include({
      name: 'nginx',
      file: 'nginx',
      argv: ['nginx', '-t'],
      environment: { NAME: 'nginx' },
      directory: '/etc',
      umask: 0o27,
      user: null,
      stdin: 'null',
      stdout: 'pipe',
      stderr: 'same-as-stdout',
    });
    host.end(100, { code: 1 });
    expect(await outcome).to.deep.equal({ status: { code: 1 }, said: '' });
  });

  it('is killed with its group when it is late, which is what comes of it', async () => {
    const { run, host, clock } = make();
    const outcome = run('nginx -t');
    clock.advance(4999);
    expect(host.signals).to.deep.equal([]);
    clock.advance(1);
    expect(host.signals).to.deep.equal([{ pid: 100, signal: 9, to: 'group' }]);
    expect(await outcome).to.deep.equal({ status: 'late', said: '' });
    host.end(100, { signal: 9, core: false });
    expect(clock.pending).to.equal(0);
  });

  it('sets no time once it has ended', async () => {
    const { run, host, clock } = make();
    const outcome = run('nginx -t');
    host.end(100, { code: 0 });
    await outcome;
    expect(clock.pending).to.equal(0);
  });

  it('that cannot be started says why', async () => {
    const { run, host } = make();
    expect(await run('/nope -t')).to.have.property('error', "can't find command '/nope -t'");
    host.spawnError = 'too many open files';
    expect(await run('nginx -t')).to.deep.equal({ error: 'too many open files' });
  });

  it('is not started without the variables that it needs', async () => {
    const { run, host } = make({ error: "can't find /etc/env" });
    expect(await run('nginx -t')).to.deep.equal({ error: "can't find /etc/env" });
    expect(host.spawned).to.deep.equal([]);
  });
});

function make(
  environment: { variables: Record<string, string> } | { error: string } = { variables: { NAME: 'nginx' } },
) {
  const host = new FakeHost();
  const clock = new FakeClock();
  const { options } = processConfig('nginx', { directory: '/etc', umask: 0o27 });
  const run = (command: string): Promise<RunOutcome> =>
    runBeside({ name: 'nginx', command, deadlineMs: 5000, options }, { host, clock, environment: () => environment });
  return { host, clock, run };
}
