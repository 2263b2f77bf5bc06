import { expect } from 'chai';
import { levelWeight } from '../../src/logs/levels.ts';
import { createLineWriter } from '../../src/logs/log-line.ts';

function lineAt(date: Date): string {
  return createLineWriter({ wall: () => date.getTime() })('info', 'text');
}

describe("a line of supervisord's log", () => {
  it('has local date and time, milliseconds, level and text', () => {
    expect(lineAt(new Date(2026, 0, 2, 3, 4, 5, 6))).to.equal('2026-01-02 03:04:05,006 INFO text\n');
    expect(lineAt(new Date(2026, 10, 22, 23, 59, 59, 999))).to.equal('2026-11-22 23:59:59,999 INFO text\n');
  });

  it('follows the clock from one second to the next, and back', () => {
    let wall = new Date(2026, 0, 1, 0, 0, 0, 990).getTime();
    const line = createLineWriter({ wall: () => wall });
    expect(line('info', 'a')).to.equal('2026-01-01 00:00:00,990 INFO a\n');
    wall += 20;
    expect(line('info', 'b')).to.equal('2026-01-01 00:00:01,010 INFO b\n');
    wall -= 20;
    expect(line('info', 'c')).to.equal('2026-01-01 00:00:00,990 INFO c\n');
  });

  it('cuts fractions of a millisecond off', () => {
    const wall = new Date(2026, 0, 1, 0, 0, 0, 999).getTime() + 0.9;
    expect(createLineWriter({ wall: () => wall })('info', 'a')).to.equal('2026-01-01 00:00:00,999 INFO a\n');
  });

  it("has supervisord's label for each level", () => {
    const line = createLineWriter({ wall: () => 0 });
    const labels = (['crit', 'error', 'warn', 'info', 'debug', 'trace', 'blather'] as const).map((level) =>
      line(level, '').slice(24, 28),
    );
    expect(labels).to.deep.equal(['CRIT', 'ERRO', 'WARN', 'INFO', 'DEBG', 'TRAC', 'BLAT']);
  });

  it('is ordered by the words of loglevel', () => {
    const words = ['critical', 'error', 'warn', 'info', 'debug', 'trace', 'blather'] as const;
    expect(words.map(levelWeight)).to.deep.equal([50, 40, 30, 20, 10, 5, 3]);
  });
});
