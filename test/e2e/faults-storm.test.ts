// A thousand programs that all die at the same moment, and programs that die again and again, while somebody asks for status.
// The portable path makes its pipes with a program, so a start takes many times as long there: a hundred must do.
import { expect } from 'chai';
import { asking } from '../support/asking.ts';
import { childrenOf, zombiesOf } from '../support/proc.ts';
import { describeStory } from '../support/modes.ts';
import { child, startDaemon, type Daemon, type ProcessInfo } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

describeStory('surviving a storm of crashes', (mode) => {
  const programs = mode === 'native' ? 1000 : 100;
  const manyExits = mode === 'native' ? 500 : 50;
  let daemon: Daemon;

  before(async function () {
    this.timeout(120_000);
    daemon = await startDaemon(mode, {
      config: `
[program:many]
command=/bin/sleep 3600
process_name=%(process_num)d
numprocs=${programs}
startsecs=0
redirect_stderr=true
stdout_logfile=%(here)s/many.log
stdout_logfile_maxbytes=0

[program:looping]
command=/bin/sh -c 'exit %(process_num)d'
process_name=%(process_num)d
numprocs=20
startsecs=0
autostart=false
autorestart=true
stdout_logfile=NONE
stderr_logfile=NONE

[program:steady]
command=${child('beats.cjs')}
stdout_logfile=%(here)s/beats
`,
    });
    await waitUntil(async () => (await running(daemon)).length === programs, {
      what: `${programs} programs`,
      deadlineMs: 100_000,
      everyMs: 200,
    });
  });

  after(async function () {
    this.timeout(60_000);
    await daemon.stop();
  });

  it('brings back a thousand programs that are killed at once, and answers for their states meanwhile', async function () {
    this.timeout(120_000);
    const killed = (await running(daemon)).map(({ pid }) => pid);
    const spawned = (): number => daemon.messages.filter((line) => /^INFO spawned: '\d+' with pid/.test(line)).length;
    const before = spawned();
    const asked = await asking(daemon, async () => {
      for (const pid of killed) process.kill(pid, 'SIGKILL');
      await waitUntil(() => spawned() >= before + programs, {
        what: () => `${programs} new ones, there are ${spawned() - before}`,
        deadlineMs: 100_000,
        everyMs: 100,
      });
    });
    note(`${programs} killed at once`, asked);
    expect(asked.worstMs).to.be.lessThan(10_000);

    // Each death was heard once, under its own name.
    const deaths = daemon.messages.flatMap(
      (line) => /^WARN exited: (\d+) \(terminated by SIGKILL; /.exec(line)?.[1] ?? [],
    );
    expect(deaths.map(Number).toSorted((a, b) => a - b)).to.deep.equal(Array.from({ length: programs }, (_, n) => n));
    expect(zombiesOf(daemon.pid)).to.deep.equal([]);
    const pids = (await running(daemon)).map(({ pid }) => pid).filter((pid) => !killed.includes(pid));
    expect(new Set(pids).size).to.equal(programs);
    if (mode === 'native') expect(childrenOf(daemon.pid)).to.include.members(pids);
  });

  it('answers while twenty programs die as soon as they are started, and stops them when told', async function () {
    this.timeout(60_000);
    const exits = (): string[] => daemon.messages.filter((line) => / exited: \d+ \(exit status \d+; /.test(line));
    const beats = daemon.lines('beats').length;
    const asked = await asking(daemon, async () => {
      await daemon.call('startProcessGroup', 'looping', false);
      await waitUntil(() => exits().length >= manyExits, { what: 'many exits', deadlineMs: 40_000, everyMs: 100 });
      await daemon.call('stopProcessGroup', 'looping');
    });
    note(`${exits().length} exits of twenty programs`, asked);
    expect(asked.worstMs).to.be.lessThan(10_000);

    const wrong = exits().filter(
      (line) => /: (\d+) \(exit status (\d+);/.exec(line)?.slice(1, 3).join() !== sameTwice(line),
    );
    expect(wrong).to.deep.equal([]);
    const looping = (await daemon.infos()).filter(({ group }) => group === 'looping');
    expect(new Set(looping.map(({ pid }) => pid))).to.deep.equal(new Set([0]));
    await waitUntil(() => daemon.lines('beats').length > beats, { what: 'a heartbeat of another program' });
    expect((await running(daemon)).length).to.equal(programs);
  });
});

async function running(daemon: Daemon): Promise<ProcessInfo[]> {
  return (await daemon.infos()).filter(({ group, statename }) => group === 'many' && statename === 'RUNNING');
}

/** The name of the program is the code that it ends with. */
function sameTwice(line: string): string {
  const name = / exited: (\d+) /.exec(line)?.[1] ?? '';
  return `${name},${name}`;
}

function note(what: string, asked: { answers: number; medianMs: number; worstMs: number }): void {
  const { answers, medianMs, worstMs } = asked;
  console.log(`        ${what}: ${answers} answers for all of them, median ${medianMs} ms, worst ${worstMs} ms`);
}
