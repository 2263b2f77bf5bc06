// The address of a unix socket as the native calls take it.

/** struct sockaddr_un */
export function unixAddress(path: string): Buffer {
  const bytes = Buffer.from(`${path}\0`);
  const address = Buffer.alloc(2 + bytes.length);
  address.writeUInt16LE(afUnix);
  bytes.copy(address, 2);
  return address;
}

export const afUnix = 1;
