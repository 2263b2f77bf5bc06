import { expect } from 'chai';
import { isRebound } from '../../src/http/host-check.ts';

const asked = (host: string | undefined, server: { host?: string } = {}): boolean =>
  isRebound(host, { host: '127.0.0.1', port: 9001, ownName: 'this-machine.example.org', ...server });

describe('a name that was made to point here', () => {
  for (const host of [
    'evil.example:9001',
    'EVIL.example:9001',
    'evil.example.:9001',
    '127.0.0.1.evil.example:9001',
    'localhost.evil.example:9001',
  ]) {
    it(`is ${host}`, () => expect(asked(host)).to.equal(true));
  }

  it('is one without a port where the server has that of HTTP', () => {
    expect(isRebound('evil.example', { host: '127.0.0.1', port: 80, ownName: 'x' })).to.equal(true);
  });

  for (const host of [
    undefined,
    '',
    '127.0.0.1:9001',
    '[::1]:9001',
    '10.0.0.1:9001',
    'localhost:9001',
    'app.localhost:9001',
    'web:9001',
    'box.local:9001',
    'supervisor.home.arpa:9001',
    'this-machine.example.org:9001',
  ]) {
    it(`is not ${host ?? 'no name at all'}`, () => expect(asked(host)).to.equal(false));
  }

  it('is not what a proxy in front passes on: its port is another', () => {
    expect(asked('supervisor.example.org')).to.equal(false);
    expect(asked('supervisor.example.org:8443')).to.equal(false);
  });

  it('is not looked for on a server that other machines reach by whatever name', () => {
    for (const host of ['', '0.0.0.0', '10.0.0.1', '[::]']) expect(asked('any.example:9001', { host })).to.equal(false);
  });
});
