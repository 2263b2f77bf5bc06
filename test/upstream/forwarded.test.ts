import type { IncomingHttpHeaders } from 'node:http';
import { expect } from 'chai';
import { forwardHeaders } from '../../src/upstream/forwarded.ts';

describe('the headers that a proxy passes on', () => {
  it('tell the client’s address, protocol and host', () => {
    expect(forwarded({ host: 'example.org:8080' })).to.deep.equal({
      host: 'example.org:8080',
      'x-forwarded-for': '192.0.2.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'example.org:8080',
    });
  });

  it('add to what a proxy in front has told', () => {
    const told = { 'x-forwarded-for': '198.51.100.7', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'example.org' };
    expect(forwarded({ host: 'inside', ...told })).to.include({
      ...told,
      'x-forwarded-for': '198.51.100.7, 192.0.2.1',
    });
  });

  it('leave out those that are about one connection', () => {
    const headers = {
      connection: 'keep-alive, upgrade',
      'keep-alive': 'timeout=5',
      upgrade: 'h2c',
      te: 'trailers',
      expect: '100-continue',
    };
    expect(forwarded(headers)).to.have.all.keys('x-forwarded-for', 'x-forwarded-proto');
  });

  it('keep the upgrade of a WebSocket', () => {
    const headers = forwarded({ connection: 'keep-alive, Upgrade', upgrade: 'websocket' }, { upgrade: true });
    expect(headers).to.include({ connection: 'Upgrade', upgrade: 'websocket' });
  });
});

function forwarded(headers: IncomingHttpHeaders, options = { upgrade: false }): IncomingHttpHeaders {
  forwardHeaders({ headers }, { ...options, client: '::ffff:192.0.2.1' });
  return headers;
}
