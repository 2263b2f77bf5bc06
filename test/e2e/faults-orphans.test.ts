// A fork bomb of orphans beside programs that are supervised: 10,000 processes that nobody waits for, 500 ending at a time.
import { expect } from 'chai';
import { asking } from '../support/asking.ts';
import { zombiesOf } from '../support/proc.ts';
import { describeStory } from '../support/modes.ts';
import { child, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

const orphans = 10_000;

describeStory('burying a fork bomb', (mode) => {
  let daemon: Daemon;

  before(async () => {
    daemon = await startDaemon(mode, {
      config: `
[program:bomb]
command=${child('forks-bomb.py')} ${orphans / 500} 500
stdout_logfile=%(here)s/bomb
autostart=false

; with the codes 0 to 199, within the first five seconds
[program:coded]
command=/bin/sh -c 'sleep $((%(process_num)d %% 5)).%(process_num)03d; exit %(process_num)d'
process_name=%(process_num)d
numprocs=200
stdout_logfile=NONE
stderr_logfile=NONE
startsecs=0
autostart=false
autorestart=false
`,
    });
  });

  after(() => daemon.stop());

  it('buries 10,000 orphans, mixes up no exit of a program, and answers meanwhile', async function () {
    this.timeout(180_000);
    const begunAt = performance.now();
    const buried = (): number => countBuried(daemon.messages);
    const { answers, medianMs, worstMs } = await asking(daemon, async () => {
      await daemon.call('startProcessGroup', 'coded', false);
      await daemon.call('startProcess', 'bomb', false);
      await waitUntil(() => buried() >= orphans, {
        what: () => `${orphans} burials, there were ${buried()}`,
        deadlineMs: 150_000,
        everyMs: 200,
      });
    });
    const tookMs = performance.now() - begunAt;
    console.log(
      `        ${answers} answers with 202 programs in ${Math.round(tookMs)} ms: median ${medianMs} ms, worst ${worstMs} ms`,
    );
    expect(worstMs).to.be.lessThan(5000);

    expect(daemon.lines('bomb')).to.deep.equal(['all made']);
    await waitUntil(() => zombiesOf(daemon.pid).length === 0, { what: 'the last burial' });
    await waitUntil(async () => (await statesOf(daemon)).every((state) => state !== 'RUNNING'), { what: 'all exits' });
    const coded = (await daemon.infos()).filter(({ group }) => group === 'coded');
    const wrong = coded.filter(
      ({ name, statename, exitstatus }) => statename !== 'EXITED' || exitstatus !== Number(name),
    );
    expect(wrong).to.deep.equal([]);
    expect(coded).to.have.length(200);
    // No exit of a program was taken for an orphan's.
    expect(buried()).to.equal(orphans);
  });

  it('writes no more than some twenty lines a second about it', () => {
    const times = daemon.output
      .split('\n')
      .filter((line) => line.includes('INFO reaped '))
      .map((line) => line.slice(0, '2026-01-01 00:00:00'.length));
    const perSecond = countEach(times);
    // A second of the burst may lie across two of the clock's.
    expect(Math.max(...perSecond.values())).to.be.at.most(2 * 21);
    expect(daemon.messages.some((line) => /^INFO reaped \d+ more unknown pids$/.test(line))).to.equal(true);
  });
});

/** Those with a line of their own and those that are summed up. */
function countBuried(messages: readonly string[]): number {
  let count = 0;
  for (const line of messages) {
    if (/^INFO reaped unknown pid \d+ \(exit status 3\)$/.test(line)) count += 1;
    count += Number(/^INFO reaped (\d+) more unknown pids$/.exec(line)?.[1] ?? 0);
  }
  return count;
}

function countEach(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

async function statesOf(daemon: Daemon): Promise<string[]> {
  return (await daemon.infos()).filter(({ group }) => group === 'coded').map(({ statename }) => statename);
}
