import { expect } from 'chai';
import type { SupervisorEvent } from '../../src/events/events.ts';
import { makePools } from '../support/listening.ts';

const ok = 'RESULT 2\nOKREADY\n';

/** A pool for which somebody may wait. */
function waiting() {
  const made = makePools();
  const [listener] = made.add('l', { events: ['REMOTE_COMMUNICATION'] });
  if (listener === undefined) throw new Error('no listener');
  let isSettled = false;
  const wait = (): boolean => {
    made.pools.whenSettled('l', () => void (isSettled = true));
    return isSettled;
  };
  return { ...made, listener, wait, settled: () => isSettled };
}

describe('pools of event listeners', () => {
  it('share the serial of an event, and have pool serials of their own', () => {
    const { add, say, remote, become } = makePools();
    const [states] = add('states', { events: ['PROCESS_STATE'] });
    const [all] = add('all', { events: ['EVENT'] });
    say('states', 'READY\n');
    say('all', 'READY\n');
    remote('a');
    say('all', ok);
    become('p', 'FATAL');
    expect(states?.take()).to.deep.equal(['1/0 PROCESS_STATE_FATAL']);
    expect(all?.take()).to.deep.equal(['0/0 REMOTE_COMMUNICATION', '1/1 PROCESS_STATE_FATAL']);
  });

  it('cost nothing but a look for an event that none of them wants', () => {
    const { add, bus, serial } = makePools();
    add('l', { events: ['PROCESS_LOG_STDERR'] });
    const event: SupervisorEvent = {
      type: 'PROCESS_LOG',
      process: 'p',
      group: 'p',
      pid: 1,
      channel: 'stdout',
      get data(): Buffer {
        throw new Error('somebody looked at the data');
      },
    };
    bus.emit(event);
    expect(serial.next()).to.equal(0);
  });

  it('keep what is told, not the buffer that it came in', () => {
    const { add, bus, say } = makePools();
    const [listener] = add('l', { events: ['PROCESS_LOG'] });
    const data = Buffer.from('first');
    bus.emit({ type: 'PROCESS_LOG', process: 'p', group: 'p', pid: 1, channel: 'stdout', data });
    data.fill('x');
    say('l', 'READY\n');
    expect(listener?.takeMessages()[0]).to.match(/\nprocessname:p groupname:p pid:1 channel:stdout\nfirst$/);
  });

  it('get nothing any more once they are removed', () => {
    const { add, pools, say, remote } = makePools();
    const [listener] = add('l', { events: ['REMOTE_COMMUNICATION'] });
    say('l', 'READY\n');
    pools.remove('l');
    remote('a');
    say('l', 'READY\n');
    expect(listener?.take()).to.deep.equal([]);
  });

  it('begin anew at pool serial 0, while serials go on', () => {
    const { add, pools, say, remote } = makePools();
    add('l', { events: ['REMOTE_COMMUNICATION'] });
    remote('a');
    pools.remove('l');
    const [again] = add('l', { events: ['REMOTE_COMMUNICATION'] });
    say('l', 'READY\n');
    remote('b');
    expect(again?.take()).to.deep.equal(['1/0 REMOTE_COMMUNICATION']);
  });

  it('have a timer only while somebody subscribed to a tick', () => {
    const { add, pools, clock, say } = makePools();
    const pending: number[] = [clock.pending];
    add('states', { events: ['PROCESS_STATE'] });
    pending.push(clock.pending);
    const [listener] = add('five', { events: ['TICK_5'] });
    pending.push(clock.pending);
    add('all', { events: ['EVENT'] });
    pending.push(clock.pending);
    say('five', 'READY\n');
    clock.advance(5000);
    expect(listener?.take()).to.deep.equal(['0/0 TICK_5']);
    pools.remove('all');
    pending.push(clock.pending);
    pools.remove('five');
    pending.push(clock.pending);
    expect(pending).to.deep.equal([0, 0, 1, 1, 1, 0]);
  });

  describe('are settled', () => {
    it('at once when nothing waits, or nobody is there who could take it', () => {
      const { listener, wait, say, remote } = waiting();
      expect(wait()).to.equal(true);
      for (const state of ['STARTING', 'STOPPED', 'BACKOFF'] as const) {
        listener.wireState = state;
        remote('a');
        expect(wait()).to.equal(true);
      }
      listener.wireState = 'RUNNING';
      say('l', 'nonsense');
      expect(wait()).to.equal(true);
    });

    it('when the last event is answered', () => {
      const { wait, settled, say, remote, clock } = waiting();
      remote('a');
      remote('b');
      expect(wait()).to.equal(false);
      say('l', 'READY\n');
      say('l', ok);
      expect(settled()).to.equal(false);
      say('l', ok);
      expect(settled()).to.equal(true);
      expect(clock.pending).to.equal(0);
    });

    it('when the listener dies', () => {
      const { listener, wait, settled, say, remote, become } = waiting();
      say('l', 'READY\n');
      remote('a');
      expect(wait()).to.equal(false);
      become(listener, 'EXITED');
      expect(settled()).to.equal(true);
    });

    it('after a second in any case', () => {
      const { wait, settled, say, remote, clock } = waiting();
      say('l', 'READY\n');
      remote('a');
      expect(wait()).to.equal(false);
      clock.advance(999);
      expect(settled()).to.equal(false);
      clock.advance(1);
      expect(settled()).to.equal(true);
    });

    it('not any more once they are closed', () => {
      const { wait, settled, remote, pools, clock } = waiting();
      remote('a');
      expect(wait()).to.equal(false);
      pools.close();
      clock.advance(60_000);
      expect(settled()).to.equal(false);
    });
  });
});
