// The generator's own reader: what it takes for a whole answer, however the bytes are cut.
import { expect } from 'chai';
import { type Answer, AnswerReader } from './load/answer-reader.ts';

const ok = 'HTTP/1.1 200 OK\r\n';

const whole: readonly { what: string; bytes: string; answers: readonly (readonly [number, string, boolean])[] }[] = [
  { what: 'a body with a length', bytes: `${ok}Content-Length: 5\r\n\r\nhello`, answers: [[200, 'hello', true]] },
  { what: 'no body', bytes: `${ok}content-length:0\r\n\r\n`, answers: [[200, '', true]] },
  { what: 'a 204', bytes: 'HTTP/1.1 204 No Content\r\nA: b\r\n\r\n', answers: [[204, '', true]] },
  {
    what: 'chunks with an extension and a trailer',
    bytes: `${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=1\r\n, you\r\nall\r\n0\r\nSum: 1\r\n\r\n`,
    answers: [[200, 'hello, you\r\nall', true]],
  },
  {
    what: 'a connection that is to close',
    bytes: `${ok}Connection: close\r\nContent-Length: 1\r\n\r\nx`,
    answers: [[200, 'x', false]],
  },
  {
    what: 'an interim answer before the real one',
    bytes: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nbad`,
    answers: [[502, 'bad', true]],
  },
  {
    what: 'HTTP/1.0, which closes unless it says otherwise',
    bytes: 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx',
    answers: [[200, 'x', false]],
  },
  {
    what: 'two answers, one after the other',
    bytes: `${ok}Content-Length: 1\r\n\r\naHTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nb`,
    answers: [
      [200, 'a', true],
      [404, 'b', true],
    ],
  },
];

describe('the reader of answers', () => {
  for (const { what, bytes, answers } of whole) {
    it(`reads ${what}, in one piece and byte by byte`, () => {
      for (const size of [bytes.length, 1, 2, 7]) expect(read(bytes, size)).to.deep.equal(answers);
    });
  }

  it('takes what has no length to be complete when the connection ends', () => {
    const reader = new AnswerReader();
    expect(reader.push(Buffer.from(`${ok}\r\nhalf`))).to.equal(null);
    expect(reader.push(Buffer.from(' and half'))).to.equal(null);
    expect(reader.end()?.body).to.equal('half and half');
  });

  for (const cut of [
    ok,
    `${ok}Content-Length: 5\r\n\r\nhell`,
    `${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`,
  ]) {
    it(`takes ${JSON.stringify(cut)} for cut off`, () => {
      const reader = new AnswerReader();
      expect(reader.push(Buffer.from(cut))).to.equal(null);
      expect([reader.begun, reader.end()]).to.deep.equal([true, null]);
    });
  }

  it('knows that nothing of the next answer has come', () => {
    const reader = new AnswerReader();
    expect(reader.begun).to.equal(false);
    reader.push(Buffer.from(`${ok}Content-Length: 1\r\n\r\nx`));
    expect(reader.begun).to.equal(false);
  });

  it('leaves what follows a 101 to the new protocol', () => {
    const reader = new AnswerReader();
    const answer = reader.push(
      Buffer.from('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x00', 'latin1'),
    );
    expect([answer?.status, answer?.keepAlive, reader.rest.length]).to.deep.equal([101, false, 2]);
  });

  for (const wrong of ['SSH-2.0-x\r\n\r\n', `${ok}Content-Length: x\r\n\r\n`, `${ok}Transfer-Encoding: gzip\r\n\r\n`]) {
    it(`refuses ${JSON.stringify(wrong)}`, () => {
      expect(() => new AnswerReader().push(Buffer.from(wrong))).to.throw('no HTTP/1.1');
    });
  }
});

function read(text: string, size: number): (readonly [number, string, boolean])[] {
  const reader = new AnswerReader();
  const answers: Answer[] = [];
  for (let at = 0; at < text.length; at += size) {
    for (let bytes = Buffer.from(text.slice(at, at + size)); ; bytes = Buffer.alloc(0)) {
      const answer = reader.push(bytes);
      if (answer === null) break;
      answers.push(answer);
    }
  }
  return answers.map(({ status, body, keepAlive }) => [status, body, keepAlive]);
}
