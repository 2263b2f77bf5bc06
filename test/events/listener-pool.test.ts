import { expect } from 'chai';
import { makePools } from '../support/listening.ts';

const ok = 'RESULT 2\nOKREADY\n';

function onePool(options: { bufferSize?: number; processes?: readonly string[] } = {}) {
  const made = makePools();
  const [listener, second] = made.add('l', { events: ['REMOTE_COMMUNICATION'], ...options });
  if (listener === undefined) throw new Error('no listener');
  return { ...made, listener, second };
}

describe('a pool of event listeners', () => {
  it('keeps events until a listener says that it is ready, and sends it the oldest', () => {
    const { listener, remote, say } = onePool();
    remote('a');
    remote('b');
    expect(listener.take()).to.deep.equal([]);
    say('l', 'READY\n');
    expect(listener.take()).to.deep.equal(['0/0 REMOTE_COMMUNICATION']);
    say('l', ok);
    expect(listener.take()).to.deep.equal(['1/1 REMOTE_COMMUNICATION']);
  });

  it('sends an event in the moment in which it happens to a listener that is ready', () => {
    const { listener, remote, say, lines } = onePool();
    say('l', 'READY\n');
    remote('né');
    expect(listener.takeMessages()).to.deep.equal([
      'ver:3.0 server:me serial:0 pool:l poolserial:0 eventname:REMOTE_COMMUNICATION len:9\ntype:t\nné',
    ]);
    expect(lines).to.deep.equal(['debug l: ACKNOWLEDGED -> READY', 'debug event 0 sent to listener l']);
  });

  it('sends nothing to a listener that is not RUNNING yet, and what waits once it is', () => {
    const { listener, remote, say, become } = onePool();
    listener.wireState = 'STARTING';
    say('l', 'READY\n');
    remote('a');
    expect(listener.take()).to.deep.equal([]);
    become(listener, 'RUNNING');
    expect(listener.take()).to.deep.equal(['0/0 REMOTE_COMMUNICATION']);
  });

  it('sends a rejected event again before all others, with the same serials', () => {
    const { listener, remote, say, lines } = onePool();
    remote('a');
    remote('b');
    say('l', 'READY\n');
    say('l', 'RESULT 4\nFAILREADY\n');
    expect(listener.take()).to.deep.equal(['0/0 REMOTE_COMMUNICATION', '0/0 REMOTE_COMMUNICATION']);
    expect(lines).to.include('warn l: event was rejected');
    expect(lines).to.include('debug rebuffering event 0 for pool l (buf size=1, max=10)');
  });

  it('gives the event of a listener whose answer runs into a bug to another one, and asks that one nothing more', () => {
    const { listener, second, remote, say, log } = onePool({ processes: ['a', 'b'] });
    say('l', 'READY\n', 'a');
    remote('1');
    expect(listener.take()).to.deep.equal(['0/0 REMOTE_COMMUNICATION']);
    const { debug } = log;
    log.debug = () => {
      log.debug = debug;
      throw new TypeError('a bug');
    };
    expect(() => say('l', ok, 'a')).to.throw('a bug');
    say('l', 'READY\n', 'b');
    expect(second?.take()).to.deep.equal(['0/0 REMOTE_COMMUNICATION']);
    say('l', 'READY\n', 'a');
    say('l', ok, 'b');
    remote('2');
    expect([listener.take(), second?.take()]).to.deep.equal([[], ['1/1 REMOTE_COMMUNICATION']]);
  });

  it('sends the event that a listener had when it died to the next one that is ready', () => {
    const { listener, second, remote, say, become } = onePool({ processes: ['a', 'b'] });
    say('l', 'READY\n', 'a');
    remote('a');
    say('l', 'READY\n', 'b');
    expect(second?.take()).to.deep.equal([]);
    listener.wireState = 'EXITED';
    become('a', 'EXITED', 'l');
    expect(listener.take()).to.deep.equal(['0/0 REMOTE_COMMUNICATION']);
    expect(second?.take()).to.deep.equal(['0/0 REMOTE_COMMUNICATION']);
  });

  it('sends the event that a listener left behind before the news of its death', () => {
    const { add, bus, say, become } = makePools();
    const [a, b] = add('l', { events: ['EVENT'], processes: ['a', 'b'] });
    say('l', 'READY\n', 'a');
    bus.emit({ type: 'REMOTE_COMMUNICATION', kind: 't', data: '' });
    say('l', 'READY\n', 'b');
    if (a !== undefined) become(a, 'EXITED', 'l');
    expect(b?.take()).to.deep.equal(['0/0 REMOTE_COMMUNICATION']);
    say('l', ok, 'b');
    expect(b?.take()).to.deep.equal(['1/1 PROCESS_STATE_EXITED']);
  });

  it('gives events to the first of its listeners that is ready', () => {
    const { listener, second, remote, say } = onePool({ processes: ['a', 'b'] });
    say('l', 'READY\n', 'b');
    say('l', 'READY\n', 'a');
    remote('1');
    remote('2');
    remote('3');
    expect(listener.take()).to.deep.equal(['0/0 REMOTE_COMMUNICATION']);
    expect(second?.take()).to.deep.equal(['1/1 REMOTE_COMMUNICATION']);
    say('l', ok, 'b');
    expect(second?.take()).to.deep.equal(['2/2 REMOTE_COMMUNICATION']);
  });

  it('discards the oldest event when one too many waits, says so and counts it', () => {
    const { listener, remote, say, lines, pools } = onePool({ bufferSize: 2 });
    for (const data of ['a', 'b', 'c']) remote(data);
    expect(lines).to.deep.equal(['error pool l event buffer overflowed, discarding event 0']);
    expect(pools.all().map(({ name, waiting, discarded }) => [name, waiting, discarded])).to.deep.equal([['l', 2, 1]]);
    say('l', 'READY\n');
    expect(listener.take()).to.deep.equal(['1/1 REMOTE_COMMUNICATION']);
  });

  it('discards the oldest that waits for one that comes back', () => {
    const { listener, remote, say, lines } = onePool({ bufferSize: 1 });
    say('l', 'READY\n');
    remote('a');
    remote('b');
    say('l', 'RESULT 4\nFAIL');
    expect(lines).to.include('error pool l event buffer overflowed, discarding event 1');
    say('l', 'READY\n');
    expect(listener.take()).to.deep.equal(['0/0 REMOTE_COMMUNICATION', '0/0 REMOTE_COMMUNICATION']);
  });

  it('sends nothing more to a listener that broke the protocol until it is started anew', () => {
    const { listener, remote, say, become, lines } = onePool();
    say('l', 'READY\n');
    say('l', 'oops');
    remote('a');
    say('l', 'READY\n');
    expect(listener.take()).to.deep.equal([]);
    expect(lines.filter((line) => line.startsWith('warn'))).to.have.length(1);
    become(listener, 'STARTING');
    say('l', 'READY\n');
    become(listener, 'RUNNING');
    expect(listener.take()).to.deep.equal(['0/0 REMOTE_COMMUNICATION']);
  });

  it('passes over a listener that closed its stdin', () => {
    const { listener, second, remote, say, lines } = onePool({ processes: ['a', 'b'] });
    listener.isStdinClosed = true;
    say('l', 'READY\n', 'a');
    say('l', 'READY\n', 'b');
    remote('x');
    expect(second?.take()).to.deep.equal(['0/0 REMOTE_COMMUNICATION']);
    expect(lines).to.include('debug epipe occurred while sending event 0 to listener a, listener state unchanged');
  });

  it('keeps an event that nobody could be sent', () => {
    const { listener, remote, say } = onePool();
    listener.isStdinClosed = true;
    say('l', 'READY\n');
    remote('a');
    listener.isStdinClosed = false;
    remote('b');
    expect(listener.take()).to.deep.equal(['0/0 REMOTE_COMMUNICATION']);
  });

  it('sends nothing more to a listener that says much and reads nothing, until it has read', () => {
    const { listener, remote, say, pools } = onePool();
    say('l', 'READY\n');
    remote('a');
    listener.isStdinBusy = true;
    say('l', ok);
    remote('b');
    expect(listener.take()).to.deep.equal(['0/0 REMOTE_COMMUNICATION']);
    listener.isStdinBusy = false;
    pools.drained('l');
    expect(listener.take()).to.deep.equal(['1/1 REMOTE_COMMUNICATION']);
  });

  it('gets an event twice when it subscribed to its type and to one above it', () => {
    const { add, remote, say, lines } = makePools();
    const [listener] = add('l', { events: ['EVENT', 'REMOTE_COMMUNICATION'] });
    say('l', 'READY\n');
    remote('a');
    say('l', ok);
    remote('b');
    say('l', ok);
    say('l', ok);
    expect(listener?.take()).to.deep.equal([
      '0/0 REMOTE_COMMUNICATION',
      '0/0 REMOTE_COMMUNICATION',
      '1/1 REMOTE_COMMUNICATION',
      '1/1 REMOTE_COMMUNICATION',
    ]);
    expect(lines).to.include('debug rebuffering event 0 for pool l (buf size=1, max=10)');
  });

  it('does not listen to what a stranger says', () => {
    const { listener, pools, remote } = onePool();
    pools.heard({ group: 'x', process: 'l' }, Buffer.from('READY\n'));
    pools.heard({ group: 'l', process: 'x' }, Buffer.from('READY\n'));
    remote('a');
    expect(listener.take()).to.deep.equal([]);
  });
});
