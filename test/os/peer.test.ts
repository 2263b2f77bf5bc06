import { expect } from 'chai';
import { peerOf } from '../../src/os/peer.ts';

const answering = (credentials: readonly number[] | null, length = 12) => ({
  getsockopt(_fd: number, level: number, option: number, value: Buffer | null, size: Buffer | null): number {
    expect([level, option]).to.deep.equal([1, 17]);
    if (credentials === null) return -1;
    credentials.forEach((each, index) => value?.writeUInt32LE(each, 4 * index));
    size?.writeInt32LE(length);
    return 0;
  },
});

describe('the peer of a unix socket', () => {
  it('is the process and user that the kernel names', () => {
    expect(peerOf(answering([4242, 1000, 100]), 7)).to.deep.equal({ pid: 4242, uid: 1000, gid: 100 });
  });

  it('may be a user with the highest number', () => {
    expect(peerOf(answering([1, 4294967294, 0]), 7)?.uid).to.equal(4294967294);
  });

  it('is nobody when the kernel does not say', () => {
    expect(peerOf(answering(null), 7)).to.equal(null);
    expect(peerOf(answering([1, 2, 3], 0), 7)).to.equal(null);
  });
});
