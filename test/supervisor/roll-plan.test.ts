// The planner against random luck: what it must never do is worked out here once more, from its moves alone.
import { expect } from 'chai';
import * as fc from 'fast-check';
import { isStopped, type ProcessStateName } from '../../src/base/states.ts';
import { nextMove, type RollMemberView, type RollPhase, type RollTask } from '../../src/supervisor/roll-plan.ts';

type View = { -readonly [Key in keyof RollMemberView]: RollMemberView[Key] };

function view(change: Partial<View> = {}): View {
  return {
    name: 'p',
    task: 'restart',
    phase: 'waiting',
    state: 'RUNNING',
    isReady: true,
    hasCompleted: false,
    wasReady: false,
    isStopAsked: false,
    mishap: null,
    ...change,
  };
}

const moveOf = (change: Partial<View>, halted = false): ReturnType<typeof nextMove> =>
  nextMove({ members: [view(change)], halted }, { maxUnavailable: 1 });

const plan = (phases: readonly [RollTask, RollPhase][]): ReturnType<typeof nextMove> =>
  nextMove(
    {
      members: phases.map(([task, phase]) =>
        view({ task, phase, ...(task === 'add' && phase === 'waiting' && { state: 'STOPPED', isReady: false }) }),
      ),
      halted: false,
    },
    { maxUnavailable: 1 },
  );

describe('the plan of a roll', () => {
  it('drains, stops, starts, and goes on when it is ready', () => {
    expect(moveOf({})).to.deep.equal({ do: 'drain', member: 0 });
    expect(moveOf({ phase: 'draining' })).to.deep.equal({ do: 'wait' });
    expect(moveOf({ phase: 'drained' })).to.deep.equal({ do: 'stop', member: 0 });
    expect(moveOf({ phase: 'stopping', state: 'STOPPING', isReady: false })).to.deep.equal({ do: 'wait' });
    expect(moveOf({ phase: 'stopping', state: 'STOPPED', isReady: false })).to.deep.equal({ do: 'start', member: 0 });
    expect(moveOf({ phase: 'starting', state: 'STARTING', isReady: false })).to.deep.equal({ do: 'wait' });
    expect(moveOf({ phase: 'starting', wasReady: true })).to.deep.equal({ do: 'welcome', member: 0 });
    expect(moveOf({ phase: 'ready' })).to.deep.equal({ do: 'end' });
  });

  it('leaves alone what a person had stopped, and starts what is FATAL or EXITED, without a drain', () => {
    expect(moveOf({ state: 'STOPPED', isReady: false })).to.deep.equal({ do: 'leave', member: 0 });
    for (const state of ['FATAL', 'EXITED'] as const)
      expect(moveOf({ state, isReady: false })).to.deep.equal({ do: 'start', member: 0 });
    expect(moveOf({ state: 'BACKOFF', isReady: false })).to.deep.equal({ do: 'stop', member: 0 });
  });

  it('waits for the end of BACKOFF', () => {
    expect(moveOf({ phase: 'starting', state: 'BACKOFF', isReady: false })).to.deep.equal({ do: 'wait' });
  });

  it('begins with what does not live, and takes nobody down while it is not ready', () => {
    const serving = view();
    const broken = view({ state: 'FATAL', isReady: false });
    const settings = { maxUnavailable: 1 };
    expect(nextMove({ members: [serving, broken], halted: false }, settings)).to.deep.equal({ do: 'start', member: 1 });
    const starting = { ...broken, phase: 'starting' as const, state: 'STARTING' as const };
    expect(nextMove({ members: [serving, starting], halted: false }, settings)).to.deep.equal({ do: 'wait' });
    const early = view({ state: 'STARTING', isReady: false });
    expect(nextMove({ members: [early, early], halted: false }, settings)).to.deep.equal({ do: 'wait' });
    expect(nextMove({ members: [serving, early], halted: false }, settings)).to.deep.equal({ do: 'drain', member: 1 });
  });

  it('adds before it replaces, and removes last, all at once', () => {
    expect(plan([['remove', 'waiting'], ['replace', 'waiting'], ['add', 'waiting']])).to.deep.equal({ do: 'start', member: 2 }); // prettier-ignore
    expect(plan([['remove', 'waiting'], ['replace', 'waiting'], ['add', 'ready']])).to.deep.equal({ do: 'drain', member: 1 }); // prettier-ignore
    expect(plan([['remove', 'waiting'], ['remove', 'waiting'], ['replace', 'ready']])).to.deep.equal({ do: 'drain', member: 0 }); // prettier-ignore
    expect(plan([['remove', 'draining'], ['remove', 'waiting'], ['replace', 'ready']])).to.deep.equal({ do: 'drain', member: 1 }); // prettier-ignore
  });

  it('gives what is stopped its new configuration without starting it, and forgets what is to go', () => {
    expect(moveOf({ task: 'replace', state: 'STOPPED', isReady: false })).to.deep.equal({ do: 'swap', member: 0 });
    expect(moveOf({ task: 'remove', state: 'STOPPED', isReady: false })).to.deep.equal({ do: 'drop', member: 0 });
  });

  it('once halted brings back what it has taken down', () => {
    expect(moveOf({ phase: 'draining' }, true)).to.deep.equal({ do: 'undrain', member: 0 });
    expect(moveOf({ phase: 'stopping', state: 'STOPPED', isReady: false }, true)).to.deep.equal({ do: 'restore', member: 0 }); // prettier-ignore
    expect(moveOf({ phase: 'waiting' }, true)).to.deep.equal({ do: 'end' });
  });

  const failures: readonly [string, Partial<View>, 'failed' | 'cancelled'][] = [
    ['is FATAL', { phase: 'starting', state: 'FATAL', isReady: false }, 'failed'],
    ['is in an unknown state', { state: 'UNKNOWN', isReady: false }, 'failed'],
    ['cannot be signalled', { phase: 'stopping', state: 'UNKNOWN', isReady: false }, 'failed'],
    ['fails after it was ready', { phase: 'ready', state: 'FATAL', isReady: false }, 'failed'],
    ['is restarted by the watchdog', { phase: 'starting', mishap: 'was restarted', isReady: false }, 'failed'],
    ['is stopped by a person', { isStopAsked: true, state: 'STOPPING', isReady: false }, 'cancelled'],
  ];
  for (const [what, change, as] of failures) {
    it(`halts when a member ${what}`, () => {
      expect(moveOf(change)).to.deep.include({ do: 'halt', as, member: 0 });
    });
  }

  it('keeps its promises whatever happens', () => {
    fc.assert(fc.property(fc.array(member, { maxLength: 6 }), fc.integer({ min: 1, max: 3 }), fates, play));
  });
});

const member = fc.record({
  task: fc.constantFrom<RollTask>('restart', 'replace', 'add', 'remove'),
  state: fc.constantFrom<ProcessStateName>('RUNNING', 'STARTING', 'BACKOFF', 'STOPPING', 'STOPPED', 'EXITED', 'FATAL'),
});
/** What comes of each start, stop and moment. */
const fates = fc.array(fc.nat(11), { minLength: 30, maxLength: 60 });

const isDown = ({ task, phase }: View): boolean =>
  (task === 'restart' || task === 'replace') && ['draining', 'drained', 'stopping', 'starting'].includes(phase);

/** Plays a roll to its end and checks each move. */
function play(
  given: readonly { readonly task: RollTask; readonly state: ProcessStateName }[],
  maxUnavailable: number,
  fate: readonly number[],
): void {
  const members = given.map(({ task, state }) => {
    const is = task === 'add' ? 'STOPPED' : state;
    return view({ task, state: is, isReady: is === 'RUNNING' });
  });
  let halted = false;
  let turn = 0;
  const next = (): number => fate[(turn += 1) % fate.length] ?? 0;
  for (let steps = 0; ; steps += 1) {
    expect(steps).to.be.lessThan(500);
    const move = nextMove({ members, halted }, { maxUnavailable });
    if (move.do === 'end') break;
    if (move.do === 'wait') {
      expect(pass(members, next)).to.equal(true, 'the roll waits for nothing');
      continue;
    }
    const one = members[move.member];
    if (one === undefined) throw new Error('no such member');
    if (halted) expect(move.do).to.be.oneOf(['undrain', 'restore', 'drop', 'leave', 'welcome']);
    switch (move.do) {
      case 'halt':
        halted = true;
        one.phase = 'failed';
        break;
      case 'drain':
        expect(one.phase).to.equal('waiting');
        one.phase = 'draining';
        // Nobody is missing beyond what was allowed, unless it is to go for good.
        if (one.task !== 'remove') {
          const missing = members.filter(
            (other) =>
              other.task !== 'remove' &&
              !['left', 'gone'].includes(other.phase) &&
              (!(other.isReady || other.hasCompleted) || isDown(other)),
          );
          expect(missing.length).to.be.at.most(maxUnavailable);
        }
        break;
      case 'undrain':
        one.phase = 'waiting';
        break;
      case 'stop':
        one.phase = 'stopping';
        one.state = one.state === 'RUNNING' || one.state === 'STARTING' ? 'STOPPING' : isStopped(one.state) ? one.state : 'STOPPED'; // prettier-ignore
        one.isReady = false;
        break;
      case 'start':
        expect(isStopped(one.state)).to.equal(true);
        Object.assign(one, { phase: 'starting', state: 'STARTING', isReady: false, hasCompleted: false });
        break;
      case 'restore':
        Object.assign(one, { phase: 'left', state: 'STARTING' });
        break;
      case 'swap':
      case 'leave':
        one.phase = 'left';
        break;
      case 'drop':
        one.phase = 'gone';
        break;
      case 'welcome':
        one.phase = 'ready';
        break;
    }
    expect(members.filter(isDown).length).to.be.at.most(maxUnavailable);
  }
  for (const { phase } of members) {
    expect(phase).to.not.be.oneOf(['draining', 'drained', 'stopping']);
    if (!halted) expect(phase).to.be.oneOf(['ready', 'left', 'gone']);
  }
}

/** Lets something happen to the first whom something can happen to; false when there is nobody. */
function pass(members: readonly View[], next: () => number): boolean {
  for (const one of members) {
    if (one.phase === 'draining') one.phase = 'drained';
    else if (one.state === 'STOPPING') one.state = next() === 0 ? 'UNKNOWN' : 'STOPPED';
    else if (one.state === 'STARTING' || one.state === 'BACKOFF') {
      const luck = next();
      one.state = luck === 0 ? 'FATAL' : luck === 1 && one.state === 'STARTING' ? 'BACKOFF' : 'RUNNING';
      one.isReady = one.state === 'RUNNING';
      one.wasReady = one.isReady && one.phase === 'starting';
    } else continue;
    return true;
  }
  return false;
}
