import { expect } from 'chai';
import { EventPressure } from '../../src/process/event-pressure.ts';

const kind = { type: 'PROCESS_LOG', channel: 'stdout' } as const;

function madePressure() {
  const said: string[] = [];
  const waiting = new Set<() => void>();
  const room = { is: false };
  const pressure = new EventPressure((_, callback) => {
    if (room.is) return null;
    waiting.add(callback);
    return () => waiting.delete(callback);
  });
  const output = { pause: () => void said.push('pause'), resume: () => void said.push('resume') };
  const free = (): void => {
    const callbacks = [...waiting];
    waiting.clear();
    for (const callback of callbacks) callback();
  };
  return { said, waiting, room, pressure, output, free };
}

describe('the reading of a child whose events find no room', () => {
  it('stops at the first of them, and goes on when there is room', () => {
    const { said, room, pressure, output, free } = madePressure();
    pressure.emitted(output, kind);
    pressure.emitted(output, kind);
    expect(said).to.deep.equal(['pause']);
    free();
    expect(said).to.not.include('resume');
    room.is = true;
    free();
    expect(said.at(-1)).to.equal('resume');
  });

  it('does not stop while there is room', () => {
    const { said, room, pressure, output } = madePressure();
    room.is = true;
    pressure.emitted(output, kind);
    expect(said).to.deep.equal([]);
  });

  it('goes on at once when the child is to end', () => {
    const { said, waiting, pressure, output } = madePressure();
    pressure.emitted(output, kind);
    pressure.release();
    expect(said).to.deep.equal(['pause', 'resume']);
    expect(waiting.size).to.equal(0);
  });

  it('is forgotten with its pipe', () => {
    const { said, waiting, pressure, output } = madePressure();
    pressure.emitted(output, kind);
    pressure.forget(output);
    expect(waiting.size).to.equal(0);
    pressure.release();
    expect(said).to.deep.equal(['pause']);
  });
});
