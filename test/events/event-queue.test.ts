import { expect } from 'chai';
import { array, assert, integer, oneof, property, record, constant } from 'fast-check';
import { EventQueue } from '../../src/events/event-queue.ts';

describe('a queue of events', () => {
  it('does what an array does, whatever is done to it', () => {
    const act = oneof(constant('take'), record({ add: integer() }), record({ putBack: integer() }));
    assert(
      property(array(act, { maxLength: 60 }), (acts) => {
        const queue = new EventQueue<number>();
        const model: number[] = [];
        for (const each of acts) {
          if (typeof each === 'string') {
            expect(queue.take()).to.equal(model.shift());
          } else if ('add' in each) {
            queue.add(each.add);
            model.push(each.add);
          } else {
            queue.putBack(each.putBack);
            model.unshift(each.putBack);
          }
          expect([queue.length, queue.peek()]).to.deep.equal([model.length, model[0]]);
        }
      }),
    );
  });
});
