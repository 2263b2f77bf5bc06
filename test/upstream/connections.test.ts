import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { expect } from 'chai';
import type { Address } from '../../src/config/address.ts';
import { hasConnection, tablesFor } from '../../src/upstream/connections.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const tail = ' 00000000:00000000 00:00000000 00000000     0        0 57243 1 0000000000000000 100 0 0 10 0\n';
const line = (local: string, remote: string, state: string): string => `   0: ${local} ${remote} ${state}${tail}`;
const table = (local: string, remote: string, state: string): string => head + line(local, remote, state);
const six = (local: string): string => table(`${local}:1F40`, `${'0'.repeat(32)}:C0DE`, '01');
const at = (host: string): Address => ({ host, port: 8000 });

describe('connections to a member', () => {
  const path = useTempFolder();

  it('are those of the server’s side that both hold open', () => {
    expect(hasConnection(table('0100007F:1F40', '0100007F:C0DE', '01'), at('127.0.0.1'))).to.equal(true);
    expect(hasConnection(table('0100007F:1F40', '00000000:0000', '0A'), at('127.0.0.1'))).to.equal(false);
    expect(hasConnection(table('0100007F:1F40', '0100007F:C0DE', '08'), at('127.0.0.1'))).to.equal(false);
    expect(hasConnection(table('0100007F:C0DE', '0100007F:1F40', '01'), at('127.0.0.1'))).to.equal(false);
    expect(hasConnection(table('0200007F:1F40', '0100007F:C0DE', '01'), at('127.0.0.1'))).to.equal(false);
    expect(hasConnection(table('0200007F:1F40', '0100007F:C0DE', '01'), at('localhost'))).to.equal(true);
  });

  it('are found in IPv6 tables, for both kinds of address', () => {
    expect(hasConnection(six('0000000000000000FFFF00000100007F'), at('127.0.0.1'))).to.equal(true);
    expect(hasConnection(six('00000000000000000000000001000000'), at('::1'))).to.equal(true);
    expect(hasConnection(six('B80D0120000000000000000001000000'), at('2001:db8::1'))).to.equal(true);
    expect(hasConnection(six('00000000000000000000000001000000'), at('2001:db8::1'))).to.equal(false);
  });

  for (const [title, listen, address] of [
    ['an IPv4 address', () => ({ host: '127.0.0.1', port: 0 }), (port: number) => ({ host: '127.0.0.1', port })],
    ['an address of both kinds', () => ({ host: '::', port: 0 }), (port: number) => ({ host: '127.0.0.1', port })],
    ['a unix socket', () => ({ path: path('web.sock') }), () => ({ path: path('web.sock') })],
  ] as const) {
    it(`are seen by the kernel’s word on ${title}, and no more once they are closed`, async () => {
      const server = net.createServer().listen(listen());
      await once(server, 'listening');
      const bound = server.address();
      const member = address(typeof bound === 'object' && bound !== null ? bound.port : 0);
      expect(isConnected(member)).to.equal(false);
      const client = net.connect(member);
      await once(server, 'connection');
      expect(isConnected(member)).to.equal(true);
      client.destroy();
      await waitUntil(() => !isConnected(member), { what: 'the end of the connection' });
      server.close();
    });
  }
});

function isConnected(address: Address): boolean {
  return tablesFor(address).some((path) => hasConnection(readFileSync(path, 'utf8'), address));
}
