import { Socket } from 'node:net';
import { expect } from 'chai';
import { Connections, type Use } from '../../src/http/connections.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** Connections that stand for themselves: sockets that were never connected, each use a while old. */
function makeConnections(limit: number, wanted: readonly Use[]) {
  const clock = new FakeClock();
  const connections = new Connections(limit, { clock, onGivenUp: () => undefined });
  const sockets = wanted.map((use) => {
    const socket = new Socket();
    connections.admit(socket);
    connections.mark(socket, use);
    return socket;
  });
  clock.advance(1000);
  const gone = (): number[] => sockets.flatMap((socket, index) => (socket.destroyed ? [index] : []));
  return { clock, connections, sockets, gone };
}

/** Work that ends when it is told to. */
class Work {
  begun = 0;
  #finish: (() => void) | null = null;

  readonly work = (): Promise<void> => {
    this.begun += 1;
    return new Promise((resolve) => (this.#finish = resolve));
  };

  finish(): void {
    this.#finish?.();
  }
}

const nextRound = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const sweep = async (): Promise<void> => {
  for (let round = 0; round < 3; round += 1) await nextRound();
};
const whenIdle = (): void => undefined;

describe('room for connections', () => {
  const cases: readonly { readonly there: readonly Use[]; readonly goes: number }[] = [
    { there: ['answering', 'following', 'asking', 'idle'], goes: 3 },
    { there: ['answering', 'following', 'asking'], goes: 2 },
    { there: ['answering', 'following'], goes: 1 },
    { there: ['idle', 'idle'], goes: 0 },
    { there: ['answering', 'answering'], goes: 0 },
    { there: ['following', 'answering', 'following'], goes: 0 },
  ];
  for (const { there, goes } of cases) {
    it(`is made by number ${goes} of ${there.join(', ')}`, async () => {
      const { connections, gone } = makeConnections(there.length, there);
      connections.admit(new Socket());
      await sweep();
      expect(gone()).to.deep.equal([goes]);
      expect(connections.size).to.equal(there.length);
    });
  }

  it('is not made while there is some', async () => {
    const { connections, gone } = makeConnections(3, ['idle', 'idle']);
    connections.admit(new Socket());
    await sweep();
    expect(gone()).to.deep.equal([]);
  });

  it('is made by the one that has been as it is for the longest time', async () => {
    const { connections, sockets, gone } = makeConnections(2, ['idle', 'idle']);
    const [first = new Socket()] = sockets;
    connections.mark(first, 'answering');
    connections.mark(first, 'idle');
    connections.admit(new Socket());
    await sweep();
    expect(gone()).to.deep.equal([1]);
  });

  it('is not made by newcomers before they had their chance', async () => {
    const { clock, connections, gone } = makeConnections(2, ['following', 'answering']);
    const newcomer = new Socket();
    connections.admit(newcomer);
    await sweep();
    expect(gone()).to.deep.equal([0]);
    clock.advance(1000);
    connections.admit(new Socket());
    await sweep();
    expect([gone(), newcomer.destroyed]).to.deep.equal([[0], true]);
  });

  it('is made by the first of hundreds that came at once', async () => {
    const { connections } = makeConnections(10, []);
    const crowd = Array.from({ length: 100 }, () => new Socket());
    for (const socket of crowd) connections.admit(socket);
    expect(crowd.some(({ destroyed }) => destroyed)).to.equal(false);
    await sweep();
    expect(crowd.filter(({ destroyed }) => !destroyed)).to.deep.equal(crowd.slice(-10));
  });
});

describe('what is due on a connection', () => {
  it('is done one after another, with a round of the loop in between', async () => {
    const { connections, sockets } = makeConnections(2, ['idle']);
    const [socket = new Socket()] = sockets;
    const [first, second] = [new Work(), new Work()];
    connections.enqueue(socket, { work: first.work, whenIdle });
    connections.enqueue(socket, { work: second.work, whenIdle });
    expect([first.begun, second.begun]).to.deep.equal([1, 0]);
    first.finish();
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    expect(second.begun).to.equal(0);
    await nextRound();
    expect(second.begun).to.equal(1);
  });

  it('leaves the connection idle when nothing more is due, and says so', async () => {
    const { connections, sockets, gone } = makeConnections(2, ['idle', 'idle']);
    const [first = new Socket(), second = new Socket()] = sockets;
    const work = new Work();
    let idle = 0;
    connections.enqueue(first, { work: work.work, whenIdle: () => (idle += 1) });
    connections.closeIdle();
    expect(gone()).to.deep.equal([1]);
    connections.forget(second);
    work.finish();
    await nextRound();
    expect(idle).to.equal(1);
    connections.closeIdle();
    expect(gone()).to.deep.equal([0, 1]);
  });

  it('is not more than a thousand: then the client has to go', () => {
    const { connections, sockets, gone } = makeConnections(2, ['idle']);
    const [socket = new Socket()] = sockets;
    const { work } = new Work();
    for (let index = 0; index < 1000; index += 1) connections.enqueue(socket, { work, whenIdle });
    expect(gone()).to.deep.equal([]);
    connections.enqueue(socket, { work, whenIdle });
    expect(gone()).to.deep.equal([0]);
  });

  it('falls away with the connection', async () => {
    const { connections, sockets } = makeConnections(2, ['idle']);
    const [socket = new Socket()] = sockets;
    const [first, second, third] = [new Work(), new Work(), new Work()];
    connections.enqueue(socket, { work: first.work, whenIdle });
    connections.enqueue(socket, { work: second.work, whenIdle });
    connections.forget(socket);
    connections.enqueue(socket, { work: third.work, whenIdle });
    first.finish();
    await nextRound();
    await nextRound();
    expect([second.begun, third.begun, connections.size]).to.deep.equal([0, 0, 0]);
  });
});
