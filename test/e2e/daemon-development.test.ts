// What `npm start` runs: the daemon with conf/dev.conf, one worker per core behind the embedded proxy, on ports of this test.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { freePortRange, freePorts } from '../support/free-port.ts';
import { describeStory } from '../support/modes.ts';
import { ask, type Address } from '../support/rpc.ts';
import { startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

const original = resolve(import.meta.dirname, '../../conf/dev.conf');

describeStory('running the development configuration', (mode) => {
  let daemon: Daemon;
  let proxy: Address;
  let firstAnswerMs: number;

  before(async () => {
    const firstWorker = await freePortRange(2);
    const [proxyPort = 0] = await freePorts(1);
    proxy = { host: '127.0.0.1', port: proxyPort };
    const text = readFileSync(original, 'utf8');
    expect(text)
      .to.match(/\b8000\b/)
      .and.match(/\b8080\b/);
    const startedAt = performance.now();
    daemon = await startDaemon(mode, {
      config: text
        // What it writes goes to this test's directory, not to the one that `npm start` uses.
        .replaceAll('%(here)s/../dist', '%(here)s')
        .replaceAll('%(here)s/..', resolve(dirname(original), '..'))
        .replaceAll(/\b8000\b/g, String(firstWorker))
        .replaceAll(/\b8080\b/g, String(proxyPort)),
      head: false,
      environment: { COREVISOR_CPUS: '2' },
      comesUp: false,
    });
    const answered = (): Promise<boolean> =>
      ask(proxy, { path: '/' }).then(
        ({ status }) => status === 200,
        () => false,
      );
    await waitUntil(answered, { what: () => `the first answer; ${daemon.output}${daemon.errors}`, everyMs: 10 });
    firstAnswerMs = performance.now() - startedAt;
  });

  after(() => daemon.stop());

  it('answers through the proxy within 3 s of its start', () => {
    console.log(`        first answer after ${firstAnswerMs.toFixed(0)} ms`);
    expect(firstAnswerMs).to.be.lessThan(3000);
  });

  it('lets every worker answer, and each names itself', async () => {
    const bodies = new Set<string>();
    const everyone = async (): Promise<boolean> => {
      const { body } = await ask(proxy, { path: '/' });
      bodies.add(/web[\w:-]*\d+/.exec(body.toString())?.[0] ?? '');
      return bodies.size === 2;
    };
    await waitUntil(everyone, { what: () => `answers of two workers, heard of ${[...bodies].join(', ')}` });
    expect([...bodies]).not.to.include('');
  });

  it('ends in order with status 0 on Ctrl-C, and leaves no process behind', async () => {
    daemon.signal('SIGINT');
    expect(await daemon.waitForEnd()).to.deep.equal({ status: 0, signal: null });
    await waitUntil(() => daemon.descendants().length === 0, { what: 'the end of all processes', deadlineMs: 2000 });
    await daemon.stop();
  });
});
