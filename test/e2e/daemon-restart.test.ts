// What happens to a program that ended: restarted or not, as autorestart and exitcodes say, and how fast it is back.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { describeStory } from '../support/modes.ts';
import { child, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

const endings = [
  { name: 'expected', options: 'exitcodes=0,3', code: 3, restarted: false },
  { name: 'unexpected', options: '', code: 1, restarted: true },
  { name: 'zero-not-listed', options: 'exitcodes=3', code: 0, restarted: true },
  { name: 'never', options: 'autorestart=false', code: 1, restarted: false },
  { name: 'always', options: 'autorestart=true', code: 0, restarted: true },
] as const;

describeStory('restarting what ended', (mode) => {
  let daemon: Daemon;

  before(async () => {
    const programs = endings.map(
      ({ name, options, code }) => `
[program:${name}]
command=${child('exits-with.sh')} ${code} 2
startsecs=1
${options}
`,
    );
    daemon = await startDaemon(mode, {
      config: `${programs.join('')}
[program:killed]
command=${child('stays.sh')}
startsecs=0

[program:killed-for-good]
command=${child('stays.sh')}
startsecs=0
autorestart=false

[program:code]
command=${child('exits-with.sh')} %(process_num)d
process_name=%(program_name)s-%(process_num)d
numprocs=256
startsecs=0
autorestart=false
stdout_logfile=NONE
stderr_logfile=NONE
`,
    });
  });

  after(() => daemon.stop());

  for (const { name, options, code, restarted } of endings) {
    const rule = options === '' ? 'by default' : `with ${options}`;
    if (restarted) {
      it(`restarts after exit ${code} ${rule}`, async () => {
        const first = await daemon.waitForState(name, 'STARTING', 'RUNNING');
        await daemon.waitForProcess(name, ({ pid }) => pid !== 0 && pid !== first.pid, { what: 'a new process' });
      });
    } else {
      it(`leaves it EXITED after exit ${code} ${rule}`, async () => {
        const info = await daemon.waitForState(name, 'EXITED');
        expect(info.exitstatus).to.equal(code);
        expect(info.pid).to.equal(0);
        expect(daemon.messages.filter((line) => line.startsWith(`INFO spawned: '${name}'`))).to.have.length(1);
      });
    }
  }

  it('says whether an exit was expected', async () => {
    await daemon.waitForMessage(/^INFO exited: expected \(exit status 3; expected\)$/);
    await daemon.waitForMessage(/^WARN exited: unexpected \(exit status 1; not expected\)$/);
    await daemon.waitForMessage(/^WARN exited: zero-not-listed \(exit status 0; not expected\)$/);
    expect((await daemon.info('never')).spawnerr).to.equal('Bad exit code 1');
  });

  it('replaces a process that was killed, and says by which signal', async () => {
    const first = await daemon.waitForState('killed', 'RUNNING');
    process.kill(first.pid, 'SIGKILL');
    const second = await daemon.waitForProcess('killed', ({ pid }) => pid !== 0 && pid !== first.pid);
    expect(second.statename).to.be.oneOf(['STARTING', 'RUNNING']);
    expect(daemon.messages).to.include('WARN exited: killed (terminated by SIGKILL; not expected)');
  });

  it('reports a death by signal as exit status -1', async () => {
    const { pid } = await daemon.waitForState('killed-for-good', 'RUNNING');
    process.kill(pid, 'SIGUSR1');
    const info = await daemon.waitForState('killed-for-good', 'EXITED');
    expect(info.exitstatus).to.equal(-1);
    expect(info.spawnerr).to.equal('Bad exit code -1');
    expect(daemon.messages).to.include('WARN exited: killed-for-good (terminated by SIGUSR1; not expected)');
  });

  it('reports every exit code from 0 to 255 exactly', async () => {
    await daemon.waitForMessage(/ exited: code-\d+ /, { count: 256 });
    const codes = (await daemon.infos()).filter(({ group }) => group === 'code');
    expect(codes).to.have.length(256);
    for (const { name, exitstatus } of codes) expect(exitstatus, name).to.equal(Number(name.replace('code-', '')));
  });
});

describeStory('replacing a killed process at once', (mode) => {
  let daemon: Daemon;

  before(async () => {
    daemon = await startDaemon(mode, { config: `[program:worker]\ncommand=${child('stays.sh')}\nstartsecs=0\n` });
  });

  after(() => daemon.stop());

  it('has a new process well within a second of a kill -9', async () => {
    const tookMs: number[] = [];
    for (let kill = 0; kill < 20; kill++) {
      const { pid } = await daemon.waitForState('worker', 'RUNNING');
      const killedAt = performance.now();
      process.kill(pid, 'SIGKILL');
      await waitUntil(() => childrenOf(daemon.pid).some((other) => other !== String(pid)), {
        what: 'a new child',
        everyMs: 1,
      });
      tookMs.push(performance.now() - killedAt);
    }
    const sorted = tookMs.toSorted((a, b) => a - b).map((ms) => ms.toFixed(1));
    console.log(`        kill -9 to new pid: median ${sorted[10]} ms, worst of ${sorted.length} ${sorted.at(-1)} ms`);
    expect(Math.max(...tookMs)).to.be.lessThan(1000);
  });
});

describeStory('burying orphans', (mode) => {
  let daemon: Daemon;

  before(async () => {
    daemon = await startDaemon(mode, {
      config: `
[program:parent]
command=${child('forks-orphan.sh')} 0.2
process_name=%(program_name)s_%(process_num)d
numprocs=20
`,
    });
  });

  after(() => daemon.stop());

  it('buries what its programs left behind, and says so', async () => {
    await daemon.waitForMessage(/^INFO reaped unknown pid \d+ \(exit status 0\)$/, { count: 20 });
    const states = daemon.descendants().map((pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0]);
    expect(states).to.have.length(20);
    expect(states).not.to.include('Z');
    expect(zombiesOf(daemon.pid)).to.deep.equal([]);
  });
});

function childrenOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter((word) => word !== '');
}

function zombiesOf(parent: number): string[] {
  return childrenOf(parent).filter((pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.startsWith('Z'));
}
