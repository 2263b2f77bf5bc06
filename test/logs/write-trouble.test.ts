import { expect } from 'chai';
import { WriteTrouble } from '../../src/logs/write-trouble.ts';
import { FakeClock } from '../support/fake-clock.ts';

function makeTrouble(): { trouble: WriteTrouble; clock: FakeClock; said: string[] } {
  const clock = new FakeClock();
  const said: string[] = [];
  return { trouble: new WriteTrouble({ path: '/x.log', clock, say: (text) => said.push(text) }), clock, said };
}

const begin = 'cannot write to /x.log: ENOSPC, what is written meanwhile is lost';

describe('a log that cannot be written', () => {
  it('is said once, however many writes fail', () => {
    const { trouble, said } = makeTrouble();
    for (let write = 0; write < 1000; write += 1) trouble.failed('ENOSPC', 10);
    expect(said).to.deep.equal([begin]);
  });

  it('is said to be over with the bytes that were lost', () => {
    const { trouble, clock, said } = makeTrouble();
    trouble.failed('ENOSPC', 10);
    trouble.failed('ENOSPC', 5);
    clock.advance(1000);
    trouble.worked();
    trouble.worked();
    expect(said).to.deep.equal([begin, '/x.log can be written again, 15 bytes were lost']);
  });

  it('is not over while writes fail in between', () => {
    const { trouble, clock, said } = makeTrouble();
    for (let turn = 0; turn < 100; turn += 1) {
      trouble.failed('ENOSPC', 1);
      clock.advance(500);
      trouble.worked();
    }
    expect(said).to.deep.equal([begin]);
  });

  it('is said anew when it comes back, counting from nothing', () => {
    const { trouble, clock, said } = makeTrouble();
    trouble.failed('ENOSPC', 10);
    clock.advance(1000);
    trouble.worked();
    trouble.failed('ENOSPC', 7);
    trouble.closed();
    expect(said.slice(2)).to.deep.equal([begin, '/x.log is closed, 7 bytes were lost']);
  });

  it('is no subject when nothing failed', () => {
    const { trouble, said } = makeTrouble();
    trouble.worked();
    trouble.closed();
    expect(said).to.deep.equal([]);
    expect(trouble.isActive).to.equal(false);
  });
});
