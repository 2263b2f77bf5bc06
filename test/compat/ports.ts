// Ports for scenarios that are played at the same time: below those that the kernel gives out, and no one twice in a run.
import { listen } from '../support/free-port.ts';
import type { Players } from './players.ts';

/** A loopback port that nothing listens on and that no other scenario of this run was given. */
export async function freePort(players: Players): Promise<number> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    if (!players.take(port)) continue;
    const taken = await listen(port).catch(() => null);
    if (taken === null) continue;
    taken.server.close();
    return port;
  }
  throw new Error('found no free port');
}
