import { expect } from 'chai';
import { array, assert, constantFrom, property } from 'fast-check';
import { busyTalk, firstTalk, hear, type ListenerEffect, type Talk } from '../../src/events/listener-protocol.ts';

const unknown =
  'warn l: has entered the UNKNOWN state and will no longer receive events, this usually indicates the process violated the eventlistener protocol';
const ready: Talk = { is: 'READY' };

function told(talk: Talk, bytes: string): { is: Talk['is']; effects: string[] } {
  const heard = hear({ name: 'l', talk }, bytes);
  return { is: heard.talk.is, effects: heard.effects.map(inWords) };
}

function inWords(effect: ListenerEffect): string {
  return effect.do === 'log' ? `${effect.level} ${effect.text}` : effect.accepted ? 'done' : 'again';
}

const toReady = 'debug l: ACKNOWLEDGED -> READY';
const processed = ['debug l: event was processed', 'debug l: BUSY -> ACKNOWLEDGED', 'done'];
const rejected = ['warn l: event was rejected', 'debug l: BUSY -> ACKNOWLEDGED', 'again'];
const lostBusy = ['debug l: BUSY -> UNKNOWN', unknown, 'again'];

describe('what a listener says', () => {
  const cases: readonly (readonly [string, Talk, string, Talk['is'], readonly string[]])[] = [
    ['nothing yet', firstTalk, 'READY', 'ACKNOWLEDGED', []],
    ['that it is ready', firstTalk, 'READY\n', 'READY', [toReady]],
    ['anything else first', firstTalk, 'hello\n', 'UNKNOWN', ['debug l: ACKNOWLEDGED -> UNKNOWN', unknown]],
    ['too little to tell', firstTalk, 'hi\n', 'ACKNOWLEDGED', []],
    ['more than that it is ready', firstTalk, 'READY\nx', 'UNKNOWN', [toReady, 'debug l: READY -> UNKNOWN', unknown]],
    ['anything while it is ready', ready, 'x', 'UNKNOWN', ['debug l: READY -> UNKNOWN', unknown]],
    ['half a result line', busyTalk, 'RESULT 2', 'BUSY', []],
    ['half a result', busyTalk, 'RESULT 2\nO', 'BUSY', []],
    ['OK', busyTalk, 'RESULT 2\nOK', 'ACKNOWLEDGED', processed],
    ['OK and that it is ready', busyTalk, 'RESULT 2\nOKREADY\n', 'READY', [...processed, toReady]],
    ['FAIL', busyTalk, 'RESULT 4\nFAIL', 'ACKNOWLEDGED', rejected],
    ['ok in small letters', busyTalk, 'RESULT 2\nok', 'ACKNOWLEDGED', rejected],
    ['more than OK', busyTalk, 'RESULT 3\nOK!', 'ACKNOWLEDGED', rejected],
    ['less than OK', busyTalk, 'RESULT 1\nO', 'ACKNOWLEDGED', rejected],
    ['nothing, with nothing behind it', busyTalk, 'RESULT 0\n', 'BUSY', []],
    ['nothing, and that it is ready', busyTalk, 'RESULT 0\nREADY\n', 'READY', [...rejected, toReady]],
    ['any seven bytes before the length', busyTalk, 'OH WELL2\nOK', 'ACKNOWLEDGED', processed],
    ['a length as Python writes it', busyTalk, 'RESULT  +0_2 \nOK', 'ACKNOWLEDGED', processed],
    ['no length', busyTalk, 'RESULT \n', 'UNKNOWN', ["warn l: bad result line: 'RESULT '", ...lostBusy]],
    ['a line that is too short', busyTalk, 'OK\nREADY\n', 'UNKNOWN', ["warn l: bad result line: 'OK'", ...lostBusy]],
    [
      'a length that is no number, in bytes that are no text',
      busyTalk,
      'RESULT \x88\n',
      'UNKNOWN',
      ["warn l: bad result line: 'Undecodable: b'RESULT \\x88''", ...lostBusy],
    ],
    ['less than nothing', busyTalk, 'RESULT -1\n', 'UNKNOWN', ["warn l: bad result line: 'RESULT -1'", ...lostBusy]],
    ['anything at all once it is lost', { is: 'UNKNOWN' }, 'READY\n', 'UNKNOWN', []],
  ];
  for (const [what, talk, bytes, is, effects] of cases) {
    it(`in ${talk.is} may be ${what}`, () => expect(told(talk, bytes)).to.deep.equal({ is, effects }));
  }

  it('means the same however it is cut into pieces', () => {
    const word = constantFrom('READY\n', 'RESULT 2\n', 'OK', 'RESULT 0\n', 'x', '\n', 'RESULT 4\nFAIL', 'RESULT y\n');
    const start = constantFrom<Talk>(firstTalk, busyTalk);
    assert(
      property(start, array(word, { maxLength: 6 }), (talk, words) => {
        const text = words.join('');
        let cut: { is: Talk['is']; effects: string[]; talk: Talk } = { is: talk.is, effects: [], talk };
        for (const piece of text) {
          const heard = hear({ name: 'l', talk: cut.talk }, piece);
          cut = { is: heard.talk.is, effects: [...cut.effects, ...heard.effects.map(inWords)], talk: heard.talk };
        }
        expect({ is: cut.is, effects: cut.effects }).to.deep.equal(told(talk, text));
      }),
    );
  });

  it('is not kept for ever: neither a result line without end nor a result of any length', () => {
    let talk: Talk = hear({ name: 'l', talk: busyTalk }, 'RESULT 99999999999\n').talk;
    for (let mebibytes = 0; mebibytes < 16; mebibytes += 1) talk = hear({ name: 'l', talk }, 'x'.repeat(1 << 20)).talk;
    expect(JSON.stringify(talk).length).to.be.lessThan(1000);
    const { is, effects } = told(busyTalk, 'x'.repeat(70_000));
    expect(is).to.equal('UNKNOWN');
    expect(effects).to.have.length(4);
    expect(effects[0]).to.have.length.lessThan(200);
  });
});
