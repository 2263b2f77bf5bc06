import { appendFileSync, renameSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { Fault } from '../../src/base/errors.ts';
import { LogFollower } from '../../src/logs/follow.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { useTempFolder } from '../support/temp-folder.ts';

describe('following a log', () => {
  const at = useTempFolder();
  let clock = new FakeClock();
  let sent: string[] = [];
  let isFull = false;
  let followers: LogFollower[] = [];

  function follow(): LogFollower {
    const follower = new LogFollower({
      path: at('x.log'),
      clock,
      send: (bytes) => {
        sent.push(bytes.toString());
        return !isFull;
      },
      onError: (error) => sent.push(String(error)),
    });
    followers.push(follower);
    return follower;
  }

  /** Answers what was sent until now and forgets it. */
  function takeSent(): string {
    return sent.splice(0).join('|');
  }

  beforeEach(() => {
    clock = new FakeClock();
    sent = [];
    isFull = false;
    followers = [];
    writeFileSync(at('x.log'), 'old\n');
  });

  afterEach(() => {
    for (const follower of followers) follower.stop();
  });

  it('starts with all of a short log', () => {
    follow();
    expect(takeSent()).to.equal('old\n');
  });

  it('starts with the last 1024 bytes of a long one', () => {
    writeFileSync(at('x.log'), `${'-'.repeat(5000)}${'x'.repeat(1023)}\n`);
    follow();
    expect(takeSent()).to.equal(`${'x'.repeat(1023)}\n`);
  });

  it('sends what was added ten times a second', () => {
    follow();
    takeSent();
    appendFileSync(at('x.log'), 'a\n');
    appendFileSync(at('x.log'), 'b\n');
    clock.advance(99);
    expect(takeSent()).to.equal('');
    clock.advance(1);
    expect(takeSent()).to.equal('a\nb\n');
    clock.advance(1000);
    expect(takeSent()).to.equal('');
  });

  it('tells that the file shrank and sends it from its start', () => {
    follow();
    takeSent();
    truncateSync(at('x.log'));
    appendFileSync(at('x.log'), 'n\n');
    clock.advance(100);
    expect(takeSent()).to.equal('==> File truncated <==\n|n\n');
  });

  it('goes on in the new file after a rotation, with nothing lost of the old one', () => {
    follow();
    takeSent();
    appendFileSync(at('x.log'), 'last of the old\n');
    renameSync(at('x.log'), at('x.log.1'));
    writeFileSync(at('x.log'), 'first of the new\n');
    clock.advance(100);
    expect(takeSent()).to.equal('last of the old\n|first of the new\n');
    appendFileSync(at('x.log'), 'second\n');
    clock.advance(100);
    expect(takeSent()).to.equal('second\n');
  });

  it('waits for a file that is gone to come back', () => {
    follow();
    takeSent();
    unlinkSync(at('x.log'));
    clock.advance(300);
    writeFileSync(at('keeps-the-inode-number'), '');
    writeFileSync(at('x.log'), 'back\n');
    clock.advance(100);
    expect(takeSent()).to.equal('back\n');
  });

  it('waits while the receiver is full', () => {
    isFull = true;
    const follower = follow();
    appendFileSync(at('x.log'), 'more\n');
    clock.advance(1000);
    expect(takeSent()).to.equal('old\n');
    isFull = false;
    follower.resume();
    expect(takeSent()).to.equal('more\n');
  });

  it('sends a big growth in pieces, in order', () => {
    follow();
    takeSent();
    const growth = Array.from({ length: 60_000 }, (_, index) => `${index}\n`).join('');
    appendFileSync(at('x.log'), growth);
    clock.advance(100);
    expect(sent.length).to.be.greaterThan(2);
    expect(sent.join('')).to.equal(growth);
  });

  it('leaves no timer once stopped, and never sends again', () => {
    const follower = follow();
    takeSent();
    appendFileSync(at('x.log'), 'more\n');
    follower.stop();
    follower.stop();
    follower.resume();
    clock.advance(1000);
    expect(takeSent()).to.equal('');
    expect(clock.pending).to.equal(0);
  });

  it('faults where there is no file, or one that cannot be read back', () => {
    unlinkSync(at('x.log'));
    expect(() => follow()).to.throw(Fault, 'NO_FILE');
    expect(() => new LogFollower({ path: '/dev/zero', clock, send: () => true, onError: () => {} })).to.throw(
      Fault,
      'NO_FILE',
    );
  });
});
