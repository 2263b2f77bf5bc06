import { expect } from 'chai';
import { signalName, signalNumber } from '../../src/base/signal-names.ts';

describe('signal names', () => {
  const read: readonly [string, number | null][] = [
    ['TERM', 15],
    ['SIGTERM', 15],
    ['term', 15],
    [' sigusr1 ', 10],
    ['15', 15],
    ['+15', 15],
    ['1_5', 15],
    ['9', 9],
    ['0', 0],
    ['-0', 0],
    ['iot', 6],
    ['cld', 17],
    ['IO', 29],
    ['RTMIN', 34],
    ['64', 64],
    ['sig_dfl', 0],
    ['SIG_IGN', 1],
    ['32', null],
    ['35', null],
    ['65', null],
    ['-1', null],
    ['-15', null],
    ['1.0', null],
    ['0x1', null],
    ['', null],
    ['NOPE', null],
    ['constructor', null],
  ];
  for (const [text, number] of read) {
    it(`reads '${text}' as ${number}`, () => expect(signalNumber(text)).to.equal(number));
  }

  it("writes the aliases that supervisord's own table ends with", () => {
    expect([6, 17, 29, 34, 64].map(signalName)).to.deep.equal([
      'SIGABRT',
      'SIGCHLD',
      'SIGPOLL',
      'SIGRTMIN',
      'SIGRTMAX',
    ]);
  });

  it('writes a signal without a name by its number', () => {
    expect([0, 32, 35, 65].map(signalName)).to.deep.equal(['signal 0', 'signal 32', 'signal 35', 'signal 65']);
  });

  it('reads back every name that it writes', () => {
    for (let number = 1; number <= 64; number += 1) {
      const name = signalName(number);
      if (!name.startsWith('signal')) expect(signalNumber(name), name).to.equal(number);
    }
  });
});
