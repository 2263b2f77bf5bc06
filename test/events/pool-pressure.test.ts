import { expect } from 'chai';
import type { SupervisorEvent } from '../../src/events/events.ts';
import { makePools } from '../support/listening.ts';

const ok = 'RESULT 2\nOKREADY\n';
const kind = { type: 'PROCESS_COMMUNICATION', channel: 'stdout' } as const;

/** A pool of two events, and a child that speaks to it; `waits` says whether that child is to wait, and `freed` how often it was called back. */
function underPressure(processes: readonly string[] = ['l']) {
  const made = makePools();
  const [listener, second] = made.add('l', {
    events: ['PROCESS_COMMUNICATION', 'REMOTE_COMMUNICATION'],
    bufferSize: 2,
    processes,
  });
  if (listener === undefined) throw new Error('no listener');
  let freed = 0;
  const child = (data: string): void => {
    const event: SupervisorEvent = { ...kind, process: 'p', group: 'p', pid: 1, data: Buffer.from(data) };
    made.bus.emit(event);
  };
  const waits = (): boolean => made.pools.awaitRoom(kind, () => void (freed += 1)) !== null;
  const errors = (): string[] => made.lines.filter((line) => line.startsWith('error'));
  const waiting = (): number | undefined => made.pools.all()[0]?.waiting;
  return { ...made, listener, second, child, waits, errors, waiting, freed: () => freed };
}

describe('the buffer of a pool whose listeners answer', () => {
  it('makes a child wait when it is full, discards nothing, and lets it go on once there is room', () => {
    const { child, waits, say, errors, freed, listener, waiting, clock } = underPressure();
    say('l', 'READY\n');
    for (const word of ['a', 'b', 'c']) child(word);
    expect(waits()).to.equal(false);
    for (const word of ['d', 'e']) child(word);
    expect(waits()).to.equal(true);
    expect(waiting()).to.equal(4);
    for (let answers = 0; answers < 2; answers += 1) say('l', ok);
    expect(freed()).to.equal(0);
    say('l', ok);
    expect(freed()).to.equal(1);
    expect(waits()).to.equal(false);
    for (let answers = 0; answers < 2; answers += 1) say('l', ok);
    expect(listener.take()).to.have.length(5);
    expect(errors()).to.deep.equal([]);
    expect(clock.pending).to.equal(0);
  });

  it('keeps other events too while a child waits', () => {
    const { child, remote, say, errors, waiting } = underPressure();
    say('l', 'READY\n');
    for (const word of ['a', 'b', 'c', 'd']) child(word);
    remote('x');
    expect(waiting()).to.equal(4);
    expect(errors()).to.deep.equal([]);
  });

  it('waits for one that is only just starting', () => {
    const { child, become, listener, say, errors, waits } = underPressure();
    listener.wireState = 'STARTING';
    for (const word of ['a', 'b', 'c']) child(word);
    expect(waits()).to.equal(true);
    become(listener, 'RUNNING', 'l');
    say('l', 'READY\n');
    expect(waits()).to.equal(true);
    say('l', ok);
    expect(waits()).to.equal(false);
    expect(errors()).to.deep.equal([]);
  });

  it('is waited for as long as answers come, and not when they stop for two to four seconds', () => {
    const { child, say, errors, freed, waits, clock, waiting } = underPressure();
    say('l', 'READY\n');
    for (const word of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) child(word);
    expect(waits()).to.equal(true);
    for (let seconds = 0; seconds < 4; seconds += 1) {
      say('l', ok);
      clock.advance(1500);
    }
    expect(freed()).to.equal(0);
    clock.advance(4000);
    expect(freed()).to.equal(1);
    expect(errors()).to.deep.equal(['error pool l event buffer overflowed, discarding event 5']);
    expect(waiting()).to.equal(2);
    expect(waits()).to.equal(false);
    child('i');
    expect(waits()).to.equal(false);
    expect(errors()).to.have.length(2);
    expect(clock.pending).to.equal(0);
  });

  it('is waited for again once a listener that was stuck answers', () => {
    const { child, say, waits, clock } = underPressure();
    say('l', 'READY\n');
    for (const word of ['a', 'b', 'c', 'd']) child(word);
    clock.advance(4000);
    say('l', ok);
    child('e');
    child('f');
    expect(waits()).to.equal(true);
  });

  it('takes no rejected event for an answer', () => {
    const { child, say, waits, clock } = underPressure();
    say('l', 'READY\n');
    for (const word of ['a', 'b', 'c', 'd']) child(word);
    for (let rounds = 0; rounds < 5; rounds += 1) {
      say('l', 'RESULT 4\nFAILREADY\n');
      clock.advance(1000);
    }
    expect(waits()).to.equal(false);
  });

  it('loses nothing when the listener dies and comes back', () => {
    const { child, say, become, listener, errors, waits, clock } = underPressure();
    say('l', 'READY\n');
    for (const word of ['a', 'b', 'c', 'd']) child(word);
    for (const state of ['EXITED', 'STARTING'] as const) become(listener, state, 'l');
    expect(waits()).to.equal(true);
    clock.advance(1000);
    say('l', 'READY\n');
    become(listener, 'RUNNING', 'l');
    for (let answers = 0; answers < 4; answers += 1) say('l', ok);
    expect(listener.take()).to.have.length(5);
    expect(errors()).to.deep.equal([]);
  });

  it('is not waited for when its listeners are stopped, have broken the protocol, or the pool goes', () => {
    const stopped = underPressure(['a', 'b']);
    for (const word of ['a', 'b', 'c']) stopped.child(word);
    expect(stopped.waits()).to.equal(true);
    stopped.become(stopped.listener, 'STOPPED', 'l');
    expect(stopped.freed()).to.equal(0);
    if (stopped.second !== undefined) stopped.become(stopped.second, 'FATAL', 'l');
    expect(stopped.freed()).to.equal(1);
    expect(stopped.errors()).to.have.length(1);
    stopped.child('d');
    expect(stopped.waits()).to.equal(false);

    const broken = underPressure();
    broken.say('l', 'nonsense');
    for (const word of ['a', 'b', 'c']) broken.child(word);
    expect(broken.waits()).to.equal(false);
    expect(broken.errors()).to.have.length(1);

    for (const go of ['remove', 'close'] as const) {
      const gone = underPressure();
      for (const word of ['a', 'b', 'c']) gone.child(word);
      expect(gone.waits()).to.equal(true);
      gone.pools[go]('l');
      expect(gone.freed()).to.equal(1);
      expect(gone.waits()).to.equal(false);
      expect(gone.clock.pending).to.equal(0);
    }
  });

  it('grows by 8 MiB at most', () => {
    const { child, say, errors, waiting } = underPressure();
    say('l', 'READY\n');
    for (let count = 0; count < 13; count += 1) child('x'.repeat(1024 * 1024));
    expect(errors()).to.have.length(2);
    expect(waiting()).to.equal(10);
  });
});

describe('a pool that does not log at debug', () => {
  it('takes an answer in one piece, and any other, as one that does', () => {
    const answers = [
      [ok],
      ['RESULT 2\nOK', 'READY\n'],
      ['RESULT 4\nFAILREADY\n'],
      ['RESULT 2\nOKREADY\n?'],
      [ok, 'READY\n'],
    ];
    for (const answer of answers) {
      const [loud, quiet] = [true, false].map((logsDebug) => {
        const { add, say, remote, lines } = makePools({ logsDebug });
        const [listener] = add('l', { events: ['REMOTE_COMMUNICATION'] });
        say('l', 'READY\n');
        for (const word of ['a', 'b', 'c']) remote(word);
        for (const text of answer) say('l', text);
        return { sent: listener?.takeMessages(), lines: lines.filter((line) => !line.startsWith('debug')) };
      });
      expect(quiet).to.deep.equal(loud);
    }
  });
});
