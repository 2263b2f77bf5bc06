import { expect } from 'chai';
import { createDelivery } from '../../src/os/delivery.ts';

/** The end of the next turn in which immediates run. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe('delivery', () => {
  it('calls back later, in order', async () => {
    const heard: number[] = [];
    const delivery = createDelivery();
    for (const number of [1, 2, 3]) delivery.push(() => heard.push(number));
    expect(heard).to.deep.equal([]);
    await turn();
    expect(heard).to.deep.equal([1, 2, 3]);
  });

  it('lets the loop turn between a callback and what that callback brings about at length', async () => {
    let heard = 0;
    const delivery = createDelivery();
    const slow = (): void => {
      heard += 1;
      for (const end = performance.now() + 11; performance.now() < end;); // longer than a turn's share
      delivery.push(slow);
    };
    delivery.push(slow);
    delivery.push(slow);
    await turn();
    expect(heard).to.be.lessThan(3);
    delivery.stop();
  });

  it('goes on after a callback that throws', async () => {
    const heard: string[] = [];
    const delivery = createDelivery();
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.once('uncaughtException', () => heard.push('thrown'));
    delivery.push(() => {
      throw new Error('a bug');
    });
    delivery.push(() => heard.push('second'));
    while (!heard.includes('second')) await turn();
    for (const listener of others) process.on('uncaughtException', listener);
    expect(heard).to.deep.equal(['thrown', 'second']);
  });

  it('calls nobody after stop', async () => {
    const heard: number[] = [];
    const delivery = createDelivery();
    delivery.push(() => heard.push(1));
    delivery.stop();
    await turn();
    expect(heard).to.deep.equal([]);
  });
});
