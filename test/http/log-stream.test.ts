import { EventEmitter } from 'node:events';
import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Exchange } from '../../src/http/answers.ts';
import type { HttpDeps } from '../../src/http/deps.ts';
import { type Streams, streamLog } from '../../src/http/log-stream.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { useTempFolder } from '../support/temp-folder.ts';

/** As much of a response as a stream of a log needs; it takes nothing until told otherwise. */
class FakeResponse extends EventEmitter {
  headersSent = false;
  destroyed = false;
  written = 0;
  readonly takes = { anything: false };
  writeHead(): void {
    this.headersSent = true;
  }
  removeHeader(): void {}
  flushHeaders(): void {}
  write(bytes: Buffer): boolean {
    this.written += bytes.length;
    return this.takes.anything;
  }
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

describe('a followed log', () => {
  const path = useTempFolder();
  let clock: FakeClock;
  let stalls: number;
  let response: FakeResponse;
  const follow = (): void => {
    clock = new FakeClock();
    stalls = 0;
    response = new FakeResponse();
    writeFileSync(path('log'), 'x'.repeat(300_000));
    const socket = new EventEmitter();
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing else of an exchange is looked at
    const exchange = { request: { socket, httpVersion: '1.1' }, response } as unknown as Exchange;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the clock alone is asked for
    const deps = { clock } as unknown as HttpDeps;
    const streams: Streams = new Set();
    streamLog(exchange, { path: path('log'), deps, streams, onStalled: () => void (stalls += 1), headers: [] });
  };

  it('lets go of a client that reads nothing for ten minutes', () => {
    follow();
    writeFileSync(path('log'), 'y'.repeat(3_000_000));
    clock.advance(599_000);
    expect([stalls, response.destroyed, response.written]).to.deep.equal([0, false, 1024]);
    clock.advance(2000);
    expect([stalls, response.destroyed, clock.pending]).to.deep.equal([1, true, 0]);
  });

  it('goes on for one that reads again before', () => {
    follow();
    clock.advance(599_000);
    response.takes.anything = true;
    response.emit('drain');
    clock.advance(600_000);
    expect([stalls, response.destroyed]).to.deep.equal([0, false]);
    response.destroy();
    expect(clock.pending).to.equal(0);
  });
});
