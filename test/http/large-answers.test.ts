import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import type { Exchange } from '../../src/http/answers.ts';
import { LargeAnswers } from '../../src/http/large-answers.ts';

const mebibyte = 2 ** 20;

/** Only the end of an answer matters here. */
function makeExchange(): { readonly exchange: Exchange; readonly end: () => void } {
  const response = new EventEmitter();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing else of an exchange is looked at
  return { exchange: { response } as unknown as Exchange, end: () => void response.emit('close') };
}

describe('large answers', () => {
  it('are refused when others fill the room, until one of those is through', () => {
    const answers = new LargeAnswers();
    const sending = Array.from({ length: 2 }, makeExchange);
    for (const { exchange } of sending) expect(answers.admit(exchange, 50 * mebibyte)).to.equal(true);
    const { exchange } = makeExchange();
    expect(answers.admit(exchange, 50 * mebibyte)).to.equal(false);
    sending[0]?.end();
    expect(answers.admit(exchange, 50 * mebibyte)).to.equal(true);
  });

  it('are never refused for their own size alone', () => {
    const answers = new LargeAnswers();
    const { exchange, end } = makeExchange();
    expect(answers.admit(exchange, 500 * mebibyte)).to.equal(true);
    expect(answers.admit(makeExchange().exchange, 2 * mebibyte)).to.equal(false);
    end();
    expect(answers.admit(makeExchange().exchange, 2 * mebibyte)).to.equal(true);
  });

  it('take no room when their client left before they were made', () => {
    const answers = new LargeAnswers();
    const { exchange } = makeExchange();
    Object.assign(exchange.response, { destroyed: true });
    expect(answers.admit(exchange, 500 * mebibyte)).to.equal(true);
    expect(answers.admit(makeExchange().exchange, 500 * mebibyte)).to.equal(true);
    expect(answers.admit(makeExchange().exchange, 2 * mebibyte)).to.equal(false);
  });

  it('do not keep small ones out', () => {
    const answers = new LargeAnswers();
    answers.admit(makeExchange().exchange, 500 * mebibyte);
    expect(answers.admit(makeExchange().exchange, 1000)).to.equal(true);
  });
});
