// What a roll asks of those who stand in front of the workers: that no request is on its way to one that is stopped.

import type { ManagedProcess } from '../process/managed-process.ts';

export interface Draining {
  /**
   * Resolves once the process may be stopped without loss, or when the time for that is over; rejects where it cannot be
   * taken out of the traffic, and then nothing has changed.
   */
  drain(process: ManagedProcess): Promise<void>;
  /** It takes requests again. */
  undrain(process: ManagedProcess): void;
  /** How long requests in flight may take at most; null for what is in no upstream. */
  drainTimeoutMs(process: ManagedProcess): number | null;
  /** Whether a process of that group is a server of an upstream. */
  standsInUpstream(group: string): boolean;
}
