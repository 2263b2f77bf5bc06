import { expect } from 'chai';
import { Syslog } from '../../src/logs/syslog.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** A receiver whose answers the test decides, and a Syslog that sends to it. */
function makeSyslog() {
  const clock = new FakeClock();
  const said: string[] = [];
  const sent: string[] = [];
  const receiver: { problem: string | null; room: number; asked: number } = { problem: null, room: Infinity, asked: 0 };
  const sender = {
    send(message: Uint8Array): string | null {
      receiver.asked += 1;
      if (receiver.problem !== null) return receiver.problem;
      if (receiver.room === 0) return 'EAGAIN';
      receiver.room -= 1;
      sent.push(Buffer.from(message).toString());
      return null;
    },
    close: () => void said.push('closed'),
  };
  const syslog = new Syslog({ sender, path: '/dev/log', clock, onTrouble: (text) => void said.push(text) });
  /** The messages without their heads. */
  const messages = (): string[] =>
    sent.map((message) => message.replace(/^<14>\w{3} [ \d]\d \d\d:\d\d:\d\d supervisord: /, ''));
  const log = (text: string): void => syslog.write(Buffer.from(text));
  return { syslog, clock, receiver, said, sent, messages, log };
}

describe("the system's log", () => {
  it("is told who speaks and when, at supervisord's one priority", () => {
    const { log, sent, clock } = makeSyslog();
    clock.advance(24 * 3600 * 1000);
    log('hello');
    expect(sent.join()).to.match(/^<14>Jan {2}[123] \d\d:\d\d:\d\d supervisord: hello$/);
  });

  const chunks: readonly (readonly [string, readonly string[]])[] = [
    ['one\ntwo\n', ['p one', 'p two']],
    ['one\n\ntwo\n\n\n', ['p one', 'p ', 'p two']],
    ['no end', ['p no end']],
    ['\n', ['p ']],
    ['', ['p ']],
    ['\nx', ['p ', 'p x']],
  ];
  for (const [chunk, expected] of chunks) {
    it(`makes ${expected.length} of ${JSON.stringify(chunk)}`, () => {
      const { syslog, messages } = makeSyslog();
      syslog.writeLines('p ', Buffer.from(chunk));
      expect(messages()).to.deep.equal(expected);
    });
  }

  it('waits for a receiver that is slow, and keeps the order', () => {
    const { log, receiver, messages, clock, said } = makeSyslog();
    receiver.room = 1;
    for (const text of ['1', '2', '3', '4']) log(text);
    expect(messages()).to.deep.equal(['1']);
    receiver.room = 2;
    clock.advance(5);
    expect(messages()).to.deep.equal(['1', '2', '3']);
    receiver.room = Infinity;
    clock.advance(100);
    log('5');
    expect(messages()).to.deep.equal(['1', '2', '3', '4', '5']);
    expect(said).to.deep.equal([]);
    expect(clock.pending).to.equal(0);
  });

  it('loses nothing over a receiver that is gone for a second', () => {
    const { log, receiver, messages, clock, said } = makeSyslog();
    receiver.problem = 'ECONNREFUSED';
    log('1');
    clock.advance(1000);
    log('2');
    receiver.problem = null;
    clock.advance(1000);
    expect(messages()).to.deep.equal(['1', '2']);
    expect(said).to.deep.equal([]);
  });

  it('gives up when nobody receives, says so once, and waits no more', () => {
    const { log, receiver, clock, said } = makeSyslog();
    receiver.problem = 'ENOENT';
    for (let number = 0; number < 100; number += 1) {
      log('x');
      clock.advance(100);
    }
    expect(said).to.deep.equal(['cannot write to /dev/log: ENOENT, what is written meanwhile is lost']);
    expect(clock.pending).to.equal(0);
  });

  it('asks a receiver that has been gone for long now and then, not for each line', () => {
    const { log, receiver, clock } = makeSyslog();
    receiver.problem = 'ENOENT';
    log('x');
    clock.advance(6000);
    receiver.asked = 0;
    for (let number = 0; number < 1000; number += 1) log('x');
    expect(receiver.asked).to.equal(1);
  });

  it('goes on with a receiver that has come back, and says how much was lost', () => {
    const { log, receiver, messages, clock, said } = makeSyslog();
    receiver.problem = 'ENOENT';
    log('lost');
    clock.advance(7000);
    receiver.problem = null;
    log('seen');
    expect(messages()).to.deep.equal(['seen']);
    const [first = '', second = ''] = said;
    expect(first).to.match(/^cannot write to \/dev\/log: ENOENT/);
    expect(second).to.match(/^\/dev\/log can be written again, \d+ bytes were lost$/);
  });

  it('lets children wait while much waits, and go on when it is sent or given up', () => {
    for (const end of ['sent', 'given up'] as const) {
      const { syslog, log, receiver, clock } = makeSyslog();
      const heard: boolean[] = [];
      syslog.onPressure((isFull) => heard.push(isFull));
      receiver.room = 0;
      for (let number = 0; number < 100; number += 1) log('x'.repeat(1000));
      expect(heard).to.deep.equal([true]);
      if (end === 'sent') receiver.room = Infinity;
      clock.advance(6000);
      expect(heard).to.deep.equal([true, false]);
    }
  });

  it('keeps the newest of more than it can hold', () => {
    const { log, receiver, messages, clock, said } = makeSyslog();
    receiver.room = 0;
    for (let number = 1; number <= 1000; number += 1) log(String(number).padEnd(1000));
    receiver.room = Infinity;
    clock.advance(100);
    expect(messages().length).to.be.within(200, 300);
    expect(messages().at(-1)?.trim()).to.equal('1000');
    expect(said).to.deep.equal(['cannot write to /dev/log: EAGAIN, what is written meanwhile is lost']);
  });

  it('loses only the message that is too long', () => {
    const { log, receiver, messages, said } = makeSyslog();
    receiver.problem = 'EMSGSIZE';
    log('long');
    receiver.problem = null;
    log('short');
    expect(messages()).to.deep.equal(['short']);
    expect(said).to.deep.equal(['cannot write to /dev/log: EMSGSIZE, what is written meanwhile is lost']);
  });

  it('may be told of its own trouble without going round in circles', () => {
    const clock = new FakeClock();
    const sender = { send: () => 'ENOENT', close: () => undefined };
    const said: string[] = [];
    const syslog: Syslog = new Syslog({
      sender,
      path: '/dev/log',
      clock,
      onTrouble(text) {
        said.push(text);
        syslog.write(Buffer.from(text));
      },
    });
    syslog.write(Buffer.from('x'));
    clock.advance(10_000);
    syslog.close();
    expect(said.map((text) => text.split(':')[0])).to.deep.equal(['cannot write to /dev/log', said[1]]);
  });

  it('sends what waits before it closes, and then takes nothing more', () => {
    const { syslog, log, receiver, messages, said, clock } = makeSyslog();
    receiver.room = 0;
    log('waits');
    receiver.room = Infinity;
    syslog.close();
    log('late');
    expect(messages()).to.deep.equal(['waits']);
    expect(said).to.deep.equal(['closed']);
    expect(clock.pending).to.equal(0);
  });

  it('says at its end what could not be sent', () => {
    const { syslog, log, receiver, said } = makeSyslog();
    receiver.problem = 'ENOENT';
    log('lost');
    syslog.close();
    expect(said[0]).to.equal('cannot write to /dev/log: ENOENT, what is written meanwhile is lost');
    expect(said[1]).to.match(/^\/dev\/log is closed, \d+ bytes were lost$/);
    expect(said[2]).to.equal('closed');
  });
});
