// pidproxy where ours is better than supervisord's; where it is the same, the conformance suite holds it.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'chai';
import { child } from '../support/run-supervisord.ts';
import { run } from '../support/ctl.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const bundle = resolve(import.meta.dirname, '../../dist/pidproxy.cjs');

describe('pidproxy', () => {
  const path = useTempFolder();
  const started = new Set<ChildProcess>();
  afterEach(() => {
    for (const proxy of started) proxy.kill('SIGKILL');
    started.clear();
  });

  /** Starts it with a command that says "ready"; the lines that it prints are kept. */
  const start = async (pidfile: string): Promise<{ proxy: ChildProcess; said: () => string }> => {
    const words = [bundle, pidfile, '/bin/sh', '-c', 'echo ready; read line'];
    const proxy = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'pipe'] });
    started.add(proxy);
    let text = '';
    for (const stream of [proxy.stdout, proxy.stderr])
      stream.setEncoding('utf8').on('data', (more: string) => (text += more));
    await waitUntil(() => text.includes('ready\n'), { what: 'the command' });
    return { proxy, said: () => text.replace('ready\n', '') };
  };

  it('finds a command without a slash in the PATH, and ends as soon as it does', async () => {
    const outcome = await run([process.execPath, bundle, path('pid'), 'echo', 'hello', 'you'], { directory: path('') });
    expect(outcome).to.deep.equal({ stdout: 'hello you\n', stderr: '', status: 0 });
  });

  it('says that it cannot run a command', async () => {
    writeFileSync(path('plain.txt'), '');
    for (const [command, why] of [
      ['/nowhere/at/all', 'ENOENT'],
      ['no-such-program', 'ENOENT'],
      [path('plain.txt'), 'EACCES'],
    ] as const) {
      const { stderr, status } = await run([process.execPath, bundle, path('pid'), command]);
      expect([stderr, status]).to.deep.equal([`pidproxy: cannot run ${command}: ${why}\n`, 127]);
    }
  });

  it('says that there is nobody to signal, and goes on unless it was asked to end', async () => {
    const gone = spawn('true');
    await once(gone, 'exit');
    writeFileSync(path('pid'), `${gone.pid}\n`);
    const { proxy, said } = await start(path('pid'));
    const problem = (signal: string): string => `pidproxy: cannot send ${signal} to process ${gone.pid}: ESRCH\n`;
    proxy.kill('SIGUSR1');
    await waitUntil(() => said() === problem('SIGUSR1'), { what: said });
    proxy.kill('SIGTERM');
    const [status] = await once(proxy, 'exit');
    expect([status, said()]).to.deep.equal([1, problem('SIGUSR1') + problem('SIGTERM')]);
  });

  it('signals no group of processes', async () => {
    for (const text of ['0', '-1', '-5', '1_000_000_000_000', '', 'nonsense']) {
      writeFileSync(path('pid'), text);
      const { proxy, said } = await start(path('pid'));
      proxy.kill('SIGTERM');
      await waitUntil(() => said() !== '', { what: `a refusal of ${text}` });
      expect(said()).to.equal(`Can't read child pidfile ${path('pid')}!\n`);
      proxy.stdin?.end();
      expect((await once(proxy, 'exit'))[0]).to.equal(0);
    }
  });

  it('passes on from its first moment', async () => {
    const words = [bundle, path('pid'), child('guards.sh'), path('pid'), child('notes-signals.sh'), path('signals')];
    const proxy = spawn(process.execPath, words, { stdio: 'ignore' });
    started.add(proxy);
    const read = (): string => {
      try {
        return readFileSync(path('signals'), 'utf8');
      } catch {
        return '';
      }
    };
    await waitUntil(() => read() === 'ready\n', { what: 'the program' });
    proxy.kill('SIGHUP');
    await waitUntil(() => read() === 'ready\nHUP\n', { what: 'HUP' });
    proxy.kill('SIGTERM');
    expect((await once(proxy, 'exit'))[0]).to.equal(0);
    await waitUntil(() => read() === 'ready\nHUP\nTERM\n', { what: 'TERM' });
  });
});
