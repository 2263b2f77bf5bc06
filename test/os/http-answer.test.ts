import { expect } from 'chai';
import * as fc from 'fast-check';
import { type HttpAnswer, HttpAnswerReader } from '../../src/os/http-answer.ts';

/** What is answered of a response that comes in these pieces. */
function read(...pieces: readonly (string | Buffer)[]): HttpAnswer {
  const reader = new HttpAnswerReader();
  for (const piece of pieces) {
    const answer = reader.read(Buffer.from(piece));
    if (answer !== null) return answer;
  }
  return null;
}

describe('the answer to a probe', () => {
  const cases: readonly (readonly [string, HttpAnswer])[] = [
    ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', { status: 200 }],
    ['HTTP/1.0 503 Service Unavailable\r\n\r\n', { status: 503 }],
    ['HTTP/1.1 204\r\n\r\n', { status: 204 }],
    ['HTTP/1.1 301 \r\n', { status: 301 }],
    ['HTTP/1.1 302 Found\n', { status: 302 }],
    ['HTTP/1.1 101 Switching Protocols\r\n\r\n', { status: 101 }],
    ['HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n', { status: 200 }],
    ['HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 P\r\n\r\nHTTP/1.1 500 No\r\n', { status: 500 }],
    ['HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n', null],
    ['', null],
    ['HTTP/1.', null],
    ['HTTP/1.1 200 OK', null],
    ['SSH-2.0-OpenSSH_9.6\r\n', { problem: 'answered, but not with HTTP' }],
    ['\u0015\u0003\u0001\u0000\u0002\u0002', { problem: 'answered, but not with HTTP' }],
    ['HTTP/2 200 OK\r\n', { problem: 'answered, but not with HTTP' }],
    ['HTTP/1.1 OK\r\n', { problem: 'answered with a status line that is none' }],
    ['HTTP/1.1 2000 OK\r\n', { problem: 'answered with a status line that is none' }],
    ['HTTP/1.1 099 OK\r\n', { problem: 'answered with a status line that is none' }],
    [`HTTP/1.1 200 ${'a'.repeat(20_000)}`, { problem: 'answered with a head that does not end' }],
    [`HTTP/1.1 103 x\r\n${'a: b\r\n'.repeat(4000)}`, { problem: 'answered with a head that does not end' }],
  ];
  for (const [text, answer] of cases) {
    it(`is ${JSON.stringify(answer)} of ${JSON.stringify(text.slice(0, 60))}`, () => {
      expect(read(text)).to.deep.equal(answer);
      expect(read(...text.split('')), 'byte by byte').to.deep.equal(answer);
    });
  }

  it('does not depend on the pieces that it comes in, whatever is sent', () => {
    const line = fc.oneof(
      fc.constantFrom('HTTP/1.1 200 OK', 'HTTP/1.1 103 Early Hints', 'HTTP/1.1 500 Oh', 'A: b', '', 'HTTP/1.x'),
      fc.string({ maxLength: 12 }),
    );
    const response = fc.array(line, { maxLength: 6 }).map((lines) => Buffer.from(lines.join('\r\n')));
    fc.assert(
      fc.property(response, fc.array(fc.nat(60)), (bytes, cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length].map((cut) => Math.min(cut, bytes.length));
        const pieces = at.slice(1).map((end, index) => bytes.subarray(at[index] ?? 0, end));
        expect(read(...pieces)).to.deep.equal(read(bytes));
      }),
    );
  });
});
