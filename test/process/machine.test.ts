import { expect } from 'chai';
import * as fc from 'fast-check';
import { describeExit } from '../../src/base/describe-exit.ts';
import { step } from '../../src/process/machine.ts';
import type { Effect, Event, Policy, State } from '../../src/process/state.ts';

const policy: Policy = {
  name: 'x',
  startsecs: 1,
  startretries: 3,
  autorestart: 'unexpected',
  exitcodes: [0],
  stopsignal: 15,
  stopwaitsecs: 10,
  health_stopwaitsecs: 1,
  mayStart: true,
  restart_delay: 0,
  restart_delay_max: 30,
  restart_limit: null,
};

const stopped: State = { is: 'STOPPED', tries: 0 };
const starting: State = { is: 'STARTING', tries: 0, pid: 7 };
const running: State = { is: 'RUNNING', pid: 7 };
const stopping: State = { is: 'STOPPING', pid: 7, tries: 0, next: 'stay' };

function run(
  from: State,
  events: readonly Event[],
  rules: Partial<Policy> = {},
): { state: State; told: string[]; effects: Effect[] } {
  let state = from;
  const effects: Effect[] = [];
  for (const event of events) {
    const next = step({ ...policy, ...rules }, state, event);
    state = next.state;
    effects.push(...next.effects);
  }
  const told = effects.flatMap((effect) =>
    effect.do === 'announce' ? [`${effect.change.from}>${effect.change.to}`] : [],
  );
  return { state, told, effects };
}

const exited = (code: number, ranMs = 5000): Event => ({ type: 'exited', status: { code }, ranMs, atMs: 0 });
const killed = (signal: number, ranMs = 5000): Event => ({
  type: 'exited',
  status: { signal, core: false },
  ranMs,
  atMs: 0,
});
const texts = (effects: readonly Effect[]): string[] =>
  effects.flatMap((effect) => (effect.do === 'log' ? [effect.text] : []));
const timers = (effects: readonly Effect[]): number[] =>
  effects.flatMap((effect) => (effect.do === 'timer' ? [effect.ms] : []));
const unhealthy = (reason: 'health' | 'memory'): Event => ({ type: 'unhealthy', reason, text: 'it hangs' });
const spawns = (effects: readonly Effect[]): number => effects.filter((effect) => effect.do === 'spawn').length;

describe('the life of a process', () => {
  it('announces STARTING before it asks for the child, and RUNNING when startsecs are over', () => {
    const first = run(stopped, [{ type: 'start' }]);
    expect(first.effects.map((effect) => effect.do)).to.deep.equal(['record', 'announce', 'spawn']);
    const { state, told, effects } = run(stopped, [{ type: 'start' }, { type: 'spawned', pid: 7 }, { type: 'timer' }]);
    expect(state).to.deep.equal(running);
    expect(told).to.deep.equal(['STOPPED>STARTING', 'STARTING>RUNNING']);
    expect(timers(effects)).to.deep.equal([1000]);
    expect(texts(effects)).to.deep.equal([
      "spawned: 'x' with pid 7",
      'success: x entered RUNNING state, process has stayed up for > than 1 seconds (startsecs)',
    ]);
  });

  it('waits one second more after each failed start and gives up after startretries', () => {
    let state: State = starting;
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const failed = run(state, [exited(1, 10)]);
      expect(failed.state).to.deep.equal({ is: 'BACKOFF', tries: attempt });
      waits.push(...timers(failed.effects));
      state = run(failed.state, [{ type: 'timer' }, { type: 'spawned', pid: 7 }]).state;
    }
    expect(waits).to.deep.equal([1000, 2000, 3000]);
    const last = run(state, [exited(1, 10)]);
    expect(last.state).to.deep.equal({ is: 'FATAL' });
    expect(last.told).to.deep.equal(['STARTING>BACKOFF', 'BACKOFF>FATAL']);
    expect(texts(last.effects)).to.include('gave up: x entered FATAL state, too many start retries too quickly');
  });

  it('counts a quick exit with code 0 as a failed start, even with autorestart off', () => {
    const { state, effects } = run(starting, [exited(0, 10)], { autorestart: false });
    expect(state.is).to.equal('BACKOFF');
    expect(texts(effects)).to.deep.equal(['exited: x (exit status 0; not expected)']);
    expect(effects).to.deep.include({
      do: 'record',
      exitStatus: null,
      spawnError: 'Exited too quickly (process log may have details)',
    });
  });

  it('passes through RUNNING when the exit comes after startsecs but before the timer', () => {
    const { told, effects } = run(starting, [exited(0, 1000)]);
    expect(told).to.deep.equal(['STARTING>RUNNING', 'RUNNING>EXITED']);
    expect(texts(effects)).to.deep.equal([
      'success: x entered RUNNING state, process has stayed up for > than 1 seconds (startsecs)',
      'exited: x (exit status 0; expected)',
    ]);
  });

  it('is EXITED at once with startsecs=0, however quick', () => {
    expect(run(starting, [exited(0, 0)], { startsecs: 0 }).state).to.deep.equal({ is: 'EXITED', expected: true });
  });

  const restarts: readonly [Policy['autorestart'], Event, 'STARTING' | 'EXITED'][] = [
    ['unexpected', exited(0), 'EXITED'],
    ['unexpected', exited(1), 'STARTING'],
    ['unexpected', killed(9), 'STARTING'],
    [true, exited(0), 'STARTING'],
    [true, exited(1), 'STARTING'],
    [false, exited(1), 'EXITED'],
    [false, killed(9), 'EXITED'],
  ];
  for (const [autorestart, event, expected] of restarts) {
    const how = event.type === 'exited' ? describeExit(event.status) : '';
    it(`is ${expected} after "${how}" in RUNNING with autorestart=${autorestart}`, () => {
      const { state, effects } = run(running, [event], { autorestart });
      expect(state.is).to.equal(expected);
      expect(spawns(effects)).to.equal(expected === 'STARTING' ? 1 : 0);
    });
  }

  it('takes the exit codes that the file calls expected', () => {
    expect(run(running, [exited(2)], { exitcodes: [0, 2] }).state).to.deep.equal({ is: 'EXITED', expected: true });
  });

  it('starts nothing any more while the daemon shuts down', () => {
    const rules = { mayStart: false, autorestart: true } as const;
    expect(run(running, [exited(1)], rules).state.is).to.equal('EXITED');
    expect(run({ is: 'BACKOFF', tries: 1 }, [{ type: 'timer' }], rules).state.is).to.equal('BACKOFF');
    expect(run({ is: 'BACKOFF', tries: 1 }, [{ type: 'give-up' }], rules).state.is).to.equal('FATAL');
    expect(run(stopped, [{ type: 'start' }], rules).state.is).to.equal('STOPPED');
    expect(run({ ...stopping, next: 'start' }, [exited(0)], rules).state.is).to.equal('STOPPED');
  });

  it('sends the stopsignal, waits stopwaitsecs, then SIGKILL again and again', () => {
    const { state, effects } = run(running, [{ type: 'stop' }, { type: 'timer' }, { type: 'timer' }], {
      stopsignal: 3,
    });
    expect(state.is).to.equal('STOPPING');
    expect(effects.filter((effect) => effect.do === 'signal')).to.deep.equal([
      { do: 'signal', pid: 7, signal: 3, final: false },
      { do: 'signal', pid: 7, signal: 9, final: true },
      { do: 'signal', pid: 7, signal: 9, final: true },
    ]);
    expect(timers(effects)).to.deep.equal([10000, 10000, 10000]);
    expect(texts(effects)).to.deep.equal(["killing 'x' (7) with SIGKILL", "killing 'x' (7) with SIGKILL"]);
  });

  it('says how a stopped process ended, as information when the code is expected and as a warning otherwise', () => {
    const lines = [exited(0), exited(3), killed(15)].map((event) =>
      run(stopping, [event]).effects.find((effect) => effect.do === 'log'),
    );
    expect(lines).to.deep.equal([
      { do: 'log', level: 'info', text: 'stopped: x (exit status 0)' },
      { do: 'log', level: 'warn', text: 'stopped: x (exit status 3)' },
      { do: 'log', level: 'warn', text: 'stopped: x (terminated by SIGTERM)' },
    ]);
  });

  it('stops in BACKOFF without a signal and keeps the count of failed starts', () => {
    const { state, effects } = run({ is: 'BACKOFF', tries: 2 }, [{ type: 'stop' }]);
    expect(state).to.deep.equal({ is: 'STOPPED', tries: 2 });
    expect(effects.some((effect) => effect.do === 'signal')).to.equal(false);
  });

  it('keeps a restart as a wish that a later stop takes back', () => {
    expect(run(running, [{ type: 'restart' }, exited(0)]).told).to.deep.equal([
      'RUNNING>STOPPING',
      'STOPPING>STOPPED',
      'STOPPED>STARTING',
    ]);
    expect(run(running, [{ type: 'restart' }, { type: 'stop' }, exited(0)]).state.is).to.equal('STOPPED');
    expect(run(running, [{ type: 'stop' }, { type: 'start' }, exited(0)]).state.is).to.equal('STARTING');
  });

  it('no longer claims to know a process that it may not signal', () => {
    const { state, effects } = run(running, [{ type: 'stop' }, { type: 'signal-failed', error: 'EPERM' }]);
    expect(state).to.deep.equal({ is: 'UNKNOWN', pid: 7 });
    expect(texts(effects)).to.deep.equal(['unknown problem killing x (7):EPERM']);
  });

  it('reports a child that could not be made with its reason and tries again', () => {
    const { state, effects } = run({ ...starting, pid: 0 }, [
      { type: 'spawn-failed', error: "can't find command '/nope'" },
    ]);
    expect(state).to.deep.equal({ is: 'BACKOFF', tries: 1 });
    expect(texts(effects)).to.deep.equal(["spawnerr: can't find command '/nope'"]);
  });

  it('is killed at once in every state in which it lives, and gets no retry where it does not', () => {
    for (const state of [starting, running, stopping]) {
      const { state: next, effects } = run(state, [{ type: 'kill' }]);
      expect(next).to.deep.equal(stopping);
      expect(effects).to.deep.include({ do: 'signal', pid: 7, signal: 9, final: true });
      expect(texts(effects)).to.deep.equal(["killing 'x' (7) with SIGKILL"]);
    }
    expect(run({ is: 'BACKOFF', tries: 1 }, [{ type: 'kill' }]).told).to.deep.equal(['BACKOFF>FATAL']);
    expect(run({ ...stopping, next: 'start' }, [{ type: 'kill' }, killed(9)]).state.is).to.equal('STOPPED');
    for (const state of [stopped, { is: 'FATAL' } as const]) {
      expect(run(state, [{ type: 'kill' }])).to.deep.equal({ state, told: [], effects: [] });
    }
  });

  const waiting: State = { is: 'WAITING', tries: 0 };

  it('announces STARTING when it begins to wait, and goes on from there without a second one', () => {
    const begun = run(stopped, [{ type: 'wait', text: 'waiting for y to be ready' }]);
    expect(begun.state).to.deep.equal(waiting);
    expect(begun.told).to.deep.equal(['STOPPED>STARTING']);
    expect(begun.effects.map((effect) => effect.do)).to.deep.equal(['record', 'log', 'announce']);
    const over = run(waiting, [{ type: 'proceed' }]);
    expect(over).to.deep.equal({ state: { ...starting, pid: 0 }, told: [], effects: [{ do: 'spawn' }] });
  });

  it('waits from every state in which nothing runs, and only while anything may be started', () => {
    const idle: readonly State[] = [{ is: 'STOPPED', tries: 2 }, { is: 'EXITED', expected: true }, { is: 'FATAL' }];
    for (const from of idle) {
      expect(run(from, [{ type: 'wait', text: '' }]).state.is).to.equal('WAITING');
      expect(run(from, [{ type: 'wait', text: '' }], { mayStart: false }).state).to.deep.equal(from);
    }
    expect(run(waiting, [{ type: 'proceed' }], { mayStart: false }).state).to.deep.equal(waiting);
    expect(run(running, [{ type: 'wait', text: '' }, { type: 'proceed' }]).state).to.deep.equal(running);
  });

  it('ends its wait as STOPPED when it is stopped or given up, as FATAL when what it waits for failed', () => {
    for (const type of ['stop', 'give-up'] as const) {
      expect(run(waiting, [{ type }])).to.deep.include({ state: stopped, told: ['STARTING>STOPPED'] });
    }
    const failed = run(waiting, [{ type: 'dependency-failed', error: 'dependency y failed: no' }]);
    expect(failed).to.deep.include({ state: { is: 'FATAL' }, told: ['STARTING>FATAL'] });
    expect(failed.effects[0]).to.deep.equal({ do: 'record', spawnError: 'dependency y failed: no' });
    expect(texts(failed.effects)).to.deep.equal(['gave up: x entered FATAL state, dependency y failed: no']);
  });

  const idle: readonly State[] = [
    stopped,
    { is: 'EXITED', expected: true },
    { is: 'FATAL' },
    waiting,
    { ...starting, pid: 0 },
    { is: 'BACKOFF', tries: 1 },
    stopping,
    { is: 'UNKNOWN', pid: 7 },
  ];

  it('is ready with the first probe that succeeds, and stays so when it is RUNNING', () => {
    const first = run(starting, [{ type: 'healthy' }, { type: 'healthy' }]);
    expect(first).to.deep.equal({ state: { ...starting, healthy: true }, told: [], effects: [{ do: 'ready' }] });
    expect(run(first.state, [{ type: 'timer' }]).state).to.deep.equal({ ...running, healthy: true });
    expect(run(running, [{ type: 'healthy' }]).effects).to.deep.equal([{ do: 'ready' }]);
    expect(run(first.state, [{ type: 'restart' }, exited(0)]).state).to.deep.equal({ ...starting, pid: 0 });
  });

  it('is restarted by its watchdog as by a person, but gets health_stopwaitsecs when it does not answer', () => {
    for (const from of [starting, running]) {
      const { state, told, effects } = run(from, [unhealthy('health'), { type: 'timer' }]);
      expect(state).to.deep.equal({ ...stopping, next: 'start', watchdog: {} });
      expect(told).to.deep.equal([`${from.is}>STOPPING`]);
      expect(timers(effects)).to.deep.equal([1000, 10_000]);
      expect(effects.map((effect) => effect.do).slice(0, 5)).to.deep.equal([
        'log',
        'give-up-run',
        'announce',
        'timer',
        'signal',
      ]);
      expect(texts(effects)[0]).to.equal('unhealthy: x (7) is restarted, it hangs');
      expect(run(state, [killed(9)]).told).to.deep.equal(['STOPPING>STOPPED', 'STOPPED>STARTING']);
    }
    expect(timers(run(running, [unhealthy('memory')]).effects)).to.deep.equal([10_000]);
  });

  it('is not restarted by its watchdog when a person stops it meanwhile, or the daemon shuts down', () => {
    const given = run(running, [unhealthy('health')]).state;
    expect(run(given, [{ type: 'stop' }, killed(9)]).state.is).to.equal('STOPPED');
    expect(run(given, [killed(9)], { mayStart: false }).state.is).to.equal('STOPPED');
    expect(run(running, [unhealthy('health')], { mayStart: false })).to.deep.equal({
      state: running,
      told: [],
      effects: [],
    });
  });

  it('hears nothing of its watchdog where it is not up', () => {
    for (const state of idle) {
      const events: Event[] = [{ type: 'healthy' }, unhealthy('health'), unhealthy('memory')];
      expect(run(state, events)).to.deep.equal({ state, told: [], effects: [] });
    }
  });

  it('never asks for a child while one is alive, whatever happens in whatever order', () => {
    const anyEvent: fc.Arbitrary<Event> = fc.oneof(
      fc.constantFrom<Event>(
        { type: 'start' },
        { type: 'stop' },
        { type: 'restart' },
        { type: 'give-up' },
        { type: 'kill' },
        { type: 'timer' },
        { type: 'wait', text: 'waiting for y to be ready' },
        { type: 'proceed' },
        { type: 'dependency-failed', error: 'dependency y failed' },
        { type: 'signal-failed', error: 'EPERM' },
        { type: 'healthy' },
        { type: 'unhealthy', reason: 'health', text: 'it hangs' },
        { type: 'unhealthy', reason: 'memory', text: 'it grows' },
      ),
      fc.record({
        type: fc.constant('exited' as const),
        status: fc.record({ code: fc.nat(3) }),
        ranMs: fc.nat(2000),
        atMs: fc.nat(100_000),
      }),
    );
    const rules = fc.record({
      startsecs: fc.nat(1),
      startretries: fc.nat(2),
      autorestart: fc.constantFrom(true, false, 'unexpected' as const),
      restart_delay: fc.constantFrom(0, 0.5, 4),
      restart_limit: fc.constantFrom(null, { exits: 2, seconds: 60 }),
    });
    fc.assert(
      fc.property(rules, fc.array(fc.tuple(anyEvent, fc.boolean()), { maxLength: 60 }), (some, script) => {
        let state: State = stopped;
        let alive = false;
        let pid = 100;
        for (const [event, spawnWorks] of script) {
          // The outside world: only a living process exits.
          if (event.type === 'exited' && !alive) continue;
          if (event.type === 'exited') alive = false;
          const queue: Event[] = [event];
          for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
            const answer = step({ ...policy, ...some }, state, next);
            state = answer.state;
            for (const effect of answer.effects) {
              if (effect.do !== 'spawn') continue;
              expect(alive, 'a child is alive').to.equal(false);
              alive = spawnWorks;
              pid += 1;
              queue.push(spawnWorks ? { type: 'spawned', pid } : { type: 'spawn-failed', error: 'no' });
            }
          }
          expect('pid' in state && state.pid !== 0, `${state.is} knows a pid`).to.equal(alive);
        }
      }),
      { numRuns: 500 },
    );
  });
});
