// The wall clock of the daemon, and of nobody else, is set by hours while programs are in every state: nothing may come
// earlier or later for it. What is due is measured by this process's own clock, which runs on.
import { expect } from 'chai';
import { FakeTime } from '../support/fake-time.ts';
import { isAlive } from '../support/proc.ts';
import { describeStory } from '../support/modes.ts';
import { child, makeDirectory, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

/** A busy machine may be this late; a clock that is set would make it hours. */
const patienceMs = 15_000;

const hours = 3600;

describeStory('a wall clock that is set', (mode) => {
  let daemon: Daemon;
  let time: FakeTime;

  before(async () => {
    const directory = makeDirectory();
    time = new FakeTime(directory);
    daemon = await startDaemon(mode, {
      directory,
      environment: time.environment,
      config: `
[supervisord]
environment=LD_PRELOAD=""

[program:starting]
command=${child('stays.sh')}
startsecs=3
autostart=false

[program:failing]
command=/bin/sh -c 'exit 1'
startretries=2
autostart=false

[program:deaf]
command=${child('ignores-term.sh')}
stdout_logfile=%(here)s/deaf
stopwaitsecs=3
startsecs=0

[program:delayed]
command=${child('stays.sh')}
startsecs=0
autorestart=true
restart_delay=3
restart_delay_max=3

[program:steady]
command=${child('stays.sh')}

[program:ended]
command=/bin/sh -c 'exit 0'
startsecs=0
autorestart=false

[eventlistener:ticks]
command=${process.execPath} ${child('listener.cjs')} %(here)s/ticks
events=TICK_5
`,
    });
    await daemon.waitForState('steady', 'RUNNING');
    await daemon.waitForState('ended', 'EXITED');
  });

  after(() => daemon.stop());

  for (const { what, before: offsetBefore, after: offset } of [
    { what: 'forward by five hours', before: 0, after: 5 * hours },
    { what: 'back by ten hours', before: 5 * hours, after: -5 * hours },
  ]) {
    // One of them must do for the path that counts time in the same way.
    if (mode === 'portable' && offset > 0) continue;
    describe(what, () => {
      let stateBefore: Awaited<ReturnType<typeof states>>;

      before(async () => {
        time.set(offsetBefore);
        for (const name of ['deaf', 'delayed']) await running(daemon, name);
        await waitUntil(() => daemon.read('deaf').includes('ready'), { what: 'deafness' });
        stateBefore = await states(daemon);
      });

      it('makes no transition come early or late', async function () {
        this.timeout(60_000);
        const deaf = await daemon.info('deaf');
        const delayed = await daemon.info('delayed');
        const seen = daemon.messages.length;
        const since = (pattern: RegExp): boolean => daemon.messages.slice(seen).some((line) => pattern.test(line));

        // Each in the state that it waits in, when the clock is set.
        const begun = { starting: 0, failing: 0, deaf: 0, delayed: 0 };
        begun.starting = performance.now();
        await daemon.call('startProcess', 'starting', false);
        begun.failing = performance.now();
        await daemon.call('startProcess', 'failing', false);
        begun.deaf = performance.now();
        await daemon.call('stopProcess', 'deaf', false);
        begun.delayed = performance.now();
        process.kill(delayed.pid, 'SIGKILL');
        await waitUntil(() => since(/exited: delayed/) && since(/exited: failing/), { what: 'the waits', everyMs: 5 });
        time.set(offset);

        const due = [
          {
            what: 'RUNNING after startsecs',
            from: begun.starting,
            ms: 3000,
            came: () => since(/success: starting entered RUNNING/),
          },
          {
            what: 'FATAL after the waits of one and two seconds',
            from: begun.failing,
            ms: 3000,
            came: () => since(/gave up: failing/),
          },
          { what: 'SIGKILL after stopwaitsecs', from: begun.deaf, ms: 3000, came: () => !isAlive(deaf.pid) },
          {
            what: 'the next run after restart_delay',
            from: begun.delayed,
            ms: 3000,
            came: () => since(/spawned: 'delayed'/),
          },
        ];
        const cameAfter = new Map<string, number>();
        await waitUntil(
          () => {
            for (const { what: name, from, came } of due) {
              if (!cameAfter.has(name) && came()) cameAfter.set(name, performance.now() - from);
            }
            return cameAfter.size === due.length;
          },
          {
            what: () => `all of it, there is ${JSON.stringify([...cameAfter])}`,
            deadlineMs: patienceMs + 5000,
            everyMs: 5,
          },
        );
        for (const { what: name, ms } of due) expect(cameAfter.get(name), name).to.be.within(ms, ms + patienceMs);
        await waitUntil(async () => (await daemon.info('deaf')).statename === 'STOPPED', {
          what: 'the end of the deaf',
        });
      });

      it('leaves alone what runs and what has ended, and shows neither a negative nor an absurd time', async () => {
        const now = await states(daemon);
        expect(now.steady.pid).to.equal(stateBefore.steady.pid);
        expect(now.ended).to.include({ statename: 'EXITED', description: stateBefore.ended.description });
        for (const { description } of [now.steady, now.starting]) {
          const [, uptimeHours, minutes] = /^pid \d+, uptime (\d+):(\d\d):\d\d$/.exec(description) ?? [];
          expect({ description, uptimeHours }).to.deep.equal({ description, uptimeHours: '0' });
          expect(Number(minutes)).to.be.lessThan(10);
        }
        // `now` is what the clock says.
        expect(now.steady.now).to.be.closeTo(wallAt(offset), 30);
      });

      it('is what the log and the ticks say from then on, each tick once', async function () {
        this.timeout(40_000);
        const ticks = (): number[] => daemon.lines('ticks').map((line) => Number(/when:(\d+)/.exec(line)?.[1]));
        const isPresent = (when: number): boolean => Math.abs(when - wallAt(offset)) < 300;
        await waitUntil(() => ticks().filter(isPresent).length >= 1, { what: 'a tick', deadlineMs: 30_000 });
        const present = ticks().filter(isPresent);
        expect(present.every((when) => when % 5 === 0)).to.equal(true);
        expect(new Set(present).size).to.equal(present.length);
        // The hours between are not made up for.
        expect(ticks().filter((when) => !ticksAround(when, [offsetBefore, offset, 0]))).to.deep.equal([]);

        const stamps = daemon.output.split('\n').flatMap((line) => /^(\S+ \S+),\d{3} /.exec(line)?.[1] ?? []);
        const [last = ''] = stamps.slice(-1);
        expect(new Date(last.replace(' ', 'T')).getTime() / 1000).to.be.closeTo(wallAt(offset), 60);
      });

      after(async () => {
        await daemon.call('stopProcess', 'starting');
        await daemon.call('startProcess', 'deaf', false);
      });
    });
  }
});

async function states(daemon: Daemon) {
  const [steady, ended, starting] = await Promise.all(['steady', 'ended', 'starting'].map((name) => daemon.info(name)));
  if (!steady || !ended || !starting) throw new Error('a program is missing');
  return { steady, ended, starting };
}

/** What the clock of a daemon says that is this many seconds ahead. */
function wallAt(offset: number): number {
  return Date.now() / 1000 + offset;
}

async function running(daemon: Daemon, name: string): Promise<void> {
  await daemon.waitForState(name, 'RUNNING');
}

/** Whether it is a date of one of these clocks. */
function ticksAround(when: number, offsets: readonly number[]): boolean {
  return offsets.some((offset) => Math.abs(when - offset - Date.now() / 1000) < 600);
}
