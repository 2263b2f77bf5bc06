import { expect } from 'chai';
import { createAccessLog } from '../../src/upstream/access-log.ts';
import { FakeClock } from '../support/fake-clock.ts';

const seen = { client: '127.0.0.1', method: 'GET', url: '/a"b', status: 200, ms: 3, member: 'web-8000' };

describe('the access log of a proxy', () => {
  it('has a JSON object per request, written a tenth of a second later at most', () => {
    const { log, clock, written } = make();
    log.note(seen);
    clock.advance(50);
    log.note({ ...seen, status: 404 });
    expect(written).to.deep.equal([]);
    clock.advance(50);
    const [batch = ''] = written;
    const lines = batch.split('\n').map((line): unknown => JSON.parse(line));
    expect(lines).to.deep.equal([
      {
        message: 'GET /a"b',
        status: 200,
        ms: 3,
        client: '127.0.0.1',
        member: 'web-8000',
        level: 'info',
        proxy: 'web "x"',
        timestamp: '2026-01-01T00:00:00.000Z',
      },
      {
        message: 'GET /a"b',
        status: 404,
        ms: 3,
        client: '127.0.0.1',
        member: 'web-8000',
        level: 'info',
        proxy: 'web "x"',
        timestamp: '2026-01-01T00:00:00.050Z',
      },
    ]);
    expect(clock.pending).to.equal(0);
  });

  it('is written at once when much waits, and when it is asked to', () => {
    const { log, clock, written } = make();
    for (let request = 0; request < 400; request += 1) log.note(seen);
    expect(written).to.have.length(1);
    log.flush();
    log.flush();
    expect(written).to.have.length(2);
    expect(written.join('\n').split('\n')).to.have.length(400);
    expect(clock.pending).to.equal(0);
  });
});

function make() {
  const clock = new FakeClock();
  const written: string[] = [];
  return {
    clock,
    written,
    log: createAccessLog({ upstream: 'web "x"', clock, write: (lines) => void written.push(lines) }),
  };
}
