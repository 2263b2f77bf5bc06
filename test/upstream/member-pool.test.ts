import { expect } from 'chai';
import { candidates, MemberPool, readFeedLine } from '../../src/upstream/member-pool.ts';
import { FakeClock } from '../support/fake-clock.ts';

describe('picking a member', () => {
  it('takes the ready ones in turn', () => {
    const pool = poolOf(['a', '-b', 'c']);
    const names = [1, 2, 3].map(() => pool.next(new Set())?.name);
    expect(names).to.deep.equal(['a', 'c', 'a']);
  });

  it('leaves out those that were tried, and answers nothing when all were', () => {
    const pool = poolOf(['a', 'b']);
    expect(pool.next(new Set(['a']))?.name).to.equal('b');
    expect(pool.next(new Set(['a', 'b']))).to.equal(null);
    expect(poolOf([]).next(new Set())).to.equal(null);
  });
});

describe('the members to try for a request', () => {
  it('are each one once, then all again after a moment', async () => {
    const clock = new FakeClock();
    const next = candidates(poolOf(['a', 'b'], clock), { clock, holdMs: 1000, mayWait: () => true });
    expect([(await next())?.name, (await next())?.name]).to.deep.equal(['a', 'b']);
    const third = next();
    clock.advance(100);
    expect((await third)?.name).to.equal('a');
  });

  it('are waited for until one is ready', async () => {
    const clock = new FakeClock();
    const pool = new MemberPool(clock);
    const first = candidates(pool, { clock, holdMs: 1000, mayWait: () => true })();
    clock.advance(999);
    pool.replace([{ name: 'a', ready: true, host: '127.0.0.1', port: 8000 }]);
    expect((await first)?.name).to.equal('a');
    expect(clock.pending).to.equal(0);
  });

  it('are none when the time to hold a request is over', async () => {
    const clock = new FakeClock();
    const first = candidates(new MemberPool(clock), { clock, holdMs: 1000, mayWait: () => true })();
    clock.advance(1000);
    expect(await first).to.equal(null);
  });

  it('are not waited for at the end', async () => {
    const clock = new FakeClock();
    const pool = new MemberPool(clock);
    let ending = false;
    const first = candidates(pool, { clock, holdMs: 1000, mayWait: () => !ending })();
    ending = true;
    pool.wake();
    expect(await first).to.equal(null);
    expect(clock.pending).to.equal(0);
  });
});

describe('a line of the member list', () => {
  it('is read with addresses of both kinds', () => {
    const members = [
      { name: 'a', ready: true, host: '127.0.0.1', port: 8000 },
      { name: 'b', ready: false, path: '/run/b.sock' },
    ];
    expect(readFeedLine(JSON.stringify({ members }))).to.deep.equal(members);
  });

  for (const line of [
    '',
    '{',
    'null',
    '[]',
    '{"members":1}',
    '{"members":[{"name":"a","ready":true}]}',
    '{"members":[{"name":"a","ready":1,"path":"/x"}]}',
  ]) {
    it(`is not ${JSON.stringify(line)}`, () => expect(readFeedLine(line)).to.equal(null));
  }
});

/** Members by name, a leading `-` for those that are not ready. */
function poolOf(names: readonly string[], clock = new FakeClock()): MemberPool {
  const pool = new MemberPool(clock);
  pool.replace(names.map((name) => ({ name, ready: !name.startsWith('-'), host: '127.0.0.1', port: 8000 })));
  return pool;
}
