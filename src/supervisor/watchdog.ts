// Who looks after processes while they are up: their health and their memory, where their options ask for it.

import type { Watchdog } from '../process/surroundings.ts';
import { Health, type HealthParts } from './health.ts';
import { Memory, type MemoryParts } from './memory.ts';

/** The watchdog of one life; `close` ends what it has under way. */
export function createWatchdog(parts: HealthParts & MemoryParts): Watchdog & { close(): void } {
  const health = new Health(parts);
  const memory = new Memory(parts);
  return {
    settled(process) {
      const { options } = process.config;
      if (options.health !== null) health.settled(process);
      if (options.memory_limit !== null) memory.settled(process);
    },
    close() {
      health.close();
      memory.close();
    },
  };
}
