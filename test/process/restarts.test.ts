import { expect } from 'chai';
import * as fc from 'fast-check';
import { step } from '../../src/process/machine.ts';
import { type Event, noteOf, type Policy, type State } from '../../src/process/state.ts';
import { countExit, delayRestart, type Past, type RestartRules } from '../../src/process/restarts.ts';

const policy: Policy = {
  name: 'x',
  startsecs: 1,
  startretries: 3,
  autorestart: true,
  exitcodes: [0],
  stopsignal: 15,
  stopwaitsecs: 10,
  health_stopwaitsecs: 1,
  mayStart: true,
  restart_delay: 2,
  restart_delay_max: 30,
  restart_limit: null,
};

/** A process under a clock of its own: runs are lived through one after another. */
class Life {
  state: State = { is: 'STOPPED', tries: 0 };
  told: string[] = [];
  texts: string[] = [];
  error: string | null = null;
  nowMs = 0;
  readonly #policy: Policy;
  #pid = 100;
  #timerMs: number | null = null;

  constructor(rules: Partial<Policy> = {}) {
    this.#policy = { ...policy, ...rules };
    this.feed({ type: 'start' });
  }

  feed(event: Event): void {
    const { state, effects } = step(this.#policy, this.state, event);
    this.state = state;
    for (const effect of effects) {
      if (effect.do === 'announce') this.told.push(`${effect.change.from}>${effect.change.to}`);
      if (effect.do === 'announce') this.#timerMs = null;
      if (effect.do === 'timer') this.#timerMs = effect.ms;
      if (effect.do === 'log') this.texts.push(effect.text);
      if (effect.do === 'record' && effect.spawnError !== undefined) this.error = effect.spawnError;
      if (effect.do === 'spawn') this.feed({ type: 'spawned', pid: (this.#pid += 1) });
    }
  }

  /** Runs for that long and ends; answers the milliseconds that it then waits, null when it does not. */
  runFor(seconds: number, code = 1): number | null {
    this.nowMs += seconds * 1000;
    if (this.state.is === 'STARTING' && seconds >= 1) this.feed({ type: 'timer' });
    this.feed({ type: 'exited', status: { code }, ranMs: seconds * 1000, atMs: this.nowMs });
    return this.state.is === 'BACKOFF' ? this.#timerMs : null;
  }

  /** Lets the wait pass. */
  wait(): void {
    this.nowMs += this.#timerMs ?? 0;
    this.feed({ type: 'timer' });
  }
}

describe('restart_delay', () => {
  it('waits before it starts again, twice as long each time, up to restart_delay_max', () => {
    const life = new Life({ restart_delay_max: 10 });
    const waits = [1, 2, 3, 4, 5].map(() => {
      const waited = life.runFor(2);
      life.wait();
      return waited;
    });
    expect(waits).to.deep.equal([2000, 4000, 8000, 10_000, 10_000]);
  });

  it('is BACKOFF meanwhile, says so, and counts no failed start', () => {
    const life = new Life({ startretries: 0 });
    life.runFor(5, 3);
    expect(life.state).to.deep.include({ is: 'BACKOFF', tries: 0 });
    expect(noteOf(life.state)).to.equal('exit status 3, starts again 2 seconds after it (restart_delay)');
    expect(life.told.slice(-2)).to.deep.equal(['RUNNING>EXITED', 'EXITED>BACKOFF']);
    expect(life.texts.at(-1)).to.equal('x is started again in 2 seconds (restart_delay)');
    life.wait();
    expect(life.state).to.deep.include({ is: 'STARTING', tries: 0 });
  });

  const steady = [
    { ran: 9, expected: 4000, what: 'goes on doubling after a run of 9 seconds' },
    { ran: 10, expected: 2000, what: 'begins anew after a run of 10 seconds' },
  ];
  for (const { ran, expected, what } of steady) {
    it(what, () => {
      const life = new Life();
      life.runFor(2);
      life.wait();
      expect(life.runFor(ran)).to.equal(expected);
    });
  }

  it('begins anew only after twice the last delay when that is more than 10 seconds', () => {
    const past: Past = { exitsAtMs: [], delay: 16 };
    expect(delayRestart(policy, { past, ranMs: 31_999 }).wait).to.equal(30);
    expect(delayRestart(policy, { past, ranMs: 32_000 }).wait).to.equal(2);
  });

  it('leaves failed starts to startretries, and goes on where it was after them', () => {
    const life = new Life();
    life.runFor(2);
    life.wait();
    expect(life.runFor(0.1), 'a failed start').to.equal(1000);
    expect(noteOf(life.state)).to.equal('');
    life.wait();
    expect(life.runFor(2)).to.equal(4000);
  });

  it('does not hold up what is not started again, nor a daemon that shuts down', () => {
    const once = new Life({ autorestart: false });
    expect(once.runFor(5)).to.equal(null);
    expect(once.state.is).to.equal('EXITED');
    const life = new Life();
    life.runFor(5);
    life.feed({ type: 'give-up' });
    expect(life.state).to.deep.equal({ is: 'FATAL' });
  });

  it('stops at once while it waits, and what a person starts has no past', () => {
    const life = new Life();
    life.runFor(2);
    life.feed({ type: 'stop' });
    expect(life.state).to.deep.equal({ is: 'STOPPED', tries: 0 });
    life.feed({ type: 'start' });
    expect(life.runFor(2)).to.equal(2000);
  });

  it('lets a restart by a person through at once', () => {
    const life = new Life();
    life.runFor(2);
    life.feed({ type: 'restart' });
    expect(life.state.is).to.equal('STARTING');
  });

  it('says "1 second", and what killed it', () => {
    const life = new Life({ restart_delay: 1 });
    life.feed({ type: 'timer' });
    life.feed({ type: 'exited', status: { signal: 9, core: false }, ranMs: 5000, atMs: 5000 });
    expect(noteOf(life.state)).to.equal('terminated by SIGKILL, starts again 1 second after it (restart_delay)');
  });
});

describe('restart_limit', () => {
  const limited = { restart_delay: 0, restart_limit: { exits: 2, seconds: 60 } };

  it('gives up at the exit that is one too many, with a reason for clients', () => {
    const life = new Life(limited);
    life.runFor(5);
    life.runFor(5);
    expect(life.state.is).to.equal('STARTING');
    life.runFor(5, 7);
    expect(life.state).to.deep.equal({ is: 'FATAL' });
    expect(life.told.slice(-2)).to.deep.equal(['RUNNING>EXITED', 'EXITED>FATAL']);
    expect(life.error).to.equal('3 exits within 60 seconds (restart_limit=2/60), the last: exit status 7');
    expect(life.texts.at(-1)).to.equal(
      'gave up: x entered FATAL state, 3 exits within 60 seconds (restart_limit=2/60)',
    );
  });

  it('forgets exits that are older than its span', () => {
    const life = new Life(limited);
    for (let run = 0; run < 10; run += 1) life.runFor(31);
    expect(life.state.is).to.equal('STARTING');
  });

  it('counts exits before startsecs too, and gives up before startretries do', () => {
    const life = new Life({ ...limited, startretries: 100 });
    life.runFor(5);
    life.runFor(0.1);
    life.wait();
    life.runFor(0.1);
    expect(life.state).to.deep.equal({ is: 'FATAL' });
    expect(life.told.slice(-2)).to.deep.equal(['STARTING>BACKOFF', 'BACKOFF>FATAL']);
    expect(life.error).to.match(/^3 exits within 60 seconds \(restart_limit=2\/60\)/);
  });

  it('counts restarts by the watchdog, unless a person asks for one meanwhile', () => {
    const life = new Life({ ...limited, startretries: 100 });
    const unhealthy: Event = { type: 'unhealthy', reason: 'health', text: 'it hangs' };
    life.feed(unhealthy);
    life.runFor(5);
    life.runFor(5);
    life.feed(unhealthy);
    life.feed({ type: 'restart' });
    life.runFor(5);
    expect(life.state).to.deep.include({ is: 'STARTING' });
    for (let run = 0; run < 3; run += 1) {
      life.feed(unhealthy);
      life.runFor(5, 7);
    }
    expect(life.state).to.deep.equal({ is: 'FATAL' });
    expect(life.told.slice(-2)).to.deep.equal(['STOPPING>STOPPED', 'STOPPED>FATAL']);
    expect(life.error).to.equal('3 exits within 60 seconds (restart_limit=2/60), the last: exit status 7');
  });

  it('does not count what a person asked for, and a start by hand counts from the beginning', () => {
    const life = new Life(limited);
    life.runFor(5);
    for (let round = 0; round < 5; round += 1) {
      life.feed({ type: 'restart' });
      life.runFor(0.1);
    }
    expect(life.state.is).to.equal('STARTING');
    for (let run = 0; run < 3; run += 1) life.runFor(5);
    expect(life.state.is).to.equal('FATAL');
    life.feed({ type: 'start' });
    life.runFor(5);
    life.runFor(5);
    expect(life.state.is).to.equal('STARTING');
  });

  it('counts an expected exit that is followed by a restart like any other', () => {
    const life = new Life(limited);
    for (let run = 0; run < 3; run += 1) life.runFor(5, 0);
    expect(life.state.is).to.equal('FATAL');
  });

  it('works beside restart_delay', () => {
    const life = new Life({ ...limited, restart_delay: 3 });
    life.runFor(5);
    life.wait();
    life.runFor(5);
    life.wait();
    life.runFor(5);
    expect(life.state.is).to.equal('FATAL');
  });

  it('gives up exactly when there were too many exits in the span, whatever the times', () => {
    const rules: RestartRules = { restart_delay: 0, restart_delay_max: 30, restart_limit: { exits: 3, seconds: 10 } };
    fc.assert(
      fc.property(fc.array(fc.nat(8000), { maxLength: 30 }), (gaps) => {
        let past: Past | undefined;
        const all: number[] = [];
        for (const gap of gaps) {
          const atMs = (all.at(-1) ?? 0) + gap;
          all.push(atMs);
          const counted = countExit(rules, { past, atMs });
          past = counted.past;
          const recent = all.filter((each) => each > atMs - 10_000).length;
          expect(counted.exceeded !== null).to.equal(recent > 3);
          // What is remembered does not grow with the life of the process.
          expect(past?.exitsAtMs.length).to.equal(recent);
        }
      }),
    );
  });

  it('keeps every wait between restart_delay and restart_delay_max, never shorter after a shorter run', () => {
    const rules = fc.record({ first: fc.integer({ min: 1, max: 20 }), most: fc.integer({ min: 20, max: 60 }) });
    fc.assert(
      fc.property(rules, fc.array(fc.nat(120_000), { maxLength: 30 }), ({ first, most }, runs) => {
        const some: RestartRules = { restart_delay: first, restart_delay_max: most, restart_limit: null };
        let past: Past | undefined;
        for (const ranMs of runs) {
          const longer = delayRestart(some, { past, ranMs: ranMs * 2 });
          const answer = delayRestart(some, { past, ranMs });
          expect(answer.wait).to.be.within(first, most);
          expect(answer.wait).to.be.at.least(longer.wait);
          past = answer.past;
        }
      }),
    );
  });
});
