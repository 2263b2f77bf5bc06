import { expect } from 'chai';
import { describeClient } from '../../src/http/clients.ts';

const nameOf = (uid: number): string | null => (uid === 0 ? 'root' : null);

describe('a client in words', () => {
  it('is its process and user on a unix socket', () => {
    expect(describeClient({ kind: 'unix', peer: { pid: 7, uid: 0, gid: 5 } }, nameOf)).to.equal(
      'pid 7, uid 0 (root), gid 5',
    );
    expect(describeClient({ kind: 'unix', peer: { pid: 7, uid: 12, gid: 5 } }, nameOf)).to.equal(
      'pid 7, uid 12, gid 5',
    );
  });

  it('has no name where the kernel cannot be asked', () => {
    expect(describeClient({ kind: 'unix', peer: null }, nameOf)).to.equal('a client of the unix socket');
  });

  it('is its address over TCP', () => {
    expect(describeClient({ kind: 'inet', address: '10.0.0.5', port: 9 }, nameOf)).to.equal('10.0.0.5:9');
    expect(describeClient({ kind: 'inet', address: '::1', port: 9 }, nameOf)).to.equal('[::1]:9');
  });
});
