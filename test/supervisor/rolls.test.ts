import { expect } from 'chai';
import type { ProgramOptions } from '../../src/config/options.ts';
import type { Draining } from '../../src/supervisor/draining.ts';
import { watchEssentials } from '../../src/supervisor/essentials.ts';
import { Rolls } from '../../src/supervisor/rolls.ts';
import { why } from '../../src/supervisor/why.ts';
import { groupConfig, makeSupervisor, processConfig } from '../support/make-process.ts';
import { faultOf } from '../support/fault-of.ts';

/** Drains that the test ends, and what was asked of them. */
class FakeDraining implements Draining {
  readonly asked: string[] = [];
  drainTimeout: number | null = null;
  isHeldUp = false;
  refusal: string | null = null;
  release: () => void = () => undefined;

  drain({ config }: { config: { name: string } }): Promise<void> {
    this.asked.push(`drain ${config.name}`);
    if (this.refusal !== null) return Promise.reject(new Error(this.refusal));
    return this.isHeldUp ? new Promise((resolve) => (this.release = resolve)) : Promise.resolve();
  }

  undrain({ config }: { config: { name: string } }): void {
    this.asked.push(`undrain ${config.name}`);
  }

  drainTimeoutMs(): number | null {
    return this.drainTimeout;
  }

  standsInUpstream(): boolean {
    return true;
  }
}

function daemon(options: Partial<ProgramOptions> = {}, names: readonly string[] = ['a', 'b', 'c']) {
  const members = names.map((name) => ({ ...processConfig(name, { startretries: 1, ...options }), program: 'web' }));
  const made = makeSupervisor([groupConfig('web', 999, members), groupConfig('other', 999, [processConfig('other')])]);
  const { supervisor, bus, clock, logger } = made;
  const draining = new FakeDraining();
  const rolls = new Rolls({
    supervisor,
    bus,
    clock,
    logger,
    draining,
    mishap(error) {
      throw error;
    },
  });
  const downfall = watchEssentials({ bus, supervisor, logger });
  supervisor.addConfiguredGroups();
  supervisor.start();
  clock.advance(1000);
  const roll = (...asked: string[]): number => rolls.restart(asked, { maxUnavailable: 1 });
  const phases = (id = 1): string =>
    rolls.progress(id).members.map(({ name, phase }) => `${name} ${phase}`).join(', '); // prettier-ignore
  /** Lets the process that is being stopped end, and the next one be up. */
  const turn = async (name: string): Promise<void> => {
    await settled();
    made.host.end(made.find(name).pid, { code: 0 });
    await settled();
    clock.advance(1000);
    await settled();
  };
  return { ...made, draining, rolls, downfall, roll, phases, turn };
}

const settled = async (): Promise<void> => {
  for (let turns = 0; turns < 5; turns += 1) await Promise.resolve();
};

describe('a rolling restart', () => {
  it('takes one after the other, each once the one before is ready', async () => {
    const { host, clock, find, roll, phases, turn, rolls, draining, lines } = daemon();
    const before = ['a', 'b', 'c'].map((name) => find(name).pid);
    const id = roll('web:*');
    expect(phases()).to.equal('a draining, b waiting, c waiting');
    await settled();
    expect(phases()).to.equal('a stopping, b waiting, c waiting');
    host.end(find('a').pid, { code: 0 });
    await settled();
    expect(phases()).to.equal('a starting, b waiting, c waiting');
    clock.advance(999);
    await settled();
    expect(phases()).to.equal('a starting, b waiting, c waiting');
    clock.advance(1);
    await settled();
    expect(phases()).to.equal('a ready, b stopping, c waiting');
    await turn('b');
    await turn('c');
    expect(rolls.progress(id)).to.deep.include({ state: 'done', reason: '', warnings: [], maxUnavailable: 1 });
    expect(before.filter((pid) => host.living.includes(pid))).to.deep.equal([]);
    expect(draining.asked).to.deep.equal(['a', 'b', 'c'].flatMap((name) => [`drain ${name}`, `undrain ${name}`]));
    expect(lines).to.include('info rolling restart of web:* begins (roll 1)');
    expect(lines.at(-1)).to.equal('info rolling restart of web:* is done (roll 1)');
    expect(clock.pending).to.equal(0);
  });

  it('takes names as people write them: groups, programs, processes, each process once', async () => {
    for (const names of [['web'], ['web:*'], ['web:'], ['web:a', 'web', 'web:b']]) {
      const { roll, rolls } = daemon();
      expect(rolls.progress(roll(...names)).members.map(({ name }) => name)).to.deep.equal(['a', 'b', 'c']);
    }
    const { roll, supervisor } = daemon();
    for (const name of ['nope', 'web:nope', 'nope:*', 'a', '']) {
      expect(faultOf(() => roll('web:a', name))).to.equal(`BAD_NAME: ${name}`);
    }
    expect(supervisor.findGroup('web')?.processes.every(({ isReady }) => isReady)).to.equal(true);
  });

  it('ends with the first that does not come back, and the others serve on', async () => {
    const { host, clock, find, roll, phases, rolls, supervisor, lines } = daemon();
    const id = roll('web');
    await settled();
    host.end(find('a').pid, { code: 0 });
    await settled();
    for (let tries = 0; tries < 2; tries += 1) {
      host.end(find('a').pid, { code: 1 });
      await settled();
      expect(find('b').isReady && find('c').isReady).to.equal(true);
      if (find('a').wireState === 'BACKOFF') expect(rolls.progress(id).state).to.equal('running');
      clock.advance(1000);
    }
    expect(find('a').wireState).to.equal('FATAL');
    expect(phases()).to.equal('a failed, b waiting, c waiting');
    expect(rolls).to.deep.include({ running: 0, outcomes: { done: 0, failed: 1, cancelled: 0 } });
    expect(rolls.progress(id)).to.include({ state: 'failed', reason: 'web:a is FATAL and was never ready' });
    expect(lines.at(-1)).to.equal(
      'warn rolling restart of web has failed (roll 1): web:a is FATAL and was never ready',
    );
    expect(supervisor.state).to.equal('RUNNING');
  });

  it('ends when the watchdog restarts one before it is ready, though it comes back later', async () => {
    const { host, clock, bus, find, roll, rolls } = daemon({ autorestart: true });
    const id = roll('web');
    await settled();
    host.end(find('a').pid, { code: 0 });
    await settled();
    bus.emit({ type: 'PROCESS_HEALTH', process: 'a', group: 'web', pid: 1, reason: 'health', text: 'no answer' });
    await settled();
    expect(rolls.progress(id).reason).to.equal('web:a was restarted by the watchdog before it was ready: no answer');
    clock.advance(1000);
    expect(find('a').isReady).to.equal(true);
  });

  it('ends when the watchdog restarts one that was ready already, while others are still to come', async () => {
    const { clock, bus, roll, rolls, phases, turn } = daemon({ autorestart: true });
    const id = roll('web');
    clock.advance(1000);
    await turn('a');
    expect(phases()).to.match(/^a ready, /);
    const sick = { type: 'PROCESS_HEALTH', process: 'a', group: 'web', pid: 1, text: 'no answer' } as const;
    bus.emit({ ...sick, reason: 'memory' });
    await settled();
    expect(rolls.progress(id).state).to.equal('running');
    bus.emit({ ...sick, reason: 'health' });
    await settled();
    expect(rolls.progress(id).reason).to.equal('web:a was restarted by the watchdog after it was ready: no answer');
    await turn('b');
    expect(rolls.progress(id).state).to.equal('failed');
    expect(phases()).to.equal('a failed, b left, c waiting');
  });

  it('leaves alone what a person had stopped, and starts what was given up', async () => {
    const { host, clock, find, roll, phases, turn } = daemon();
    find('b').stop();
    host.end(find('b').pid, { code: 0 });
    host.end(find('c').pid, { code: 1 });
    for (let tries = 0; tries < 2; tries += 1) {
      clock.advance(0);
      host.end(find('c').pid, { code: 1 });
      clock.advance(1000);
    }
    expect(find('c').wireState).to.equal('FATAL');
    roll('web');
    expect(phases()).to.equal('a waiting, b left, c starting');
    clock.advance(1000);
    await turn('a');
    expect(phases()).to.equal('a ready, b left, c ready');
    expect(find('b').stoppedByPerson).to.equal(true);
  });

  it('goes on without the client, is refused a second time, and tells what is new to who waits', async () => {
    const { roll, rolls, turn } = daemon();
    const id = roll('web:a');
    expect(faultOf(() => roll('web:b'))).to.equal(
      'FAILED: web is being rolled already (roll 1: rolling restart of web:a)',
    );
    expect(faultOf(() => rolls.progress(7))).to.equal('BAD_NAME: no roll 7');
    const { version } = rolls.progress(id);
    const news = rolls.news(id, version);
    await settled();
    await news;
    expect(rolls.progress(id).version).to.be.greaterThan(version);
    const other = roll('other');
    await turn('a');
    expect(rolls.progress(id).state).to.equal('done');
    await rolls.news(id, 99);
    expect(rolls.progress(other).state).to.equal('running');
    expect(rolls).to.deep.include({ running: 1, outcomes: { done: 1, failed: 0, cancelled: 0 } });
  });

  it('ends when a person stops one of them, and brings back the one that it has taken down', async () => {
    const { host, find, roll, rolls, phases } = daemon();
    const id = roll('web');
    await settled();
    find('b').stop();
    await settled();
    host.end(find('a').pid, { code: 0 });
    host.end(find('b').pid, { code: 0 });
    await settled();
    expect(rolls.progress(id)).to.include({ state: 'cancelled', reason: 'web:b was stopped by a person' });
    expect([find('a').wireState, find('b').wireState]).to.deep.equal(['STARTING', 'STOPPED']);
    expect(phases()).to.equal('a left, b waiting, c waiting');
  });

  it('ends when a person wants the one that it has just taken down to stay down', async () => {
    const { host, find, roll, rolls } = daemon();
    const id = roll('web');
    await settled();
    find('a').stop();
    host.end(find('a').pid, { code: 0 });
    await settled();
    expect(rolls.progress(id).state).to.equal('cancelled');
    expect(find('a').wireState).to.equal('STOPPED');
    expect(find('a').stoppedByPerson).to.equal(true);
  });

  it('takes its drain back when it is ended meanwhile', async () => {
    const { find, roll, rolls, draining } = daemon();
    draining.isHeldUp = true;
    const id = roll('web');
    find('c').stop();
    await settled();
    expect(rolls.progress(id).state).to.equal('cancelled');
    expect(draining.asked).to.deep.equal(['drain a', 'undrain a']);
    draining.release();
    await settled();
    expect(find('a').wireState).to.equal('RUNNING');
  });

  it('ends before it stops what cannot be taken out of the traffic', async () => {
    const { roll, rolls, draining, host } = daemon();
    draining.refusal = 'nginx does not like the file';
    const id = roll('web');
    await settled();
    expect(rolls.progress(id)).to.include({
      state: 'failed',
      reason: 'web:a cannot be taken out of the traffic: nginx does not like the file',
    });
    expect(host.signals).to.deep.equal([]);
  });

  it('ends with the daemon, and holds its end up no longer than stopwaitsecs', async () => {
    const { host, clock, find, roll, rolls, draining, supervisor } = daemon();
    draining.drainTimeout = 30_000;
    const id = roll('web');
    await settled();
    clock.advance(3000);
    expect(find('a').timeLeftMs).to.equal(29_000);
    supervisor.shutdown();
    expect(rolls.progress(id)).to.include({ state: 'cancelled', reason: 'the daemon shuts down' });
    for (const name of ['other', 'b', 'c']) host.end(find(name).pid, { code: 0 });
    expect(find('a').timeLeftMs).to.be.at.most(10_000);
    host.end(find('a').pid, { code: 0 });
    expect(await supervisor.ended).to.equal('shutdown');
  });

  it('ends when the group is removed', async () => {
    const { host, find, roll, rolls, supervisor } = daemon({}, ['a']);
    const id = roll('web');
    await settled();
    host.end(find('a').pid, { code: 0 });
    supervisor.removeGroup('web');
    await settled();
    expect(rolls.progress(id)).to.include({ state: 'failed', reason: 'group web was removed' });
    expect(host.living).to.have.length(1);
  });

  it('gives what stands in an upstream the time of its requests before SIGKILL', async () => {
    const { host, clock, find, roll, draining } = daemon({ stopwaitsecs: 10 });
    draining.drainTimeout = 30_000;
    roll('web');
    await settled();
    clock.advance(31_999);
    expect(host.signals.map(({ signal }) => signal)).to.deep.equal([15]);
    clock.advance(1);
    expect(host.signals.map(({ signal }) => signal)).to.deep.equal([15, 9]);
    expect(find('a').timeLeftMs).to.equal(10_000);
  });

  it('has up to max_unavailable away at once, and warns when nobody is left', async () => {
    const { rolls, phases, lines } = daemon();
    rolls.restart(['web'], { maxUnavailable: 2 });
    expect(phases()).to.equal('a draining, b draining, c waiting');
    const all = daemon();
    all.rolls.restart(['web'], { maxUnavailable: 5 });
    expect(all.rolls.progress(1).warnings).to.deep.equal(['all 3 of web may be down at once (max_unavailable 5)']);
    expect(lines.join()).to.not.contain('warn');
    const single = daemon({}, ['a']);
    single.roll('web');
    expect(single.lines).to.include(
      'warn roll 1: web has one process that is ready: nobody serves while it is restarted',
    );
  });

  it('is no end that counts: neither for essential nor for restart_limit, and why says whose wish it was', async () => {
    const { host, clock, find, roll, rolls, supervisor, downfall } = daemon({
      essential: true,
      restart_limit: { exits: 1, seconds: 600 },
    });
    for (const id of [1, 2, 3]) {
      roll('web:a');
      await settled();
      host.end(find('a').pid, { code: 1 });
      await settled();
      if (id === 1) {
        expect(find('a').history.last?.by).to.equal('roll');
        expect(why(find('a'), clock.wall())).to.contain('exit status 1');
      }
      clock.advance(1000);
      await settled();
      expect(rolls.progress(id).state).to.equal('done');
    }
    const id = roll('web:a');
    await settled();
    host.end(find('a').pid, { code: 1 });
    await settled();
    for (let tries = 0; tries < 2; tries += 1) {
      host.end(find('a').pid, { code: 1 });
      await settled();
      clock.advance(1000);
      if (find('a').wireState === 'FATAL') break;
    }
    expect(find('a').wireState).to.equal('FATAL');
    expect(rolls.progress(id).state).to.equal('failed');
    expect([supervisor.state, downfall()]).to.deep.equal(['RUNNING', null]);
  });

  it('keeps the last fifty that are over', async () => {
    const { roll, rolls, turn } = daemon({}, ['a']);
    for (let id = 1; id <= 52; id += 1) {
      roll('web');
      await turn('a');
    }
    expect(faultOf(() => rolls.progress(2))).to.equal('BAD_NAME: no roll 2');
    expect(rolls.progress(3).state).to.equal('done');
  });
});
