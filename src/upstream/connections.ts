// Whether anybody is connected to a member, as the kernel's tables say: /proc/net/tcp, tcp6 and unix (proc(5)). Only the
// server's side of a connection counts, and only while both sides hold it open. Pure.

import type { Address } from '../config/address.ts';

/** The tables that tell of an address; where there is none of a name, nobody is connected by that way. */
export function tablesFor(address: Address): readonly string[] {
  return 'path' in address ? ['/proc/net/unix'] : ['/proc/net/tcp', '/proc/net/tcp6'];
}

/** Whether a table has a connection to the address. A host that is a name stands for every address of this machine. */
export function hasConnection(table: string, address: Address): boolean {
  return 'path' in address ? hasUnix(table, address.path) : hasTcp(table, address);
}

/** `sl local_address rem_address st …`: the address in hexadecimal words of this machine's byte order, the port in hexadecimal. */
function hasTcp(table: string, { host, port }: { readonly host: string; readonly port: number }): boolean {
  const wanted = hexForms(host);
  const digits = port.toString(16).toUpperCase().padStart(4, '0');
  const line = new RegExp(`^ *\\d+: ([0-9A-F]+):${digits} [0-9A-F]+:[0-9A-F]{4} ${established} `, 'gm');
  for (const [, local = ''] of table.matchAll(line)) if (wanted === null || wanted.includes(local)) return true;
  return false;
}

const established = '01';

/** How an address stands in the tables, an IPv4 one also as IPv6 sockets have it; null for a name. */
function hexForms(host: string): readonly string[] | null {
  const four = /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(host)?.slice(1).map(Number);
  if (four !== undefined) {
    const word = wordOf(four);
    return [word, `0000000000000000${wordOf([0, 0, 255, 255])}${word}`];
  }
  const six = ipv6Bytes(host);
  if (six === null) return null;
  return [[0, 4, 8, 12].map((at) => wordOf(six.slice(at, at + 4))).join('')];
}

/** Four bytes in network order as the number that this machine takes them for; all of Node's platforms of today are little-endian. */
function wordOf(bytes: readonly number[]): string {
  return bytes
    .toReversed()
    .map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'))
    .join('');
}

/** The sixteen bytes of an IPv6 address without an embedded IPv4 one; null when it is none. */
function ipv6Bytes(text: string): readonly number[] | null {
  if (!/^[0-9a-f:]+$/i.test(text) || !text.includes(':')) return null;
  const [head = '', tail] = text.split('::');
  const [front, back] = [wordsOf(head), wordsOf(tail ?? '')];
  const missing = 8 - front.length - back.length;
  if (tail === undefined ? missing !== 0 : missing < 0) return null;
  return [...front, ...Array.from({ length: missing }, () => 0), ...back].flatMap((word) => [word >> 8, word & 255]);
}

function wordsOf(part: string): readonly number[] {
  return part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16));
}

/** `Num RefCount Protocol Flags Type St Inode Path`: an accepted socket has its listener's path, and is in state 03. */
function hasUnix(table: string, path: string): boolean {
  return table.split('\n').some((line) => {
    const [, , , , , state, , ...rest] = line.trim().split(/ +/);
    return state === connected && rest.join(' ') === path;
  });
}

const connected = '03';
