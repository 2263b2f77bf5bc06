// Loopback ports that nothing listens on. Another program may take one before it is used, so ask late.
import { createServer, type Server } from 'node:net';

/** `count` different free ports. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen()));
  for (const { server } of servers) server.close();
  return servers.map(({ port }) => port);
}

/** The first of `count` free ports that follow each other. */
export async function freePortRange(count: number): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const first = 20_000 + Math.floor(Math.random() * 10_000);
    const wanted = Array.from({ length: count }, (_, index) => first + index);
    const servers = await Promise.allSettled(wanted.map((port) => listen(port)));
    for (const result of servers) if (result.status === 'fulfilled') result.value.server.close();
    if (servers.every((result) => result.status === 'fulfilled')) return first;
  }
  throw new Error(`found no ${count} free ports in a row`);
}

/** A listener on a loopback port, by default any free one. */
export function listen(port = 0): Promise<{ server: Server; port: number }> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve({ server, port: address.port });
      else reject(new Error('the listener has no port'));
    });
  });
}
